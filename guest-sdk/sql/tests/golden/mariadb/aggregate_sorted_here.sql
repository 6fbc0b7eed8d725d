SELECT `number`, SUM(`number`), COUNT(`number`) FROM `shop`.`odd"``name` GROUP BY 1
