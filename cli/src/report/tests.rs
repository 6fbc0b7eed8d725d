use tenon_model::Problem;

use super::*;

fn problems(list: &[(&str, &str)]) -> Problems {
    let mut problems = Problems::new();
    for (place, message) in list {
        problems.push(*place, *message);
    }
    problems
}

#[test]
fn every_problem_is_shown_at_once_with_its_place() {
    let report = Report::new(exit::INVALID, "the record doesn't fit the model")
        .problems(&problems(&[
            ("iata", "is missing"),
            ("city", "is too long"),
        ]))
        .help("correct it");
    let text = report.rendered(false, 80);
    for part in [
        "doesn't fit the model",
        "iata: is missing",
        "city: is too long",
        "correct it",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(report.exit(), exit::INVALID);
}

#[test]
fn a_mistake_in_a_filter_is_marked_where_it_stands() {
    let filter = r#"{"where": {"or": [{"age": {"gte": "x"}}]}}"#;
    let text = Report::new(exit::INVALID, "the filter can't be used")
        .problems_in_json(
            "filter",
            filter,
            &problems(&[("where.or[0].age.gte", "not a number")]),
        )
        .rendered(false, 100);
    assert!(
        text.contains(filter) && text.contains("not a number"),
        "{text}"
    );
}

#[test]
fn a_report_sends_nothing_to_the_terminal_that_it_would_obey() {
    let hostile = "a\u{1b}[2Jb";
    let text = Report::new(exit::FAILURE, hostile)
        .help(hostile)
        .problems(&Problems::from(Problem::new(hostile, hostile)))
        .rendered(false, 80);
    assert!(
        !text.contains('\u{1b}') && text.contains(r"a\u{1b}[2Jb"),
        "{text}"
    );
}
