SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE ((`moment` IS NOT NULL AND MONTH(`moment`) <> 0 AND DAY(`moment`) <> 0) AND (`moment` <= CAST(? AS DATETIME(6)) AND MONTH(`moment`) <> 0 AND DAY(`moment`) <> 0)) AND `number` BETWEEN ? AND ?
-- 1: timestamp {"$timestamp":1704067200000000}
-- 2: integer 1
-- 3: integer 5
-- done: filter, order, paging, fields
