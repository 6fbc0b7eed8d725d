//! What the server's catalogue says of tables: one query for their names, and one for all that is known of some.
//!
//! Only what every supported version has is asked for; a column that came later is read through JSON, where it may be
//! missing.

use serde::Deserialize;
use tenon_sdk::{Error, Generation, PropertyType, Result, Value};
use tenon_sql::{
    DescribedColumn, DescribedIndex, DescribedReference, Description, Parameter, ResultColumn,
    Statement, TableKind, TableName,
};

use crate::connection::Connection;

/// Tables that a user would call their own: not the server's, no extension's, and no partition of another.
const TABLES: &str = "\
select n.nspname::text, c.relname::text, (c.relkind in ('v', 'm'))::boolean,
  (n.nspname = pg_catalog.current_schema())::boolean
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
order by coalesce(n.nspname = pg_catalog.current_schema(), false) desc,
  n.nspname collate \"C\", c.relname collate \"C\"";

/// All about the tables of these names: `$1` are their schemas, null for one that the search path finds.
///
/// A default is kept from models where it only makes values; one that is computed makes them too. A collation is told
/// unless it is that of code points, as the database's own may be too.
const DESCRIBE: &str = "\
select w.place::bigint, (c.relkind in ('v', 'm'))::boolean, pg_catalog.jsonb_build_object(
  'schema', case when n.nspname is distinct from pg_catalog.current_schema() then n.nspname end,
  'columns', (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'name', a.attname,
      'native_type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'labels', (
        select coalesce(pg_catalog.jsonb_agg(e.enumlabel order by e.enumsortorder), '[]')
        from pg_catalog.pg_enum e where e.enumtypid in (t.oid, t.typbasetype)
      ),
      'collation', case
        when a.attcollation = 0 then null
        when o.collname = 'default' then case when not d.exact then 'default' end
        when o.collname in ('C', 'POSIX', 'ucs_basic', 'pg_c_utf8') and s.nspname = 'pg_catalog' then null
        when not o.collisdeterministic then o.collname || ' (not deterministic)'
        else o.collname
      end,
      'nullable', not (a.attnotnull or (t.typtype = 'd' and t.typnotnull)),
      'default', case when a.attgenerated = '' then pg_catalog.pg_get_expr(f.adbin, f.adrelid) end,
      'computed', a.attgenerated <> '',
      'identity', a.attidentity
    ) order by a.attnum), '[]')
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
    left join pg_catalog.pg_collation o on o.oid = a.attcollation
    left join pg_catalog.pg_namespace s on s.oid = o.collnamespace
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ),
  'key', (
    select pg_catalog.jsonb_build_object('name', k.conname, 'columns', (
      select pg_catalog.jsonb_agg(a.attname order by p.place)
      from pg_catalog.unnest(k.conkey) with ordinality as p (number, place)
      join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.number
    ))
    from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'p'
  ),
  'indexes', (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'name', x.relname,
      'unique', i.indisunique,
      'constraint', k.oid is not null,
      'columns', (
        select coalesce(pg_catalog.jsonb_agg(
          pg_catalog.jsonb_build_array(a.attname, (i.indoption[p.place - 1] & 1) = 1) order by p.place
        ), '[]')
        from pg_catalog.unnest(i.indkey::smallint[]) with ordinality as p (number, place)
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = p.number
        where p.number > 0 and p.place <= i.indnkeyatts
      ),
      'special', i.indpred is not null or i.indexprs is not null or not i.indisvalid
        or m.amname <> 'btree' or i.indnatts > i.indnkeyatts or coalesce(k.condeferrable, false)
        or coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
        or exists (
          select from pg_catalog.unnest(i.indoption::smallint[]) as p (options) where p.options not in (0, 3)
        )
        or exists (
          select from pg_catalog.unnest(i.indclass::oid[]) as p (class)
          join pg_catalog.pg_opclass q on q.oid = p.class where not q.opcdefault
        )
        or exists (
          select from unnest(i.indkey::smallint[], i.indcollation::oid[]) as p (number, collated)
          join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = p.number
          where p.collated <> 0 and p.collated <> a.attcollation
        )
    ) order by x.relname collate \"C\"), '[]')
    from pg_catalog.pg_index i
    join pg_catalog.pg_class x on x.oid = i.indexrelid
    join pg_catalog.pg_am m on m.oid = x.relam
    left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('u', 'x')
    where i.indrelid = c.oid and not i.indisprimary
  ),
  'references', (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'name', k.conname,
      'columns', (
        select pg_catalog.jsonb_agg(a.attname order by p.place)
        from pg_catalog.unnest(k.conkey) with ordinality as p (number, place)
        join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.number
      ),
      'schema', case when s.nspname is distinct from pg_catalog.current_schema() then s.nspname end,
      'table', g.relname,
      'targets', (
        select pg_catalog.jsonb_agg(a.attname order by p.place)
        from pg_catalog.unnest(k.confkey) with ordinality as p (number, place)
        join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = p.number
      ),
      'on_delete', k.confdeltype,
      'on_update', k.confupdtype
    ) order by k.conname collate \"C\"), '[]')
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_class g on g.oid = k.confrelid
    join pg_catalog.pg_namespace s on s.oid = g.relnamespace
    where k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0
  )
)
from unnest($1::text[], $2::text[]) with ordinality as w (schema, name, place)
join pg_catalog.pg_class c on c.relname = w.name and c.relkind in ('r', 'p', 'f', 'v', 'm')
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join (
  select b.datcollate in ('C', 'POSIX')
    and coalesce(pg_catalog.to_jsonb(b) ->> 'datlocprovider', 'c') = 'c' as exact
  from pg_catalog.pg_database b where b.datname = pg_catalog.current_database()
) d
where case when w.schema is null then pg_catalog.pg_table_is_visible(c.oid) else n.nspname = w.schema end";

/// The tables' names.
pub(crate) fn tables(connection: &mut Connection) -> Result<Vec<(TableName, TableKind)>> {
    use PropertyType::{Boolean, Text};
    let columns = [Text, Text, Boolean, Boolean].map(column);
    let rows = connection.fetch(&Statement::plain(TABLES), &columns, false)?;
    rows.into_iter()
        .map(|row| match row.as_slice() {
            [Value::Text(schema), Value::Text(name), view, own] => {
                let name = match own {
                    Value::Boolean(true) => TableName::new(name),
                    _ => TableName::within(schema, name),
                };
                Ok((name, kind(view)))
            }
            _ => Err(strange("a table without a name")),
        })
        .collect()
}

/// What is known of these tables; none where there is no such one.
pub(crate) fn describe(
    connection: &mut Connection,
    tables: &[TableName],
) -> Result<Vec<Option<Description>>> {
    use PropertyType::{Boolean, Integer, Json};
    let schemas = tables.iter().map(|table| table.schema.clone().into());
    let names = tables.iter().map(|table| Value::Text(table.name.clone()));
    let statement = Statement {
        text: DESCRIBE.to_owned(),
        parameters: vec![
            Parameter::List(schemas.collect()),
            Parameter::List(names.collect()),
        ],
    };
    let columns = [Integer, Boolean, Json].map(column);
    let rows = connection.fetch(&statement, &columns, false)?;
    let mut described = vec![None; tables.len()];
    for row in &rows {
        let [Value::Integer(place), view, Value::Json(json)] = row.as_slice() else {
            return Err(strange("a table without a description"));
        };
        let place = usize::try_from(*place)
            .ok()
            .and_then(|place| place.checked_sub(1));
        let slot = place.and_then(|place| Some((tables.get(place)?, described.get_mut(place)?)));
        let Some((name, slot)) = slot else {
            return Err(strange("a table that wasn't asked for"));
        };
        let written: Written =
            serde_json::from_str(json).map_err(|error| strange(&error.to_string()))?;
        *slot = Some(written.into_description(name.name.clone(), kind(view)));
    }
    Ok(described)
}

fn column(kind: PropertyType) -> ResultColumn {
    ResultColumn {
        name: String::new(),
        kind,
        native_type: String::new(),
    }
}

fn kind(view: &Value) -> TableKind {
    match view {
        Value::Boolean(true) => TableKind::View,
        _ => TableKind::Table,
    }
}

fn strange(what: &str) -> Error {
    Error::backend(format!(
        "the server's catalogue is not as it should be: {what}"
    ))
}

/// A table as [`DESCRIBE`] writes it.
#[derive(Deserialize)]
struct Written {
    schema: Option<String>,
    columns: Vec<WrittenColumn>,
    key: Option<WrittenKey>,
    indexes: Vec<WrittenIndex>,
    references: Vec<WrittenReference>,
}

#[derive(Deserialize)]
struct WrittenColumn {
    name: String,
    native_type: String,
    labels: Vec<String>,
    collation: Option<String>,
    nullable: bool,
    default: Option<String>,
    computed: bool,
    identity: String,
}

#[derive(Deserialize)]
struct WrittenKey {
    name: String,
    columns: Vec<String>,
}

#[derive(Deserialize)]
struct WrittenIndex {
    name: String,
    unique: bool,
    constraint: bool,
    columns: Vec<(String, bool)>,
    special: bool,
}

#[derive(Deserialize)]
struct WrittenReference {
    name: String,
    columns: Vec<String>,
    schema: Option<String>,
    table: String,
    targets: Vec<String>,
    on_delete: String,
    on_update: String,
}

impl Written {
    fn into_description(self, name: String, kind: TableKind) -> Description {
        let (key_name, key) = self
            .key
            .map_or((None, Vec::new()), |key| (Some(key.name), key.columns));
        Description {
            atomic: true,
            name: TableName {
                schema: self.schema,
                name,
            },
            kind,
            columns: self.columns.into_iter().map(described_column).collect(),
            key,
            key_name,
            indexes: self.indexes.into_iter().map(described_index).collect(),
            references: self
                .references
                .into_iter()
                .map(described_reference)
                .collect(),
        }
    }
}

fn described_column(column: WrittenColumn) -> DescribedColumn {
    let (default, generated) = match (column.default, column.identity.as_str()) {
        _ if column.computed => (None, Generation::Always),
        (_, "a") => (None, Generation::Always),
        (_, "d") => (None, Generation::WhenMissing),
        (Some(default), _) if default.starts_with("nextval(") => (None, Generation::WhenMissing),
        (Some(default), _) if is_constant(&default) => (Some(default), Generation::Never),
        (Some(default), _) => (Some(default), Generation::WhenMissing),
        (None, _) => (None, Generation::Never),
    };
    DescribedColumn {
        name: column.name,
        native_type: column.native_type,
        labels: column.labels,
        collation: column.collation,
        nullable: column.nullable,
        default,
        generated,
    }
}

fn described_index(index: WrittenIndex) -> DescribedIndex {
    DescribedIndex {
        name: index.name,
        columns: index.columns,
        unique: index.unique,
        constraint: index.constraint,
        special: index.special,
    }
}

fn described_reference(reference: WrittenReference) -> DescribedReference {
    let action = |letter: &str| {
        Some(match letter {
            "r" => "restrict".to_owned(),
            "c" => "cascade".to_owned(),
            "n" => "set null".to_owned(),
            "d" => "set default".to_owned(),
            _ => return None,
        })
    };
    DescribedReference {
        name: reference.name,
        columns: reference.columns,
        table: TableName {
            schema: reference.schema,
            name: reference.table,
        },
        targets: reference.targets,
        on_delete: action(&reference.on_delete),
        on_update: action(&reference.on_update),
    }
}

/// Whether a default is a literal, perhaps with casts: `'new'::text`, `0`, `'-1'::integer`, `'{}'::jsonb`.
fn is_constant(expression: &str) -> bool {
    let expression = expression
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(expression);
    let rest = match expression.strip_prefix('\'') {
        Some(text) => {
            // A quote inside is written twice.
            let mut rest = text;
            loop {
                let Some((_, after)) = rest.split_once('\'') else {
                    return false;
                };
                match after.strip_prefix('\'') {
                    Some(after) => rest = after,
                    None => break after,
                }
            }
        }
        None => {
            let end = expression.find("::").unwrap_or(expression.len());
            let (word, rest) = expression.split_at(end);
            let is_word = matches!(word, "true" | "false" | "NULL");
            if !is_word && word.parse::<f64>().is_err() {
                return false;
            }
            rest
        }
    };
    // Of an operator or a function nothing is left but casts.
    let is_type = |char: char| char.is_alphanumeric() || " \"_.,()[]:".contains(char);
    (rest.is_empty() || rest.starts_with("::")) && rest.chars().all(is_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_a_default_and_all_else_makes_values() {
        for constant in [
            "0",
            "-1.5",
            "true",
            "'it''s'::text",
            "'-1'::integer",
            "'{}'::jsonb",
            "'x'::character varying(40)",
            "NULL::character varying",
            "'sad'::\"Mood\"",
            "('-1'::integer)",
        ] {
            assert!(is_constant(constant), "{constant}");
        }
        for computed in [
            "now()",
            "CURRENT_TIMESTAMP",
            "gen_random_uuid()",
            "'a'::text || 'b'::text",
            "('now'::text)::date + 1",
            "lower('A'::text)",
            "'open",
            "(1 + 2)",
        ] {
            assert!(!is_constant(computed), "{computed}");
        }
    }
}
