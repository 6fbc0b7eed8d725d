SELECT "number", SUM("number")::numeric, COUNT("number") FROM "shop"."odd""`name" GROUP BY 1
