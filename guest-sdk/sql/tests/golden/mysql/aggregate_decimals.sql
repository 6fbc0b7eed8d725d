SELECT SUM(DISTINCT `exact`), SUM(`exact`) FROM `shop`.`odd"``name`
