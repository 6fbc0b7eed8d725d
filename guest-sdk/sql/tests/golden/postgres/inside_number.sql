SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE EXISTS (SELECT 1 FROM jsonb_path_query("json", CASE WHEN jsonb_path_match("json", $1::text::jsonpath) THEN $2::text::jsonpath ELSE $3::text::jsonpath END) AS v WHERE (CASE jsonb_typeof(v) WHEN 'number' THEN (CASE WHEN abs(v::numeric) < 1e-300 THEN sign(v::numeric) * 1e-300 ELSE LEAST(GREATEST(v::numeric, -1e300), 1e300) END)::float8 > $4::float8 WHEN 'object' THEN (CASE WHEN v ->> '$decimal' ~ '^-?[0-9]+([.][0-9]+)?$' AND v - '$decimal' = '{}' THEN (v ->> '$decimal')::numeric END) > $5::numeric END))
-- 1: text "exists($[*].type() ? (@ == \"array\"))"
-- 2: text "$[*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*][*]…
-- 3: text "$.\"price\""
-- 4: float 1.5
-- 5: decimal {"$decimal":"1.5"}
-- done: filter, order, paging, fields
