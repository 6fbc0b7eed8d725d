SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE ("code" IS NOT NULL AND ("code"::STRING LIKE $1::STRING ESCAPE '|') IS NOT TRUE) AND "name"::STRING LIKE $2::STRING ESCAPE '|' AND "uuid"::STRING LIKE $3::STRING ESCAPE '|'
-- 1: text "a%"
-- 2: text "50|% ||_x\\%"
-- 3: text "936%"
-- done: filter, order, paging, fields
