SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE ("code" = $1::bpchar AND NULLIF(CONCAT("code"), '') COLLATE "C" = $2::text) AND ("folded" = $3::text AND "folded" COLLATE "C" = $4::text) AND "id" = $5::int8 AND "mood" = $6 AND "name" = $7::text AND "plain" = $8::text
-- 1: text "abc"
-- 2: text "abc"
-- 3: text "x"
-- 4: text "x"
-- 5: integer 1
-- 6: text "ok"
-- 7: text "'; DROP TABLE x; --\\"
-- 8: text "'; DROP TABLE x; --\\"
-- done: filter, order, paging, fields
