INSERT INTO `shop`.`odd"``name` () VALUES ()
