SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE ("flag" = $1::BOOL) IS NOT TRUE AND ("mood" = $2::STRING) IS NOT TRUE AND ("number" = $3::INT8) IS NOT TRUE
-- 1: boolean false
-- 2: text "glad"
-- 3: integer 5
-- done: filter, order, paging, fields
