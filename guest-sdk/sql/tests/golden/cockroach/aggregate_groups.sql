SELECT "name", "flag", COUNT(DISTINCT "code"), COUNT(*) FROM "shop"."odd""`name" GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2 LIMIT $1::INT8 OFFSET $2::INT8
-- 1: integer 3
-- 2: integer 1
