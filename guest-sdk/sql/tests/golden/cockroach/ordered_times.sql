SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE "coarse" IS NULL AND "day" < $1::DATE AND "exact" > $2::DECIMAL AND "hour" > $3::TIME AND "moment" <= $4::TIMESTAMPTZ
-- 1: text "2024-02-29"
-- 2: decimal {"$decimal":"1"}
-- 3: text "10:00:00"
-- 4: timestamp {"$timestamp":1704067200000000}
-- done: filter, order, paging, fields
