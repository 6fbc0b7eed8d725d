SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE (`code` IS NOT NULL AND (`code` LIKE ? ESCAPE '|') IS NOT TRUE) AND `name` COLLATE utf8mb4_nopad_bin LIKE ? ESCAPE '|'
-- 1: text "a%"
-- 2: text "50|% ||_x\\%"
-- done: order, fields
