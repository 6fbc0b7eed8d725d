SELECT SUM(DISTINCT "exact")::numeric, SUM("exact")::numeric FROM "shop"."odd""`name"
