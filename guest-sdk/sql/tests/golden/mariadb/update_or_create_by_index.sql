SELECT `id`, `name`, `plain`, `code`, `folded`, `mood`, `flag`, `number`, `float`, `exact`, `moment`, `coarse`, `day`, `hour`, `bytes`, `uuid`, `place`, `json`, `tags`, `any` FROM `shop`.`odd"``name` WHERE `code` = ?
-- 1: text "abc"
-- invalid: the record of `Thing` that was found has another key than the data, and a record's key stays as it is
