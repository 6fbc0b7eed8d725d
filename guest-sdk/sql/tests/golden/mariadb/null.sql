SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE (COALESCE(JSON_TYPE(`any`), 'NULL') = 'NULL') IS NOT TRUE AND COALESCE(JSON_TYPE(`json`), 'NULL') = 'NULL' AND `name` IS NULL
-- done: filter, order, paging, fields
