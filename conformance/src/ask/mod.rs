//! Questions about records that are known: what came is held against what had to come, first as the connector hands
//! it out, by what it claims to have done, and then with the rest done as the runtime does it.

mod question;

use std::collections::BTreeMap;
use std::rc::Rc;

use tenon_model::contract::{ErrorKind, Filter, FilterNode, Key, Model, Query, Value};
use tenon_model::{Entity, Matcher, RowOrder, sortable};

use crate::bench::PAGE;
use crate::facts::Facts;
use crate::finding::{Checked, Finding, Stop, must};
use crate::reference::{complete, key_names, key_of, matcher};
use crate::session::Session;
use crate::show;

use question::{Question, borrowed};

/// The records of a collection, as they are stored.
#[derive(Clone, Debug)]
pub struct Known {
    model: Model,
    /// The same, as queries are checked with.
    checks: Option<Rc<tenon_model::Model>>,
    records: Vec<Entity>,
    /// The records of each key.
    places: BTreeMap<Vec<u8>, Vec<usize>>,
    step: i64,
    /// Whether rows are brought into the model's form first, as the runtime does it: what nobody has written here may
    /// lack what is null, and have more than is declared.
    fits: bool,
}

impl Known {
    /// Records that are stored, or will be. What a strict model's records lack is null.
    pub fn new(model: &Model, records: &[Entity], facts: &Facts) -> Self {
        let mut records = records.to_vec();
        let mut places: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        for (place, record) in records.iter_mut().enumerate() {
            complete(model, record);
            places
                .entry(encoded(&key_of(model, record)))
                .or_default()
                .push(place);
        }
        Self {
            model: model.clone(),
            checks: tenon_model::Model::from_contract(model.clone())
                .ok()
                .map(Rc::new),
            records,
            places,
            step: facts.time_step.max(1),
            fits: false,
        }
    }

    /// Records that a connector has by itself, as they were read.
    pub fn read(model: &Model, records: Vec<Entity>, facts: &Facts) -> Checked<Self> {
        let mut fitting = Vec::with_capacity(records.len());
        for record in records {
            fitting.push(fit(model, record, &[])?);
        }
        Ok(Self {
            fits: true,
            ..Self::new(model, &fitting, facts)
        })
    }

    /// Other records of the same model.
    pub fn of(&self, records: &[Entity]) -> Self {
        let facts = Facts {
            time_step: self.step,
            ..Facts::default()
        };
        Self::new(&self.model, records, &facts)
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The model, as queries are checked with it.
    pub fn checks(&self) -> Option<&tenon_model::Model> {
        self.checks.as_deref()
    }

    pub fn records(&self) -> &[Entity] {
        &self.records
    }

    /// Empties the collection, and stores the records in it.
    pub fn store(&self, session: &mut Session<'_>) -> Checked {
        crate::bench::clear(session, &self.model)?;
        store(session, &self.model.name, &self.records)
    }

    /// A query as the runtime sends it to a connector: its operands of the kinds that the properties are declared with,
    /// and the key last in its order where it matters. None where the runtime refuses it.
    pub fn sent(&self, query: &Query) -> Option<Query> {
        let query = tenon_model::Query::from_contract(query.clone()).ok()?;
        let model = self.checks.as_deref()?;
        let mut query = query.check(model).ok()?.with_total_order(model);
        if !query.fields.is_empty() {
            let needed = query.filter.properties().into_iter().map(str::to_owned);
            let needed = needed.chain(query.order.iter().map(|sort| sort.property.clone()));
            let nearest = query.order.is_empty() && query.filter.near().is_some();
            let ties = if nearest {
                key_names(&self.model)
            } else {
                Vec::new()
            };
            let ties = ties.into_iter().map(str::to_owned);
            for name in needed.chain(ties).collect::<Vec<_>>() {
                if !query.fields.contains(&name) {
                    query.fields.push(name);
                }
            }
        }
        Some(query.to_contract())
    }

    /// A filter as the runtime sends it; none where the runtime refuses it.
    pub fn sent_filter(&self, filter: &Filter) -> Option<Filter> {
        let query = Query {
            filter: filter.clone(),
            ..Query::default()
        };
        Some(self.sent(&query)?.filter)
    }

    /// A filter, ready to be asked of the records; none where it is one that no connector is ever asked.
    pub fn matcher(&self, filter: &Filter) -> Option<Matcher> {
        matcher(&self.rounded(filter)).ok()
    }

    /// The records that a filter matches; none at all where it is one that no connector is ever asked.
    pub fn matches(&self, filter: &Filter) -> Option<Vec<&Entity>> {
        let matcher = self.matcher(filter)?;
        let matches = self.records.iter().filter(|record| matcher.matches(record));
        Some(matches.collect())
    }

    /// A filter with its times in the backend's steps, as the contract has operands.
    fn rounded(&self, filter: &Filter) -> Filter {
        let mut filter = filter.clone();
        if self.step > 1 {
            for node in &mut filter {
                if let FilterNode::Condition(condition) = node {
                    for operand in &mut condition.operands {
                        if let Value::Timestamp(time) = operand {
                            *time -= time.rem_euclid(self.step);
                        }
                    }
                }
            }
        }
        filter
    }

    /// Asks `all`, and reads the rows in pages of at most `max`.
    pub fn ask(&self, session: &mut Session<'_>, query: &Query, max: u32) -> Checked {
        match self.sent(query) {
            Some(query) => self.ask_exactly(session, &query, max),
            None => Ok(()),
        }
    }

    /// As [`ask`](Self::ask), of a query that is sent just as it is.
    pub fn ask_exactly(&self, session: &mut Session<'_>, query: &Query, max: u32) -> Checked {
        let Some(matcher) = self.matcher(&query.filter) else {
            return Ok(());
        };
        let asked = || {
            let page = if max == PAGE {
                String::new()
            } else {
                format!(", read in pages of at most {max}")
            };
            format!("all {}{page}", show::query(query))
        };
        let told = |stop: Stop| self.with_records(stop.after(asked()));
        let (rows, done) = must("all", session.all(&self.model.name, query)).map_err(told)?;
        let mut rows = must("next", session.read(rows, max)).map_err(told)?;
        if self.fits {
            let fitting = rows
                .into_iter()
                .map(|row| fit(&self.model, row, &query.fields));
            rows = fitting.collect::<Checked<_>>().map_err(told)?;
        }
        let question = Question {
            known: self,
            query,
            done,
            matcher: &matcher,
            order: self.order(query),
        };
        question.judge(rows).map_err(told)
    }

    /// Asks `all` for the matches of a filter, and `count` for their number.
    pub fn ask_filter(&self, session: &mut Session<'_>, filter: &Filter) -> Checked {
        let query = Query {
            filter: filter.clone(),
            ..Query::default()
        };
        self.ask(session, &query, PAGE)?;
        self.count(session, filter).map(drop)
    }

    /// Asks `count`, which may be `unsupported`; whether it answered.
    pub fn count(&self, session: &mut Session<'_>, filter: &Filter) -> Checked<bool> {
        match self.sent_filter(filter) {
            Some(filter) => self.count_exactly(session, &filter),
            None => Ok(true),
        }
    }

    /// As [`count`](Self::count), of a filter that is sent just as it is.
    pub fn count_exactly(&self, session: &mut Session<'_>, filter: &Filter) -> Checked<bool> {
        let Some(matches) = self.matches(filter) else {
            return Ok(true);
        };
        let told =
            |stop: Stop| self.with_records(stop.after(format!("count {}", show::filter(filter))));
        match session.count(&self.model.name, filter) {
            Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => Ok(false),
            counted => {
                let counted = must("count", counted).map_err(told)?;
                if usize::try_from(counted) == Ok(matches.len()) {
                    return Ok(true);
                }
                Err(told(
                    Finding::new("`count` doesn't count the records that the filter matches")
                        .differs(
                            format!("{}, of\n{}", matches.len(), borrowed(&matches)),
                            counted,
                        )
                        .into(),
                ))
            }
        }
    }

    /// The order of a query's rows: its own, or nearness, and where that doesn't tell the key's.
    pub fn order(&self, query: &Query) -> RowOrder {
        let asked = tenon_model::Query::from_contract(query.clone()).unwrap_or_default();
        RowOrder::new(&asked).then_by_key(key_names(&self.model))
    }

    /// A stop, with the records and the model before its steps.
    pub fn with_records(&self, stop: Stop) -> Stop {
        stop.after(format!(
            "these records are stored:\n{}",
            show::records(&self.records)
        ))
        .after(show::model(&self.model))
    }
}

/// Stores records, in few calls where that works.
pub fn store(session: &mut Session<'_>, model: &str, records: &[Entity]) -> Checked {
    for part in records.chunks(200) {
        let data: Vec<_> = part
            .iter()
            .map(|record| record.as_contract().clone())
            .collect();
        if session.create_all(model, &data).is_ok() {
            continue;
        }
        for record in part {
            must("create", session.create(model, record.as_contract()))
                .map_err(|stop| stop.after(format!("create {}", show::record(record))))?;
        }
    }
    Ok(())
}

/// A row as the runtime hands it on: values of the declared kinds, and in a strict model what is declared and wanted,
/// and nothing else.
pub fn fit(model: &Model, mut row: Entity, fields: &[String]) -> Checked<Entity> {
    for property in &model.properties {
        match row.get(&property.name) {
            Some(value) => {
                let fitting =
                    tenon_model::coerce(value.clone(), property.kind).map_err(|reason| {
                        Finding::new(format!(
                            "a record has a `{}` that is not of the declared kind `{}`: {reason}",
                            property.name, property.kind
                        ))
                        .differs(format!("a `{}`", property.kind), show::record(&row))
                    })?;
                row.set(property.name.as_str(), fitting);
            }
            None if model.strict && (fields.is_empty() || fields.contains(&property.name)) => {
                row.set(property.name.as_str(), Value::Null);
            }
            None => {}
        }
    }
    if model.strict {
        row.retain(|name| {
            model
                .properties
                .iter()
                .any(|property| property.name == name)
        });
    }
    Ok(row)
}

/// A key's values as bytes: the same for equal ones.
pub fn encoded(key: &Key) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in key {
        // What has no form is told apart by the records themselves.
        let _ = sortable::encode(value, &mut bytes);
    }
    bytes
}
