UPDATE `shop`.`odd"``name` SET `name` = ?, `moment` = ?, `coarse` = ?, `any` = ? WHERE `id` = ?
-- 1: text "'; --"
-- 2: timestamp {"$timestamp":1700000000123456}
-- 3: timestamp {"$timestamp":1700000000000000}
-- 4: json "text"
-- 5: integer 1
SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE `id` = ?
-- 1: integer 1
