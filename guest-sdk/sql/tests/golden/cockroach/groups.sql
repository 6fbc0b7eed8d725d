SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE (("float" = $1::FLOAT8) IS NOT TRUE AND ("plain" = $2::STRING) IS NOT TRUE) AND ("id" = $3::INT8) IS NOT TRUE AND ("number" = $4::INT8 OR ("flag" = $5::BOOL AND "number" = $6::INT8))
-- 1: float 1.0
-- 2: text "x"
-- 3: integer 9
-- 4: integer 1
-- 5: boolean true
-- 6: integer 2
-- done: filter, order, paging, fields
