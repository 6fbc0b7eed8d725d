//! What came of a query, held against what had to come.

use crate::finding::{Checked, Finding, Stop};
use crate::reference::{key_names, key_of, same, same_records, same_rows, same_value};
use crate::show;
use std::collections::BTreeSet;
use tenon_model::contract::Query;
use tenon_model::{Done, Entity, Matcher, RowOrder};

use super::{Known, encoded};

/// A query, with what the connector says it has done of it.
pub struct Question<'k> {
    pub known: &'k Known,
    pub query: &'k Query,
    pub done: Done,
    pub matcher: &'k Matcher,
    pub order: RowOrder,
}

impl Question<'_> {
    pub fn judge(&self, rows: Vec<Entity>) -> Checked {
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
pub fn borrowed(records: &[&Entity]) -> String {
    let records: Vec<Entity> = records.iter().take(14).map(|it| (*it).clone()).collect();
    show::records(&records)
}
