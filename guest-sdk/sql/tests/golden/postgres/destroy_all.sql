DELETE FROM "shop"."odd""`name"
