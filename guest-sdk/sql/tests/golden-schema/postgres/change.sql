-- drop-reference: let other no longer refer to `Old`
ALTER TABLE "Old" DROP CONSTRAINT "old_other";
-- drop-index: remove the index `by_name`
DROP INDEX "by_name";
-- drop-column (can lose data): remove the column `gone` (jsonb) and all that is in it
ALTER TABLE "Old" DROP COLUMN "gone";
-- alter-column (can lose data): `name` from character varying(40) to varchar(80) (collation C), not null, default 'none'
ALTER TABLE "Old" ALTER COLUMN "name" TYPE character varying(80) COLLATE "C" USING "name"::character varying(80);
ALTER TABLE "Old" ALTER COLUMN "name" SET NOT NULL;
ALTER TABLE "Old" ALTER COLUMN "name" SET DEFAULT 'none';
-- add-column: add the column `new`: boolean
ALTER TABLE "Old" ADD COLUMN "new" boolean;
-- create-index: build the index `Old_new_idx` over new
CREATE INDEX "Old_new_idx" ON "Old" ("new");
-- add-reference: have other refer to id of `Old`
ALTER TABLE "Old" ADD CONSTRAINT "Old_other_fkey" FOREIGN KEY ("other") REFERENCES "Old" ("id") ON DELETE CASCADE;
