SELECT "name" COLLATE "C", "flag", COUNT(DISTINCT NULLIF(CONCAT("code"), '') COLLATE "C"), COUNT(*) FROM "shop"."odd""`name" GROUP BY 1, 2 ORDER BY 4 DESC, 1 NULLS FIRST, 2 NULLS FIRST LIMIT $1::int8 OFFSET $2::int8
-- 1: integer 3
-- 2: integer 1
