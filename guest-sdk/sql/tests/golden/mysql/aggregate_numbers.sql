SELECT SUM(`number`), COUNT(`number`), SUM(`number`) FROM `shop`.`odd"``name` WHERE `number` > ?
-- 1: integer 0
