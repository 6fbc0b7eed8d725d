SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE EXISTS (SELECT 1 FROM jsonb_path_query("json", CASE WHEN jsonb_path_match("json", $1::text::jsonpath) THEN $2::text::jsonpath ELSE $3::text::jsonpath END) AS v WHERE (CASE jsonb_typeof(v) WHEN 'string' THEN v #>> '{}' END) COLLATE "C" = $4::text)
-- 1: text "exists($[*].type() ? (@ == \"array\")) || exists($.\"address\"[*].type() ? (@ == \"array\"))"
-- 2: text "$[*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*]…
-- 3: text "$.\"address\".\"city\\\" ? (true)\""
-- 4: text "Rome"
-- done: filter, order, paging, fields
