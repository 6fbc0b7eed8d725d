SELECT "number", SUM("number")::DECIMAL, COUNT("number") FROM "shop"."odd""`name" GROUP BY 1
