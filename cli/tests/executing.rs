//! Commands in a backend's own language, on the command line.

mod program;

use program::{Project, says};

#[test]
fn a_command_is_denied_unless_the_configuration_allows_it() {
    let project = Project::with_evil(false);
    let denied = project.fails(4, &["execute", "evil", "state"]);
    assert!(denied.contains("native = true"), "{denied}");
    assert!(denied.contains("[sources.evil]"), "{denied}");
}

#[test]
fn rows_are_shown_in_every_format_and_no_column_is_lost() {
    let project = Project::with_evil(true);
    assert_eq!(
        project.shows(&["execute", "evil", "join", "-o", "csv"]),
        "id,name,id_2\n0,x,10\n1,x,11\n"
    );
    assert_eq!(
        project.shows(&["execute", "evil", "join", "-o", "ndjson"]),
        "{\"id\":0,\"name\":\"x\",\"id_2\":10}\n{\"id\":1,\"name\":\"x\",\"id_2\":11}\n"
    );
    let table = project.shows(&["execute", "evil", "ragged"]);
    assert_eq!(table, "a  b\n─  ─\n1\n3  2\n");
}

#[test]
fn parameters_are_texts_or_json() {
    let project = Project::with_evil(true);
    assert_eq!(
        project.shows(&["execute", "evil", "echo", "-o", "ndjson", "7", "null", "-1"]),
        "{\"0\":\"7\",\"1\":\"null\",\"2\":\"-1\"}\n"
    );
    let json = ["execute", "evil", "echo", "--json-params", "-o", "ndjson"];
    assert_eq!(
        project.shows(&[&json[..], &["7", "null", "\"7\"", "[1]"]].concat()),
        "{\"0\":7,\"1\":null,\"2\":\"7\",\"3\":[1]}\n"
    );
    let wrong = project.fails(2, &[&json[..], &["open"]].concat());
    assert!(wrong.contains("parameter 1 isn't JSON"), "{wrong}");
}

#[test]
fn what_a_command_changed_is_told() {
    let project = Project::with_evil(true);
    assert_eq!(
        project.shows(&["execute", "evil", "set x"]),
        "changed 1 record\n"
    );
    assert_eq!(
        project.shows(&["execute", "evil", "set x", "-o", "json"]),
        "{\"affected\":1}\n"
    );
    let done = says(project.tenon(&["execute", "evil", "nothing"]), 0);
    assert!(done.contains("done"), "{done}");
    let counted = says(project.tenon(&["execute", "evil", "rows 3"]), 0);
    assert!(counted.contains("changed 3 records"), "{counted}");
    let failed = project.fails(1, &["execute", "evil", "break"]);
    assert!(failed.contains("no more"), "{failed}");
    project.fails(3, &["execute", "good", "state"]);
}
