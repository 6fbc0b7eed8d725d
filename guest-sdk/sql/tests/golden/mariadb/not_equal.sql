SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE (`flag` = 0) IS NOT TRUE AND (`mood` = ?) IS NOT TRUE AND (`number` = ?) IS NOT TRUE
-- 1: text "glad"
-- 2: integer 5
-- done: filter, order, paging, fields
