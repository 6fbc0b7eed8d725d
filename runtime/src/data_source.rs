//! A data source: a name for a connector with its settings, grants and limits, and the sessions it has.
//!
//! Nothing of it runs before its first use. Then its settings and grants are checked, its leases taken and
//! its first session started; where that fails, the next use tries again.

use std::sync::{Arc, Weak};

use tenon_model::{Generation, Model, Problems, Property, PropertyType};
use tokio::sync::OnceCell;

use crate::capability::Capability;
use crate::catalogue::Catalogue;
use crate::config::SourceConfig;
use crate::connector::Connector;
use crate::dao::FindsOrWrites;
use crate::direct::DirectSource;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result, printable};
use crate::grants::{self, Access, Grant, MissingGrant, Need};
use crate::leases::{self, Lease, LeaseKey, Leases};
use crate::manifest::Sharing;
use crate::names::DataSourceName;
use crate::pool::{Health, Pool, PoolOptions, PoolState};
use crate::schema::Notice;
use crate::secrets::{ResolvedSettings, Secrets};
use crate::session::{Session, SessionPlan};
use crate::settings;

/// The capabilities that sessions are started for.
const IN_USE: &[Capability] = &[
    Capability::Crud,
    Capability::Native,
    Capability::Schema,
    Capability::ReadModel,
];

/// What sessions start with, and what is held for them.
struct Ready {
    plan: SessionPlan,
    leases: Vec<Lease>,
    secrets: Secrets,
}

/// A data source.
pub struct DataSource {
    pub(crate) name: DataSourceName,
    config: SourceConfig,
    connector: Arc<Connector>,
    engine: Engine,
    leases: Arc<dyn Leases>,
    pool: OnceCell<Arc<Pool>>,
    /// Where its models are.
    catalogue: Weak<Catalogue>,
}

impl DataSource {
    pub(crate) fn new(
        engine: Engine,
        connector: Arc<Connector>,
        config: SourceConfig,
        leases: Arc<dyn Leases>,
        catalogue: Weak<Catalogue>,
    ) -> Self {
        Self {
            name: config.name.clone(),
            config,
            connector,
            engine,
            leases,
            pool: OnceCell::new(),
            catalogue,
        }
    }

    /// Its name.
    pub fn name(&self) -> &DataSourceName {
        &self.name
    }

    /// Its connector.
    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    /// What it is granted.
    pub fn grants(&self) -> &[Grant] {
        &self.config.grants
    }

    /// What it may use.
    pub fn limits(&self) -> &crate::limits::Limits {
        &self.config.limits
    }

    /// What holds for finding or writing a record here; none where the connector has no records.
    pub fn finds_or_writes(&self) -> Option<FindsOrWrites> {
        if self.connector.has(Capability::Upsert) {
            return Some(FindsOrWrites::Backend);
        }
        let has_records = self.connector.has(Capability::Crud);
        has_records.then_some(FindsOrWrites::Runtime)
    }

    /// Where its leases come from.
    pub(crate) fn leases(&self) -> &dyn Leases {
        &*self.leases
    }

    /// Whether commands in the backend's own language may be run on it.
    pub fn allows_native(&self) -> bool {
        self.config.native
    }

    /// Whether its first use looks if the collections match the models.
    pub(crate) fn checks_schema(&self) -> bool {
        self.config.schema_check
    }

    /// How its sessions are doing; none before the first use.
    pub fn pool_state(&self) -> Option<PoolState> {
        self.pool.get().map(|pool| pool.state())
    }

    /// Whether it has its backend; none before the first use.
    pub fn health(&self) -> Option<Health> {
        self.pool.get().map(|pool| pool.health())
    }

    /// Whether the connector makes keys for models that declare none; else the runtime does.
    pub fn generates_keys(&self) -> bool {
        self.connector.manifest().generated_key.is_some()
    }

    /// Checks settings and grants and says what the connector asks for, without starting anything.
    ///
    /// # Errors
    /// `configuration`, with every mistake in the settings, or what the connector says of them.
    pub async fn needs(&self) -> Result<Vec<Need>> {
        let (settings, secrets) = self.settings()?;
        self.ask_needs(&settings, &secrets).await
    }

    /// The needs that no grant covers.
    ///
    /// # Errors
    /// As [`DataSource::needs`].
    pub async fn missing_grants(&self) -> Result<Vec<MissingGrant>> {
        Ok(grants::check(&self.needs().await?, &self.config.grants))
    }

    /// Asks the backend whether it answers, starting a session if there is none.
    ///
    /// # Errors
    /// What keeps it from answering.
    pub async fn ping(&self) -> Result<()> {
        self.pool().await?.ping().await
    }

    /// Ends its sessions, once the calls that run are done, and gives its leases back. It can't be used again.
    ///
    /// # Errors
    /// The first that a session's end reported.
    pub async fn close(&self) -> Result<()> {
        match self.pool.get() {
            Some(pool) => pool.close().await,
            None => Ok(()),
        }
    }

    /// A model as this data source has it: with a key, if it declares none.
    pub(crate) fn complete(&self, model: &Model) -> Model {
        let mut model = model.clone();
        if model.key_properties().is_empty() {
            let kind = self
                .connector
                .manifest()
                .generated_key
                .unwrap_or(PropertyType::Uuid);
            let mut id = Property::new("id", kind);
            id.key = Some(1);
            id.generated = Generation::WhenMissing;
            model.properties.insert(0, id);
        }
        model
    }

    /// Its sessions; the first use makes everything ready for them.
    pub(crate) async fn pool(&self) -> Result<Arc<Pool>> {
        match self.pool.get() {
            Some(pool) => Ok(Arc::clone(pool)),
            None => self
                .pool
                .get_or_try_init(|| self.start())
                .await
                .map(Arc::clone)
                .map_err(|error| error.at(&self.name)),
        }
    }

    async fn start(&self) -> Result<Arc<Pool>> {
        if !IN_USE.iter().any(|used| self.connector.has(*used)) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "the connector {} keeps no records: it does not export `crud`",
                    self.connector.manifest().name
                ),
            ));
        }
        let writes = self.config.grants.iter().any(Grant::writes_files);
        let own_thread = self.connector.manifest().sharing == Sharing::Exclusive && writes;
        let ready = self.make_ready(own_thread).await?;
        tracing::debug!(source = %self.name, connector = ?self.connector, "starting");
        let secrets = ready.secrets;
        let pool = Pool::new(PoolOptions {
            source: self.name.clone(),
            plan: ready.plan,
            sharing: self.connector.manifest().sharing,
            own_thread,
            leases: ready.leases,
            clean: Box::new(move |text| secrets.redact(text)),
        })?;
        Notice::begin(&self.catalogue, self, &pool);
        Ok(pool)
    }

    /// Instances of its connector whose calls are the contract's, one for one, beside the sessions of its pool: for
    /// tools that look at a connector itself. Their file operations block the thread that calls them.
    ///
    /// # Errors
    /// As the first use of a data source: wrong settings, missing grants, a lease that another holds, among them its
    /// own pool where there may be only one instance.
    pub async fn direct(&self) -> Result<DirectSource> {
        // Whoever calls an instance waits for it anyway: a hop to another thread for each file operation is spared.
        let ready = self.make_ready(true).await?;
        Ok(DirectSource::new(ready.plan, ready.leases, ready.secrets))
    }

    /// Checks everything that a session starts with, and takes the leases. With a thread of their own, the sessions' file
    /// operations may block it.
    async fn make_ready(&self, own_thread: bool) -> Result<Ready> {
        let (settings, secrets) = self.settings()?;
        let needs = self.ask_needs(&settings, &secrets).await?;
        let missing = grants::check(&needs, &self.config.grants);
        if !missing.is_empty() {
            return Err(self.refuse(&missing));
        }
        let sharing = self.connector.manifest().sharing;
        let leases = self.take_leases(sharing).await?;
        let plan = SessionPlan {
            engine: self.engine.clone(),
            connector: Arc::clone(&self.connector),
            settings: settings.to_text(),
            limits: self.config.limits.clone(),
            access: self.access(own_thread, secrets.clone()),
            collections: Arc::default(),
            alive: Arc::default(),
        };
        Ok(Ready {
            plan,
            leases,
            secrets,
        })
    }

    fn settings(&self) -> Result<(ResolvedSettings, Secrets)> {
        let mut secrets = Secrets::new();
        let wrong = |problems| {
            Error::with_problems(ErrorKind::Configuration, "its settings are wrong", problems)
                .at(&self.name)
        };
        let resolved = secrets.resolve(&self.config.settings).map_err(wrong)?;
        settings::check(
            &self.connector.manifest().settings_schema,
            &resolved,
            &mut secrets,
        )
        .map_err(|error| error.at(&self.name))?;
        Ok((resolved, secrets))
    }

    /// Asks the connector in an instance that has no grants.
    async fn ask_needs(&self, settings: &ResolvedSettings, secrets: &Secrets) -> Result<Vec<Need>> {
        let needs = Session::needs(
            &self.engine,
            &self.connector,
            &settings.to_text(),
            &self.config.limits,
        )
        .await
        .map_err(|error| error.cleaned(|text| secrets.redact(text)).at(&self.name))?;
        // What a connector asks for is made of its settings, secrets among them.
        let shown = |text: &str| printable(&secrets.redact(text));
        Ok(needs
            .iter()
            .map(|need| Need::new(shown(&need.kind), shown(&need.target)))
            .collect())
    }

    /// The leases that sessions of this source need: on itself where there may be only one, and on each
    /// folder that they write to.
    async fn take_leases(&self, sharing: Sharing) -> Result<Vec<Lease>> {
        let mut keys = Vec::new();
        if sharing == Sharing::Exclusive {
            keys.push(LeaseKey::DataSource(self.name.clone()));
        }
        for grant in &self.config.grants {
            if let Grant::Folder(folder) = grant
                && grant.writes_files()
            {
                keys.push(LeaseKey::Folder(folder.host.clone()));
            }
        }
        // The same folder under two names is one lease.
        keys.sort();
        keys.dedup();
        let mut held = Vec::with_capacity(keys.len());
        for key in &keys {
            held.push(leases::take(&*self.leases, key, self.config.limits.wait_timeout).await?);
        }
        Ok(held)
    }

    fn access(
        &self,
        own_thread: bool,
        secrets: Secrets,
    ) -> Box<dyn Fn() -> Result<Access> + Send + Sync> {
        let name = self.name.clone();
        let granted: Arc<[Grant]> = self.config.grants.as_slice().into();
        Box::new(move || Access::granted(&granted, &name, &secrets, own_thread))
    }

    fn refuse(&self, missing: &[MissingGrant]) -> Error {
        let mut problems = Problems::new();
        let place = format!("sources.{}.grants", self.name);
        for grant in missing {
            problems.push(place.as_str(), grant.reason());
        }
        let error = Error::with_problems(
            ErrorKind::Denied,
            "the connector asks for what it is not granted",
            problems,
        );
        // Each line grants all that can be granted.
        match missing.iter().find_map(|grant| grant.line.as_deref()) {
            Some(line) => error.remedy(format!(
                "to grant it, write under [sources.{}]:\n{line}",
                self.name
            )),
            None => error,
        }
    }
}

impl std::fmt::Debug for DataSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataSource({}, {:?})", self.name, self.connector)
    }
}

/// A definition of a model for its data source's connector, with a reference for each relation to a model that it has
/// too.
pub(crate) fn definition(
    slot: usize,
    model: &Model,
    is_of_same_source: &dyn Fn(&str) -> bool,
) -> crate::session::Definition {
    crate::session::Definition {
        slot,
        version: 1,
        model: model.to_contract_among(is_of_same_source),
    }
}
