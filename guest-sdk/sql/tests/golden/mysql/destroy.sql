DELETE FROM `shop`.`odd"``name` WHERE `id` = ?
-- 1: integer 1
