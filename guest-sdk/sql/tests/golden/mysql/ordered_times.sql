SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE (`coarse` IS NULL OR MONTH(`coarse`) = 0 OR DAY(`coarse`) = 0) AND (`day` < CAST(? AS DATE) AND MONTH(`day`) <> 0 AND DAY(`day`) <> 0) AND `exact` > CAST(? AS DECIMAL(65,0)) AND `hour` > CAST(? AS TIME(6)) AND (`moment` <= CAST(? AS DATETIME(6)) AND MONTH(`moment`) <> 0 AND DAY(`moment`) <> 0)
-- 1: text "2024-02-29"
-- 2: decimal {"$decimal":"1"}
-- 3: text "10:00:00"
-- 4: timestamp {"$timestamp":1704067200000000}
-- done: filter, order, paging, fields
