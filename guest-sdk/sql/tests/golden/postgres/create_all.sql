BEGIN
INSERT INTO "shop"."odd""`name" ("name", "moment", "coarse", "any") VALUES ($1, $2, $3, $4), ($5, $6, $7, $8) RETURNING "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any"
-- 1: text "'; --"
-- 2: timestamp {"$timestamp":1700000000123456}
-- 3: timestamp {"$timestamp":1700000000123000}
-- 4: json "text"
-- 5: text "'; --"
-- 6: timestamp {"$timestamp":1700000000123456}
-- 7: timestamp {"$timestamp":1700000000123000}
-- 8: json "text"
ROLLBACK
-- backend: the database was given 2 records to store, and returned 1
