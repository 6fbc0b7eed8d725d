UPDATE "shop"."odd""`name" SET "name" = ?, "moment" = ?, "coarse" = ?, "any" = ? WHERE "id" = ? RETURNING "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any"
-- 1: text "'; --"
-- 2: timestamp {"$timestamp":1700000000123456}
-- 3: text "2023-11-14 22:13:20.123456"
-- 4: json "text"
-- 5: integer 1
