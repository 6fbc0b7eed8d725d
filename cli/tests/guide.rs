//! The commands in the guide for connectors' authors show what it says that they show.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A failed test may panic.

mod program;

use std::path::Path;

use program::{Project, guests, words};

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The example's folder, with the connector as a file instead of a name: other tests register what they like.
fn example() -> Project {
    let folder = Path::new(WORKSPACE).join("examples/calendar");
    let config = std::fs::read_to_string(folder.join("tenon.toml")).unwrap();
    let component = format!("{:?}", guests::guest("icalendar"));
    let project = Project::new(&config.replace("\"icalendar\"", &component));
    std::fs::create_dir(project.path().join("calendars")).unwrap();
    for entry in std::fs::read_dir(folder.join("calendars")).unwrap() {
        let file = entry.unwrap();
        let copy = project.path().join("calendars").join(file.file_name());
        std::fs::copy(file.path(), copy).unwrap();
    }
    project
}

#[test]
fn the_guides_commands_show_what_it_says() {
    let guide =
        std::fs::read_to_string(Path::new(WORKSPACE).join("docs/write-a-connector.md")).unwrap();
    let project = example();
    let mut run = 0;
    for block in guide.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for step in block.split("$ tenon ").skip(1) {
            let (command, shown) = step.split_once('\n').unwrap();
            let words = words(command);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(project.shows(&words), shown, "{command}");
            run += 1;
        }
    }
    assert!(run >= 4, "{run}");
}

#[test]
fn the_guides_connector_is_checked_as_the_guide_says() {
    let text = example().shows(&["check", "--source", "calendars"]);
    assert!(text.contains("\nPASSED: "), "{text}");
    // It is read from, with the model that is on the data source.
    assert!(text.contains("is only read from"), "{text}");
    assert!(text.contains("\ncrud.reading "), "{text}");
}

#[test]
fn an_operators_mistakes_are_told_as_the_guide_says() {
    let project = example();
    let config = project.read("tenon.toml");
    project.write("tenon.toml", config.replace("grants =", "# grants ="));
    let said = project.fails(4, &["find", "Event"]);
    assert!(said.contains("reading /calendars"), "{said}");
    project.write("tenon.toml", config.replace("summary =", "sumary ="));
    let said = project.fails(6, &["find", "Event"]);
    assert!(said.contains("an event has no `sumary`"), "{said}");
    project.write("tenon.toml", &config);
    project.write("calendars/cut.ics", "BEGIN:VEVENT\n");
    let said = project.fails(1, &["find", "Event"]);
    assert!(
        said.contains("/calendars/cut.ics: VEVENT has no end"),
        "{said}"
    );
    project.write(
        "tenon.toml",
        config.replace("\"/calendars\" }", "\"/calendars\", skip-broken = true }"),
    );
    assert_eq!(project.shows(&["count", "Event"]), "4\n");
}
