SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" ORDER BY "exact" NULLS FIRST, "float" DESC NULLS LAST, "moment" NULLS FIRST, "id"
-- done: filter, order, paging, fields
