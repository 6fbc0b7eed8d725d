UPDATE `shop`.`odd"``name` SET `name` = ? WHERE `number` = ?
-- 1: text "b"
-- 2: integer 1
