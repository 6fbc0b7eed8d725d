INSERT INTO "shop"."odd""`name" ("id", "name", "moment", "coarse", "any") VALUES ($1, $2, $3, $4, $5) ON CONFLICT ("id") DO UPDATE SET "name" = EXCLUDED."name", "moment" = EXCLUDED."moment", "coarse" = EXCLUDED."coarse", "any" = EXCLUDED."any" RETURNING "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any", (xmax = 0)
-- 1: integer 1
-- 2: text "'; --"
-- 3: timestamp {"$timestamp":1700000000123456}
-- 4: timestamp {"$timestamp":1700000000123000}
-- 5: json "text"
