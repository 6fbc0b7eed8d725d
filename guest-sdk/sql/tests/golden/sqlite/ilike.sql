SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE tenon_ilike(?, "name") AND ("plain" IS NOT NULL AND (tenon_ilike(?, "plain")) IS NOT TRUE)
-- 1: text "ä%"
-- 2: text "b_"
-- done: filter, order, paging, fields
