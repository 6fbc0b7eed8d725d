SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE (jsonb_typeof("json") = 'array' AND EXISTS (SELECT 1 FROM jsonb_path_query("json", '$[*]') AS v WHERE (CASE jsonb_typeof(v) WHEN 'number' THEN (CASE WHEN abs(v::numeric) < 1e-300 THEN sign(v::numeric) * 1e-300 ELSE LEAST(GREATEST(v::numeric, -1e300), 1e300) END)::float8 = $1::float8 WHEN 'object' THEN (CASE WHEN v ->> '$decimal' ~ '^-?[0-9]+([.][0-9]+)?$' AND v - '$decimal' = '{}' THEN (v ->> '$decimal')::numeric END) = $2::numeric END))) AND (array_ndims("tags") = 1 AND $3::text = ANY("tags"))
-- 1: float 2.0
-- 2: decimal {"$decimal":"2"}
-- 3: text "'; DROP TABLE x; --\\"
-- done: filter, order, paging, fields
