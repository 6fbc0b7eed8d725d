//! The example's data are what its README says they are.

use std::collections::HashSet;
use std::path::Path;

fn lines(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples/airports")
        .join(file);
    // Where there is no such file, there are no lines, and the tests say so.
    std::fs::read_to_string(&path)
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn codes(lines: &[String], column: usize) -> HashSet<&str> {
    lines
        .iter()
        .skip(1)
        .filter_map(|line| line.split(',').nth(column))
        .collect()
}

#[test]
fn there_are_3376_airports_each_with_a_code_of_its_own() {
    let airports = lines("airports.csv");
    assert_eq!(
        airports[0],
        "iata,name,city,state,country,latitude,longitude"
    );
    assert_eq!(airports.len() - 1, 3_376);
    assert_eq!(codes(&airports, 0).len(), 3_376);
}

#[test]
fn there_are_5366_routes_between_them() {
    let (airports, routes) = (lines("airports.csv"), lines("routes.csv"));
    assert_eq!(routes.len() - 1, 5_366);
    let known = codes(&airports, 0);
    assert!(codes(&routes, 0).is_subset(&known));
    assert!(codes(&routes, 1).is_subset(&known));
}
