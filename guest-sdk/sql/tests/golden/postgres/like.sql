SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE ("code" IS NOT NULL AND (NULLIF(CONCAT("code"), '') COLLATE "C" LIKE $1::text) IS NOT TRUE) AND "name" COLLATE "C" LIKE $2::text AND "uuid"::text COLLATE "C" LIKE $3::text
-- 1: text "a%"
-- 2: text "50\\% |_x\\\\%"
-- 3: text "936%"
-- done: filter, order, paging, fields
