SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE ((ST_Y(`place`) BETWEEN ? AND ? AND (ST_X(`place`) BETWEEN ? AND ?)) OR `number` = ?) ORDER BY `id`
-- 1: float -0.0000899321363724538
-- 2: float 0.0000899321363724538
-- 3: float -0.00008993214536565744
-- 4: float 0.00008993214536565744
-- 5: integer 2
-- done: order, fields
