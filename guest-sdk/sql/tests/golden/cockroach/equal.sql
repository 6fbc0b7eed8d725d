SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE "code" = $1::STRING AND "folded" = $2::STRING AND "id" = $3::INT8 AND "mood" = $4::STRING AND "name" = $5::STRING AND "plain" = $6::STRING
-- 1: text "abc"
-- 2: text "x"
-- 3: integer 1
-- 4: text "ok"
-- 5: text "'; DROP TABLE x; --\\"
-- 6: text "'; DROP TABLE x; --\\"
-- done: filter, order, paging, fields
