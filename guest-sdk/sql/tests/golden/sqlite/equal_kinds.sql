SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE "bytes" = ? AND "day" = ? AND "exact" COLLATE TENON_DECIMAL = ? AND "flag" <> 0 AND "float" = ? AND "hour" = ? AND "moment" = ? AND "number" = ? AND "uuid" = ?
-- 1: bytes {"$bytes":"aGk="}
-- 2: text "2024-02-29"
-- 3: decimal {"$decimal":"1.50"}
-- 4: float 0.5
-- 5: text "10:00:00"
-- 6: timestamp {"$timestamp":1704067200000000}
-- 7: integer 5
-- 8: text "936da01f-9abd-4d9d-80c7-02af85c822a8"
-- done: order, fields
