SELECT "name" COLLATE BINARY, ("flag" <> 0), COUNT(DISTINCT "code"), COUNT(*) FROM "shop"."odd""`name" GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2 LIMIT ? OFFSET ?
-- 1: integer 3
-- 2: integer 1
