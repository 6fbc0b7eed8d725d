-- create-collection: make the table `sales."order.lines"`
CREATE TABLE "sales"."order.lines" (
  "line" INTEGER NOT NULL,
  "number" TEXT NOT NULL,
  "thing" INTEGER,
  PRIMARY KEY ("number", "line"),
  CONSTRAINT "order.lines_thing_fkey" FOREIGN KEY ("thing") REFERENCES "Thing" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
-- create-collection: make the table `Thing`
CREATE TABLE "Thing" (
  "id" INTEGER NOT NULL,
  "text" TEXT,
  "boolean" BOOLEAN,
  "integer" INTEGER,
  "float" REAL,
  "decimal" DECIMAL_TEXT COLLATE "TENON_DECIMAL",
  "timestamp" TIMESTAMP_MICROS,
  "date" DATE,
  "time" TIME,
  "bytes" BLOB,
  "point" POINT,
  "uuid" UUID,
  "json" JSON_TEXT,
  "any" ANY_TEXT,
  "odd ""name`" VARCHAR(40) NOT NULL DEFAULT 'it''s a \',
  "price" DECIMAL_TEXT(10,2) COLLATE "TENON_DECIMAL" DEFAULT '1.50',
  "made" TIMESTAMP_MICROS DEFAULT (CAST(round((julianday('now')-2440587.5)*86400000.0) AS INTEGER)*1000),
  PRIMARY KEY ("id")
);
-- create-index: build the unique index `Thing_place_key` over odd "name`, date descending
CREATE UNIQUE INDEX "Thing_place_key" ON "Thing" ("odd ""name`", "date" DESC);
