SELECT COUNT(*) FROM "shop"."odd""`name" WHERE "number" = $1::INT8
-- 1: integer 1
