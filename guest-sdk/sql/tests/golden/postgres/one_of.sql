SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE (NULLIF(CONCAT("code"), '') COLLATE "C" = ANY($1::text[])) IS NOT TRUE AND "mood"::text COLLATE "C" = ANY($2::text[]) AND ("name" IS NULL OR "name" = $3::text) AND "number" = ANY($4::int8[])
-- 1: list "x" "y"
-- 2: list "ok" "sad"
-- 3: text "a"
-- 4: list 1 2 3
-- done: filter, order, paging, fields
