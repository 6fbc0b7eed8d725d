SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" ORDER BY "id" LIMIT ? OFFSET ?
-- 1: integer -1
-- 2: integer 5
-- done: filter, order, paging, fields
