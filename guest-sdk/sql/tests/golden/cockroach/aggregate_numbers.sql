SELECT SUM("number")::DECIMAL, COUNT("number"), SUM("number")::DECIMAL FROM "shop"."odd""`name" WHERE "number" > $1::INT8
-- 1: integer 0
