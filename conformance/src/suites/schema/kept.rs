//! What a backend keeps of a model shows in its plans: where another length is a change, the length is kept. What is
//! kept has to be discovered.

use tenon_model::contract::{Index, Model, Property as Declared};
use tenon_model::{Property, PropertyType};

use super::discovery::discover;
use super::{draft, index, make, named, nothing_to_do};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, ensure};
use crate::show;

/// A way in which a model may be another one.
struct Variation {
    what: &'static str,
    /// Whether every backend keeps it, since it shows in what is stored.
    always: bool,
    change: fn(&mut Model),
    /// What there is of it in a model, for a report.
    of: fn(&Model) -> String,
}

fn property<'m>(model: &'m Model, name: &str) -> Option<&'m Declared> {
    model.properties.iter().find(|it| it.name == name)
}

fn change(model: &mut Model, name: &str, change: impl FnOnce(&mut Declared)) {
    if let Some(property) = model.properties.iter_mut().find(|it| it.name == name) {
        change(property);
    }
}

fn change_index(model: &mut Model, name: &str, change: impl FnOnce(&mut Index)) {
    if let Some(index) = model.indexes.iter_mut().find(|it| it.name == name) {
        change(index);
    }
}

/// The indexes over these properties, in whatever order, without their names.
fn indexes(model: &Model, names: &[&str]) -> String {
    let over = model.indexes.iter().filter(|index| {
        index.properties.len() == names.len()
            && index
                .properties
                .iter()
                .all(|sort| names.contains(&sort.property.as_str()))
    });
    let mut shown: Vec<String> = over
        .map(|index| {
            let parts: Vec<String> = index
                .properties
                .iter()
                .map(|sort| {
                    format!(
                        "{}{}",
                        sort.property,
                        if sort.descending { " descending" } else { "" }
                    )
                })
                .collect();
            let unique = if index.unique { "unique " } else { "" };
            format!("{unique}index over {}", parts.join(", "))
        })
        .collect();
    shown.sort();
    if shown.is_empty() {
        return "no index".to_owned();
    }
    shown.join("; ")
}

fn length(model: &Model, name: &str) -> String {
    let length = property(model, name).and_then(|it| it.length);
    length.map_or("none".to_owned(), |length| length.to_string())
}

fn required(model: &Model, name: &str) -> String {
    match property(model, name) {
        Some(property) if property.required => "required".to_owned(),
        Some(_) => "not required".to_owned(),
        None => "not there".to_owned(),
    }
}

const VARIATIONS: &[Variation] = &[
    Variation {
        what: "the length of a text",
        always: false,
        change: |model| change(model, "text", |it| it.length = Some(30)),
        of: |model| length(model, "text"),
    },
    Variation {
        what: "the length of a text",
        always: false,
        change: |model| change(model, "text", |it| it.length = None),
        of: |model| length(model, "text"),
    },
    Variation {
        what: "the precision of a decimal",
        always: false,
        change: |model| change(model, "exact", |it| it.length = Some(12)),
        of: |model| length(model, "exact"),
    },
    Variation {
        what: "the scale of a decimal",
        always: false,
        change: |model| change(model, "exact", |it| it.scale = Some(3)),
        of: |model| format!("{:?}", property(model, "exact").and_then(|it| it.scale)),
    },
    Variation {
        what: "that a property is required",
        always: false,
        change: |model| change(model, "a", |it| it.required = false),
        of: |model| required(model, "a"),
    },
    Variation {
        what: "that a property isn't required",
        always: false,
        change: |model| change(model, "b", |it| it.required = true),
        of: |model| required(model, "b"),
    },
    Variation {
        what: "that an index is unique",
        always: true,
        change: |model| change_index(model, "one", |it| it.unique = false),
        of: |model| indexes(model, &["a"]),
    },
    Variation {
        what: "that an index isn't unique",
        always: true,
        change: |model| change_index(model, "two", |it| it.unique = true),
        of: |model| indexes(model, &["a", "b"]),
    },
    Variation {
        what: "that a part of an index descends",
        always: false,
        change: |model| {
            change_index(model, "two", |it| {
                if let Some(sort) = it.properties.first_mut() {
                    sort.descending = false;
                }
            });
        },
        of: |model| indexes(model, &["a", "b"]),
    },
    Variation {
        what: "that a part of an index ascends",
        always: false,
        change: |model| {
            change_index(model, "two", |it| {
                if let Some(sort) = it.properties.last_mut() {
                    sort.descending = true;
                }
            });
        },
        of: |model| indexes(model, &["a", "b"]),
    },
    Variation {
        what: "the order of an index's parts",
        always: false,
        change: |model| change_index(model, "two", |it| it.properties.reverse()),
        of: |model| indexes(model, &["a", "b"]),
    },
    Variation {
        what: "an index",
        always: false,
        change: |model| model.indexes.retain(|it| it.name != "two"),
        of: |model| indexes(model, &["a", "b"]),
    },
    Variation {
        what: "a unique index",
        always: true,
        change: |model| model.indexes.retain(|it| it.name != "one"),
        of: |model| indexes(model, &["a"]),
    },
    Variation {
        what: "a unique index of several parts",
        always: true,
        change: |model| model.indexes.retain(|it| it.name != "three"),
        of: |model| indexes(model, &["b", "c"]),
    },
];

pub fn kept(bench: &mut Bench<'_>) -> Checked {
    let mut draft = draft(bench, &["a", "b", "c"]);
    let keeps = |kind| bench.facts().keeps(kind);
    if keeps(PropertyType::Text) {
        let mut text = Property::new("text", PropertyType::Text);
        text.length = Some(40);
        draft = draft.property(text);
    }
    if keeps(PropertyType::Decimal) {
        let mut exact = Property::new("exact", PropertyType::Decimal);
        exact.length = Some(10);
        exact.scale = Some(2);
        draft = draft.property(exact);
    }
    if let Some(property) = draft.properties.iter_mut().find(|it| it.name == "a") {
        property.required = true;
    }
    draft.indexes = vec![
        index("one", &[("a", false)], true),
        index("two", &[("b", true), ("a", false)], false),
        index("three", &[("c", false), ("b", true)], true),
    ];
    let model = named(bench, draft);
    make(bench, &model)?;
    let found = discover(bench, &model)?;
    nothing_to_do(bench, &found, "to what it has discovered there")?;
    let (mut not_kept, mut is_kept_so) = (Vec::new(), Vec::new());
    for variation in VARIATIONS {
        let mut varied = model.clone();
        (variation.change)(&mut varied);
        if (variation.of)(&varied) == (variation.of)(&model) {
            continue;
        }
        let session = bench.session()?;
        // A change that can't be made is a difference, too.
        let is_kept = session
            .plan(std::slice::from_ref(&varied))
            .map_or(true, |steps| !steps.is_empty());
        if !is_kept {
            ensure(!variation.always, || {
                Finding::new(format!("`plan` misses a change: {}", variation.what))
                    .differs("at least one step", "none")
                    .after(format!("plan {}", show::model(&varied)))
                    .after(format!("made as {}", show::model(&model)))
            })?;
            if !not_kept.contains(&variation.what) {
                not_kept.push(variation.what);
            }
            continue;
        }
        is_kept_so.push(variation.what);
        let (wanted, seen) = ((variation.of)(&model), (variation.of)(&found));
        ensure(wanted == seen, || {
            Finding::new(format!(
                "`discover` doesn't tell what the backend keeps: {}",
                variation.what
            ))
            .differs(&wanted, &seen)
            .after(format!("discovered as {}", show::model(&found)))
            .after(format!("made as {}", show::model(&model)))
        })?;
    }
    // A shorter text may need no change where a longer one does.
    not_kept.retain(|what| !is_kept_so.contains(what));
    if !not_kept.is_empty() {
        bench.note(format!("collections don't keep: {}", not_kept.join("; ")));
    }
    Ok(())
}
