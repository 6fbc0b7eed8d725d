UPDATE "shop"."odd""`name" SET "name" = $1, "moment" = $2, "coarse" = $3, "any" = $4 WHERE "id" = $5::INT8 RETURNING "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any"
-- 1: text "'; --"
-- 2: timestamp {"$timestamp":1700000000123456}
-- 3: timestamp {"$timestamp":1700000000123456}
-- 4: text "text"
-- 5: integer 1
