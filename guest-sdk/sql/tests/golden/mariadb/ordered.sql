SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE (`coarse` > CAST(? AS DATETIME(6)) AND MONTH(`coarse`) <> 0 AND DAY(`coarse`) <> 0) AND `exact` <= CAST(? AS DECIMAL(65,2)) AND `float` > ? AND `name` COLLATE utf8mb4_nopad_bin > ? AND `number` >= ? AND `number` < ?
-- 1: timestamp {"$timestamp":1704067200000000}
-- 2: decimal {"$decimal":"99.95"}
-- 3: float 0.5
-- 4: text "a"
-- 5: integer 1
-- 6: integer 9
-- done: filter, order, paging, fields
