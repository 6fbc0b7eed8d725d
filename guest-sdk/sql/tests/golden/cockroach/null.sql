SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE ("any" IS NULL) IS NOT TRUE AND "json" IS NULL AND "name" IS NULL
-- done: filter, order, paging, fields
