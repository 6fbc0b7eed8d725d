//! A naive evaluation over records in a list, by the model's own rules.

use tenon_model::{
    AggregateError, Aggregation, Aggregator, Entity, Filter, Matcher, Model, Query, RowOrder,
    Value, equal,
};

use super::scenario::{Asked, Change};

/// More groups than there can be.
const GROUPS: usize = 10_000;

/// What is asked for comes to this.
#[derive(Clone, Debug)]
pub enum Answer {
    Rows(Vec<Entity>),
    Number(u64),
}

/// What is to be answered.
#[derive(Debug)]
pub enum Expected {
    Rows {
        rows: Vec<Entity>,
        in_order: bool,
    },
    Number(u64),
    /// It can't be answered, as a sum that is no float any more.
    Refused,
}

/// Records, and what they must answer.
pub struct Oracle {
    model: Model,
    records: Vec<Entity>,
}

impl Oracle {
    pub fn new(model: Model, records: Vec<Entity>) -> Self {
        let stored = |record: Entity| {
            let stored = model.new_record(record, &mut |_| Value::Null);
            stored.expect("the scenario's records fit its model")
        };
        let records = records.into_iter().map(stored).collect();
        Self { model, records }
    }

    pub fn answer(&self, asked: &Asked) -> Expected {
        match asked {
            Asked::Find(query) => self.find(query.clone()),
            Asked::Count(filter) => Expected::Number(self.matching(filter).len() as u64),
            Asked::Aggregate(aggregation) => match self.aggregate(aggregation.clone()) {
                Ok(rows) => Expected::Rows {
                    rows,
                    in_order: true,
                },
                Err(_) => Expected::Refused,
            },
        }
    }

    /// Makes a change; how many records it is about.
    pub fn change(&mut self, change: &Change) -> u64 {
        match change {
            Change::Update(filter, set) => {
                let matcher = self.matcher(filter);
                let matching = self.records.iter_mut();
                let matching = matching.filter(|record| matcher.matches(record));
                let mut count = 0;
                for record in matching {
                    record.merge(set.clone());
                    count += 1;
                }
                count
            }
            Change::Destroy(filter) => {
                let matcher = self.matcher(filter);
                let before = self.records.len();
                self.records.retain(|record| !matcher.matches(record));
                (before - self.records.len()) as u64
            }
        }
    }

    fn find(&self, query: Query) -> Expected {
        let query = query.check(&self.model).expect("the query fits its model");
        let mut rows = self.matching(&query.filter);
        let keys = self.model.key_properties();
        let keys = keys.iter().map(|property| property.name.as_str());
        let total = query.clone().with_total_order(&self.model);
        let order = RowOrder::new(&total).then_by_key(keys);
        order.sort(&mut rows);
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        rows.drain(..size(query.offset).min(rows.len()));
        rows.truncate(query.limit.map_or(usize::MAX, size));
        if !query.fields.is_empty() {
            for row in &mut rows {
                row.retain(|name| query.fields.iter().any(|field| field == name));
            }
        }
        Expected::Rows {
            rows,
            in_order: !order.is_empty(),
        }
    }

    fn aggregate(&self, aggregation: Aggregation) -> Result<Vec<Entity>, AggregateError> {
        let aggregation = aggregation
            .check(&self.model)
            .expect("the request fits its model");
        let mut aggregator = Aggregator::new(&aggregation, GROUPS)?;
        for record in self.matching(&aggregation.filter) {
            aggregator.add(&record)?;
        }
        aggregation.conclude(aggregator.finish()?)
    }

    fn matching(&self, filter: &Filter) -> Vec<Entity> {
        let matcher = self.matcher(filter);
        let records = self.records.iter();
        records
            .filter(|record| matcher.matches(record))
            .cloned()
            .collect()
    }

    fn matcher(&self, filter: &Filter) -> Matcher {
        let query = Query::filter(filter.clone()).check(&self.model);
        let query = query.expect("the filter fits its model");
        Matcher::new(&query.filter).expect("a filter that can be evaluated")
    }
}

impl Expected {
    /// Whether that is the answer; why not.
    pub fn is(&self, found: &Result<Answer, String>) -> Result<(), String> {
        let same = match (self, found) {
            (Self::Refused, Err(_)) => true,
            (Self::Number(expected), Ok(Answer::Number(found))) => expected == found,
            (Self::Rows { rows, in_order }, Ok(Answer::Rows(found))) => {
                rows.len() == found.len()
                    && if *in_order {
                        rows.iter().zip(found).all(|(row, found)| alike(row, found))
                    } else {
                        alike_in_any_order(rows, found)
                    }
            }
            _ => false,
        };
        if same {
            Ok(())
        } else {
            Err(format!("expected {self:#?}\nfound {found:#?}"))
        }
    }
}

fn alike_in_any_order(expected: &[Entity], found: &[Entity]) -> bool {
    let mut left: Vec<&Entity> = found.iter().collect();
    expected.iter().all(|row| {
        let place = left.iter().position(|found| alike(row, found));
        place.map(|place| left.swap_remove(place)).is_some()
    })
}

/// The same properties of the same values in the same cases.
fn alike(expected: &Entity, found: &Entity) -> bool {
    expected.len() == found.len()
        && expected.iter().all(|(name, value)| {
            found
                .get(name)
                .is_some_and(|found| equal(value, found) && value.case_name() == found.case_name())
        })
}
