//! A query's rows with what they lead to.
//!
//! Records are collected before anything else is asked for: a pooled session is never kept while another one is
//! waited for, and each relation is one query. An exclusive session is nobody's between pages, so from there they
//! come in batches, and a result may be of any size.

use std::sync::Arc;

use tenon_model::{Entity, Include, Query};

use super::Budget;
use super::attach::{Attaching, Level};
use super::load::{load, needed, widen};
use crate::dao::Target;
use crate::dao::reader::Reader;
use crate::error::Result;
use crate::manifest::Sharing;

/// Records whose relations are loaded together: more would be held for nothing.
const BATCH: usize = 10_000;

/// Records that are completed before they are handed out: their relations' ones among them.
const HANDED_OUT: u64 = 1_000;

/// A query that loads relations, being read.
pub(in crate::dao) struct Including {
    target: Arc<Target>,
    include: Vec<Include>,
    /// Properties that are taken out of the records at the end.
    strip: Vec<String>,
    reader: Option<Reader>,
    level: Level,
    records: std::vec::IntoIter<Entity>,
}

impl Including {
    /// Reads a prepared query.
    pub(in crate::dao) fn new(target: Arc<Target>, mut query: Query) -> Result<Self> {
        let include = std::mem::take(&mut query.include);
        let names = needed(&target, &include)?;
        let strip = widen(&mut query, &target, &names);
        let plan = target.plan_keeping(query, &names);
        Ok(Self {
            reader: Some(Reader::new(Arc::clone(&target), plan)),
            target,
            include,
            strip,
            level: Level::default(),
            records: Vec::new().into_iter(),
        })
    }

    /// The next records; none at the end.
    pub(in crate::dao) async fn next(&mut self) -> Result<Option<Vec<Entity>>> {
        if self.records.len() == 0 {
            let mut budget = Budget::new(&self.target);
            let mut records = self.batch(&mut budget).await?;
            if records.is_empty() {
                return Ok(None);
            }
            let mut all: Vec<&mut Entity> = records.iter_mut().collect();
            let strip = self.strip.clone();
            self.level = load(&self.target, &mut all, &self.include, strip, &mut budget, 1).await?;
            self.records = records.into_iter();
        }
        let limit = self.target.source.limits().include_rows;
        let mut completed = Vec::new();
        let mut handed_out = 0;
        while handed_out < HANDED_OUT
            && let Some(mut record) = self.records.next()
        {
            let mut attaching = Attaching { records: 0, limit };
            attaching.complete(&mut record, &self.level)?;
            handed_out += 1 + attaching.records;
            completed.push(record);
        }
        Ok(Some(completed))
    }

    /// Records to load relations for together; none at the end.
    async fn batch(&mut self, budget: &mut Budget) -> Result<Vec<Entity>> {
        let mut records = Vec::new();
        let batches = self.target.source.connector().manifest().sharing == Sharing::Exclusive;
        while let Some(reader) = &mut self.reader {
            match reader.next().await? {
                Some(rows) => {
                    budget.take(rows.len())?;
                    records.extend(rows);
                }
                None => self.reader = None,
            }
            if batches && records.len() >= BATCH {
                break;
            }
        }
        Ok(records)
    }
}
