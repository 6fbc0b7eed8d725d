UPDATE "shop"."odd""`name" SET "id" = ? WHERE "id" = ? RETURNING "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any"
-- 1: integer 1
-- 2: integer 1
