SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE "coarse" > $1::TIMESTAMPTZ AND "exact" <= $2::DECIMAL AND ("float" > $3::FLOAT8 AND "float" <= $4::FLOAT8) AND "name" > $5::STRING AND "number" >= $6::INT8 AND "number" < $7::INT8
-- 1: timestamp {"$timestamp":1704067200123456}
-- 2: decimal {"$decimal":"99.95"}
-- 3: float 0.5
-- 4: float 1.7976931348623157e+308
-- 5: text "a"
-- 6: integer 1
-- 7: integer 9
-- done: filter, order, paging, fields
