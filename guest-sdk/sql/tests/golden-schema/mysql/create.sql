-- create-collection: make the table `sales."order.lines"`
CREATE TABLE `sales`.`order.lines` (
  `line` bigint NOT NULL,
  `number` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL,
  `thing` bigint NULL,
  PRIMARY KEY (`number`, `line`)
);
-- create-collection: make the table `Thing`
CREATE TABLE `Thing` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `text` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NULL,
  `boolean` tinyint(1) NULL,
  `integer` bigint NULL,
  `float` double NULL,
  `decimal` decimal(65,30) NULL,
  `timestamp` datetime(6) NULL,
  `date` date NULL,
  `time` time(6) NULL,
  `bytes` longblob NULL,
  `point` point NULL,
  `uuid` char(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `json` json NULL,
  `any` json NULL,
  `odd "name``` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL DEFAULT _utf8mb4 X'697427732061205c',
  `price` decimal(10,2) NULL DEFAULT 1.50,
  `made` datetime(6) NULL DEFAULT (utc_timestamp(6)),
  PRIMARY KEY (`id`)
);
-- create-index: build the unique index `place` over odd "name`, date descending
CREATE UNIQUE INDEX `place` ON `Thing` (`odd "name```, `date` DESC);
-- add-reference: have thing refer to id of `Thing`
ALTER TABLE `sales`.`order.lines` ADD CONSTRAINT `order.lines_thing_fkey` FOREIGN KEY (`thing`) REFERENCES `Thing` (`id`) ON DELETE SET NULL ON UPDATE CASCADE;
