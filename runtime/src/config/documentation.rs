//! What docs/models.md says: its TOML is one document, and its queries are asked of that.

use std::path::Path;

use tenon_model::Query;

use super::Config;

const DOCUMENT: &str = include_str!("../../../docs/models.md");

/// The fenced blocks whose fences begin so, each with the rest of its fence.
fn blocks(fence: &str) -> Vec<(&'static str, &'static str)> {
    let fence = format!("```{fence}");
    let blocks: Vec<_> = DOCUMENT
        .split(fence.as_str())
        .skip(1)
        .map(|rest| {
            let (mark, rest) = rest.split_once('\n').unwrap();
            (mark.trim(), rest.split("```").next().unwrap())
        })
        .collect();
    assert!(!blocks.is_empty(), "nothing is marked {fence}");
    blocks
}

fn config() -> Config {
    let text: Vec<&str> = blocks("toml").into_iter().map(|(_, text)| text).collect();
    Config::parse(&text.join("\n"), Path::new("/no/such/folder/tenon.toml")).unwrap()
}

/// The query of a block, checked against the model that its fence names.
fn checked(name: &str, text: &str) -> Result<Query, tenon_model::Problems> {
    let models = config().resolved_models().unwrap();
    Query::parse(text)?.check_with(&models[name], &models)
}

#[test]
fn its_queries_fit_its_models() {
    for (model, text) in blocks("json query") {
        let query = checked(model, text).unwrap_or_else(|problems| panic!("{text}: {problems}"));
        let is_related = query.filter.has_related() || !query.include.is_empty();
        assert!(is_related, "{text} says nothing of relations");
    }
}

#[test]
fn what_it_calls_refused_is_refused() {
    for (model, text) in blocks("json refused") {
        let problems = checked(model, text).expect_err("it is refused").to_string();
        assert!(problems.contains("has no property"), "{problems}");
    }
}
