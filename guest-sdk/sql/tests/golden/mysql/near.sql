SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE (ST_Y(`place`) BETWEEN ? AND ? AND (ST_X(`place`) BETWEEN ? AND ? OR ST_X(`place`) BETWEEN ? AND ?))
-- 1: float 9.910067963527545
-- 2: float 10.089932036472455
-- 3: float 179.85868060660857
-- 4: float 180.0
-- 5: float -180.0
-- 6: float -179.9586806066086
-- done: fields
