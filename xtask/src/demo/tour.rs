//! What the tour shows, in its order.

use super::backend::Backend;
use super::shell::Shell;
use crate::paint;

/// Exit codes, as `tenon --help` documents them.
const DENIED: i32 = 4;
const INVALID: i32 = 6;
const LEFT: i32 = 8;

/// Downtown Seattle, and 20 km around it.
const NEAR_SEATTLE: &str = r#"{"location": {"near": {"lat": 47.6062, "lng": -122.3321}, "maxDistance": 20, "unit": "kilometers"}}"#;

/// Walks the whole tour.
pub fn walk(shell: &Shell, backend: &Backend) -> Result<(), String> {
    connectors(shell, backend)?;
    if backend.has_tables() {
        tables(shell)?;
    }
    import(shell, backend)?;
    questions(shell)?;
    relations(shell)?;
    changes(shell)?;
    who_does_what(shell, backend)?;
    refusals(shell)
}

fn say(title: &str, text: &str) {
    println!("\n{}", paint::bold(title));
    println!("{text}");
}

fn connectors(shell: &Shell, backend: &Backend) -> Result<(), String> {
    let name = backend.connector();
    say(
        "Connectors",
        "A connector is one WebAssembly component. Registering checks it, without giving it any access.",
    );
    let mut files = vec![
        "connectors/tenon_memory.wasm".to_owned(),
        "connectors/tenon_redb.wasm".to_owned(),
        "connectors/tenon_hello.wasm".to_owned(),
    ];
    let own = format!("connectors/tenon_{name}.wasm");
    if !files.contains(&own) {
        files.push(own);
    }
    let files = files.iter().map(String::as_str);
    let register: Vec<&str> = ["register"].into_iter().chain(files).collect();
    shell.tenon(&register)?.succeeds()?;
    shell
        .tenon(&["connectors"])?
        .succeeds()?
        .says(&["hello", "memory", "redb"])?
        .says(&[name])?;
    say("One connector", "What it can do, and what it asks for.");
    shell.tenon(&["inspect", name])?.succeeds()?.says(&[name])?;
    say(
        "Data sources",
        "A data source is a connector with settings and grants, from tenon.toml.",
    );
    shell
        .tenon(&["sources", "airports"])?
        .succeeds()?
        .says(&["airports", backend.granted()])?;
    Ok(())
}

fn tables(shell: &Shell) -> Result<(), String> {
    say(
        "Tables",
        "A plan shows what would make the tables of the models; applied is exactly what was shown.",
    );
    let plan = shell
        .tenon(&["migrate", "airports"])?
        .exits_with(LEFT)?
        .says(&["Airport"])?
        .says(&["Route"])?;
    let digest = plan.word_after("--apply")?;
    shell
        .tenon(&["migrate", "airports", "--apply", &digest])?
        .succeeds()?;
    shell
        .tenon(&["migrate", "airports"])?
        .succeeds()?
        .says(&["match"])?;
    Ok(())
}

fn import(shell: &Shell, backend: &Backend) -> Result<(), String> {
    let (place, name) = (backend.place(), backend.connector());
    say(
        "Import",
        &format!("Real airports and routes go into {place}, through the connector {name}."),
    );
    shell
        .tenon(&["import", "airports.csv", "--model", "Airport"])?
        .succeeds()?;
    shell
        .tenon(&["import", "routes.csv", "--model", "Route"])?
        .succeeds()?;
    shell
        .tenon(&["count", "Airport"])?
        .succeeds()?
        .says(&["3376"])?;
    shell
        .tenon(&["count", "Route"])?
        .succeeds()?
        .says(&["5366"])?;
    Ok(())
}

fn questions(shell: &Shell) -> Result<(), String> {
    say(
        "Two operators on one property",
        "Both count: airports between two latitudes.",
    );
    let between = r#"{"latitude": {"gt": 60, "lt": 70}}"#;
    shell
        .tenon(&["count", "Airport", "--where", between])?
        .succeeds()?
        .says(&["154"])?;

    say(
        "Nested and, or",
        "International airports of Hawaii, and all of Seattle's.",
    );
    let nested = r#"{"or": [{"and": [{"state": "HI"}, {"name": {"like": "%International%"}}]}, {"city": "Seattle"}]}"#;
    let query = [
        "find",
        "Airport",
        "--where",
        nested,
        "--order",
        "state,iata",
        "--fields",
        "iata,name,city,state",
    ];
    shell
        .tenon(&query)?
        .succeeds()?
        .says(&["HNL", "ITO", "KOA", "BFI", "SEA"])?
        .says_nothing_of(&["OGG"])?;

    say(
        "Near a point",
        "Within 20 km of downtown Seattle, nearest first.",
    );
    let query = [
        "find",
        "Airport",
        "--where",
        NEAR_SEATTLE,
        "--fields",
        "iata,name,location",
    ];
    shell
        .tenon(&query)?
        .succeeds()?
        .says(&["BFI", "RNT", "S60", "SEA", "2S1"])?;

    say(
        "Order and pages",
        "The second page of three, from the north of Texas to the south.",
    );
    let query = [
        "--order",
        "latitude DESC",
        "--skip",
        "3",
        "--limit",
        "3",
        "--fields",
        "iata,name,latitude",
    ];
    let page = [
        &["find", "Airport", "--where", r#"{"state": "TX"}"#],
        &query[..],
    ]
    .concat();
    shell
        .tenon(&page)?
        .succeeds()?
        .says(&["DHT", "HHF", "DUX"])?
        .says_nothing_of(&["E42", "BGD"])?;

    say("Keys of two properties", "Only both together name a route.");
    shell
        .tenon(&["get", "Route", "SEA", "PDX"])?
        .succeeds()?
        .says(&["2449"])?;
    Ok(())
}

fn relations(shell: &Shell) -> Result<(), String> {
    say(
        "Related records",
        "Washington's airports with flights to Atlanta, and how many routes there are from and to them.",
    );
    let query = [
        "--where",
        r#"{"state": "WA", "departures.destination": "ATL"}"#,
    ];
    let shown = ["--include", "departures,arrivals", "--fields", "iata,name"];
    shell
        .tenon(&[&["find", "Airport"], &query[..], &shown[..]].concat())?
        .succeeds()?
        .says(&["departures", "arrivals", "SEA", "56"])?
        .says_nothing_of(&["GEG"])?;
    shell
        .tenon(&[
            "count",
            "Airport",
            "--where",
            r#"{"departures": {"some": {}}}"#,
        ])?
        .succeeds()?
        .says(&["303"])?;

    say(
        "Related records of those",
        "Nested, the busiest alone: a query for each relation, whatever number of records there is.",
    );
    let busiest = r#"{"relation": "departures", "scope": {"order": "count DESC", "limit": 1, "include": "to"}}"#;
    let get = ["get", "Airport", "SEA", "--include", busiest];
    shell
        .tenon(&[&get[..], &["--output", "json"]].concat())?
        .succeeds()?
        .says(&[r#""departures":[{"origin":"SEA""#, r#""to":{"iata":"#])?;
    Ok(())
}

fn changes(shell: &Shell) -> Result<(), String> {
    say(
        "An update",
        "Properties that are not named keep their values.",
    );
    let set = r#"{"name": "Seattle-Tacoma International"}"#;
    shell
        .tenon(&["update", "Airport", "SEA", "--set", set])?
        .succeeds()?;
    let answer = shell
        .tenon(&["get", "Airport", "SEA", "--output", "json"])?
        .succeeds()?;
    answer.says(&["Seattle-Tacoma International", "Seattle", "WA"])?;

    say(
        "A generated key and a default",
        "On the connector memory, whose records end with the program.",
    );
    let note = r#"{"text": "Connectors are small."}"#;
    shell
        .tenon(&["create", "Note", note])?
        .succeeds()?
        .says(&["Connectors are small."])?;

    say("Export", "What is written, import reads back the same.");
    let texas = [
        "export",
        "Airport",
        "--to",
        "texas.ndjson",
        "--where",
        r#"{"state": "TX"}"#,
    ];
    shell.tenon(&texas)?.succeeds()?;
    let exported = std::fs::read_to_string(shell.folder().join("texas.ndjson"))
        .map_err(|cause| format!("texas.ndjson should be there: {cause}"))?;
    let (records, expected) = (exported.lines().count(), 209);
    if records == expected {
        println!("texas.ndjson has {records} lines, one for each airport in Texas.");
        Ok(())
    } else {
        Err(format!(
            "texas.ndjson has {records} lines and not {expected}"
        ))
    }
}

fn who_does_what(shell: &Shell, backend: &Backend) -> Result<(), String> {
    let (name, place) = (backend.connector(), backend.regexp_place());
    let regexp = match place {
        "connector" => "and by a regular expression too",
        _ => "a regular expression is left to the runtime",
    };
    say(
        "Who does what",
        &format!("{name} finds a key by itself, {regexp}."),
    );
    shell
        .tenon(&["explain", "Airport", "--where", r#"{"iata": "SEA"}"#])?
        .succeeds()?
        .says(&["filter", "connector"])?;
    let query = ["--where", r#"{"name": {"regexp": "^Seattle.*al$"}}"#];
    shell
        .tenon(&[&["explain", "Airport"], &query[..]].concat())?
        .succeeds()?
        .says(&["filter", place])?;
    shell
        .tenon(&[&["find", "Airport"], &query[..], &["--fields", "iata,name"]].concat())?
        .succeeds()?
        .says(&["SEA"])?;

    say(
        "The least connector",
        "hello can't filter or order anything. It has the same interface all the same.",
    );
    let query = [
        "--where",
        r#"{"name": {"like": "A%"}}"#,
        "--order",
        "name DESC",
    ];
    let find = [&["find", "Greeting"], &query[..]].concat();
    shell
        .tenon(&find)?
        .succeeds()?
        .says(&["Alan", "Ada"])?
        .says_nothing_of(&["Barbara", "Grace"])?;
    shell
        .tenon(&[&["explain", "Greeting"], &query[..]].concat())?
        .succeeds()?
        .says(&["filter", "runtime"])?;
    Ok(())
}

fn refusals(shell: &Shell) -> Result<(), String> {
    say(
        "Access that nobody granted",
        "The data source diary wants a folder. The answer says which line would grant it.",
    );
    let answer = shell.tenon(&["count", "Entry"])?.exits_with(DENIED)?;
    answer.says(&["/diary", "grants = ["])?;

    say(
        "A typing error",
        "A property that doesn't exist is an error, and nothing is deleted.",
    );
    let answer = shell
        .tenon(&["delete", "Airport", "--where", r#"{"sate": "TX"}"#])?
        .exits_with(INVALID)?;
    answer.says(&["state"])?;
    shell
        .tenon(&["count", "Airport"])?
        .succeeds()?
        .says(&["3376"])?;
    Ok(())
}
