UPDATE "shop"."odd""`name" SET "name" = $1 WHERE "number" = $2::int8
-- 1: text "b"
-- 2: integer 1
