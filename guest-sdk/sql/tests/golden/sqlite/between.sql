SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE "moment" BETWEEN ? AND ? AND "number" BETWEEN ? AND ?
-- 1: timestamp {"$timestamp":-63000000000000000}
-- 2: timestamp {"$timestamp":1704067200000000}
-- 3: integer 1
-- 4: integer 5
-- done: filter, order, paging, fields
