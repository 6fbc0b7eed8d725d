//! A connector: a component that was found to keep the contract, ready to make sessions of.
//!
//! Everything that can be wrong with a component is found here, before it is given any access: what it
//! lacks, what it wants, and which function differs.

use std::sync::Arc;
use std::time::Duration;

use tenon_model::Problems;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Instance, InstancePre};
use wasmtime::{ResourcesRequired, Store};

use crate::bindings::exports::tenon::connector as exports;
use crate::capability::Capability;
use crate::contract;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result, printable};
use crate::grants::Access;
use crate::interfaces::InterfaceIndices;
use crate::manifest::Manifest;
use crate::reference::Digest;
use crate::session::SessionState;

/// The contract's package, and the version of it that this runtime speaks.
const CONTRACT: &str = "tenon:connector/";
const CONTRACT_VERSION: &str = "0.1";

/// What an instance may use while its manifest is read: enough for one that carries an interpreter.
const PROBE_MEMORY: u64 = 256 << 20;
const PROBE_TIME: Duration = Duration::from_secs(10);
const PROBE_RESULT_BYTES: usize = 16 << 20;

/// A registered component, compiled and checked.
pub struct Connector {
    digest: Digest,
    manifest: Manifest,
    capabilities: Vec<Capability>,
    pre: InstancePre<SessionState>,
    lifecycle: exports::lifecycle::GuestIndices,
    interfaces: InterfaceIndices,
    resources: Option<ResourcesRequired>,
}

impl Connector {
    /// Checks a compiled component against the contract and reads its manifest, without giving it access to
    /// anything.
    ///
    /// # Errors
    /// `configuration`, with everything that keeps the component from being a connector.
    pub(crate) async fn load(
        engine: &Engine,
        digest: Digest,
        component: &Component,
    ) -> Result<Arc<Self>> {
        let capabilities = exported_capabilities(engine, component)?;
        let pre = engine
            .linker()
            .instantiate_pre(component)
            .map_err(|cause| not_offered(engine, component, cause))?;
        let lifecycle = exports::lifecycle::GuestIndices::new(&pre)
            .map_err(|cause| differs(engine, component, &capabilities, &cause))?;
        let resources = component.resources_required();
        let _permit = engine.permit(resources.as_ref()).await?;
        let mut store =
            SessionState::store(engine, Access::none(), PROBE_MEMORY, PROBE_RESULT_BYTES);
        let probe = async {
            let instance = pre
                .instantiate_async(&mut store)
                .await
                .map_err(|cause| refused("it can't be instantiated", cause))?;
            let lifecycle = check_types(&pre, &lifecycle, &capabilities, &mut store, &instance)
                .map_err(|cause| differs(engine, component, &capabilities, &cause))?;
            describe(&lifecycle, &mut store).await
        };
        let manifest = tokio::time::timeout(PROBE_TIME, probe)
            .await
            .map_err(|_| {
                refused_as(format!(
                    "it did not describe itself within {} seconds",
                    PROBE_TIME.as_secs()
                ))
            })??;
        let interfaces = InterfaceIndices::new(&pre, &capabilities)
            .map_err(|cause| differs(engine, component, &capabilities, &cause))?;
        Ok(Arc::new(Self {
            digest,
            manifest,
            capabilities,
            pre,
            lifecycle,
            interfaces,
            resources,
        }))
    }

    /// The digest of the component's bytes.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The capabilities that it exports.
    pub fn capabilities(&self) -> &[Capability] {
        &self.capabilities
    }

    /// Whether it exports that capability.
    pub fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    pub(crate) fn pre(&self) -> &InstancePre<SessionState> {
        &self.pre
    }

    pub(crate) fn lifecycle(&self) -> &exports::lifecycle::GuestIndices {
        &self.lifecycle
    }

    pub(crate) fn interfaces(&self) -> &InterfaceIndices {
        &self.interfaces
    }

    pub(crate) fn resources(&self) -> Option<&ResourcesRequired> {
        self.resources.as_ref()
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Connector({} {}, {})",
            self.manifest.name, self.manifest.version, self.digest
        )
    }
}

/// Reads which interfaces of the contract a component exports.
fn exported_capabilities(engine: &Engine, component: &Component) -> Result<Vec<Capability>> {
    let mut problems = Problems::new();
    let mut capabilities = Vec::new();
    let mut lifecycle = false;
    for (name, item) in component.component_type().exports(engine.wasmtime()) {
        let Some(interface) = name.strip_prefix(CONTRACT) else {
            continue;
        };
        let (interface, version) = interface.split_once('@').unwrap_or((interface, ""));
        if !matches!(item.ty, ComponentItem::ComponentInstance(_)) {
            continue;
        }
        if version != CONTRACT_VERSION && !version.starts_with(&format!("{CONTRACT_VERSION}.")) {
            problems.push(
                printable(name),
                format!(
                    "made for version {} of the contract, and this Tenon speaks {CONTRACT_VERSION}; build it \
                     against the contract that comes with this Tenon",
                    printable(version)
                ),
            );
            continue;
        }
        match (interface, Capability::from_name(interface)) {
            ("lifecycle", _) => lifecycle = true,
            ("types" | "pages", _) => {}
            (_, Some(capability)) => capabilities.push(capability),
            (_, None) => problems.push(printable(name), "no capability that this Tenon knows"),
        }
    }
    if !lifecycle && problems.is_empty() {
        problems.push(
            "",
            format!(
                "it does not export `{CONTRACT}lifecycle@{CONTRACT_VERSION}.0`, which every connector must; is it a \
                 component that was built against Tenon's contract?"
            ),
        );
    }
    problems.none_or(()).map_err(|problems| {
        Error::with_problems(
            ErrorKind::Configuration,
            "this component is no connector",
            problems,
        )
    })?;
    capabilities.sort_unstable();
    Ok(capabilities)
}

/// Looks up every function of what it exports, and checks its type.
fn check_types(
    pre: &InstancePre<SessionState>,
    lifecycle: &exports::lifecycle::GuestIndices,
    capabilities: &[Capability],
    store: &mut Store<SessionState>,
    instance: &Instance,
) -> wasmtime::Result<exports::lifecycle::Guest> {
    for capability in capabilities {
        capability.check(pre, store, instance)?;
    }
    lifecycle.load(store, instance)
}

async fn describe(
    lifecycle: &exports::lifecycle::Guest,
    store: &mut Store<SessionState>,
) -> Result<Manifest> {
    let described = lifecycle
        .call_describe(store)
        .await
        .map_err(|cause| refused("its `describe` failed", cause))?;
    Manifest::check(described).map_err(|problems| {
        Error::with_problems(
            ErrorKind::Configuration,
            "this component's manifest is not one that Tenon takes",
            problems,
        )
    })
}

/// The error of a component whose functions wasmtime has found to differ, with every one of them named.
fn differs(
    engine: &Engine,
    component: &Component,
    capabilities: &[Capability],
    cause: &wasmtime::Error,
) -> Error {
    let mut interfaces = vec!["lifecycle"];
    interfaces.extend(capabilities.iter().map(|capability| capability.name()));
    let mut problems = match contract::differences(engine, component, &interfaces) {
        Ok(problems) => problems,
        Err(error) => return error,
    };
    if problems.is_empty() {
        // wasmtime knows better.
        problems.push("", one_line(cause));
    }
    Error::with_problems(
        ErrorKind::Configuration,
        "this component exports functions that differ from the contract",
        problems,
    )
    .remedy("build it against the contract that comes with this Tenon")
}

/// The error of a component that imports what isn't there, or is otherwise.
fn not_offered(engine: &Engine, component: &Component, cause: wasmtime::Error) -> Error {
    match contract::import_differences(engine, component) {
        Ok(problems) if problems.is_empty() => {
            refused("it imports what Tenon does not offer", cause)
        }
        Ok(problems) => Error::with_problems(
            ErrorKind::Configuration,
            "this component imports functions that differ from the contract",
            problems,
        )
        .remedy("build it against the contract that comes with this Tenon"),
        Err(error) => error,
    }
}

fn refused(what: &str, cause: wasmtime::Error) -> Error {
    refused_as(format!("{what}: {}", one_line(&cause)))
}

fn refused_as(what: String) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("this component is no connector: {what}"),
    )
}

fn one_line(cause: &wasmtime::Error) -> String {
    printable(&format!("{cause:#}"))
}
