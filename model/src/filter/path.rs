//! Paths into JSON: what is found at their end, once or once for each element of an array on the way.
//!
//! A name that meets an array is looked up in each of its elements, an index in the array itself. JSON text is
//! at most 128 levels deep (serde_json's bound) and a path at most [`super::MAX_PATH`] steps.

use serde_json::Value as Json;

/// Steps into JSON, each read as a name and, if it is a number, as an index.
#[derive(Clone, Debug)]
pub(crate) struct Path(Vec<Step>);

#[derive(Clone, Debug)]
struct Step {
    name: String,
    index: Option<usize>,
}

/// Whether a path met one value, or looked in the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Exactly one place was visited.
    One,
    /// One place for each element: none, or many.
    Each,
}

impl Path {
    /// The path of these steps.
    pub(crate) fn new(steps: &[String]) -> Self {
        Self(
            steps
                .iter()
                .map(|name| Step {
                    name: name.clone(),
                    index: index(name),
                })
                .collect(),
        )
    }

    /// Calls `visit` with what is at the path's end, `None` where nothing is, for as long as it answers true.
    pub(crate) fn walk<'a>(
        &self,
        document: &'a Json,
        mut visit: impl FnMut(Option<&'a Json>) -> bool,
    ) -> Reach {
        let mut reach = Reach::One;
        walk(&self.0, document, &mut reach, &mut visit);
        reach
    }
}

fn walk<'a>(
    steps: &[Step],
    mut json: &'a Json,
    reach: &mut Reach,
    visit: &mut dyn FnMut(Option<&'a Json>) -> bool,
) -> bool {
    let mut ahead = steps;
    while let [step, behind @ ..] = ahead {
        let next = match (json, step.index) {
            (Json::Object(members), _) => members.get(&step.name),
            (Json::Array(elements), Some(index)) => elements.get(index),
            (Json::Array(elements), None) => {
                *reach = Reach::Each;
                return elements
                    .iter()
                    .all(|element| walk(ahead, element, reach, visit));
            }
            _ => None,
        };
        match next {
            Some(next) => json = next,
            None => return visit(None),
        }
        ahead = behind;
    }
    visit(Some(json))
}

/// An index as JSON Pointer (RFC 6901) writes them: digits without a zero in front.
fn index(step: &str) -> Option<usize> {
    let canonical = step == "0" || (!step.starts_with(['0', '+']));
    canonical.then(|| step.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(document: &Json, path: &str) -> (Reach, Vec<Option<Json>>) {
        let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
        let mut found = Vec::new();
        let reach = Path::new(&steps).walk(document, |json| {
            found.push(json.cloned());
            true
        });
        (reach, found)
    }

    #[test]
    fn names_lead_into_objects_and_indexes_into_arrays() {
        let document = json!({"a": [{"b": 1}, {"0": 2}], "0": null});
        assert_eq!(
            found(&document, "a.0.b"),
            (Reach::One, vec![Some(json!(1))])
        );
        assert_eq!(
            found(&document, "a.1.0"),
            (Reach::One, vec![Some(json!(2))])
        );
        assert_eq!(found(&document, "0"), (Reach::One, vec![Some(Json::Null)]));
        for absent in ["a.2", "a.01", "b", "0.x", "a.0.b.c"] {
            let (_, found) = found(&document, absent);
            assert!(found.iter().all(Option::is_none), "{absent}");
        }
    }

    #[test]
    fn a_name_that_meets_an_array_looks_in_each_element() {
        let document = json!([{"a": 1}, 2, [{"a": 3}], {"a": [4]}]);
        let expected = vec![Some(json!(1)), None, Some(json!(3)), Some(json!([4]))];
        assert_eq!(found(&document, "a"), (Reach::Each, expected));
        assert_eq!(found(&json!({"a": []}), "a.b"), (Reach::Each, vec![]));
    }

    #[test]
    fn the_walk_ends_when_the_visitor_has_seen_enough() {
        let mut seen = 0;
        Path::new(&["a".to_owned()]).walk(&json!([{"a": 1}, [{"a": 2}], {"a": 3}]), |_| {
            seen += 1;
            seen < 2
        });
        assert_eq!(seen, 2);
    }
}
