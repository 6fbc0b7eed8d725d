SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE (FALSE) IS NOT TRUE AND FALSE
-- done: filter, order, paging, fields
