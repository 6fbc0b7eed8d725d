//! A filter against a model: its properties exist, and its operands have the case that their kinds ask for.
//!
//! All mistakes are reported at once, each with its place in the filter's JSON form.

use std::mem::{Discriminant, discriminant};

use super::operators::{self, AND, EXTENSION, NOR, OR};
use super::{Filter, MAX_DEPTH, name, shape};
use crate::coerce::coerce;
use crate::contract::{Comparison, Condition, Extension, PropertyType, Value};
use crate::model::{Model, Property};
use crate::problem::Problems;

impl Filter {
    /// The same filter in the model's terms: names resolved, operands coerced. For a strict model, where
    /// absent is null, `exists` becomes a comparison with null.
    ///
    /// # Errors
    /// Every property that a strict model doesn't declare, and every operand or path that has no meaning for
    /// the property's kind.
    pub fn check(self, model: &Model) -> Result<Self, Problems> {
        self.check_at(model, "where")
    }

    /// As [`check`](Self::check), of a filter that stands at another place.
    pub(crate) fn check_at(self, model: &Model, place: &str) -> Result<Self, Problems> {
        let mut checker = Checker {
            resolver: Resolver { model },
            problems: Problems::new(),
        };
        let checked = checker.filter(self, place, 1);
        checker.problems.none_or(checked)
    }
}

/// Finds what names stand for in a model.
pub(crate) struct Resolver<'a> {
    pub(crate) model: &'a Model,
}

/// What a name stands for.
pub(crate) struct Resolved<'a> {
    pub(crate) property: String,
    pub(crate) path: Vec<String>,
    /// None in an open model that doesn't declare it.
    pub(crate) declared: Option<&'a Property>,
}

impl<'a> Resolver<'a> {
    /// The property that is meant, and the path into it: a declared name with dots in it comes before a path.
    ///
    /// # Errors
    /// A sentence, where a strict model has no such property, or nothing can be inside of it.
    pub(crate) fn resolve(
        &self,
        property: String,
        mut path: Vec<String>,
    ) -> Result<Resolved<'a>, String> {
        let dotted = (1..=path.len()).rev().find_map(|steps| {
            let inner = path.get(..steps)?.join(".");
            let declared = self.model.find_property(&format!("{property}.{inner}"))?;
            Some((declared, steps))
        });
        let (property, declared) = match dotted {
            Some((declared, steps)) => {
                path.drain(..steps);
                (declared.name.clone(), Some(declared))
            }
            None => {
                let declared = self.model.find_property(&property);
                (property, declared)
            }
        };
        match declared {
            None if self.model.strict => return Err(self.unknown(&property, &path)),
            Some(declared) if !path.is_empty() && !has_inside(declared.kind) => {
                return Err(format!(
                    "`{property}` is of kind `{}`, and has nothing inside; a path leads into kind `json` or `any`",
                    declared.kind
                ));
            }
            _ => {}
        }
        Ok(Resolved {
            property,
            path,
            declared,
        })
    }

    /// Why a strict model refuses a name.
    pub(crate) fn unknown(&self, property: &str, path: &[String]) -> String {
        let names = || {
            self.model
                .properties
                .iter()
                .map(|declared| declared.name.as_str())
        };
        let written = name::written_name(property, path);
        let meant = crate::closest(&written, names()).or_else(|| crate::closest(property, names()));
        let remedy = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!(
                "it has {}",
                names()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        format!(
            "model `{}` has no property `{property}`; {remedy}",
            self.model.name
        )
    }
}

const fn has_inside(kind: PropertyType) -> bool {
    matches!(kind, PropertyType::Json | PropertyType::Any)
}

struct Checker<'a> {
    resolver: Resolver<'a>,
    problems: Problems,
}

impl Checker<'_> {
    fn filter(&mut self, filter: Filter, place: &str, depth: usize) -> Filter {
        if depth > MAX_DEPTH {
            self.problems
                .push(place, format!("nested deeper than {MAX_DEPTH} levels"));
            return filter;
        }
        match filter {
            Filter::Condition(condition) => self.condition(condition, place),
            Filter::Extension(extension) => self.extension(extension, place),
            Filter::AllOf(parts) => Filter::AllOf(self.parts(parts, place, AND, depth)),
            Filter::AnyOf(parts) => Filter::AnyOf(self.parts(parts, place, OR, depth)),
            Filter::NoneOf(parts) => Filter::NoneOf(self.parts(parts, place, NOR, depth)),
        }
    }

    fn parts(
        &mut self,
        parts: Vec<Filter>,
        place: &str,
        connective: &str,
        depth: usize,
    ) -> Vec<Filter> {
        let count = |kind| {
            parts
                .iter()
                .filter(|part| discriminant(*part) == kind)
                .count()
        };
        let is_member: Vec<bool> = parts
            .iter()
            .map(|part| connective == AND && is_written_as_member(part, &count))
            .collect();
        parts
            .into_iter()
            .zip(is_member)
            .enumerate()
            .map(|(index, (part, is_member))| {
                if is_member {
                    self.filter(part, place, depth + 1)
                } else {
                    self.filter(part, &format!("{place}.{connective}[{index}]"), depth + 1)
                }
            })
            .collect()
    }

    fn condition(&mut self, condition: Condition, place: &str) -> Filter {
        let place = format!(
            "{place}.{}.{}",
            name::written_name(&condition.property, &condition.path),
            operators::operator(condition.comparison)
        );
        if let Some(fault) = shape::fault(&condition) {
            self.problems.push(place, fault);
            return Filter::Condition(condition);
        }
        let Condition {
            property,
            path,
            comparison,
            operands,
        } = condition;
        let resolved = match self.resolver.resolve(property, path) {
            Ok(resolved) => resolved,
            Err(reason) => {
                self.problems.push(place, reason);
                return Filter::all();
            }
        };
        let Resolved {
            property,
            path,
            declared,
        } = resolved;
        // Inside JSON, and in a property that nobody declared, values have the case that they have by nature.
        let kind = declared
            .filter(|_| path.is_empty())
            .map_or(PropertyType::Any, |declared| declared.kind);
        if let Some(fault) = meaningless(comparison, kind) {
            self.problems
                .push(place, format!("`{property}` is of kind `{kind}`; {fault}"));
            return Filter::all();
        }
        let (comparison, operands) = if self.resolver.model.strict && path.is_empty() {
            exists_as_not_null(comparison, operands)
        } else {
            (comparison, operands)
        };
        Filter::Condition(Condition {
            operands: self.operands(comparison, operands, kind, &place),
            property,
            path,
            comparison,
        })
    }

    fn operands(
        &mut self,
        comparison: Comparison,
        operands: Vec<Value>,
        kind: PropertyType,
        place: &str,
    ) -> Vec<Value> {
        use Comparison as C;
        let several = operands.len() > 1;
        let mut checked = Vec::with_capacity(operands.len());
        for (index, operand) in operands.into_iter().enumerate() {
            let place = if several {
                format!("{place}[{index}]")
            } else {
                place.to_owned()
            };
            let kind = match comparison {
                C::Like
                | C::NotLike
                | C::Ilike
                | C::NotIlike
                | C::Matches
                | C::Exists
                | C::Contains => PropertyType::Any,
                C::Near if index == 0 => PropertyType::Point,
                C::Near => PropertyType::Float,
                _ => kind,
            };
            match coerce(operand, kind) {
                Ok(operand) if is_ordering(comparison) && !has_order(&operand) => {
                    let message = format!(
                        "{} is neither greater nor less than anything",
                        operand.describe()
                    );
                    self.problems.push(place, message);
                }
                Ok(operand) => checked.push(operand),
                Err(reason) => self.problems.push(place, reason),
            }
        }
        checked
    }

    fn extension(&mut self, extension: Extension, place: &str) -> Filter {
        let name = name::written_name(&extension.property, &extension.path);
        let place = format!("{place}.{name}.{EXTENSION}");
        match self.resolver.resolve(extension.property, extension.path) {
            Ok(Resolved { property, path, .. }) => Filter::Extension(Extension {
                property,
                path,
                ..extension
            }),
            Err(reason) => {
                self.problems.push(place, reason);
                Filter::all()
            }
        }
    }
}

/// Whether a part of an `and` is most likely a member beside the others in one object, rather than an element of
/// an array: a condition, or the only group of its kind.
fn is_written_as_member(part: &Filter, count: &dyn Fn(Discriminant<Filter>) -> usize) -> bool {
    match part {
        Filter::Condition(_) | Filter::Extension(_) => true,
        Filter::AllOf(_) => false,
        Filter::AnyOf(_) | Filter::NoneOf(_) => count(discriminant(part)) == 1,
    }
}

/// Why a comparison has no meaning for a kind; none where it has one.
fn meaningless(comparison: Comparison, kind: PropertyType) -> Option<&'static str> {
    use Comparison as C;
    use PropertyType as Kind;
    let (meant_for, fault): (&[Kind], _) = match comparison {
        C::Like | C::NotLike | C::Ilike | C::NotIlike | C::Matches => (
            &[Kind::Text, Kind::Date, Kind::Time, Kind::Uuid],
            "patterns are for text",
        ),
        C::Contains => (
            &[Kind::Json],
            "`contains` is for arrays, which are of kind `json`; part of a text is found with `like`",
        ),
        C::Near => (&[Kind::Point], "`near` is for points"),
        comparison if is_ordering(comparison) => {
            let is_unordered = matches!(kind, Kind::Point | Kind::Json);
            return is_unordered.then_some("its values are neither greater nor less than others");
        }
        _ => return None,
    };
    (kind != Kind::Any && !meant_for.contains(&kind)).then_some(fault)
}

const fn is_ordering(comparison: Comparison) -> bool {
    use Comparison as C;
    matches!(
        comparison,
        C::Greater | C::GreaterOrEqual | C::Less | C::LessOrEqual | C::Between
    )
}

const fn has_order(value: &Value) -> bool {
    !matches!(value, Value::Point(_) | Value::Json(_) | Value::Other(_))
}

/// In a strict model a property exists where it isn't null.
fn exists_as_not_null(comparison: Comparison, operands: Vec<Value>) -> (Comparison, Vec<Value>) {
    match (comparison, operands.as_slice()) {
        (Comparison::Exists, [Value::Boolean(true)]) => (Comparison::NotEqual, vec![Value::Null]),
        (Comparison::Exists, [Value::Boolean(false)]) => (Comparison::Equal, vec![Value::Null]),
        _ => (comparison, operands),
    }
}
