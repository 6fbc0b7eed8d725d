SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE ("coarse" > $1::timestamp AND "coarse" <= '294247-01-10 04:00:54.775807'::timestamp) AND ("exact" <= $2::numeric AND "exact"::text <> '-Infinity') AND ("float" > $3::float8 AND "float" <= $4::float8) AND "name" COLLATE "C" > $5::text AND "number" >= $6::int8 AND "number" < $7::int8
-- 1: timestamp {"$timestamp":1704067200123000}
-- 2: decimal {"$decimal":"99.95"}
-- 3: float 0.5
-- 4: float 1.7976931348623157e+308
-- 5: text "a"
-- 6: integer 1
-- 7: integer 9
-- done: filter, order, paging, fields
