SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE ((`float` = ?) IS NOT TRUE AND (`plain` = ?) IS NOT TRUE) AND (`id` = ?) IS NOT TRUE AND (`number` = ? OR (`flag` <> 0 AND `number` = ?))
-- 1: float 1.0
-- 2: text "x"
-- 3: integer 9
-- 4: integer 1
-- 5: integer 2
-- done: filter, order, paging, fields
