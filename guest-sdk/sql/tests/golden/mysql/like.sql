SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE (`code` IS NOT NULL AND (CONVERT(`code` USING utf8mb4) COLLATE utf8mb4_0900_bin LIKE ? ESCAPE '|') IS NOT TRUE) AND `name` COLLATE utf8mb4_0900_bin LIKE ? ESCAPE '|' AND `uuid` LIKE ? ESCAPE '|'
-- 1: text "a%"
-- 2: text "50|% ||_x\\%"
-- 3: text "936%"
-- done: filter, order, paging, fields
