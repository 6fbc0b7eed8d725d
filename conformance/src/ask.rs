//! Questions about records that are known: what came is held against what had to come, first as the connector hands
//! it out, by what it claims to have done, and then with the rest done as the runtime does it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tenon_model::contract::{ErrorKind, Filter, FilterNode, Key, Model, Query, Value};
use tenon_model::{Done, Entity, Matcher, RowOrder, sortable};

use crate::bench::PAGE;
use crate::facts::Facts;
use crate::finding::{Checked, Finding, Stop, must};
use crate::reference::{
    complete, key_names, key_of, matcher, same, same_records, same_rows, same_value,
};
use crate::session::Session;
use crate::show;

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

/// A query, with what the connector says it has done of it.
struct Question<'k> {
    known: &'k Known,
    query: &'k Query,
    done: Done,
    matcher: &'k Matcher,
    order: RowOrder,
}

impl Question<'_> {
    fn judge(&self, rows: Vec<Entity>) -> Checked {
        let claims = |what| self.done.contains(what);
        let whole = self.query.limit.is_none() && self.query.offset == 0;
        let filtered = self.query.filter.is_empty() || claims(Done::FILTER);
        let ordered = self.order.is_empty() || claims(Done::ORDER);
        let paged = !whole && claims(Done::PAGING);
        if paged && !(filtered && ordered) {
            return Err(Finding::new(
                "`all` claims to have done limit and offset, and not the filter and the order before them",
            )
            .differs("`paging` only together with `filter` and `order`", self.claims())
            .into());
        }
        let stored = self.stored(&rows)?;
        self.nothing_is_too_much(&rows, &stored, filtered)?;
        if ordered {
            self.is_in_order(&stored)?;
        }
        if !paged {
            self.nothing_is_lost(&stored)?;
        }
        self.comes_to_the_answer(rows, &stored, (filtered, ordered, paged))
    }

    fn claims(&self) -> String {
        let names = [
            (Done::FILTER, "filter"),
            (Done::ORDER, "order"),
            (Done::PAGING, "paging"),
            (Done::FIELDS, "fields"),
        ];
        let claimed: Vec<&str> = names
            .into_iter()
            .filter(|(flag, _)| self.done.contains(*flag))
            .map(|(_, name)| name)
            .collect();
        if claimed.is_empty() {
            return "nothing is claimed to be done".to_owned();
        }
        format!("claimed to be done: {}", claimed.join(", "))
    }

    /// The stored record of each row.
    fn stored(&self, rows: &[Entity]) -> Checked<Vec<&Entity>> {
        let mut taken = BTreeSet::new();
        let mut stored = Vec::with_capacity(rows.len());
        let every: Vec<usize> = (0..self.known.records.len()).collect();
        for row in rows {
            let mut has_key = true;
            for name in key_names(&self.known.model) {
                if row.get(name).is_some() {
                    continue;
                }
                has_key = false;
                if self.wants(name) {
                    return Err(Finding::new(format!(
                        "`all` hands out a record without the property `{name}`, which was asked for"
                    ))
                    .differs(format!("a value of `{name}`"), show::record(row))
                    .into());
                }
            }
            let places = if has_key {
                let key = encoded(&key_of(&self.known.model, row));
                self.known.places.get(&key).map_or(&[][..], Vec::as_slice)
            } else {
                every.as_slice()
            };
            let mut reason = Finding::new("`all` hands out a record that nobody has stored")
                .differs("only stored records", show::record(row));
            let mut found = None;
            for place in places {
                let Some(record) = self.known.records.get(*place) else {
                    continue;
                };
                if taken.contains(place) {
                    if places.len() == 1 {
                        reason = Finding::new("`all` hands out a record more than once")
                            .differs("each record once", show::record(row));
                    }
                    continue;
                }
                match self.is_of(row, record) {
                    Ok(()) => {
                        found = Some((*place, record));
                        break;
                    }
                    Err(differs) => reason = differs,
                }
            }
            let (place, record) = found.ok_or_else(|| Stop::from(reason))?;
            taken.insert(place);
            stored.push(record);
        }
        Ok(stored)
    }

    /// Whether a row is that record, as far as it had to be handed out.
    fn is_of(&self, row: &Entity, record: &Entity) -> Result<(), Finding> {
        for (name, value) in row.iter() {
            match record.get(name) {
                None => {
                    return Err(Finding::new(format!(
                        "`all` hands out a record with a property `{name}` that it doesn't have"
                    ))
                    .differs(show::record(record), show::record(row)));
                }
                Some(stored) if !same_value(stored, value) => {
                    return Err(Finding::new(format!(
                        "`all` hands out another value of `{name}` than the one that is stored"
                    ))
                    .differs(show::value(stored), show::value(value))
                    .after(format!("the stored record is {}", show::record(record))));
                }
                Some(_) if self.done.contains(Done::FIELDS) && !self.wants(name) => {
                    return Err(Finding::new(format!(
                        "`all` hands out the property `{name}`, which was not asked for, and claims that \
                         `fields` is done"
                    ))
                    .differs(self.query.fields.join(", "), show::record(row)));
                }
                Some(_) => {}
            }
        }
        for (name, _) in record.iter() {
            if self.wants(name) && row.get(name).is_none() {
                return Err(Finding::new(format!(
                    "`all` hands out a record without its property `{name}`, which was asked for"
                ))
                .differs(show::record(record), show::record(row)));
            }
        }
        Ok(())
    }

    fn wants(&self, name: &str) -> bool {
        self.query.fields.is_empty() || self.query.fields.iter().any(|field| field == name)
    }

    fn nothing_is_too_much(&self, rows: &[Entity], stored: &[&Entity], filtered: bool) -> Checked {
        if !filtered {
            return Ok(());
        }
        let wrong = stored
            .iter()
            .position(|record| !self.matcher.matches(record));
        let Some(row) = wrong.and_then(|place| rows.get(place)) else {
            return Ok(());
        };
        Err(Finding::new(
            "`all` hands out a record that the filter doesn't match, and claims that `filter` is done",
        )
        .differs(
            self.answer(),
            format!("among others {}", show::record(row)),
        )
        .into())
    }

    fn is_in_order(&self, stored: &[&Entity]) -> Checked {
        let wrong = stored
            .windows(2)
            .find(|pair| matches!(pair, [one, other] if self.order.compare(one, other).is_gt()));
        let Some([one, other]) = wrong else {
            return Ok(());
        };
        Err(Finding::new(
            "`all` hands out records in another order, and claims that `order` is done",
        )
        .differs(
            format!("{}\nbefore {}", show::record(other), show::record(one)),
            borrowed(stored),
        )
        .into())
    }

    fn nothing_is_lost(&self, stored: &[&Entity]) -> Checked {
        let there: BTreeSet<*const Entity> =
            stored.iter().map(|it| std::ptr::from_ref(*it)).collect();
        let lost: Vec<&Entity> = self
            .known
            .records
            .iter()
            .filter(|record| {
                self.matcher.matches(record) && !there.contains(&std::ptr::from_ref(*record))
            })
            .collect();
        if lost.is_empty() {
            return Ok(());
        }
        Err(Finding::new(format!(
            "`all` loses records that the filter matches ({})",
            self.claims()
        ))
        .differs(format!("also\n{}", borrowed(&lost)), borrowed(stored))
        .into())
    }

    /// The matches in their order, the wanted part of them, with the wanted properties.
    fn answer(&self) -> String {
        show::records(&self.rows_to_come())
    }

    fn rows_to_come(&self) -> Vec<Entity> {
        let matches = self.known.records.iter();
        let matches = matches.filter(|record| self.matcher.matches(record));
        self.rest(matches.cloned().collect(), (true, false, false))
    }

    /// What is left to do on rows.
    fn rest(
        &self,
        mut rows: Vec<Entity>,
        (filtered, ordered, paged): (bool, bool, bool),
    ) -> Vec<Entity> {
        if !filtered {
            rows.retain(|row| self.matcher.matches(row));
        }
        if !ordered {
            self.order.sort(&mut rows);
        }
        if !paged {
            let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
            let limit = self.query.limit.map_or(usize::MAX, size);
            rows = rows
                .into_iter()
                .skip(size(self.query.offset))
                .take(limit)
                .collect();
        }
        if !self.query.fields.is_empty() {
            for row in &mut rows {
                row.retain(|name| self.query.fields.iter().any(|field| field == name));
            }
        }
        rows
    }

    fn comes_to_the_answer(
        &self,
        rows: Vec<Entity>,
        stored: &[&Entity],
        done: (bool, bool, bool),
    ) -> Checked {
        let wanted = self.rows_to_come();
        let seen = self.rest(rows, done);
        let agree = if !self.order.is_empty() && key_names(&self.known.model).is_empty() {
            // Without a key the order may leave ties.
            wanted.len() == seen.len()
                && wanted
                    .iter()
                    .zip(&seen)
                    .all(|(one, other)| self.order.compare(one, other).is_eq())
        } else if !self.order.is_empty() {
            same_rows(&wanted, &seen)
        } else if self.query.limit.is_some() || self.query.offset > 0 {
            // Without an order any part will do.
            wanted.len() == seen.len()
        } else if key_names(&self.known.model).is_empty() {
            same_records(&wanted, &seen)
        } else {
            // No row came twice, and none is foreign.
            wanted.len() == seen.len()
        };
        if agree {
            return Ok(());
        }
        let mut finding = Finding::new(format!(
            "`all` comes to another answer than the query asks for ({})",
            self.claims()
        ))
        .differs(show::records(&wanted), show::records(&seen));
        let place = wanted
            .iter()
            .zip(&seen)
            .position(|(one, other)| !same(one, other));
        if let Some(place) = place.filter(|place| *place > 8 && !self.order.is_empty()) {
            finding = finding.after(format!("the first difference is in row {place}, from 0"));
        }
        if stored.len() < wanted.len() {
            finding = finding.after(format!("{} rows came", stored.len()));
        }
        Err(finding.into())
    }
}

/// Records that are only looked at, a line each.
fn borrowed(records: &[&Entity]) -> String {
    let records: Vec<Entity> = records.iter().take(14).map(|it| (*it).clone()).collect();
    show::records(&records)
}
