//! The guide for connectors' authors quotes what is there. Its commands are run by the tests of the program.

use std::path::Path;

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    // Where there is no such file, the tests say so.
    std::fs::read_to_string(&path).unwrap_or_default()
}

/// The code as it is whatever its line breaks.
fn code(text: &str) -> String {
    let text: String = text.split_whitespace().collect();
    text.replace(",)", ")").replace(",}", "}")
}

/// The blocks of that language, each with the file that the comment before it names.
fn blocks<'a>(guide: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let mark = format!("```{language}\n");
    let places = guide.match_indices(&mark).map(|(place, _)| place);
    let block = |place: usize| {
        let (before, rest) = guide.split_at(place);
        let name = before.trim_end().lines().last().unwrap_or_default();
        let name = name.trim_start_matches("<!-- ").trim_end_matches(" -->");
        (
            name,
            rest[mark.len()..].split("```").next().unwrap_or_default(),
        )
    };
    places.map(block).collect()
}

#[test]
fn every_piece_of_code_is_in_the_file_that_it_names() {
    let guide = file("docs/write-a-connector.md");
    let mut quoted = 0;
    for language in ["rust", "toml"] {
        for (name, block) in blocks(&guide, language) {
            assert!(
                code(&file(name)).contains(&code(block)),
                "{name} has no such part:\n{block}"
            );
            quoted += 1;
        }
    }
    assert!(quoted >= 10, "{quoted}");
    let others = blocks(&guide, "sh").len() + blocks(&guide, "console").len();
    assert_eq!(
        guide.matches("\n```").count(),
        (quoted + others) * 2,
        "a block of another language is nobody's"
    );
}

#[test]
fn the_first_steps_are_the_ones_that_are_tested() {
    let guide = file("docs/write-a-connector.md");
    let scaffold = file("cli/templates/connector/README.md");
    let tests = file("cli/tests/scaffolding.rs");
    for (_, block) in blocks(&guide, "sh") {
        for line in block.lines() {
            let known = scaffold.contains(line)
                || line == "cd icalendar"
                || ["new", "dev"].iter().any(|command| {
                    line.starts_with(&format!("tenon {command}"))
                        && tests.contains(&format!("[\"{command}\""))
                });
            assert!(known, "{line}");
        }
    }
}
