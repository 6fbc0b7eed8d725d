SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` ORDER BY `number` DESC, `id` LIMIT ? OFFSET ?
-- 1: integer 10
-- 2: integer 20
-- done: filter, order, paging, fields
