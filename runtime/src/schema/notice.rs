//! The notice that a backend no longer matches its models, in the log, soon after a data source's first use.
//!
//! Nobody waits for it, and it keeps nobody waiting: it takes a session that is idle, once, and is gone with the
//! first failure or the data source's end.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Planned;
use crate::capability::Capability;
use crate::catalogue::Catalogue;
use crate::data_source::DataSource;
use crate::error::Result;
use crate::names::DataSourceName;
use crate::pool::{Pool, Seat};

/// How long after the first use it looks for an idle session: a short program is over by then.
const PAUSE: Duration = Duration::from_secs(1);

/// How often it looks for one.
const TRIES: u32 = 60;

/// How many steps the notice names.
const NAMED: usize = 3;

/// The notice of one data source.
pub(crate) struct Notice {
    catalogue: Weak<Catalogue>,
    source: DataSourceName,
    pool: Weak<Pool>,
}

impl Notice {
    /// Looks whether a data source's collections match its models, in the background, where its connector can tell.
    pub(crate) fn begin(catalogue: &Weak<Catalogue>, source: &DataSource, pool: &Arc<Pool>) {
        if !source.checks_schema() || !source.connector().has(Capability::Schema) {
            return;
        }
        let notice = Self {
            catalogue: Weak::clone(catalogue),
            source: source.name().clone(),
            pool: Arc::downgrade(pool),
        };
        tokio::spawn(notice.run());
    }

    async fn run(self) {
        for _ in 0..TRIES {
            tokio::time::sleep(PAUSE).await;
            let (Some(catalogue), Some(pool)) = (self.catalogue.upgrade(), self.pool.upgrade())
            else {
                return;
            };
            if pool.is_closing() {
                return;
            }
            let Some(seat) = pool.idle_seat() else {
                continue;
            };
            if let Err(error) = self.look(&catalogue, &pool, seat).await {
                tracing::debug!(target: "tenon::schema", source = %self.source, %error, "planning in the background");
            }
            return;
        }
    }

    async fn look(&self, catalogue: &Catalogue, pool: &Arc<Pool>, seat: Seat) -> Result<()> {
        let planned = Planned::new(catalogue, self.source.as_str(), &[]).await?;
        if planned.definitions.is_empty() {
            return Ok(());
        }
        let (plan, seat) = planned.plan(pool, seat).await?;
        drop(seat);
        if plan.is_empty() {
            return Ok(());
        }
        let mut named: Vec<String> = plan
            .steps()
            .iter()
            .take(NAMED)
            .map(ToString::to_string)
            .collect();
        if plan.steps().len() > NAMED {
            named.push(format!("{} more", plan.steps().len() - NAMED));
        }
        tracing::warn!(
            target: "tenon::schema",
            source = %self.source,
            steps = plan.steps().len(),
            "the backend does not match the models: {}; see `tenon migrate {}`",
            named.join("; "),
            self.source,
        );
        Ok(())
    }
}
