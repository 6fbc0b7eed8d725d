SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE `number` = ?
-- 1: integer 1
-- done: order, fields
