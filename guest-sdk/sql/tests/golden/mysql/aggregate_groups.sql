SELECT `name` COLLATE utf8mb4_0900_bin, (`flag` <> 0), COUNT(DISTINCT CONVERT(`code` USING utf8mb4) COLLATE utf8mb4_0900_bin), COUNT(*) FROM `shop`.`odd"``name` GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2 LIMIT ? OFFSET ?
-- 1: integer 3
-- 2: integer 1
