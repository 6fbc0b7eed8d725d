INSERT INTO "shop"."odd""`name" ("id", "name", "code", "moment", "coarse", "any") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT ("code") DO UPDATE SET "name" = EXCLUDED."name", "moment" = EXCLUDED."moment", "coarse" = EXCLUDED."coarse", "any" = EXCLUDED."any" WHERE "odd""`name"."id" = EXCLUDED."id" AND NULLIF(CONCAT("odd""`name"."code"), '') COLLATE "C" IS NOT DISTINCT FROM NULLIF(CONCAT("excluded"."code"), '') COLLATE "C" RETURNING "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any", (xmax = 0)
-- 1: integer 1
-- 2: text "'; --"
-- 3: text "abc"
-- 4: timestamp {"$timestamp":1700000000123456}
-- 5: timestamp {"$timestamp":1700000000123000}
-- 6: json "text"
