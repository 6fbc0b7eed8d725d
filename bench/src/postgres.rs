//! What is measured on PostgreSQL: reads through the connector beside the same reads by `tokio-postgres` in this
//! program, on one private server, and what a long export holds in memory.

use std::hint::black_box;
use std::path::Path;

use tenon_harness::{Error, Postgres, PostgresOptions};
use tenon_model::{Entity, Model, Property, PropertyType, Query, Value};
use tenon_runtime::Limits;
use tenon_runtime::config::SourceConfig;
use tenon_runtime::grants::TcpGrant;
use tokio_postgres::{Client, NoTls, Row, Statement};

use crate::Outcome;
use crate::compare::in_turns;
use crate::memory;
use crate::sources::Source;

/// Records of the table that is read by key and whole.
const RECORDS: i64 = 10_000;

/// Records of the table that is exported.
const EXPORTED: u64 = 1_000_000;

/// What a connector may hold during an export.
const CONNECTOR_MEMORY: u64 = 64 << 20;

/// The columns as both sides read them.
const COLUMNS: &str = "iata, name, city, state, country, latitude, longitude";

/// Reads through the connector against native ones, and an export.
///
/// # Errors
/// Whatever the server or either side reports. Where PostgreSQL isn't installed, that is said, and nothing is
/// measured.
pub async fn against_native(component: &Path) -> Outcome {
    let server = match Postgres::start(PostgresOptions::default()) {
        Ok(server) => server,
        Err(missing @ Error::Missing { .. }) => {
            eprintln!("left out: {missing}");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    fill(&server, "Airport", RECORDS as u64)?;
    fill(&server, "Export", EXPORTED)?;
    // First, since what other reads leave to the allocator would hide what it takes.
    export(&server, component).await?;
    reads(&server, component).await
}

async fn reads(server: &Postgres, component: &Path) -> Outcome {
    let source = start(server, component, model("Airport"), Limits::default()).await?;
    let native = Native::connect(server).await?;
    let (mut ours, mut theirs) = (0, 0);
    in_turns(
        "postgres: one row by key",
        200,
        async || {
            ours = next(ours);
            let found = source.dao.find_by_id(format!("{ours:07}")).await?;
            black_box(found.ok_or("no record")?);
            Ok(())
        },
        async || {
            theirs = next(theirs);
            native.one(&format!("{theirs:07}")).await
        },
    )
    .await?;
    in_turns(
        &format!("postgres: {RECORDS} rows, as a stream"),
        3,
        async || {
            let mut rows = source.dao.find(Query::new());
            let mut count = 0;
            while let Some(row) = rows.next().await {
                black_box(row?);
                count += 1;
            }
            all(count)
        },
        async || all(native.all().await?),
    )
    .await?;
    in_turns(
        &format!("postgres: {RECORDS} rows, collected"),
        3,
        async || {
            let rows = source.dao.find(Query::new()).collect().await?;
            all(black_box(rows).len())
        },
        async || all(native.all().await?),
    )
    .await?;
    source.end().await
}

/// Streams a million rows through a connector that may not hold more than [`CONNECTOR_MEMORY`].
async fn export(server: &Postgres, component: &Path) -> Outcome {
    let limits = Limits {
        memory: CONNECTOR_MEMORY,
        ..Limits::default()
    };
    let source = start(server, component, model("Export"), limits).await?;
    // What is there before the export isn't its memory: the compiled connector, a session.
    let before = source.dao.find_by_id("0000001").await?;
    before.ok_or("no record")?;
    let resident = memory::resident()?;
    let (mut rows, mut count, mut most) = (source.dao.find(Query::new()), 0_u64, resident);
    while let Some(row) = rows.next().await {
        black_box(row?);
        count += 1;
        if count % 1_000 == 0 {
            most = most.max(memory::resident()?);
        }
    }
    if count != EXPORTED {
        return Err(format!("{count} rows and not {EXPORTED}").into());
    }
    println!(
        "{:<42} connector's limit {} MiB  process grew by {} MiB, the connector's memory among it",
        format!("postgres: export of {count} rows"),
        CONNECTOR_MEMORY >> 20,
        (most - resident) >> 20
    );
    source.end().await
}

async fn start(
    server: &Postgres,
    component: &Path,
    model: Model,
    limits: Limits,
) -> Result<Source, Box<dyn std::error::Error>> {
    let grant = TcpGrant::new(&format!("{}:{}", server.host(), server.port()))?;
    let configure = |source: SourceConfig| {
        source
            .limits(limits)
            .setting("host", server.host())
            .setting("port", serde_json::Value::from(server.port()))
            .setting("user", server.user())
            .setting("password", server.password())
            .setting("database", server.database())
            .setting("tls", "disable")
            .grant(grant)
    };
    Source::configured(component, model, configure).await
}

fn model(name: &str) -> Model {
    let property = |name: &str, kind: PropertyType| Property::new(name, kind);
    Model::new(name)
        .key("iata", PropertyType::Text)
        .property(property("name", PropertyType::Text))
        .property(property("city", PropertyType::Text))
        .property(property("state", PropertyType::Text))
        .property(property("country", PropertyType::Text))
        .property(property("latitude", PropertyType::Float))
        .property(property("longitude", PropertyType::Float))
}

fn fill(server: &Postgres, table: &str, records: u64) -> Result<(), Error> {
    let user = server.user();
    server
        .sql(&format!(
            r#"create table "{table}" (iata text primary key, name text, city text, state text, country text,
                   latitude float8, longitude float8);
               alter table "{table}" owner to {user};
               insert into "{table}" select lpad(n::text, 7, '0'), 'Livingston Municipal', 'City ' || n / 10, 'TX',
                   'USA', 30.68586111, -95.01792778 from generate_series(1, {records}) n"#
        ))?;
    server.sql("vacuum analyze").map(drop)
}

/// `tokio-postgres` in this program.
struct Native {
    client: Client,
    one: Statement,
    all: Statement,
}

impl Native {
    async fn connect(server: &Postgres) -> Result<Self, Box<dyn std::error::Error>> {
        let mut config = tokio_postgres::Config::new();
        config
            .host(server.host())
            .port(server.port())
            .user(server.user())
            .password(server.password())
            .dbname(server.database());
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("the native connection ended: {error}");
            }
        });
        let one = format!(r#"select {COLUMNS} from "Airport" where iata = $1"#);
        let all = format!(r#"select {COLUMNS} from "Airport""#);
        Ok(Self {
            one: client.prepare(&one).await?,
            all: client.prepare(&all).await?,
            client,
        })
    }

    async fn one(&self, key: &str) -> Outcome {
        let row = self.client.query_one(&self.one, &[&key]).await?;
        black_box(record(&row)?);
        Ok(())
    }

    /// Reads every row into a record, as the connector's caller has it.
    async fn all(&self) -> Result<usize, Box<dyn std::error::Error>> {
        let rows = self.client.query(&self.all, &[]).await?;
        let records: Result<Vec<Entity>, _> = rows.iter().map(record).collect();
        Ok(black_box(records?).len())
    }
}

fn record(row: &Row) -> Result<Entity, tokio_postgres::Error> {
    let mut record = Entity::new();
    for (index, name) in ["iata", "name", "city", "state", "country"]
        .iter()
        .enumerate()
    {
        record.set(
            *name,
            row.try_get::<_, Option<String>>(index)?
                .map_or(Value::Null, Value::from),
        );
    }
    for (index, name) in ["latitude", "longitude"].iter().enumerate() {
        record.set(
            *name,
            row.try_get::<_, Option<f64>>(5 + index)?
                .map_or(Value::Null, Value::from),
        );
    }
    Ok(record)
}

fn all(count: usize) -> Outcome {
    if count as i64 == RECORDS {
        Ok(())
    } else {
        Err(format!("{count} rows and not {RECORDS}").into())
    }
}

/// The next of a walk over the keys that jumps about.
fn next(n: i64) -> i64 {
    (n + 7_919) % RECORDS + 1
}
