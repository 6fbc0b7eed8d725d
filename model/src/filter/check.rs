//! A filter against a model: its properties exist, and its operands have the case that their kinds ask for.
//!
//! All mistakes are reported at once, each with its place in the filter's JSON form.

use std::mem::{Discriminant, discriminant};

use super::operators::{self, AND, EXTENSION, NOR, OR};
use super::resolver::{Resolved, Resolver, Sight};
use super::{Filter, MAX_DEPTH, MAX_RELATED, Quantifier, name, shape};
use crate::coerce::coerce;
use crate::contract::{Comparison, Condition, Extension, PropertyType, Value};
use crate::model::Model;
use crate::models::Models;
use crate::problem::Problems;
use crate::relation::Relation;

impl Filter {
    /// The same filter in the model's terms: names resolved, operands coerced. For a strict model, where
    /// absent is null, `exists` becomes a comparison with null.
    ///
    /// # Errors
    /// Every property that a strict model doesn't declare, and every operand or path that has no meaning for
    /// the property's kind. What is asked of related records isn't judged: see [`Filter::check_with`].
    pub fn check(self, model: &Model) -> Result<Self, Problems> {
        self.check_seeing(model, Sight::SHORT)
    }

    /// As [`Filter::check`], with what is asked of related records in the terms of their models: a name such as
    /// `routes.destination` becomes [`Filter::Related`].
    ///
    /// # Errors
    /// As there, for the related models too.
    pub fn check_with(self, model: &Model, models: &dyn Models) -> Result<Self, Problems> {
        self.check_seeing(model, Sight::over(models))
    }

    /// As [`Filter::check_with`], for a filter of trusted code, which may name hidden properties.
    ///
    /// # Errors
    /// As there.
    pub fn check_trusted(self, model: &Model, models: &dyn Models) -> Result<Self, Problems> {
        self.check_seeing(model, Sight::trusted(models))
    }

    pub(crate) fn check_seeing(self, model: &Model, sight: Sight<'_>) -> Result<Self, Problems> {
        self.check_at(model, sight, "where")
    }

    /// As the others, of a filter that stands at that place.
    pub(crate) fn check_at(
        self,
        model: &Model,
        sight: Sight<'_>,
        place: &str,
    ) -> Result<Self, Problems> {
        let mut checker = Checker {
            resolver: Resolver { model, sight },
            problems: Problems::new(),
            related: 0,
        };
        let checked = checker.filter(self, place, 1);
        checker.problems.none_or(checked)
    }
}

struct Checker<'a> {
    resolver: Resolver<'a>,
    problems: Problems,
    /// How many relations were followed so far.
    related: usize,
}

impl<'a> Checker<'a> {
    fn filter(&mut self, filter: Filter, place: &str, depth: usize) -> Filter {
        if depth > MAX_DEPTH {
            self.problems
                .push(place, format!("nested deeper than {MAX_DEPTH} levels"));
            return filter;
        }
        match filter {
            Filter::Condition(condition) => self.condition(condition, place, depth),
            Filter::Extension(extension) => self.extension(extension, place),
            Filter::AllOf(parts) => Filter::AllOf(self.parts(parts, place, AND, depth)),
            Filter::AnyOf(parts) => Filter::AnyOf(self.parts(parts, place, OR, depth)),
            Filter::NoneOf(parts) => Filter::NoneOf(self.parts(parts, place, NOR, depth)),
            Filter::Related {
                relation,
                quantifier,
                filter,
            } => self.related(&relation, quantifier, *filter, place, depth),
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

    fn condition(&mut self, condition: Condition, place: &str, depth: usize) -> Filter {
        let place = format!(
            "{place}.{}.{}",
            name::written_name(&condition.property, &condition.path),
            operators::operator(condition.comparison)
        );
        if let Some(fault) = shape::fault(&condition) {
            self.problems.push(place, fault);
            return Filter::Condition(condition);
        }
        self.shaped(condition, &place, depth)
    }

    /// A condition without faults of its own.
    fn shaped(&mut self, condition: Condition, place: &str, depth: usize) -> Filter {
        let relation = self
            .resolver
            .relation(&condition.property, &condition.path)
            .filter(|_| !condition.path.is_empty());
        if let Some(relation) = relation {
            return self.through(relation, condition, place, depth);
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
            operands: self.operands(comparison, operands, kind, place),
            property,
            path,
            comparison,
        })
    }

    /// A condition whose name leads through a relation: one related record is enough for a positive one, and none
    /// may be there for a negated one's opposite.
    fn through(
        &mut self,
        relation: &'a Relation,
        mut condition: Condition,
        place: &str,
        depth: usize,
    ) -> Filter {
        condition.property = condition.path.remove(0);
        let quantifier = match operators::positive(condition.comparison) {
            Some(positive) => {
                condition.comparison = positive;
                Quantifier::None
            }
            None => Quantifier::Some,
        };
        let filter = match self.enter(relation, place, depth) {
            Some(outside) => {
                let filter = self.shaped(condition, place, depth + 1);
                self.resolver = outside;
                filter
            }
            None => Filter::Condition(condition),
        };
        Filter::related(relation.name.as_str(), quantifier, filter)
    }

    /// A condition on related records.
    fn related(
        &mut self,
        name: &str,
        quantifier: Quantifier,
        filter: Filter,
        place: &str,
        depth: usize,
    ) -> Filter {
        let place = format!(
            "{place}.{}.{}",
            name::written_name(name, &[]),
            quantifier.name()
        );
        let Some(relation) = self.resolver.relation(name, &[]) else {
            let reason = self.no_relation(name);
            self.problems.push(place, reason);
            return Filter::all();
        };
        let filter = match self.enter(relation, &place, depth) {
            Some(outside) => {
                let filter = self.filter(filter, &place, depth + 1);
                self.resolver = outside;
                filter
            }
            None => filter,
        };
        Filter::related(name, quantifier, filter)
    }

    /// Goes on in the terms of the related model, and returns those to come back to; none where nobody knows them.
    fn enter(&mut self, relation: &Relation, place: &str, depth: usize) -> Option<Resolver<'a>> {
        self.related += 1;
        if self.related == MAX_RELATED + 1 {
            let message = format!("a filter follows at most {MAX_RELATED} relations");
            self.problems.push(place, message);
        }
        if depth >= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            self.problems.push(place, message);
            return None;
        }
        let outside = self.resolver;
        let Some(model) = outside.sight.models?.find_model(&relation.model) else {
            let message = format!(
                "the model {} that `{}` leads to isn't known here",
                relation.model, relation.name
            );
            self.problems.push(place, message);
            return None;
        };
        self.resolver.model = model;
        Some(outside)
    }

    /// Why `some`, `none` and `every` have no meaning for a name.
    fn no_relation(&self, name: &str) -> String {
        let model = self.resolver.model;
        if self.resolver.has(name) && model.find_property(name).is_some() {
            return format!(
                "`{name}` is a property; `some`, `none` and `every` ask for the records of a relation"
            );
        }
        no_relation(model, name)
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

/// Why there is nothing that a relation's name leads to.
pub(crate) fn no_relation(model: &Model, name: &str) -> String {
    let names = || model.relations.iter().map(|each| each.name.as_str());
    let remedy = match crate::closest(name, names()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if model.relations.is_empty() => "it has none; declare one".to_owned(),
        None => format!(
            "it has {}",
            names()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    format!("model `{}` has no relation `{name}`; {remedy}", model.name)
}

/// Whether a part of an `and` is most likely a member beside the others in one object, rather than an element of
/// an array: a condition, or the only group of its kind.
fn is_written_as_member(part: &Filter, count: &dyn Fn(Discriminant<Filter>) -> usize) -> bool {
    match part {
        Filter::Condition(_) | Filter::Extension(_) | Filter::Related { .. } => true,
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
