SELECT SUM("number" >> 32), SUM("number" & 4294967295), COUNT("number"), SUM("number" >> 32), SUM("number" & 4294967295) FROM "shop"."odd""`name" WHERE "number" > ?
-- 1: integer 0
