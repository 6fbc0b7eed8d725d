SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE "code" = ? AND "folded" = ? AND "id" = ? AND "mood" = ? AND ("name" = ? AND "name" COLLATE BINARY = ?) AND "plain" = ?
-- 1: text "abc"
-- 2: text "x"
-- 3: integer 1
-- 4: text "ok"
-- 5: text "'; DROP TABLE x; --\\"
-- 6: text "'; DROP TABLE x; --\\"
-- 7: text "'; DROP TABLE x; --\\"
-- done: filter, order, paging, fields
