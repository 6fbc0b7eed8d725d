-- drop-reference: let other no longer refer to `Old`
ALTER TABLE `Old` DROP FOREIGN KEY `old_other`;
-- drop-index: remove the index `by_name`
ALTER TABLE `Old` DROP INDEX `by_name`;
-- drop-column (can lose data): remove the column `gone` (json) and all that is in it
ALTER TABLE `Old` DROP COLUMN `gone`;
-- alter-column (can lose data): `name` from varchar(40) to varchar(80) (collation utf8mb4_0900_bin), not null, default 'none'
ALTER TABLE `Old` MODIFY COLUMN `name` varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL DEFAULT 'none';
-- add-column: add the column `new`: tinyint(1)
ALTER TABLE `Old` ADD COLUMN `new` tinyint(1) NULL;
-- create-index: build the index `new` over new
CREATE INDEX `new` ON `Old` (`new`);
-- add-reference: have other refer to id of `Old`
ALTER TABLE `Old` ADD CONSTRAINT `Old_other_fkey` FOREIGN KEY (`other`) REFERENCES `Old` (`id`) ON DELETE CASCADE;
