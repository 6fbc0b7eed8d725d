SELECT COUNT(*) FROM `shop`.`odd"``name` WHERE `number` = ?
-- 1: integer 1
