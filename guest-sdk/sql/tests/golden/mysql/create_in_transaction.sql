BEGIN
INSERT INTO `shop`.`odd"``name` (`name`, `moment`, `coarse`, `any`) VALUES (?, ?, ?, ?)
-- 1: text "'; --"
-- 2: timestamp {"$timestamp":1700000000123456}
-- 3: timestamp {"$timestamp":1700000000000000}
-- 4: json "text"
