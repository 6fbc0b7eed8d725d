SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE (("place"[1] BETWEEN $1::float8 AND $2::float8 AND ("place"[0] BETWEEN $3::float8 AND $4::float8)) OR "number" = $5::int8) ORDER BY "id"
-- 1: float -0.0000899321363724538
-- 2: float 0.0000899321363724538
-- 3: float -0.00008993214536565744
-- 4: float 0.00008993214536565744
-- 5: integer 2
-- done: order, fields
