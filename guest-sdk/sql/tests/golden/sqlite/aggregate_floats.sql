SELECT SUM("float") FROM "shop"."odd""`name"
