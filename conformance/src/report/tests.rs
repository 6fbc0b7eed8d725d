//! What a report says, in each of its forms.

use super::*;
use crate::finding::Finding;

fn check(name: &str, outcome: Outcome) -> CheckReport {
    CheckReport {
        name: name.to_owned(),
        about: format!("what {name} is about"),
        outcome,
        reason: None,
        failures: Vec::new(),
        notes: Vec::new(),
        seconds: 0.25,
    }
}

fn skipped(name: &str, reason: &str) -> CheckReport {
    CheckReport {
        reason: Some(reason.to_owned()),
        ..check(name, Outcome::Skipped)
    }
}

/// What a hostile connector may say of itself.
const HOSTILE: &str = "a\u{1b}[2J\u{0}<b x=\"1\">&]]>\u{202e}\u{ffff}'\nnext";

fn report() -> Report {
    let failed = CheckReport {
        failures: vec![Failed {
            message: format!("`find` says {HOSTILE}"),
            expected: Some("{\"id\": 1}".to_owned()),
            seen: Some("no record".to_owned()),
            steps: vec![
                "create {\"id\": 1}\nin Thing".to_owned(),
                "find 1".to_owned(),
            ],
        }],
        notes: vec!["it is slow".to_owned()],
        ..check("crud.find.there", Outcome::Failed)
    };
    Report {
        connector: "shelf".to_owned(),
        version: "1.2.3".to_owned(),
        digest: "sha256:00".to_owned(),
        capabilities: vec!["crud".to_owned(), "mail".to_owned()],
        seed: 17,
        cases: 256,
        again: "tenon check ./shelf.wasm --seed {seed} --only {check}".to_owned(),
        notes: vec!["it keeps time in steps of 1000 microseconds".to_owned()],
        checks: vec![
            check("basics", Outcome::Passed),
            check("crud.find.none", Outcome::Passed),
            failed,
            check("crud.page.size", Outcome::Passed),
            skipped("crud.page.rest", "it has no pages"),
            skipped("crud.page.last", "it has no pages"),
            skipped("crud.find.wide", "it keeps no text"),
            skipped("upsert.find.one", "it has no pages"),
        ],
        not_run: vec!["schema.plan.empty".to_owned()],
        unchecked: vec!["mail".to_owned()],
        seconds: 1.0,
    }
}

#[test]
fn a_person_is_told_what_failed_what_was_done_and_how_to_do_it_again() {
    let text = report().to_string();
    assert_eq!(
        text,
        r#"shelf 1.2.3
  component     sha256:00
  capabilities  crud, mail
  seed          17
  cases         256

basics       1 passed
crud.find    1 passed, 1 failed, 1 skipped
crud.page    1 passed, 2 skipped
upsert.find  1 skipped

FAILED  crud.find.there
  has to hold: what crud.find.there is about

  `find` says a\u{1b}[2J\u{0}<b x="1">&]]>\u{202e}\u{ffff}'
  next
    1. create {"id": 1}
       in Thing
    2. find 1
  expected  {"id": 1}
  seen      no record

  run it again:
    tenon check ./shelf.wasm --seed 17 --only crud.find.there

Skipped
  it has no pages
    2 of crud.page, upsert.find.one
  it keeps no text
    crud.find.wide

Noticed, and neither right nor wrong
  it keeps time in steps of 1000 microseconds
  crud.find.there: it is slow

Not checked: mail. The connector exports that, and this version of the kit has no checks of it.

The run ended early: 1 check did not run.
FAILED: 3 checks passed, 1 failed, 4 skipped, in 1.0 s
"#
    );
}

#[test]
fn everything_is_listed_where_it_is_asked_for_and_colours_change_no_word() {
    let report = report();
    let everything = report.terminal(false).everything().to_string();
    assert!(
        everything.contains("  ok       crud.find.none: what crud.find.none is about\n"),
        "{everything}"
    );
    assert!(
        everything.contains("  skipped  crud.page.rest: "),
        "{everything}"
    );
    let coloured = report.terminal(true).everything().to_string();
    assert!(coloured.contains("\u{1b}[1;31mFAILED  crud.find.there\u{1b}[0m\n"));
    let mut plain = coloured;
    for code in ["0", "1", "2", "32", "1;31"] {
        plain = plain.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(plain, everything);
}

#[test]
fn json_says_everything_and_is_read_back() {
    let report = report();
    let text = report.to_json();
    assert!(
        !text.contains(|letter| letter != '\n' && text::is_hidden(letter)),
        "{text}"
    );
    assert_eq!(Report::from_json(&text).unwrap(), report);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        json["summary"],
        serde_json::json!({
            "verdict": "failed", "checks": 8, "passed": 3, "failed": 1, "skipped": 4, "not-run": 1,
        })
    );
    assert_eq!(json["checks"][2]["outcome"], "failed");
    assert_eq!(json["not-run"][0], "schema.plan.empty");
}

/// An element of XML, with what is in it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(other, _)| other == name);
        &found.unwrap_or_else(|| panic!("{name} of {self:?}")).1
    }

    fn child(&self, name: &str) -> &Element {
        let found = self.children.iter().find(|child| child.name == name);
        found.unwrap_or_else(|| panic!("{name} in {self:?}"))
    }
}

/// Reads the XML that has elements, attributes and texts, and takes nothing that isn't well formed.
fn parse(xml: &str) -> Element {
    for letter in xml.chars() {
        assert!(
            matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..),
            "{letter:?} is no letter of XML"
        );
    }
    let rest = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .unwrap();
    let (root, rest) = element(rest);
    assert_eq!(rest.trim(), "");
    root
}

fn element(xml: &str) -> (Element, &str) {
    let (tag, mut rest) = xml.strip_prefix('<').unwrap().split_once('>').unwrap();
    let (tag, empty) = match tag.strip_suffix('/') {
        Some(tag) => (tag, true),
        None => (tag, false),
    };
    let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut element = Element {
        name: name.to_owned(),
        ..Element::default()
    };
    while !attributes.is_empty() {
        let (name, value) = attributes.split_once("=\"").unwrap();
        let (value, after) = value.split_once('"').unwrap();
        element.attributes.push((name.to_owned(), unescaped(value)));
        attributes = after.trim_start();
    }
    if empty {
        return (element, rest);
    }
    loop {
        let (text, tag) = rest.split_at(rest.find('<').unwrap());
        element.text.push_str(&unescaped(text));
        if let Some(end) = tag.strip_prefix("</") {
            let (name, after) = end.split_once('>').unwrap();
            assert_eq!(name, element.name);
            return (element, after);
        }
        let (child, after) = self::element(tag);
        element.children.push(child);
        rest = after;
    }
}

fn unescaped(text: &str) -> String {
    assert!(!text.contains(['<', '>']), "{text}");
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';').unwrap();
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#10" => '\n',
            other => panic!("&{other};"),
        });
        out.push_str(after);
    }
    out
}

#[test]
fn junit_has_a_suite_a_theme_and_a_case_a_check_whatever_a_connector_says() {
    let root = parse(&report().to_junit());
    assert_eq!(root.name, "testsuites");
    assert_eq!(root.attribute("name"), "shelf 1.2.3");
    for (name, value) in [
        ("tests", "8"),
        ("failures", "1"),
        ("errors", "0"),
        ("skipped", "4"),
    ] {
        assert_eq!(root.attribute(name), value, "{name}");
    }
    let suites: Vec<&str> = root
        .children
        .iter()
        .map(|suite| suite.attribute("name"))
        .collect();
    assert_eq!(suites, ["basics", "crud.find", "crud.page", "upsert.find"]);
    let find = &root.children[1];
    assert_eq!(find.attribute("time"), "0.750");
    let seed = &find.child("properties").children[3];
    assert_eq!(
        (seed.attribute("name"), seed.attribute("value")),
        ("seed", "17")
    );

    let [_, passed, failed, skipped] = find.children.as_slice() else {
        panic!("{find:?}")
    };
    assert_eq!(passed.attribute("classname"), "shelf.crud.find");
    assert!(passed.children.is_empty());
    assert_eq!(
        skipped.child("skipped").attribute("message"),
        "it keeps no text"
    );
    let failure = failed.child("failure");
    assert_eq!(
        failure.attribute("message"),
        "`find` says a\\u{1b}[2J\\u{0}<b x=\"1\">&]]>\\u{202e}\\u{ffff}'\nnext"
    );
    for told in [
        "has to hold: what crud.find.there is about\n",
        "  1. create {\"id\": 1}\n     in Thing\n  2. find 1\n",
        "expected  {\"id\": 1}\nseen      no record\n",
        "run it again: tenon check ./shelf.wasm --seed 17 --only crud.find.there",
    ] {
        assert!(failure.text.contains(told), "{told} in {}", failure.text);
    }
    assert_eq!(failed.child("system-out").text, "it is slow");
}

#[test]
fn no_text_of_a_check_tells_a_secret() {
    const CHECK: Check = Check {
        name: "crud.find.there",
        about: "what is there is found",
        needs: &[],
        writes: false,
        run: |_| Ok(()),
    };
    let redact = |text: &str| text.replace("hunter2", "[secret]");
    let went = |checked| Went {
        checked,
        noticed: vec![Finding::new("noticed hunter2")],
        notes: vec!["a note of hunter2".to_owned()],
        left: vec!["tenon_check: hunter2 may not".to_owned()],
        elapsed: Duration::ZERO,
    };
    let finding = Finding::new("says hunter2")
        .differs("no hunter2", "hunter2")
        .after("find hunter2");
    let failed = CheckReport::new(&CHECK, went(Err(finding.into())), &redact);
    let skipped = CheckReport::new(&CHECK, went(Err(Stop::skipped("for hunter2"))), &redact);
    for report in [failed, skipped] {
        assert_eq!(report.outcome, Outcome::Failed);
        let text = format!("{report:?}");
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("[secret]"), "{text}");
    }
}
