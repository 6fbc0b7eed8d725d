SELECT `id`, `name` FROM `shop`.`odd"``name`
-- done: filter, order, paging, fields
