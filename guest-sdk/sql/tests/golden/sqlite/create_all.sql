BEGIN
INSERT INTO "shop"."odd""`name" ("name", "moment", "coarse", "any") VALUES (?, ?, ?, ?), (?, ?, ?, ?) RETURNING "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any"
-- 1: text "'; --"
-- 2: timestamp {"$timestamp":1700000000123456}
-- 3: text "2023-11-14 22:13:20.123456"
-- 4: json "text"
-- 5: text "'; --"
-- 6: timestamp {"$timestamp":1700000000123456}
-- 7: text "2023-11-14 22:13:20.123456"
-- 8: json "text"
ROLLBACK
-- backend: the database was given 2 records to store, and returned 1
