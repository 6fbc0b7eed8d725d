//! A table's documents: how they change, and which a filter or query means.

use std::collections::BTreeMap;
use std::rc::Rc;

use tenon_model::contract::FilterNode;
use tenon_sdk::{Done, Edit, Entity, Evaluation, Filter, Query, Result};

use super::definition::Definition;
use super::edit;
use super::upsert::equal_values;
use crate::fault::{Fault, Planted};
use crate::write::count;

/// A table with its documents.
#[derive(Clone)]
pub(super) struct Documents {
    pub(super) definition: Definition,
    /// By the bytes of their keys.
    pub(super) documents: BTreeMap<Vec<u8>, Rc<Entity>>,
}

impl Documents {
    pub(super) fn new(definition: Definition) -> Self {
        Self {
            definition,
            documents: BTreeMap::new(),
        }
    }

    /// Inserts a document. Here and below, the second result says whether what was done stays though it failed.
    pub(super) fn insert(&mut self, planted: Planted, mut document: Entity) -> (Result<()>, bool) {
        self.definition.kept(planted, &mut document);
        let key = match self.definition.key(planted, &document) {
            Ok(key) => key,
            Err(error) => return (Err(error), false),
        };
        let is_taken = self.documents.contains_key(&key);
        let refuses = is_taken && !planted.is(Fault::TakenKeyIsOverwritten);
        let stores = !refuses || planted.is(Fault::RefusedDocumentIsStored);
        if stores {
            self.documents.insert(key, Rc::new(document));
        }
        if refuses {
            return (Err(self.definition.duplicate()), stores);
        }
        (Ok(()), false)
    }

    /// Puts a changed or made document where it belongs.
    fn put(&mut self, planted: Planted, document: Entity, overwrites: bool) -> Result<()> {
        let key = self.definition.key(planted, &document)?;
        if self.documents.contains_key(&key) && !overwrites {
            return Err(self.definition.duplicate());
        }
        self.documents.insert(key, Rc::new(document));
        Ok(())
    }

    fn matches(&self, planted: Planted, filter: Filter) -> Result<Vec<Vec<u8>>> {
        self.definition.knows_all(planted, &filter)?;
        let evaluation = Evaluation::whole_filter(filter)?;
        let documents = self.documents.iter();
        let matches = documents.filter(|(_, document)| evaluation.matches(document));
        Ok(matches.map(|(key, _)| key.clone()).collect())
    }

    pub(super) fn update(
        &mut self,
        planted: Planted,
        filter: Filter,
        edits: Vec<Edit>,
        upsert: bool,
    ) -> (Result<u64>, bool) {
        let edits = match self.edits(planted, edits) {
            Ok(edits) => edits,
            Err(error) => return (Err(error), false),
        };
        let mut keys = match self.matches(planted, filter.clone()) {
            Ok(keys) => keys,
            Err(error) => return (Err(error), false),
        };
        let inserts =
            upsert && (keys.is_empty() || (keys.len() == 1 && planted.is(Fault::UpsertNeedsTwo)));
        if inserts {
            return (self.upsert(planted, &filter, &edits), false);
        }
        let matched = count(keys.len());
        if planted.is(Fault::UpdateStopsAtTheFirst) {
            keys.truncate(1);
        }
        let stays = planted.is(Fault::FailedStoreUpdateStays);
        match self.change(planted, &keys, &edits) {
            Ok(changed) if planted.is(Fault::StoreUpdateCountsChanges) => (Ok(changed), false),
            Ok(_) => (Ok(matched), false),
            Err(error) => (Err(error), stays),
        }
    }

    /// The edits, as they are made.
    fn edits(&self, planted: Planted, mut edits: Vec<Edit>) -> Result<Vec<Edit>> {
        for edit in &edits {
            let field = edit::path(edit).first();
            field.map_or(Ok(()), |field| self.definition.knows(field))?;
        }
        match planted.0 {
            Some(Fault::EditsAreReversed) => edits.reverse(),
            Some(Fault::EditsAreMadeOnce) => {
                let fields: Vec<Option<String>> = edits
                    .iter()
                    .map(|edit| edit::path(edit).first().cloned())
                    .collect();
                let mut place = 0;
                edits.retain(|_| {
                    place += 1;
                    let field = fields.get(place - 1);
                    !fields.iter().skip(place).any(|later| Some(later) == field)
                });
            }
            _ => {}
        }
        Ok(edits)
    }

    /// Makes the edits in the documents of these keys, and returns how many are others then.
    fn change(&mut self, planted: Planted, keys: &[Vec<u8>], edits: &[Edit]) -> Result<u64> {
        let mut changes = 0;
        let in_place = planted.is(Fault::FailedStoreUpdateStays);
        let mut changed = Vec::with_capacity(keys.len());
        for (number, key) in keys.iter().enumerate() {
            let Some(there) = self.documents.get(key).map(|it| Entity::clone(it)) else {
                continue;
            };
            let mut document = there.clone();
            for edit in edits {
                let is_deep = matches!(edit, Edit::Increment(path, _) if path.len() > 1);
                if is_deep && number > 0 && planted.is(Fault::DeepIncrementIsDoneOnce) {
                    continue;
                }
                edit::apply(planted, &mut document, edit)?;
            }
            changes += u64::from(document != there);
            if in_place {
                let new = self.definition.key(planted, &document)?;
                if new == *key {
                    self.documents.insert(new, Rc::new(document));
                    continue;
                }
            }
            changed.push((key, document));
        }
        for (key, _) in &changed {
            self.documents.remove(*key);
        }
        for (_, document) in changed {
            self.put(planted, document, planted.is(Fault::UpdateOverwritesKeys))?;
        }
        Ok(changes)
    }

    /// Inserts where nothing matches.
    fn upsert(&mut self, planted: Planted, filter: &Filter, edits: &[Edit]) -> Result<u64> {
        if planted.is(Fault::UpsertInsertsNothing) {
            return Ok(0);
        }
        let equals = equal_values(planted, filter)?;
        let mut document = if planted.is(Fault::UpsertIgnoresTheFilter) {
            let key = self.definition.indexes.first();
            let key = key.and_then(|(field, _)| Some((field.clone(), equals.get(field)?.clone())));
            key.into_iter().collect()
        } else {
            equals.clone()
        };
        for edit in edits {
            edit::apply(planted, &mut document, edit)?;
        }
        if planted.is(Fault::UpsertPrefersTheFilter) {
            document.merge(equals);
        }
        self.put(planted, document, planted.is(Fault::UpsertOverwrites))?;
        Ok(u64::from(planted.is(Fault::UpsertCountsItsInsert)))
    }

    pub(super) fn delete(&mut self, planted: Planted, filter: Filter) -> Result<u64> {
        let keys = self.matches(planted, filter)?;
        let matched = count(keys.len());
        let leaves = usize::from(planted.is(Fault::DeleteLeavesOne) && keys.len() > 1);
        for key in keys.iter().skip(leaves) {
            self.documents.remove(key);
        }
        if planted.is(Fault::DeleteCountsTheRest) {
            return Ok(count(self.documents.len()));
        }
        Ok(matched)
    }

    pub(super) fn count(&self, planted: Planted, filter: Filter) -> Result<u64> {
        let matches = self.matches(planted, filter)?;
        if planted.is(Fault::CountIgnoresTheFilter) {
            return Ok(count(self.documents.len()));
        }
        Ok(count(matches.len()))
    }

    /// The rows of a query, and what was done of it.
    pub(super) fn find(&self, planted: Planted, mut query: Query) -> Result<(Vec<Entity>, Done)> {
        self.definition.knows_all(planted, &query.filter)?;
        let ignores = planted.is(Fault::UnknownOrderIsIgnored);
        query
            .order
            .retain(|sort| !ignores || self.definition.has(&sort.property));
        let ordered = query.order.iter().map(|sort| &sort.property);
        ordered
            .chain(&query.fields)
            .try_for_each(|field| self.definition.knows(field))?;
        spoil(planted, &mut query);
        let evaluation = Evaluation::new(query)?;
        let done = evaluation.done(true);
        let (offset, limit) = if done.contains(Done::PAGING) {
            evaluation.part()
        } else {
            (0, usize::MAX)
        };
        let documents = self.documents.values();
        let mut rows: Vec<&Rc<Entity>> = documents
            .filter(|document| evaluation.matches(document))
            .collect();
        if planted.is(Fault::FindCutsFirst) {
            rows.truncate(offset.saturating_add(limit));
        }
        if evaluation.wants_order() && !planted.is(Fault::FindIgnoresTheOrder) {
            rows.sort_by(|left, right| evaluation.compare(left, right));
        }
        let offset = if planted.is(Fault::FindIgnoresTheOffset) {
            0
        } else {
            offset
        };
        let mut rows: Vec<Entity> = rows
            .into_iter()
            .skip(offset)
            .take(limit)
            .map(|document| {
                if planted.is(Fault::FindLeaksFields) {
                    Entity::clone(document)
                } else {
                    evaluation.project_copy(document)
                }
            })
            .collect();
        if rows.len() > 20 && planted.is(Fault::FindLosesTheLast) {
            rows.pop();
        }
        Ok((rows, done))
    }
}

/// A query, as a fault understands it.
fn spoil(planted: Planted, query: &mut Query) {
    if planted.is(Fault::FindOrdersByTheFirst) {
        query.order.truncate(1);
    }
    if planted.is(Fault::FindFiltersByHalf)
        && let Some(FilterNode::AllOf(parts)) = query.filter.first_mut()
        && parts.len() > 1
    {
        let left = parts.remove(1);
        // A node that nobody refers to is no tree: the first part stands for it.
        let place = usize::try_from(left).unwrap_or(usize::MAX);
        if let Some(node) = query.filter.get_mut(place) {
            *node = FilterNode::AllOf(Vec::new());
        }
        if let Some(FilterNode::AllOf(parts)) = query.filter.first_mut() {
            parts.insert(1, left);
        }
    }
}
