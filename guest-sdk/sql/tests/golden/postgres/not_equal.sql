SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE ("flag" = $1::bool) IS NOT TRUE AND (FALSE) IS NOT TRUE AND ("number" = $2::int8) IS NOT TRUE
-- 1: boolean false
-- 2: integer 5
-- done: filter, order, paging, fields
