use std::path::Path;

use clap::CommandFactory;

use super::*;
use crate::input::{Format, Location};

fn parse(line: &[&str]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from([&["tenon"], line].concat())
}

fn command(line: &[&str]) -> Command {
    parse(line).unwrap().command
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_has_examples_and_the_program_documents_its_exit_codes() {
    let mut tenon = Cli::command();
    assert!(tenon.render_long_help().to_string().contains("Exit codes:"));
    for command in tenon
        .get_subcommands_mut()
        .filter(|command| command.get_name() != "help")
    {
        let help = command.render_long_help().to_string();
        assert!(help.contains("Examples:\n  "), "{}", command.get_name());
    }
}

#[test]
fn an_import_may_guess_a_model_only_on_request() {
    let Command::Import(import) =
        command(&["import", "-", "--model", "Event", "--format", "ndjson"])
    else {
        panic!()
    };
    assert_eq!(import.input, Location::Stdin);
    assert_eq!(import.format, Some(Format::Ndjson));
    assert_eq!(import.on_error, OnError::Stop);

    let guess = [
        "import",
        "r.csv",
        "-m",
        "Route",
        "--guess",
        "-s",
        "air",
        "--key",
        "origin,destination",
        "--write",
    ];
    let Command::Import(import) = command(&guess) else {
        panic!()
    };
    assert_eq!(import.key, ["origin", "destination"]);
    assert!(parse(&["import", "r.csv", "-m", "Route", "--write"]).is_err());
    assert!(parse(&["import", "r.csv"]).is_err());
    for delimiter in ["\"", "ab", "é", ""] {
        assert!(
            parse(&["import", "r.csv", "-m", "R", "--delimiter", delimiter]).is_err(),
            "{delimiter}"
        );
    }
}

#[test]
fn deleting_everything_takes_an_explicit_filter() {
    assert!(parse(&["delete", "Airport"]).is_err());
    assert!(parse(&["update", "Airport", "--set", "{}"]).is_err());
    assert!(parse(&["delete", "Airport", "SEA", "--where", "{}"]).is_err());
    let Command::Delete(delete) = command(&["delete", "Airport", "--where", "{}"]) else {
        panic!()
    };
    assert_eq!(delete.selection.filter.as_deref(), Some("{}"));
}

#[test]
fn keys_may_be_composite_and_negative() {
    let Command::Get(get) = command(&["get", "Point", "-5", "x y"]) else {
        panic!()
    };
    assert_eq!(get.key, ["-5", "x y"]);
}

#[test]
fn the_options_of_a_query_make_one_json_text() {
    let Command::Find(find) = command(&[
        "find",
        "Airport",
        "--where",
        r#"{"state": "TX"}"#,
        "--order",
        "city,name DESC",
        "--fields",
        "iata",
        "-l",
        "5",
        "--skip",
        "2",
    ]) else {
        panic!()
    };
    assert_eq!(
        find.query.to_json().unwrap(),
        r#"{"where": {"state": "TX"}, "order": ["city","name DESC"], "fields": ["iata"], "limit": 5, "skip": 2}"#
    );
    assert!(parse(&["find", "Airport", "{}", "--limit", "5"]).is_err());

    let smuggled = QueryArgs {
        filter: Some(r#"{}, "limit": 1"#.into()),
        ..QueryArgs::default()
    };
    assert_eq!(smuggled.to_json().unwrap_err().exit(), exit::USAGE);
}

#[test]
fn the_options_of_an_aggregate_make_one_json_text() {
    let Command::Aggregate(aggregate) = command(&[
        "aggregate",
        "Airport",
        "--where",
        r#"{"state": "TX"}"#,
        "--group-by",
        "state,city",
        "--count",
        "n",
        "--count",
        "named=name",
        "--count-distinct",
        "d=city",
        "--maximum",
        "top=size.n",
        "--having",
        r#"{"n": 1}"#,
        "--order",
        "n DESC",
        "-l",
        "5",
    ]) else {
        panic!()
    };
    assert_eq!(
        aggregate.to_json().unwrap(),
        r#"{"where": {"state": "TX"}, "groupBy": ["state","city"], "aggregates": {"n": {"count":"*"}, "named": {"count":"name"}, "d": {"count":"city","distinct":true}, "top": {"maximum":"size.n"}}, "having": {"n": 1}, "order": ["n DESC"], "limit": 5}"#
    );
    for option in [
        "--where",
        "--group-by",
        "--count",
        "--having",
        "--order",
        "--limit",
        "--skip",
    ] {
        assert!(
            parse(&["aggregate", "Airport", "{}", option, "1"]).is_err(),
            "{option}"
        );
    }
    assert!(parse(&["aggregate", "Airport", "--sum", "price"]).is_err());
}

#[test]
fn global_options_stand_anywhere() {
    let cli = parse(&["find", "Airport", "-o", "csv", "-c", "other.toml", "-vv"]).unwrap();
    assert_eq!(cli.global.config, Path::new("other.toml"));
    assert_eq!(cli.global.output, Some(OutputFormat::Csv));
    assert_eq!(cli.global.verbose, 2);
}
