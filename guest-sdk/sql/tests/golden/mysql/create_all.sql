BEGIN
SELECT @@auto_increment_increment
INSERT INTO `shop`.`odd"``name` (`name`, `moment`, `coarse`, `any`) VALUES (?, ?, ?, ?), (?, ?, ?, ?)
-- 1: text "'; --"
-- 2: timestamp {"$timestamp":1700000000123456}
-- 3: timestamp {"$timestamp":1700000000000000}
-- 4: json "text"
-- 5: text "'; --"
-- 6: timestamp {"$timestamp":1700000000123456}
-- 7: timestamp {"$timestamp":1700000000000000}
-- 8: json "text"
INSERT INTO `shop`.`odd"``name` (`name`) VALUES (?)
-- 1: text "b"
COMMIT
