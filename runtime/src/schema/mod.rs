//! A data source's collections beside its models: what would bring them together, done by consent alone.
//!
//! A plan comes from the connector and is judged here too. It is applied as it was consented to, by its digest, and
//! planned again right before, on the same session; a step that can lose data needs a word of its own.

mod collections;
mod danger;
mod notice;
mod plan;

use std::sync::Arc;

use tenon_model::{Problems, closest};

pub use collections::Collection;
pub use danger::Danger;
pub(crate) use notice::Notice;
pub use plan::{SchemaPlan, SchemaStep};

use crate::capability::Capability;
use crate::catalogue::Catalogue;
use crate::dao::trace::Operation;
use crate::data_source::DataSource;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::{Pool, Seat};
use crate::reference::Digest;
use crate::runtime::Runtime;
use crate::session::{ApplySchema, Definition, DropModel, PlanSchema, no_schema};

/// What somebody has consented to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The plan, by its digest.
    pub digest: Digest,
    /// Also to its steps that can lose data.
    pub destructive: bool,
}

impl Runtime {
    /// What would bring a data source's collections to its models, or to some of them.
    ///
    /// # Errors
    /// `not-found` where there is no such data source or model, `unsupported` where the connector doesn't manage its
    /// collections, and whatever the backend reports.
    pub async fn plan_schema(&self, source: &str, models: &[String]) -> Result<SchemaPlan> {
        let planned = Planned::new(self.catalogue(), source, models).await?;
        let trace = Operation::of_source(planned.source.name(), "plan-schema");
        let work = async {
            let pool = planned.source.pool().await?;
            let seat = pool.seat().await?;
            Ok(planned.plan(&pool, seat).await?.0)
        };
        trace.run(work).await
    }

    /// Applies a plan that somebody has consented to, and plans again: what it returns is left to do.
    ///
    /// # Errors
    /// `conflict` where the plan isn't what it was any more, `denied` where steps can lose data and the consent doesn't
    /// say so, both with nothing done; and whatever the backend reports.
    pub async fn apply_schema(&self, plan: &SchemaPlan, consent: Consent) -> Result<SchemaPlan> {
        let planned = Planned::new(self.catalogue(), plan.source().as_str(), plan.models()).await?;
        let trace = Operation::of_source(plan.source(), "apply-schema");
        let work = async {
            let pool = planned.source.pool().await?;
            let (now, seat) = planned.plan(&pool, pool.seat().await?).await?;
            check_consent(&now, consent)?;
            if now.is_empty() {
                return Ok(now);
            }
            let steps = now.raw();
            let applied = pool.call_on(seat, ApplySchema { steps }).await;
            let ((), seat) = applied.map_err(|error| at_step(error, &now))?;
            Ok(planned.plan(&pool, seat).await?.0)
        };
        trace.run(work).await
    }

    /// Removes a model's collection with all of its data. Nothing to remove is no error.
    ///
    /// # Errors
    /// `denied` where `destructive` isn't said, `not-found` where there is no such model, `unsupported` where the
    /// connector doesn't manage its collections, and whatever the backend reports.
    pub async fn drop_model(&self, model: &str, destructive: bool) -> Result<()> {
        let dao = self.model(model).await?;
        let source = dao.data_source();
        let trace = Operation::of_source(source.name(), "drop-model");
        let work = async {
            needs_schema(source)?;
            if !destructive {
                return Err(Error::new(
                    ErrorKind::Denied,
                    format!(
                        "this would remove every record of {model}, and nobody consented to it"
                    ),
                )
                .remedy("consent to what is destructive, if it is meant; `tenon drop` takes --allow-destructive")
                .at(source.name()));
            }
            let pool = source.pool().await?;
            let definition = Arc::clone(dao.definition());
            pool.call(DropModel { definition }).await
        };
        trace.run(work).await
    }
}

/// A data source, and those of its models that a plan is for.
struct Planned {
    source: Arc<DataSource>,
    definitions: Vec<Arc<Definition>>,
}

impl Planned {
    /// All models of a data source, or those of these names.
    async fn new(catalogue: &Catalogue, source: &str, models: &[String]) -> Result<Self> {
        let source = catalogue.data_source(source).await?;
        needs_schema(&source)?;
        let attached = catalogue.config.models.iter();
        let attached: Vec<&str> = attached
            .filter(|(_, model)| model.source == *source.name())
            .map(|(name, _)| name.as_str())
            .collect();
        if let Some(unknown) = models
            .iter()
            .find(|name| !attached.contains(&name.as_str()))
        {
            let error = Error::new(
                ErrorKind::NotFound,
                format!("there is no model named {unknown:?} on this data source"),
            )
            .at(source.name());
            return Err(match closest(unknown, attached.iter().copied()) {
                Some(near) => error.remedy(format!("did you mean {near:?}?")),
                None => error,
            });
        }
        let wanted = |name: &&str| models.is_empty() || models.iter().any(|model| model == name);
        let mut definitions = Vec::new();
        for name in attached.into_iter().filter(wanted) {
            let dao = catalogue.model(name).await?;
            definitions.push(Arc::clone(dao.definition()));
        }
        Ok(Self {
            source,
            definitions,
        })
    }

    /// Plans on that seat's session, and gives it back.
    async fn plan(&self, pool: &Arc<Pool>, seat: Seat) -> Result<(SchemaPlan, Seat)> {
        let models = self.definitions.iter();
        let models = models.map(|definition| definition.model.clone()).collect();
        let (steps, seat) = pool.attempt_on(seat, PlanSchema { models }).await?;
        let names = self.definitions.iter();
        let names = names.map(|definition| definition.model.name.clone());
        let name = self.source.name();
        let plan =
            SchemaPlan::new(name, names.collect(), steps, pool).map_err(|error| error.at(name))?;
        Ok((plan, seat))
    }
}

/// Whether the consent is for this plan, as it is now.
fn check_consent(plan: &SchemaPlan, consent: Consent) -> Result<()> {
    if consent.digest != *plan.digest() {
        return Err(Error::new(
            ErrorKind::Conflict,
            "the plan is not the one that was consented to: the collections or the models have changed since",
        )
        .remedy("look at the plan as it is now, and consent to that")
        .at(plan.source()));
    }
    if consent.destructive {
        return Ok(());
    }
    let mut problems = Problems::new();
    for (number, step) in (1..).zip(plan.steps()) {
        if let Some(danger) = &step.danger {
            problems.push(format!("step {number}"), format!("{step} ({danger})"));
        }
    }
    problems.none_or(()).map_err(|problems| {
        Error::with_problems(
            ErrorKind::Denied,
            "the plan has steps that can lose data, and nobody consented to them",
            problems,
        )
        .remedy("consent to what is destructive, if it is meant; `tenon migrate` takes --allow-destructive")
        .at(plan.source())
    })
}

/// The error of the step that failed, where its connector tells which.
fn at_step(error: Error, plan: &SchemaPlan) -> Error {
    let index = error.detail("index").and_then(|index| index.parse().ok());
    match index.and_then(|index: usize| Some((index, plan.steps().get(index)?))) {
        Some((index, step)) => error.about(format!(
            "step {} of {}, {step}",
            index + 1,
            plan.steps().len()
        )),
        None => error,
    }
}

/// Whether a data source's connector manages its collections.
fn needs_schema(source: &DataSource) -> Result<()> {
    if source.connector().has(Capability::Schema) {
        Ok(())
    } else {
        Err(no_schema().at(source.name()))
    }
}
