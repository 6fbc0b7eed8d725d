SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE ("code" IS NOT NULL AND (tenon_like(?, "code")) IS NOT TRUE) AND tenon_like(?, "name") AND tenon_like(?, "uuid")
-- 1: text "a%"
-- 2: text "50\\% |_x\\\\%"
-- 3: text "936%"
-- done: filter, order, paging, fields
