use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use tenon_model::{
    DefaultValue, Generation, Keys, PropertyType, Relation, RelationKind, Through, Value,
};

use super::*;
use crate::grants::{FolderGrant, FolderMode};
use crate::secrets::SecretSource;

/// Nothing is there, so that no path of it is a link.
const FILE: &str = "/no/such/folder/tenon.toml";

fn parse(text: &str) -> Config {
    Config::parse(text, Path::new(FILE)).unwrap()
}

/// The mistakes, one a line, without the file's name.
fn mistakes(text: &str) -> String {
    let error = Config::parse(text, Path::new("tenon.toml")).unwrap_err();
    error.to_string().replace("tenon.toml:", "")
}

fn name(name: &str) -> DataSourceName {
    DataSourceName::new(name).unwrap()
}

const WHOLE: &str = r#"
registry = "connectors"

[sources.airports]
connector = "redb@0.1"
settings = { path = "/data/airports.redb", password = { env = "PASSWORD" }, hosts = ["a", { file = "host" }] }
grants = [{ folder = "./data", as = "/data", mode = "write" }, { folder = "/srv", as = "/srv" }]

[sources.airports.limits]
memory = "64MiB"
call-timeout = "1m"
queue = 0

[sources.scratch]
connector = "./memory.wasm"

[models.Airport]
source = "airports"
collection = "airports"
key = ["iata"]
properties.iata = "text"
properties.name = { type = "text", required = true, length = 80, index = true }
properties.elevation = { type = "decimal", length = 6, scale = 2, default = "0.50" }
properties.seen = { type = "timestamp", default = { now = true }, read-only = true }
properties.alarm = { type = "text", hidden = true }
properties.serial = { type = "integer", generated = "when-missing", unique = true, column = "no", native-type = "SERIAL" }
indexes = [{ name = "by_state", properties = ["seen DESC", "name"] }]

[models.Note]
source = "scratch"
strict = false
"#;

#[test]
fn a_whole_document_is_read() {
    let config = parse(WHOLE);
    assert_eq!(config.registry, Path::new("/no/such/folder/connectors"));
    let airports = &config.sources["airports"];
    assert_eq!(airports.connector.to_string(), "redb@0.1");
    assert_eq!(airports.limits.memory, 64 << 20);
    assert_eq!(airports.limits.call_timeout, Duration::from_secs(60));
    assert_eq!(airports.limits.queue, 0);
    assert_eq!(airports.limits.sessions, Limits::default().sessions);
    let data = FolderGrant {
        host: "/no/such/folder/data".into(),
        guest: "/data".into(),
        mode: FolderMode::Write,
    };
    let srv = FolderGrant {
        host: "/srv".into(),
        guest: "/srv".into(),
        mode: FolderMode::Read,
    };
    assert_eq!(airports.grants, [data.into(), srv.into()]);
    let mut settings = Settings::new();
    settings.insert("path", "/data/airports.redb");
    settings.insert("password", SecretSource::Env("PASSWORD".into()));
    let file = SecretSource::File("/no/such/folder/host".into());
    settings.insert("hosts", SettingValue::List(vec!["a".into(), file.into()]));
    assert_eq!(airports.settings, settings);
    assert!(
        !format!("{config:?}").contains("airports.redb"),
        "settings are not shown"
    );
    assert_eq!(
        config.sources["scratch"].connector.to_string(),
        "/no/such/folder/memory.wasm"
    );

    let Model {
        properties,
        indexes,
        ..
    } = &config.models["Airport"].model;
    let names: Vec<&str> = properties
        .iter()
        .map(|property| property.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["iata", "name", "elevation", "seen", "alarm", "serial"]
    );
    assert_eq!((properties[0].key, properties[0].required), (Some(1), true));
    assert_eq!(
        (properties[1].required, properties[1].length),
        (true, Some(80))
    );
    assert_eq!(properties[2].kind, PropertyType::Decimal);
    assert!(matches!(
        &properties[2].default,
        Some(DefaultValue::Value(Value::Decimal(_)))
    ));
    assert_eq!(properties[3].default, Some(DefaultValue::Now));
    assert!(properties[4].hidden && !properties[0].hidden);
    assert!(properties[3].read_only && !properties[4].read_only);
    assert_eq!(properties[5].generated, Generation::WhenMissing);
    assert_eq!(properties[5].native_type.as_deref(), Some("SERIAL"));
    let indexes: Vec<(&str, bool)> = indexes
        .iter()
        .map(|index| (index.name.as_str(), index.unique))
        .collect();
    assert_eq!(
        indexes,
        [("name", false), ("serial", true), ("by_state", false)]
    );
    assert!(config.models["Airport"].model.indexes[2].properties[0].descending);

    let note = &config.models["Note"];
    assert_eq!(
        (note.source.as_str(), note.model.strict),
        ("scratch", false)
    );
    assert!(note.model.key_properties().is_empty());
}

#[test]
fn an_empty_document_has_defaults() {
    let config = parse("");
    assert_eq!(config.registry, Path::new("/no/such/folder/.tenon"));
    assert_eq!(config.lock_path(), Path::new("/no/such/folder/tenon.lock"));
    assert!(config.sources.is_empty() && config.models.is_empty());
    assert!(
        Config::parse("", Path::new("tenon.toml"))
            .unwrap()
            .registry
            .is_absolute()
    );
}

#[test]
fn every_mistake_is_reported_at_once_with_its_place() {
    let text = r#"regisrty = "x"

[sources.Bad]
connector = "redb"

[sources.airports]
conector = "redb"
grants = [{ folder = "./data" }, { bucket = "x" }, { folder = "~/x", as = "data", mode = "wirte" }]
limits = { memory = "64", call-timeout = 30, sessions = 0, quee = 1 }

[models.Airport]
source = "airport"
key = ["iat"]
properties.iata = "string"
properties.name = { typ = "text", required = "yes", length = -1 }
properties.lat = { type = "flaot" }
properties.n = { type = "integer", default = "many", generated = "sometimes" }
properties.list = ["text"]

[models.Note]
properties.id = "integer"
"#;
    assert_eq!(
        mistakes(text),
        r#"1:1: regisrty: unknown key; did you mean "registry"?
3:10: sources.Bad: a name has lower-case letters, digits and `-`, not 'B'
7:1: sources.airports.conector: unknown key; did you mean "connector"?
8:11: sources.airports.grants[0]: `as` is missing; write, for example, as = "/data"
8:34: sources.airports.grants[1]: unknown kind of grant; there is folder, to
8:54: sources.airports.grants[2].folder: `~` isn't expanded; write the path from `/`, or relative to this file
8:70: sources.airports.grants[2].as: a session's name for a folder begins with `/`, as in "/data"
8:83: sources.airports.grants[2].mode: unknown mode; did you mean "write"?
9:12: sources.airports.limits.memory: "64" is no size; write it as "256MiB", with B, KiB, MiB or GiB
9:27: sources.airports.limits.call-timeout: a time needs its unit: "30s", "30m" or "30h"
9:46: sources.airports.limits.sessions: 0 is too little; the least is 1
9:60: sources.airports.limits.quee: unknown key; did you mean "queue"?
12:1: models.Airport.source: unknown data source; did you mean "airports"?
13:8: models.Airport.key[0]: unknown property; did you mean "iata"?
14:12: models.Airport.properties.iata: unknown kind; it is called "text" here
15:21: models.Airport.properties.name.typ: unknown key; did you mean "type"?
15:35: models.Airport.properties.name.required: this has to be true or false, but is a text
15:53: models.Airport.properties.name.length: -1 is out of range
16:20: models.Airport.properties.lat.type: unknown kind; did you mean "float"?
17:36: models.Airport.properties.n.default: the text "many" is not an integer: write a whole number of 64 bits, such as 12
17:54: models.Airport.properties.n.generated: unknown way to generate; there is never, when-missing, always
18:12: models.Airport.properties.list: a property is its kind, "text", or a table with `type`, not a list
20:9: models.Note: `source` is missing; write, for example, source = "Bad"
21:12: models.Note.properties.id: a model without `key` gets a generated `id`; write key = ["id"] in the model
"#
        .trim_end()
    );
}

#[test]
fn a_text_that_is_no_toml_says_where() {
    assert_eq!(
        mistakes("[sources\n"),
        "1:9: this is no TOML: unclosed table, expected `]`"
    );
}

#[test]
fn a_session_has_one_folder_of_a_name() {
    let text = r#"sources.a.connector = "memory"
sources.a.grants = [{ folder = "x", as = "/d" }, { folder = "y", as = "/d" }]"#;
    assert_eq!(
        mistakes(text),
        "2:50: sources.a.grants[1]: another folder is granted as /d already"
    );
}

#[test]
fn what_a_model_gets_wrong_in_itself_points_at_the_property() {
    let text = r#"[sources.a]
connector = "memory"
[models.M]
source = "a"
key = ["k"]
properties.k = { type = "json" }
indexes = [{ properties = ["missing"] }]
"#;
    let mistakes = mistakes(text);
    assert!(
        mistakes.contains("6:12: models.M.properties.k"),
        "{mistakes}"
    );
    assert!(mistakes.contains("7:"), "{mistakes}");
}

#[test]
fn a_file_that_is_not_there_says_so() {
    let error = Config::load(Path::new("/no/such/tenon.toml")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/no/such/tenon.toml: this file can't be read: No such file or directory (os error 2); \
         make one, or name another file"
    );
}

#[test]
fn a_problem_points_at_the_bytes_it_is_about() {
    let text = "# größer\n[sources.a]\nconnector = \"memory\"\ncolour = 1\n";
    let error = Config::parse(text, Path::new("tenon.toml")).unwrap_err();
    let span = error.problems()[0].span.clone().unwrap();
    assert_eq!(&text[span.clone()], "colour");
    assert_eq!(error.line_and_column(span.start), (4, 1));
    assert_eq!(error.line_and_column(text.find('ß').unwrap()), (1, 6));
    assert_eq!(error.text(), text);
}

#[test]
fn the_texts_of_settings_are_covered_where_a_mistake_is_shown() {
    let text = "[sources.a]\nconnektor = \"memory\"\nsettings = { password = \"hünter2\", list = [\"hünter2\"], n = 5 }\n";
    let error = Config::parse(text, Path::new("tenon.toml")).unwrap_err();
    assert_eq!(error.text().len(), text.len());
    assert!(
        error
            .text()
            .contains("connektor = \"memory\"\nsettings = { password = \"*×*****\""),
        "{}",
        error.text()
    );
    assert!(!format!("{error} {error:?} {}", error.text()).contains("nter2"));

    let broken = format!("[sources.b.settings]\nkey = '''\nhunter2==\n'''\n{text}oops");
    let error = Config::parse(&broken, Path::new("tenon.toml")).unwrap_err();
    assert_eq!(error.text().len(), broken.len());
    assert!(!error.text().contains("nter2"), "{}", error.text());
    assert!(
        error.text().contains("connektor = \"memory\""),
        "{}",
        error.text()
    );
}

#[test]
fn a_host_and_port_is_granted_as_a_text_or_a_table() {
    let config = parse(
        r#"[sources.a]
connector = "memory"
grants = ["DB.internal:5432", { to = "[fd00::7]:5432", private = true }, { to = "10.0.0.7:1" }]"#,
    );
    let source = config.sources.values().next().unwrap();
    let shown: Vec<String> = source.grants.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            r#""db.internal:5432""#,
            r#"{ to = "[fd00::7]:5432", private = true }"#,
            r#""10.0.0.7:1""#
        ]
    );
}

#[test]
fn a_grant_that_nobody_can_connect_by_is_a_mistake_at_its_place() {
    let text = r#"sources.a.connector = "memory"
sources.a.grants = ["db", { to = "db:0" }, { to = "db:1", privat = true }, { private = true }, 5, "db:2", "DB:2"]"#;
    assert_eq!(
        mistakes(text),
        r#"2:21: sources.a.grants[0]: "db" is no host and port, as in "db.internal:5432" or "[2001:db8::7]:5432"
2:29: sources.a.grants[1].to: there is no port 0 to connect to
2:59: sources.a.grants[2].privat: unknown key; did you mean "private"?
2:76: sources.a.grants[3]: `to` is missing; write, for example, to = "db.internal:5432"
2:96: sources.a.grants[4]: a grant is a table, such as { folder = "./data", as = "/data", mode = "write" }, or a text, such as "db.internal:5432", not a whole number"#
    );
    let text = r#"sources.a.connector = "memory"
sources.a.grants = ["db:2", "DB:2"]"#;
    assert_eq!(
        mistakes(text),
        "2:29: sources.a.grants[1]: db:2 is granted already"
    );
}

#[test]
fn a_writable_grant_leaves_the_runtimes_own_files_alone() {
    let with = |folder: &str| {
        let text = format!(
            "[sources.a]\nconnector = \"memory\"\ngrants = [{{ folder = \"{folder}\", as = \"/d\", mode = \"write\" }}]"
        );
        Config::parse(&text, Path::new(FILE)).map_err(|error| error.problems()[0].message.clone())
    };
    for registry in [".tenon", ".tenon/components"] {
        assert!(
            with(registry).is_err_and(|message| message.contains("registry")),
            "{registry}"
        );
    }
    for folder in [".", "/", "/no"] {
        assert!(with(folder).is_err(), "{folder}");
    }
    assert!(with("data").is_ok());
}

#[test]
fn a_configuration_made_by_a_program_is_checked_as_well() {
    let source = SourceConfig::new(
        name("a"),
        ConnectorReference::from(crate::names::ConnectorName::new("memory").unwrap()),
    )
    .setting("path", json!({"deep": [1]}))
    .grant(FolderGrant::writable("/no/such/folder/data", "/data").unwrap());
    let model = ModelConfig::new(
        name("a"),
        Model::new("Note").key("id", PropertyType::Integer),
    );
    let config = Config::new("/no/such/folder")
        .source(source.clone())
        .model(model.clone());
    assert_eq!(config.check(), Ok(()));

    let limits = Limits {
        sessions: 0,
        ..Limits::default()
    };
    let again = FolderGrant::read_only("/elsewhere", "/data").unwrap();
    let stray = ModelConfig::new(name("b"), model.model);
    let config = Config::new("/no/such/folder")
        .source(source.limits(limits).grant(again))
        .model(stray);
    assert_eq!(
        config.check().unwrap_err().to_string(),
        "sources.a.limits.sessions: 0 is too little; the least is 1; \
         sources.a.grants[1]: another folder is granted as /data already; \
         models.Note.source: unknown data source; did you mean \"a\"?"
    );
}

/// Two models of one data source, and what is said of the first beside its properties.
fn related(said: &str) -> String {
    format!(
        r#"sources.a.connector = "memory"
[models.Airport]
source = "a"
key = ["iata"]
properties = {{ iata = "text", state = "text", revision = "integer", _towers = "json" }}
{said}
[models.Route]
source = "a"
key = ["origin", "destination"]
properties = {{ origin = "text", destination = "text", count = "integer" }}
relations.from = {{ type = "belongsTo", model = "Airport", foreign-key = "origin" }}
"#
    )
}

#[test]
fn relations_versions_and_scopes_are_read() {
    let config = parse(&related(
        r#"version = "revision"
scope = { where = { state = { exists = true } }, order = "iata", include = [{ relation = "departures", scope = { limit = 3 } }] }
relations.departures = { type = "hasMany", model = "Route", foreign-key = ["origin"] }
relations.destinations = { type = "hasMany", model = "Airport", through = "Route", foreign-key = "origin", through-key = "destination" }
relations.first = { type = "hasOne", model = "Route", foreign-key = "origin", primary-key = "iata" }
relations.towers = { type = "embedsMany", model = "Route" }
"#,
    ));
    let airport = &config.models["Airport"].model;
    assert_eq!(airport.version.as_deref(), Some("revision"));
    let scope = airport.scope.as_deref().unwrap();
    assert_eq!(scope.include[0].scope.limit, Some(3));
    let kinds: Vec<&RelationKind> = airport.relations.iter().map(|each| &each.kind).collect();
    let origin = Keys::new(&["origin"]);
    let by_iata = Keys {
        primary_key: vec!["iata".to_owned()],
        ..origin.clone()
    };
    assert_eq!(
        kinds,
        [
            &RelationKind::HasMany(origin),
            &RelationKind::HasManyThrough(Through::new("Route", &["origin"], &["destination"])),
            &RelationKind::HasOne(by_iata.clone()),
            &RelationKind::EmbedsMany {
                property: String::new()
            },
        ]
    );
    // As the document says it, and complete where all models are known.
    let resolved = config.resolved_models().unwrap();
    let kinds: Vec<&RelationKind> = resolved["Airport"]
        .relations
        .iter()
        .map(|each| &each.kind)
        .collect();
    assert_eq!(kinds[0], &RelationKind::HasMany(by_iata));
    let towers = "_towers".to_owned();
    assert_eq!(kinds[3], &RelationKind::EmbedsMany { property: towers });
    assert_eq!(config.check(), Ok(()));
}

#[test]
fn mistakes_in_relations_versions_and_scopes_are_reported_at_their_places() {
    assert_eq!(
        mistakes(&related(
            r#"version = 5
scope = { wher = {}, include = 5 }
relations.a = { type = "hasmany", model = "Route" }
relations.b = { type = "hasMany", through-key = "x", property = "y" }
relations.c = { type = "embedsOne", model = "Route", foreign-key = "x", property = "" }
relations.d = { type = "belongsTo", model = "Route", foreign-key = 5, primary-key = [] }
relations.e = "Route"
"#
        )),
        r#"6:1: models.Airport.version: this has to be a text, but is a whole number
7:11: models.Airport.scope.wher: unknown member of a query; did you mean `where`?
7:22: models.Airport.scope.include: a relation is written "routes", {"relation": "routes", "scope": {..}}, or, with what is loaded further, {"routes": "airline"}; several are an array
8:17: models.Airport.relations.a.type: unknown kind of relation; did you mean "hasMany"?
9:11: models.Airport.relations.b: `model` is missing; write, for example, model = "Route"
9:35: models.Airport.relations.b.through-key: hasMany takes no `through-key`; name the model in between with `through`
9:54: models.Airport.relations.b.property: hasMany takes no `property`; leave it out
10:54: models.Airport.relations.c.foreign-key: embedsOne takes no `foreign-key`; leave it out
10:73: models.Airport.relations.c.property: this is empty; leave it out for the usual one
11:54: models.Airport.relations.d.foreign-key: this has to be a property's name, or a list of them, but is a whole number
11:71: models.Airport.relations.d.primary-key: this is empty; leave it out for the usual one
12:11: models.Airport.relations.e: this has to be a table, but is a text"#
    );
    assert_eq!(
        mistakes(&related(
            r#"scope = { where = { "departures.cuont" = 1 } }
relations.departures = { type = "hasMany", model = "Route", foreign-key = "orign" }
relations.arrivals = { type = "hasMany", model = "Rute" }
"#
        )),
        r#"6:11: models.Airport.scope.where.departures.cuont.eq: model `Route` has no property `cuont`; did you mean `count`?
7:61: models.Airport.relations.departures.foreign-key: the model Route has no property "orign" to hold `iata` of Airport; did you mean `origin`? Otherwise declare it as text
8:42: models.Airport.relations.arrivals.model: unknown model "Rute"; did you mean "Route"?"#
    );
}

#[test]
fn what_relations_of_a_programs_models_lead_to_is_checked() {
    let source = SourceConfig::new(
        name("a"),
        ConnectorReference::from(crate::names::ConnectorName::new("memory").unwrap()),
    );
    let note = Model::new("Note").relation(Relation::has_many("tags", "Tag", &[]));
    let config = Config::new("/no/such/folder")
        .source(source.allow_native())
        .model(ModelConfig::new(name("a"), note));
    assert_eq!(
        config.check().unwrap_err().to_string(),
        "models.Note.relations.tags.model: unknown model \"Tag\"; declare it"
    );
}

#[test]
fn native_commands_are_allowed_by_the_data_source_alone() {
    let native = |said: &str| {
        let text = format!("[sources.a]\nconnector = \"memory\"\n{said}");
        Config::parse(&text, Path::new(FILE)).map(|config| config.sources["a"].native)
    };
    assert!(!native("").unwrap());
    assert!(native("native = true").unwrap());
    assert!(native("native = \"yes\"").is_err());
}

/// Documents with the right words in the wrong places.
fn document() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "registry",
        "sources",
        "models",
        "a",
        "connector",
        "settings",
        "relations",
        "scope",
        "version",
        "model",
        "foreign-key",
        "grants",
        "limits",
        "source",
        "key",
        "properties",
        "indexes",
        "type",
        "default",
        "env",
        "file",
        "folder",
        "as",
        "mode",
        "memory",
        "\"ü.x\"",
    ]);
    let scalar = prop::sample::select(vec![
        "1",
        "-1",
        "true",
        "nan",
        "\"text\"",
        "\"a\"",
        "\"memory\"",
        "\"hasMany\"",
        "\"/x\"",
        "\"1MiB\"",
        "1979-05-27",
        "{ now = true }",
    ])
    .prop_map(str::to_owned);
    let value = scalar.prop_recursive(3, 12, 3, {
        let key = key.clone();
        move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3)
                    .prop_map(|items| format!("[{}]", items.join(", "))),
                prop::collection::vec((key.clone(), inner), 0..3).prop_map(|members| {
                    let members: Vec<String> = members
                        .iter()
                        .map(|(key, value)| format!("{key} = {value}"))
                        .collect();
                    format!("{{ {} }}", members.join(", "))
                }),
            ]
        }
    });
    let path = prop::collection::vec(key, 1..4).prop_map(|path| path.join("."));
    let line = prop_oneof![
        path.clone().prop_map(|path| format!("[{path}]")),
        path.clone().prop_map(|path| format!("[[{path}]]")),
        (path, value).prop_map(|(path, value)| format!("{path} = {value}")),
    ];
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

fn never_panics(text: &str) {
    if let Err(error) = Config::parse(text, Path::new("tenon.toml")) {
        assert!(!error.problems().is_empty());
        assert_eq!(error.text().len(), text.len());
        for problem in error.problems() {
            if let Some(span) = &problem.span {
                assert!(text.get(span.clone()).is_some(), "{span:?} in {text:?}");
            }
        }
        let _ = error.to_string();
    }
}

#[test]
fn a_folder_inside_a_writable_one_is_not_granted() {
    let text = r#"
        [sources.a]
        connector = "redb"
        grants = [{ folder = "./data", as = "/data", mode = "write" }]

        [sources.b]
        connector = "redb"
        grants = [{ folder = "./data/inner", as = "/data" }]
    "#;
    let error = Config::parse(text, Path::new("/srv/tenon.toml")).unwrap_err();
    let [problem] = error.problems() else {
        panic!("{error}")
    };
    assert_eq!(problem.place, "sources.a.grants[0]");
    assert!(problem.message.contains("/srv/data/inner"), "{problem:?}");
    let beside = text.replace("./data/inner", "./inner");
    assert!(Config::parse(&beside, Path::new("/srv/tenon.toml")).is_ok());
}

proptest! {
    #[test]
    fn reading_never_panics_on_documents(text in document()) {
        never_panics(&text);
    }

    #[test]
    fn reading_never_panics_on_any_text(text in "\\PC*|[\\[\\]{}=.\",'a-c0-9\n ü-]{0,80}") {
        never_panics(&text);
    }
}

#[test]
fn a_data_source_says_whether_it_takes_commands_and_is_looked_at() {
    let source = |lines: &str| {
        let text = format!("[sources.db]\nconnector = \"redb\"\n{lines}");
        Config::parse(&text, Path::new("tenon.toml"))
            .map(|config| config.sources.values().next().cloned().unwrap())
    };
    let usual = source("").unwrap();
    assert_eq!((usual.native, usual.schema_check), (false, true));
    let other = source("native = true\nschema-check = false").unwrap();
    assert_eq!((other.native, other.schema_check), (true, false));
    assert!(source("schema-check = \"no\"").is_err());
}

#[test]
fn read_models_are_read_with_their_data_source() {
    let config = parse(
        r#"
        sources.files.connector = "json-files"
        [read-models.traffic]
        source = "files"
        [read-models."daily visits"]
        source = "files"
        "#,
    );
    let traffic = ReadModelConfig::new(name("files"), "traffic");
    assert_eq!(config.read_models["traffic"], traffic);
    assert_eq!(config.read_models.len(), 2);
    config.check().unwrap();
}

#[test]
fn mistakes_in_read_models_are_told_with_their_places() {
    let text = "sources.files.connector = \"json-files\"\n[read-models.traffic]\nsource = \"file\"\n\
                [read-models.weather]\nsorce = \"files\"\n[read-models.\"\"]\nsource = \"files\"\n";
    let told = mistakes(text);
    for mistake in [
        "read-models.traffic.source: unknown data source; did you mean \"files\"?",
        "unknown key; did you mean \"source\"?",
        "a read model needs a name",
    ] {
        assert!(told.contains(mistake), "{told}");
    }
    let config = Config::new(".").read_model(ReadModelConfig::new(name("files"), "a\nb"));
    let told = config.check().unwrap_err().to_string();
    assert!(told.contains("unknown data source"), "{told}");
    assert!(told.contains("control characters"), "{told}");
}
