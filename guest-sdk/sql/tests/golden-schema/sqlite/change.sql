-- alter-collection (can lose data): make the table anew, and copy its records: let other no longer refer to `Old`; remove the index `by_name`; remove the column `gone` (JSON_TEXT) and all that is in it; `name` from VARCHAR(40) to varchar(80), not null, default 'none'; add the column `new`: BOOLEAN; build the index `Old_new_idx` over new; have other refer to id of `Old`
CREATE TABLE "tenon_new_Old" (
  "id" INTEGER NOT NULL,
  "name" varchar(80) NOT NULL DEFAULT 'none',
  "other" INTEGER,
  "new" BOOLEAN,
  PRIMARY KEY ("id"),
  CONSTRAINT "Old_other_fkey" FOREIGN KEY ("other") REFERENCES "Old" ("id") ON DELETE CASCADE
);
INSERT INTO "tenon_new_Old" ("id", "name", "other") SELECT "id", "name", "other" FROM "Old";
DROP TABLE "Old";
ALTER TABLE "tenon_new_Old" RENAME TO "Old";
CREATE INDEX "Old_new_idx" ON "Old" ("new");
