//! What a schema may cost, judged before it is used.
//!
//! A reference is followed each time it is met, so that a short schema can describe an endless or an
//! exponentially large one. Here references lead only forward and inside, and the schema is measured as if
//! each were replaced by what it stands for.

use std::collections::HashMap;

use serde_json::Value as Json;

/// Values in the schema with its references written out: a hundred settings take a few thousand.
const MAX_SIZE: usize = 20_000;

/// How deep the schema nests with its references written out.
const MAX_DEPTH: usize = 96;

/// Regular expressions, which are costly to compile.
const MAX_PATTERNS: usize = 100;

/// What would make references mean something that isn't measured here.
const REFUSED: &[&str] = &[
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveRef",
    "$vocabulary",
];

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Whether the schema may be used.
pub(super) fn check(schema: &Json) -> Result<(), String> {
    if let Some(dialect) = schema.get("$schema")
        && dialect
            .as_str()
            .map(|dialect| dialect.trim_end_matches('#'))
            != Some(DIALECT)
    {
        return Err(format!("has another dialect than {DIALECT}"));
    }
    let mut measured = HashMap::new();
    let extent = measure(schema, schema, 0, &mut measured)?;
    if extent.patterns > MAX_PATTERNS {
        return Err(format!("has more than {MAX_PATTERNS} patterns"));
    }
    Ok(())
}

/// How large a part is, with its references written out.
#[derive(Clone, Copy, Default)]
struct Extent {
    size: usize,
    height: usize,
    patterns: usize,
}

impl Extent {
    fn add(&mut self, part: Extent) {
        self.size = self.size.saturating_add(part.size);
        self.height = self.height.max(part.height.saturating_add(1));
        self.patterns = self.patterns.saturating_add(part.patterns);
    }
}

/// Each reference's target, once measured; none while it is being measured, so that a circle is seen.
type Measured<'s> = HashMap<&'s str, Option<Extent>>;

fn measure<'s>(
    part: &'s Json,
    root: &'s Json,
    depth: usize,
    measured: &mut Measured<'s>,
) -> Result<Extent, String> {
    if depth > MAX_DEPTH {
        return Err(format!("nests deeper than {MAX_DEPTH}"));
    }
    let mut extent = Extent {
        size: 1,
        ..Extent::default()
    };
    match part {
        Json::Array(items) => {
            for item in items {
                extent.add(measure(item, root, depth + 1, measured)?);
            }
        }
        Json::Object(members) => {
            for (name, member) in members {
                refuse(name, member, depth)?;
                extent.patterns += match (name.as_str(), member) {
                    ("pattern", Json::String(_)) => 1,
                    ("patternProperties", Json::Object(patterns)) => patterns.len(),
                    _ => 0,
                };
                extent.add(match (name.as_str(), member) {
                    ("$ref", Json::String(reference)) => {
                        follow(reference, root, depth + 1, measured)?
                    }
                    _ => measure(member, root, depth + 1, measured)?,
                });
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
    if extent.size > MAX_SIZE {
        return Err(format!("describes more than {MAX_SIZE} values"));
    }
    if depth + extent.height > MAX_DEPTH {
        return Err(format!("nests deeper than {MAX_DEPTH}"));
    }
    Ok(extent)
}

fn refuse(name: &str, member: &Json, depth: usize) -> Result<(), String> {
    let keyword = member.is_string()
        && (REFUSED.contains(&name) || (depth > 0 && ["$id", "$schema"].contains(&name)));
    if keyword || (name == "$vocabulary" && depth == 0) {
        return Err(format!(
            "uses {name}, which settings have no need of; define parts in $defs"
        ));
    }
    Ok(())
}

fn follow<'s>(
    reference: &'s str,
    root: &'s Json,
    depth: usize,
    measured: &mut Measured<'s>,
) -> Result<Extent, String> {
    match measured.get(reference) {
        Some(Some(extent)) => return Ok(*extent),
        Some(None) => {
            return Err(format!(
                "refers to itself: {reference}; settings can't nest without end"
            ));
        }
        None => {}
    }
    // The escapes of URLs are left out: they would be another name for the same.
    let target = reference
        .strip_prefix('#')
        .filter(|pointer| !pointer.contains('%'))
        .and_then(|pointer| root.pointer(pointer))
        .ok_or_else(|| {
            format!(
                "refers to {reference:?}; a reference is \"#/$defs/name\" and there is such a part"
            )
        })?;
    measured.insert(reference, None);
    let extent = measure(target, root, depth, measured)?;
    measured.insert(reference, Some(extent));
    Ok(extent)
}
