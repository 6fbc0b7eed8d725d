//! A session of the connector under test. Its calls wait for their end: a check is a sequence of them, in a thread of
//! its own.

use tenon_model::contract::{
    AggregateRequest, Done, Entity, Filter, Key, Model, Page, Query, Value,
};
use tenon_model::into_entities;
use tenon_runtime::Isolation;
use tenon_runtime::direct::{
    Called, Collection, Described, Edit, Instance, OpenRows, OpenStore, Step, Table, count_rows,
};

use crate::finding::Finding;
use crate::subject::Subject;

/// How many pages in a row may be empty: a connector that searches long says so with them.
const EMPTY_PAGES: usize = 10_000;

/// A session.
pub struct Session<'s> {
    subject: &'s Subject,
    instance: Instance,
}

/// Declares the calls that are the instance's own.
macro_rules! calls {
    ($($name:ident($($argument:ident: $type:ty),*) -> $output:ty;)+) => {
        impl Session<'_> {
            $(
                pub fn $name(&mut self, $($argument: $type),*) -> Called<$output> {
                    let result = self.subject.tokio().block_on(self.instance.$name($($argument),*));
                    if let Err(failure) = &result {
                        self.subject.look_at(stringify!($name), failure);
                    }
                    result
                }
            )+
        }
    };
}

calls! {
    describe() -> Described;
    initialize() -> ();
    connect() -> ();
    define(model: &Model) -> ();
    ping() -> ();
    reset() -> ();
    disconnect() -> ();
    dispose() -> ();
    create(model: &str, data: &Entity) -> Entity;
    create_all(model: &str, data: &[Entity]) -> Vec<Entity>;
    save(model: &str, data: &Entity) -> Entity;
    exists(model: &str, id: &Key) -> bool;
    find(model: &str, id: &Key) -> Option<Entity>;
    all(model: &str, query: &Query) -> (OpenRows, Done);
    count(model: &str, filter: &Filter) -> u64;
    update_attributes(model: &str, id: &Key, data: &Entity) -> Entity;
    update(model: &str, filter: &Filter, data: &Entity) -> u64;
    destroy(model: &str, id: &Key) -> bool;
    destroy_all(model: &str, filter: &Filter) -> u64;
    update_or_create(model: &str, by: &[String], data: &Entity) -> (Entity, bool);
    replace_or_create(model: &str, by: &[String], data: &Entity) -> (Entity, bool);
    find_or_create(model: &str, filter: &Filter, data: &Entity) -> (Entity, bool);
    upsert_where(model: &str, filter: &Filter, data: &Entity) -> (Entity, bool);
    begin(isolation: Option<Isolation>, read_only: bool) -> ();
    commit() -> ();
    rollback() -> ();
    plan(models: &[Model]) -> Vec<Step>;
    apply(steps: &[Step]) -> ();
    collections() -> Vec<Collection>;
    discover(collections: &[String]) -> Vec<Model>;
    drop_model(model: &str) -> ();
    execute(command: &str, parameters: &[Value]) -> OpenRows;
    aggregate(model: &str, request: &AggregateRequest) -> OpenRows;
    open_store(read_model: &str) -> OpenStore;
    close_store(store: OpenStore, read_model: &str) -> ();
    drop_store(store: OpenStore, read_model: &str) -> ();
    get_state(store: OpenStore) -> Option<String>;
    set_state(store: OpenStore, state: &str) -> ();
    define_table(store: OpenStore, table: &Table) -> ();
    insert_document(store: OpenStore, table: &str, document: &Entity) -> ();
    update_documents(store: OpenStore, table: &str, filter: &Filter, edits: &[Edit], upsert: bool) -> u64;
    delete_documents(store: OpenStore, table: &str, filter: &Filter) -> u64;
    count_documents(store: OpenStore, table: &str, filter: &Filter) -> u64;
    find_documents(store: OpenStore, table: &str, query: &Query) -> (OpenRows, Done);
    let_go(rows: OpenRows) -> ();
}

impl<'s> Session<'s> {
    pub(crate) fn new(subject: &'s Subject, instance: Instance) -> Self {
        Self { subject, instance }
    }

    /// The next page of a result, after a look at what holds for every page.
    pub fn next(&mut self, rows: OpenRows, max: u32) -> Called<Option<Page>> {
        let page = self.subject.tokio().block_on(self.instance.next(rows, max));
        match &page {
            Err(failure) => self.subject.look_at("next", failure),
            Ok(Some(page)) => self.look_at_page(page, max),
            Ok(None) => {}
        }
        page
    }

    /// Closes a result and lets go of it.
    pub fn close(&mut self, rows: OpenRows) -> Called<()> {
        let closed = self.subject.tokio().block_on(self.instance.close(rows));
        if let Err(failure) = &closed {
            self.subject.look_at("close", failure);
        }
        self.let_go(rows)?;
        closed
    }

    /// The records of a result's next page; none at its end.
    pub fn next_records(
        &mut self,
        rows: OpenRows,
        max: u32,
    ) -> Called<Option<Vec<tenon_model::Entity>>> {
        // A page that is not well formed was noticed when it came.
        Ok(self
            .next(rows, max)?
            .map(|page| into_entities(page).unwrap_or_default()))
    }

    /// Reads a result to its end, in pages of at most `max`, and closes it.
    pub fn read(&mut self, rows: OpenRows, max: u32) -> Called<Vec<tenon_model::Entity>> {
        let mut all = Vec::new();
        let mut empty = 0;
        loop {
            match self.next_records(rows, max) {
                Ok(None) => break,
                Ok(Some(page)) => {
                    empty = if page.is_empty() { empty + 1 } else { 0 };
                    all.extend(page);
                    if empty > EMPTY_PAGES {
                        self.subject.notice(Finding::new(
                            "a result never comes to its end: it hands out empty pages",
                        ));
                        break;
                    }
                }
                Err(failure) => {
                    // The first error is the one to tell of.
                    let _ = self.close(rows);
                    return Err(failure);
                }
            }
        }
        self.close(rows)?;
        Ok(all)
    }

    fn look_at_page(&self, page: &Page, max: u32) {
        let rows = count_rows(page);
        if u32::try_from(rows).unwrap_or(u32::MAX) > max {
            self.subject.notice(
                Finding::new("a page has more rows than were asked for")
                    .differs(format!("at most {max}"), rows),
            );
        }
        if let Err(reason) = into_entities(page.clone()) {
            self.subject
                .notice(Finding::new(format!("a page is not well formed: {reason}")));
        }
    }

    /// The linear memory that the instance has, in bytes.
    pub fn memory(&self) -> usize {
        self.instance.memory()
    }
}
