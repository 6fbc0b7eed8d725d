SELECT SUM("number")::numeric, COUNT("number"), SUM("number")::numeric FROM "shop"."odd""`name" WHERE "number" > $1::int8
-- 1: integer 0
