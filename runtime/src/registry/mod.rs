//! The registry: a folder of connectors, each under the digest of its component.
//!
//! A component is registered once: it is compiled, checked without any access, and kept with its compiled
//! code. Whatever is done to the folder, a kill at any moment leaves the old state or the new, several
//! processes may use it at once, and it needs no repair.

mod compiled;
mod compiler;
mod index;
mod store;
mod sweep;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use wasmtime::component::Component;

pub use compiler::{Compiler, serve_compile_request};
pub use index::Entry;

use self::compiled::{CompiledCode, Kept, Seal};
use self::index::{Index, unknown_digest};
use self::store::{Item, Store};
use crate::connector::Connector;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::names::ConnectorName;
use crate::reference::{ConnectorReference, Digest};

/// A folder of connectors. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
    compiler: Compiler,
}

struct Shared {
    store: Store,
    seal: Seal,
    loaded: Mutex<HashMap<Digest, Slot>>,
}

/// A connector while somebody uses it. The lock makes those wait who want the same one at the same time, so
/// that it is compiled once.
type Slot = Arc<tokio::sync::Mutex<Weak<Connector>>>;

/// What a registration did.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered {
    /// The connector.
    pub entry: Entry,
    /// It was registered before, and nothing has changed.
    pub already: bool,
}

/// What a reference stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The connector's name.
    pub name: ConnectorName,
    /// Its version.
    pub version: semver::Version,
    /// The digest of its component.
    pub digest: Digest,
}

impl Registry {
    /// Opens the registry in that folder, and makes it if there is none. It compiles with
    /// [`Compiler::ThisProgram`].
    ///
    /// # Errors
    /// `configuration`, where the folder is another user's or open to others; `host`, where it can't be made.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let store = Store::open(folder.as_ref())?;
        let seal = Seal::of(&store)?;
        Ok(Self {
            shared: Arc::new(Shared {
                store,
                seal,
                loaded: Mutex::default(),
            }),
            compiler: Compiler::default(),
        })
    }

    /// The same registry, with another compiler.
    #[must_use]
    pub fn with_compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = compiler;
        self
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        self.shared.store.root()
    }

    /// Registers a component: compiles it, checks that it is a connector, reads its manifest, and keeps all
    /// of it. The same component again changes nothing.
    ///
    /// # Errors
    /// `configuration`, with everything that keeps it from being a connector; `duplicate`, where its name and
    /// version are another component's.
    pub async fn register(
        &self,
        engine: &Engine,
        wasm: impl Into<Arc<[u8]>>,
    ) -> Result<Registered> {
        let wasm = wasm.into();
        compiler::check_component(&wasm)?;
        let hashed = Arc::clone(&wasm);
        let digest = blocking(move || Ok(Digest::of(&hashed))).await?;
        let slot = self.slot(&digest);
        let mut slot = slot.lock().await;
        if let Some(entry) = self.registered(&digest).await?
            && self.has_whole(engine, &digest).await?
        {
            return Ok(Registered {
                entry,
                already: true,
            });
        }
        let (connector, code) = self.compile_and_check(engine, digest, &wasm).await?;
        *slot = Arc::downgrade(&connector);
        let compatibility = engine.compatibility().to_owned();
        let entry = Entry {
            registered: Some(now()),
            ..Entry::unregistered(&connector)
        };
        self.with_shared(move |shared| {
            let writer = shared.store.lock()?;
            let mut index = Index::read(&shared.store)?;
            let new = index.add(entry.clone())?;
            writer.write(Item::Component(&digest), &[&wasm])?;
            shared.seal.close(&writer, &digest, &compatibility, &code)?;
            if new {
                index.write(&writer)?;
            }
            sweep::sweep(&writer, &index)?;
            let entry = index.by_digest(&digest).cloned().unwrap_or(entry);
            Ok(Registered {
                entry,
                already: !new,
            })
        })
        .await
    }

    /// Registers the component in that file, as [`register`](Self::register).
    ///
    /// # Errors
    /// As there, with the file's name; `host`, where the file can't be read.
    pub async fn register_file(
        &self,
        engine: &Engine,
        path: impl AsRef<Path>,
    ) -> Result<Registered> {
        let path = path.as_ref().to_owned();
        let file = path.clone();
        let wasm = blocking(move || compiler::read_component(&file)).await?;
        self.register(engine, wasm)
            .await
            .map_err(|error| error.about(path.display()))
    }

    /// Every registered connector, by name, then by version.
    ///
    /// # Errors
    /// `configuration`, where the index can't be read.
    pub async fn list(&self) -> Result<Vec<Entry>> {
        self.with_shared(|shared| Ok(Index::read(&shared.store)?.into_entries()))
            .await
    }

    /// What is known of the connector that a reference stands for. A component's file is compiled, checked
    /// and kept like a registered one, but not registered.
    ///
    /// # Errors
    /// `not-found`, saying what there is instead; for a file, as [`register_file`](Self::register_file).
    pub async fn inspect(&self, engine: &Engine, reference: &ConnectorReference) -> Result<Entry> {
        match reference {
            ConnectorReference::Name { name, version } => {
                let (name, version) = (name.clone(), version.clone());
                self.with_shared(move |shared| {
                    Index::read(&shared.store)?
                        .newest(&name, version.as_ref())
                        .cloned()
                })
                .await
            }
            ConnectorReference::Digest(digest) => match self.registered(digest).await? {
                Some(entry) => Ok(entry),
                None => Ok(Entry::unregistered(&*self.load(engine, digest).await?)),
            },
            ConnectorReference::Path(path) => self
                .inspect_file(engine, path)
                .await
                .map_err(|error| error.about(path.display())),
        }
    }

    /// What a reference stands for now: of a name, the newest version that fits, pre-releases only where they
    /// are named whole; of a file, the component in it.
    ///
    /// # Errors
    /// As [`inspect`](Self::inspect).
    pub async fn resolve(
        &self,
        engine: &Engine,
        reference: &ConnectorReference,
    ) -> Result<Resolved> {
        let Entry {
            digest, manifest, ..
        } = self.inspect(engine, reference).await?;
        Ok(Resolved {
            name: manifest.name,
            version: manifest.version,
            digest,
        })
    }

    /// Takes a connector out of the registry, and returns what it was. Sessions that run go on.
    ///
    /// # Errors
    /// `not-found`; `invalid`, where the reference fits several versions or is a file.
    pub async fn remove(&self, reference: &ConnectorReference) -> Result<Entry> {
        let reference = reference.clone();
        self.with_shared(move |shared| {
            let writer = shared.store.lock()?;
            let mut index = Index::read(&shared.store)?;
            let entry = index.take(&reference)?;
            index.write(&writer)?;
            if index.by_digest(&entry.digest).is_none() {
                writer.delete(Item::Component(&entry.digest))?;
            }
            // Its compiled code is what no component is left for.
            sweep::sweep(&writer, &index)?;
            Ok(entry)
        })
        .await
    }

    /// The connector of that digest, ready to make sessions of: one and the same while anybody holds it. Its
    /// compiled code comes from the registry; where that is missing, stale or damaged, it is compiled again.
    ///
    /// # Errors
    /// `not-found`, where the registry has no such component.
    pub async fn load(&self, engine: &Engine, digest: &Digest) -> Result<Arc<Connector>> {
        let slot = self.slot(digest);
        let mut slot = slot.lock().await;
        if let Some(connector) = slot.upgrade().filter(|connector| is_of(connector, engine)) {
            return Ok(connector);
        }
        let connector = match self.kept(engine, digest).await? {
            Some(component) => Connector::load(engine, *digest, &component).await?,
            None => self.compile_again(engine, *digest).await?,
        };
        *slot = Arc::downgrade(&connector);
        Ok(connector)
    }

    async fn inspect_file(&self, engine: &Engine, path: &Path) -> Result<Entry> {
        let file = path.to_owned();
        let (wasm, digest) = blocking(move || {
            let wasm = compiler::read_component(&file)?;
            let digest = Digest::of(&wasm);
            Ok((wasm, digest))
        })
        .await?;
        if let Some(entry) = self.registered(&digest).await? {
            return Ok(entry);
        }
        if self.has_whole(engine, &digest).await? {
            self.with_shared(move |shared| {
                shared.store.touch(Item::Component(&digest));
                Ok(())
            })
            .await?;
            return Ok(Entry::unregistered(&*self.load(engine, &digest).await?));
        }
        let slot = self.slot(&digest);
        let mut slot = slot.lock().await;
        let (connector, code) = self.compile_and_check(engine, digest, &wasm).await?;
        *slot = Arc::downgrade(&connector);
        let compatibility = engine.compatibility().to_owned();
        self.with_shared(move |shared| {
            let writer = shared.store.lock()?;
            writer.write(Item::Component(&digest), &[&wasm])?;
            shared.seal.close(&writer, &digest, &compatibility, &code)?;
            sweep::sweep(&writer, &Index::read(&shared.store)?)
        })
        .await?;
        Ok(Entry::unregistered(&connector))
    }

    async fn registered(&self, digest: &Digest) -> Result<Option<Entry>> {
        let digest = *digest;
        self.with_shared(move |shared| Ok(Index::read(&shared.store)?.by_digest(&digest).cloned()))
            .await
    }

    /// Whether both the component and good compiled code of it are on disk.
    async fn has_whole(&self, engine: &Engine, digest: &Digest) -> Result<bool> {
        let (digest, compatibility) = (*digest, engine.compatibility().to_owned());
        self.with_shared(move |shared| {
            Ok(shared.store.has(Item::Component(&digest))
                && matches!(
                    shared.seal.open(&shared.store, &digest, &compatibility)?,
                    Kept::Good(_)
                ))
        })
        .await
    }

    /// The component of the compiled code on disk; none where that has to be made again.
    async fn kept(&self, engine: &Engine, digest: &Digest) -> Result<Option<Component>> {
        let (engine, digest) = (engine.clone(), *digest);
        self.with_shared(move |shared| {
            let code = match shared.seal.open(&shared.store, &digest, engine.compatibility())? {
                Kept::Good(code) => code,
                Kept::Missing => return Ok(None),
                Kept::Bad => {
                    tracing::warn!(%digest, "the compiled code of this connector is damaged or was changed");
                    return Ok(None);
                }
            };
            match code.component(engine.wasmtime()) {
                Ok(component) => Ok(Some(component)),
                Err(cause) => {
                    tracing::warn!(%digest, %cause, "the compiled code of this connector doesn't load");
                    Ok(None)
                }
            }
        })
        .await
    }

    /// Compiles a component that is in the registry, for an engine that has no code of it there.
    async fn compile_again(&self, engine: &Engine, digest: Digest) -> Result<Arc<Connector>> {
        let wasm = self
            .with_shared(move |shared| component_bytes(&shared.store, &digest))
            .await?;
        tracing::warn!(%digest, "compiling this connector again, as after an update of Tenon; it can take a while");
        let (connector, code) = self.compile_and_check(engine, digest, &wasm).await?;
        let compatibility = engine.compatibility().to_owned();
        let kept = self.with_shared(move |shared| {
            let writer = shared.store.lock()?;
            // Somebody may have removed the connector meanwhile.
            if shared.store.has(Item::Component(&digest)) {
                shared.seal.close(&writer, &digest, &compatibility, &code)?;
                sweep::sweep(&writer, &Index::read(&shared.store)?)?;
            }
            Ok(())
        });
        if let Err(cause) = kept.await {
            tracing::warn!(%digest, %cause, "the compiled code of this connector can't be kept");
        }
        Ok(connector)
    }

    async fn compile_and_check(
        &self,
        engine: &Engine,
        digest: Digest,
        wasm: &Arc<[u8]>,
    ) -> Result<(Arc<Connector>, CompiledCode)> {
        let code = self.compiler.compile(engine, wasm).await?;
        let wasmtime = engine.wasmtime().clone();
        let (component, code) = blocking(move || {
            let component = code.component(&wasmtime).map_err(|cause| {
                Error::host(
                    "loading the code that was just compiled",
                    format_args!("{cause:#}"),
                )
            })?;
            Ok((component, code))
        })
        .await?;
        Ok((Connector::load(engine, digest, &component).await?, code))
    }

    fn slot(&self, digest: &Digest) -> Slot {
        let mut loaded = self
            .shared
            .loaded
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(loaded.entry(*digest).or_default())
    }

    /// Does file work where it holds up nobody.
    async fn with_shared<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.shared);
        blocking(move || work(&shared)).await
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Registry({})", self.folder().display())
    }
}

/// A component's bytes, found to be the ones that were registered.
fn component_bytes(store: &Store, digest: &Digest) -> Result<Arc<[u8]>> {
    let bytes = store
        .read(Item::Component(digest))?
        .filter(|bytes| Digest::of(bytes) == *digest)
        .ok_or_else(|| unknown_digest(digest))?;
    Ok(bytes.into())
}

/// Connectors belong to the engine that they were loaded into.
fn is_of(connector: &Connector, engine: &Engine) -> bool {
    wasmtime::Engine::same(connector.pre().engine(), engine.wasmtime())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|cause| Err(Error::host("working in the registry", cause)))
}

/// Microseconds since 1970-01-01T00:00:00Z.
fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
