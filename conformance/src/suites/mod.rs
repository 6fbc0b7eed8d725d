//! The checks, by what they are about.

mod aggregates;
mod batches;
mod changes;
mod concurrency;
mod cursors;
mod errors;
mod filters;
mod generated;
mod key_parts;
mod keys;
mod lifecycle;
mod many;
mod native;
mod operations;
mod order;
mod pages;
mod properties;
mod read_model;
mod reading;
mod redefinition;
mod reset;
mod schema;
mod sequences;
mod sessions;
mod transactions;
mod unique;
mod upserts;
mod values;

use tenon_runtime::Capability;

use crate::bench::Bench;
use crate::finding::Checked;
use crate::subject::Subject;

/// One thing that a connector has to do.
pub struct Check {
    /// Its name, as `--only` takes it: the capability, what it is about, and what of it.
    pub name: &'static str,
    /// What holds where it passes, in a few words.
    pub about: &'static str,
    /// The capabilities that it is about: it runs where all of them are exported.
    pub needs: &'static [Capability],
    /// Whether it stores records of its own: it is skipped where none can be stored.
    pub writes: bool,
    /// Finds out.
    pub run: fn(&mut Bench<'_>) -> Checked,
}

impl Check {
    /// Whether the connector exports what the check is about.
    pub fn applies_to(&self, subject: &Subject) -> bool {
        self.needs.iter().all(|capability| subject.has(*capability))
    }
}

/// Every check, in the order in which they run: what others build on comes first.
pub fn all() -> impl Iterator<Item = &'static Check> {
    let suites: &[&[Check]] = &[
        lifecycle::CHECKS,
        reset::CHECKS,
        sessions::CHECKS,
        redefinition::CHECKS,
        operations::CHECKS,
        many::CHECKS,
        changes::CHECKS,
        values::CHECKS,
        values::TOGETHER,
        values::LIMITS,
        properties::CHECKS,
        keys::CHECKS,
        key_parts::CHECKS,
        generated::CHECKS,
        batches::CHECKS,
        unique::CHECKS,
        errors::CHECKS,
        filters::comparisons::CHECKS,
        filters::nodes::CHECKS,
        filters::many::CHECKS,
        filters::extension::CHECKS,
        filters::writes::CHECKS,
        filters::invented::CHECKS,
        order::CHECKS,
        pages::CHECKS,
        cursors::CHECKS,
        sequences::CHECKS,
        reading::CHECKS,
        aggregates::CHECKS,
        upserts::CHECKS,
        transactions::CHECKS,
        concurrency::CHECKS,
        schema::CHECKS,
        native::CHECKS,
        read_model::CHECKS,
    ];
    suites.iter().copied().flatten()
}

/// The capabilities that the connector exports, and that no check is about.
pub fn without_checks(subject: &Subject) -> Vec<String> {
    let checked = |capability: &Capability| all().any(|check| check.needs.contains(capability));
    let capabilities = subject.capabilities().iter();
    capabilities
        .filter(|capability| !checked(capability))
        .map(|capability| capability.name().to_owned())
        .collect()
}
