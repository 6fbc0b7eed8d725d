//! A filter from LoopBack's JSON: the `where` of a query.
//!
//! Nothing is skipped and nothing guessed: an unknown operator, a property without a comparison, an empty
//! object where a value belongs are problems, each with its place. Whether the properties exist is not judged
//! here but by [`Filter::check`], against a model.

use serde_json::{Map, Value as Json};

use super::operators::{self, AND, CONNECTIVES, EXTENSION, NOR, NOT, OR};
use super::{
    Filter, MAX_DEPTH, MAX_NODES, MAX_OPERANDS, MAX_PATH, Quantifier, name, near, regexp, shape,
};
use crate::contract::{Comparison, Condition, Extension, PropertyType, Value};
use crate::problem::{Problem, Problems};
use crate::strict_json;

/// Where a filter's problems are said to be.
const ROOT: &str = "where";

impl Filter {
    /// The filter that LoopBack's JSON stands for, such as `{"age": {"gte": 18}, "or": [..]}`.
    ///
    /// # Errors
    /// Every mistake in it, each with its place below `where`.
    pub fn from_json(json: &Json) -> Result<Self, Problems> {
        Self::from_json_at(json, ROOT)
    }

    /// As [`from_json`](Self::from_json), of a filter that stands at another place.
    pub(crate) fn from_json_at(json: &Json, place: &str) -> Result<Self, Problems> {
        let mut parser = Parser::default();
        let filter = parser.filter(json, place, 1);
        parser.problems.none_or(filter)
    }

    /// The filter that LoopBack's JSON, as text, stands for. A member that is there twice is refused.
    ///
    /// # Errors
    /// Every mistake in it, each with its place below `where`.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let json = strict_json::read(text).map_err(|reason| Problem::new(ROOT, reason))?;
        Self::from_json(&json)
    }
}

/// What a mistake leaves behind doesn't matter: where there are problems, there is no filter.
#[derive(Default)]
struct Parser {
    problems: Problems,
    nodes: usize,
    operands: usize,
}

impl Parser {
    fn filter(&mut self, json: &Json, place: &str, depth: usize) -> Filter {
        let Json::Object(members) = json else {
            let message =
                "a filter is an object, such as {\"age\": {\"gte\": 18}}; {} is every record";
            self.problems.push(place, message);
            return Filter::all();
        };
        if depth > MAX_DEPTH {
            self.problems
                .push(place, format!("nested deeper than {MAX_DEPTH} levels"));
            return Filter::all();
        }
        let mut parts = Vec::new();
        for (key, value) in members {
            let place = join(place, key);
            if CONNECTIVES.contains(&key.as_str()) {
                parts.push(self.group(key, value, &place, depth));
            } else {
                self.property(key, value, &place, depth, &mut parts);
            }
        }
        match <[Filter; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => Filter::AllOf(parts),
        }
    }

    fn group(&mut self, connective: &str, value: &Json, place: &str, depth: usize) -> Filter {
        self.count_node(place);
        if connective == NOT {
            return Filter::NoneOf(vec![self.filter(value, place, depth + 1)]);
        }
        let Json::Array(elements) = value else {
            let message = format!(
                "`{connective}` takes an array of filters; a property of that name is written `\\{connective}`"
            );
            self.problems.push(place, message);
            return Filter::all();
        };
        let parts = elements
            .iter()
            .enumerate()
            .map(|(index, element)| self.filter(element, &format!("{place}[{index}]"), depth + 1))
            .collect();
        match connective {
            AND => Filter::AllOf(parts),
            OR => Filter::AnyOf(parts),
            NOR => Filter::NoneOf(parts),
            _ => Filter::all(),
        }
    }

    /// A member that names a property: a value that it equals, or an object of operators, all of which count.
    fn property(
        &mut self,
        key: &str,
        value: &Json,
        place: &str,
        depth: usize,
        parts: &mut Vec<Filter>,
    ) {
        if key.starts_with('$') {
            self.problems.push(place, unknown_dollar(key));
            return;
        }
        let (property, path) = match name::name_and_path(key) {
            Ok(named) => named,
            Err(reason) => return self.problems.push(place, reason),
        };
        if path.len() > MAX_PATH {
            let message = format!("a path of {} steps; {MAX_PATH} are the most", path.len());
            return self.problems.push(place, message);
        }
        let target = Target { property, path };
        match value {
            Json::Object(members) if members.is_empty() => {
                let message = "no comparison; to compare with an empty object write {\"eq\": {}}";
                self.problems.push(place, message);
            }
            Json::Object(members) if !is_tagged_value(members) => {
                for (operator, operand) in members {
                    if let Some(quantifier) = Quantifier::from_name(operator) {
                        let place = join(place, operator);
                        parts.push(self.related(&target, quantifier, operand, &place, depth));
                        continue;
                    }
                    let part = self.operator(&target, operator, operand, members, place);
                    parts.extend(part);
                }
            }
            Json::Array(_) => {
                let message = "an array is no comparison; write {\"inq\": [..]} for one of these values, or \
                               {\"eq\": [..]} for this very array";
                self.problems.push(place, message);
            }
            _ => {
                let condition = self.operands([value], place).and_then(|operands| {
                    self.condition(&target, Comparison::Equal, operands, place)
                });
                parts.extend(condition);
            }
        }
    }

    /// One operator of a property; none for what belongs to another, and for what is wrong.
    fn operator(
        &mut self,
        target: &Target,
        operator: &str,
        operand: &Json,
        members: &Map<String, Json>,
        property_place: &str,
    ) -> Option<Filter> {
        let place = join(property_place, operator);
        if near::OPTIONS.contains(&operator) {
            if !members.contains_key(operators::operator(Comparison::Near)) {
                let message = format!(
                    "`{operator}` goes with `near`, which isn't here; add a point to be near to"
                );
                self.problems.push(place, message);
            }
            return None;
        }
        if operator == EXTENSION {
            return self.extension(target, operand, &place);
        }
        let Some(comparison) = operators::comparison(operator) else {
            self.problems
                .push(place, unknown_operator(target, operator));
            return None;
        };
        let operands = match comparison {
            Comparison::Near => near::operands(members, property_place, &mut self.problems)?,
            Comparison::OneOf | Comparison::NotOneOf | Comparison::Between => {
                let Json::Array(elements) = operand else {
                    self.problems
                        .push(place, format!("`{operator}` takes an array of values"));
                    return None;
                };
                self.operands(elements, &place)?
            }
            Comparison::Matches => match operand {
                Json::String(text) => match regexp::from_literal(text) {
                    Ok(pattern) => vec![Value::Text(pattern)],
                    Err(reason) => {
                        self.problems.push(place, reason);
                        return None;
                    }
                },
                other => self.operands([other], &place)?,
            },
            _ => self.operands([operand], &place)?,
        };
        self.condition(target, comparison, operands, &place)
    }

    /// A condition on related records. Where a relation leads on through others, what is asked is asked of the
    /// last ones.
    fn related(
        &mut self,
        target: &Target,
        quantifier: Quantifier,
        json: &Json,
        place: &str,
        depth: usize,
    ) -> Filter {
        let steps = target.path.len() + 1;
        for _ in 0..steps {
            self.count_node(place);
        }
        let filter = self.filter(json, place, depth + steps);
        let inner = match quantifier {
            Quantifier::Some | Quantifier::None => Quantifier::Some,
            Quantifier::Every => Quantifier::Every,
        };
        let filter = target.path.iter().rev().fold(filter, |filter, step| {
            Filter::related(step.as_str(), inner, filter)
        });
        Filter::related(target.property.as_str(), quantifier, filter)
    }

    fn condition(
        &mut self,
        target: &Target,
        comparison: Comparison,
        operands: Vec<Value>,
        place: &str,
    ) -> Option<Filter> {
        self.count_node(place);
        self.count_operands(operands.len(), place);
        let condition = Condition {
            property: target.property.clone(),
            path: target.path.clone(),
            comparison,
            operands,
        };
        match shape::fault(&condition) {
            None => Some(Filter::Condition(condition)),
            Some(fault) => {
                self.problems.push(place, fault);
                None
            }
        }
    }

    /// A backend's own condition: `{"extension": {"name": "…", "operands": [..]}}`.
    fn extension(&mut self, target: &Target, json: &Json, place: &str) -> Option<Filter> {
        let members = json.as_object();
        let known = members.is_some_and(|members| {
            members
                .keys()
                .all(|key| matches!(key.as_str(), "name" | "operands"))
        });
        let name = json
            .get("name")
            .and_then(Json::as_str)
            .filter(|name| !name.is_empty());
        let operands = match json.get("operands") {
            None => Some(&[][..]),
            Some(operands) => operands.as_array().map(Vec::as_slice),
        };
        let (true, Some(name), Some(operands)) = (known, name, operands) else {
            let message = "`extension` takes {\"name\": \"…\", \"operands\": [..]}, in the connector's own words";
            self.problems.push(place, message);
            return None;
        };
        self.count_node(place);
        self.count_operands(operands.len(), place);
        Some(Filter::Extension(Extension {
            name: name.to_owned(),
            property: target.property.clone(),
            path: target.path.clone(),
            operands: self.operands(operands, &join(place, "operands"))?,
        }))
    }

    /// Operands in whichever case their JSON has by nature (a model may ask for another); none where one is wrong.
    fn operands<'a>(
        &mut self,
        elements: impl IntoIterator<Item = &'a Json>,
        place: &str,
    ) -> Option<Vec<Value>> {
        let mut operands = Some(Vec::new());
        for element in elements {
            match (Value::from_json(element, PropertyType::Any), &mut operands) {
                (Ok(operand), Some(operands)) => operands.push(operand),
                (Ok(_), None) => {}
                (Err(reason), _) => {
                    self.problems.push(place, reason);
                    operands = None;
                }
            }
        }
        operands
    }

    fn count_node(&mut self, place: &str) {
        self.nodes += 1;
        if self.nodes == MAX_NODES + 1 {
            self.problems.push(
                place,
                format!("a filter has at most {MAX_NODES} conditions and groups"),
            );
        }
    }

    fn count_operands(&mut self, more: usize, place: &str) {
        let before = self.operands;
        self.operands += more;
        if before <= MAX_OPERANDS && self.operands > MAX_OPERANDS {
            self.problems.push(
                place,
                format!("a filter has at most {MAX_OPERANDS} operands in all"),
            );
        }
    }
}

/// What is compared.
struct Target {
    property: String,
    path: Vec<String>,
}

fn join(place: &str, key: &str) -> String {
    format!("{place}.{key}")
}

/// Whether an object stands for a value, as `{"$timestamp": …}` does. Another language's `{"$gt": …}` doesn't.
fn is_tagged_value(members: &Map<String, Json>) -> bool {
    let tag = members
        .keys()
        .next()
        .and_then(|name| name.strip_prefix('$'));
    members.len() == 1
        && tag.is_some_and(|tag| !operators::is_known(tag))
        && !matches!(
            Value::from_json(&Json::Object(members.clone()), PropertyType::Any),
            Ok(Value::Json(_))
        )
}

fn unknown_dollar(key: &str) -> String {
    let bare = key.trim_start_matches('$');
    let meant = crate::closest(bare, CONNECTIVES);
    match meant {
        Some(meant) => format!("operators have no `$` here; write `{meant}`"),
        None => format!("unknown operator `{key}`; a property of that name is written `\\{key}`"),
    }
}

fn unknown_operator(target: &Target, operator: &str) -> String {
    let property = name::written_name(&target.property, &target.path);
    match operators::suggestion(operator) {
        Some("ilike") if operator == "options" => {
            "unknown operator `options`; a pattern without case is `ilike`, and a regular expression carries \
             its flags: \"/abc/i\""
                .to_owned()
        }
        Some(meant) => format!("unknown operator `{operator}`; did you mean `{meant}`?"),
        None => format!(
            "unknown operator `{operator}`; the operators are {}. A member inside `{property}` is written \
             `{property}.{operator}`, a whole object {{\"eq\": {{..}}}}",
            operators::list()
        ),
    }
}
