SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE "exact" COLLATE TENON_DECIMAL <= ? AND ("float" > ? AND "float" <= ?) AND "name" COLLATE BINARY > ? AND "number" >= ? AND "number" < ?
-- 1: decimal {"$decimal":"99.95"}
-- 2: float 0.5
-- 3: float 1.7976931348623157e+308
-- 4: text "a"
-- 5: integer 1
-- 6: integer 9
-- done: order, fields
