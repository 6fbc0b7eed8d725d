SELECT "id", "name", "plain", "code", "folded", "mood", "flag", "number", "float", "exact", "moment", "coarse", "day", "hour", "bytes", "uuid", "place", "json", "tags", "any" FROM "shop"."odd""`name" WHERE (COALESCE(jsonb_typeof("any"), 'null') = 'null') IS NOT TRUE AND COALESCE(jsonb_typeof("json"), 'null') = 'null' AND "name" IS NULL
-- done: filter, order, paging, fields
