SELECT "number", SUM("number" >> 32), SUM("number" & 4294967295), COUNT("number") FROM "shop"."odd""`name" GROUP BY 1
