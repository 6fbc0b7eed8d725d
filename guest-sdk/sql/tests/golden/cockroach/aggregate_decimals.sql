SELECT SUM(DISTINCT "exact")::DECIMAL, SUM("exact")::DECIMAL FROM "shop"."odd""`name"
