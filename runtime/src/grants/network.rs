//! One session's network: the names that it may look up, the addresses that it may connect to, and what it was
//! refused.
//!
//! The runtime looks names up itself and remembers for each session what it handed out: a connection goes only to
//! an address that a granted name resolved to for this session, and to that grant's port. WASI has only an error
//! code for a refusal, so refusals are kept, a few a call, and told with the call's error.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use wasmtime_wasi::p2::bindings::sockets::network::ErrorCode;
use wasmtime_wasi::sockets::SocketAddrUse;

use super::Grant;
use super::address::AddressKind;
use super::needs::line_of;
use super::tcp::{Host, TcpGrant, check_name};
use crate::error::{Error, ErrorKind, printable};
use crate::names::DataSourceName;
use crate::secrets::Secrets;

/// How long the host's resolver may take for a name; with its defaults, two servers get to answer in it.
const LOOKUP_TIME: Duration = Duration::from_secs(10);

/// Names that are looked up at once, in the whole process. Each occupies a thread as long as the host's
/// resolver takes, also when nobody waits for it any more.
const LOOKUPS_AT_ONCE: usize = 32;

/// Names that a session may look up in one call: more than any cluster has members.
const LOOKUPS_PER_CALL: usize = 100;

/// Addresses of one name that are handed out.
const ADDRESSES_PER_NAME: usize = 32;

/// Addresses that a session may know; the oldest are forgotten.
const PINS: usize = 256;

/// Refusals that are told of one call.
const REFUSALS: usize = 4;

/// One session's network. Without grants nothing can be looked up or connected to.
#[derive(Clone, Default)]
pub(crate) struct Network(Arc<Inner>);

#[derive(Default)]
struct Inner {
    source: Option<DataSourceName>,
    grants: Arc<[Grant]>,
    secrets: Secrets,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Addresses that were handed out, with the name that they are of, in lower case.
    pins: Vec<(IpAddr, String)>,
    lookups: usize,
    refused: Vec<Refusal>,
}

/// Something that the connector tried, and no grant allows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    /// `reach db.internal:5432, which is not granted`.
    what: String,
    /// The grants that would allow it.
    wanted: Vec<TcpGrant>,
}

/// A name that is looked up, or what came of it.
pub(super) enum Lookup {
    /// Known without asking anybody.
    Known(Vec<IpAddr>),
    /// To be asked, with [`Network::look_up`].
    Asked(String),
}

impl Network {
    /// The network of one session of that data source. The log of what it was refused is without these secrets.
    pub(super) fn new(grants: Arc<[Grant]>, source: DataSourceName, secrets: Secrets) -> Self {
        Self(Arc::new(Inner {
            source: Some(source),
            grants,
            secrets,
            state: Mutex::default(),
        }))
    }

    /// Whether a name may be looked up, and by whom it is.
    pub(super) fn begin_lookup(&self, name: &str) -> Result<Lookup, ErrorCode> {
        // An address is no secret: whether it may be connected to is seen then, with its port.
        if let Ok(address) = name.parse::<IpAddr>() {
            return Ok(Lookup::Known(vec![address.to_canonical()]));
        }
        check_name(name).map_err(|_| ErrorCode::InvalidArgument)?;
        let Some(grant) = self.grants_of(name).next() else {
            let name = name.to_ascii_lowercase();
            self.refuse(Refusal {
                what: format!("look up {name}, which is not granted"),
                wanted: Vec::new(),
            });
            return Err(ErrorCode::AccessDenied);
        };
        let mut state = self.state();
        state.lookups += 1;
        if state.lookups > LOOKUPS_PER_CALL {
            drop(state);
            self.refuse(Refusal {
                what: format!("look up more than {LOOKUPS_PER_CALL} names in one call"),
                wanted: Vec::new(),
            });
            return Err(ErrorCode::TemporaryResolverFailure);
        }
        drop(state);
        if grant.host.is_localhost() {
            let addresses = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            return self.admit(name, addresses).map(Lookup::Known);
        }
        // As it was granted: a last dot tells the resolver to look nowhere else.
        Ok(Lookup::Asked(grant.host.to_string()))
    }

    /// Looks a granted name up, and remembers what of it may be connected to.
    pub(super) async fn look_up(self, name: String) -> Result<Vec<IpAddr>, ErrorCode> {
        match tokio::time::timeout(LOOKUP_TIME, resolve(name.clone())).await {
            Ok(Ok(addresses)) => self.admit(&name, addresses),
            Ok(Err(cause)) => {
                tracing::warn!(source = self.source(), name, %cause, "a granted name does not resolve");
                Err(ErrorCode::NameUnresolvable)
            }
            Err(_) => {
                tracing::warn!(
                    source = self.source(),
                    name,
                    "looking a granted name up took too long"
                );
                Err(ErrorCode::TemporaryResolverFailure)
            }
        }
    }

    /// Of what a name resolved to, what may be connected to; remembers it.
    fn admit(
        &self,
        name: &str,
        found: impl IntoIterator<Item = IpAddr>,
    ) -> Result<Vec<IpAddr>, ErrorCode> {
        let mut admitted: Vec<IpAddr> = Vec::new();
        let mut others = Vec::new();
        for address in found.into_iter().map(|address| address.to_canonical()) {
            if admitted.contains(&address) || others.contains(&address) {
                continue;
            }
            let by_name = |grant: &TcpGrant| {
                grant.allows(address) || self.is_granted(SocketAddr::new(address, grant.port))
            };
            if self.grants_of(name).any(by_name) {
                admitted.push(address);
            } else {
                others.push(address);
            }
        }
        admitted.truncate(ADDRESSES_PER_NAME);
        if admitted.is_empty() {
            // The mildest of them is the one to do something about.
            let kind = |address: &IpAddr| AddressKind::of(*address);
            return match others.into_iter().min_by_key(kind) {
                Some(address) => {
                    self.refuse(self.too_special(name, address));
                    Err(ErrorCode::AccessDenied)
                }
                None => Err(ErrorCode::NameUnresolvable),
            };
        }
        if !others.is_empty() {
            tracing::debug!(source = self.source(), name, left_out = ?others, "a name leads elsewhere too");
        }
        let name = name.to_ascii_lowercase();
        let mut state = self.state();
        for address in &admitted {
            let pin = (*address, name.clone());
            if !state.pins.contains(&pin) {
                state.pins.push(pin);
            }
        }
        let over = state.pins.len().saturating_sub(PINS);
        state.pins.drain(..over);
        Ok(admitted)
    }

    /// The refusal of a granted name for what it resolved to.
    fn too_special(&self, name: &str, address: IpAddr) -> Refusal {
        let kind = AddressKind::of(address);
        let at = format!("reach {name}, which is at {address}, {}", kind.name());
        let granted = || self.grants_of(name);
        match kind {
            AddressKind::Nowhere => Refusal {
                what: at,
                wanted: Vec::new(),
            },
            AddressKind::Private => Refusal {
                what: format!("{at}, without `private = true` in its grant"),
                wanted: granted().map(|grant| grant.clone().private()).collect(),
            },
            _ => Refusal {
                what: format!("{at}, which only a grant of the address itself allows"),
                wanted: granted()
                    .filter_map(|grant| literal(SocketAddr::new(address, grant.port)))
                    .collect(),
            },
        }
    }

    /// Whether a socket may be used like that with that address.
    pub(super) fn allows(&self, address: SocketAddr, purpose: SocketAddrUse) -> bool {
        match purpose {
            SocketAddrUse::TcpConnect => self.may_connect(address),
            // Every connection begins with this.
            SocketAddrUse::TcpBind if address.ip().is_unspecified() && address.port() == 0 => true,
            SocketAddrUse::TcpBind => self.never(format!("bind to {address}")),
            SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => {
                self.never("listen for connections".to_owned())
            }
            SocketAddrUse::UdpBind | SocketAddrUse::UdpSend | SocketAddrUse::UdpReceive => {
                self.never("use UDP".to_owned())
            }
        }
    }

    /// Takes note of something that no grant allows, and refuses it.
    pub(super) fn never(&self, what: String) -> bool {
        self.refuse(Refusal {
            what: format!("{what}, which no grant allows"),
            wanted: Vec::new(),
        });
        false
    }

    fn may_connect(&self, to: SocketAddr) -> bool {
        // The interface of a link-local address is the guest's to choose: another one is another machine.
        let scoped = matches!(to, SocketAddr::V6(to) if to.scope_id() != 0);
        let to = SocketAddr::new(to.ip().to_canonical(), to.port());
        if !scoped && self.is_granted(to) {
            return true;
        }
        let names: Vec<String> = {
            let state = self.state();
            let pins = state.pins.iter().filter(|(address, _)| *address == to.ip());
            pins.map(|(_, name)| name.clone()).collect()
        };
        let by_name = |name: &String| {
            let mut grants = self.grants_of(name);
            grants.any(|grant| grant.port == to.port() && grant.allows(to.ip()))
        };
        if !scoped && names.iter().any(by_name) {
            return true;
        }
        let refusal = match names.first().and_then(|name| self.grants_of(name).next()) {
            Some(grant) if !scoped => Refusal {
                what: format!("reach {}:{}, which is not granted", grant.host, to.port()),
                wanted: vec![TcpGrant {
                    port: to.port(),
                    ..grant.clone()
                }],
            },
            _ => Refusal {
                what: format!("reach {to}, which is not granted"),
                wanted: literal(to).into_iter().collect(),
            },
        };
        self.refuse(refusal);
        false
    }

    /// Whether that address itself is granted.
    fn is_granted(&self, to: SocketAddr) -> bool {
        self.tcp().any(|grant| grant.is_literally(to))
    }

    fn tcp(&self) -> impl Iterator<Item = &TcpGrant> {
        self.0.grants.iter().filter_map(Grant::as_tcp)
    }

    fn grants_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a TcpGrant> {
        self.tcp().filter(|grant| grant.host.is_named(name))
    }

    fn refuse(&self, refusal: Refusal) {
        let mut state = self.state();
        if state.refused.len() >= REFUSALS || state.refused.contains(&refusal) {
            return;
        }
        let what = printable(&self.0.secrets.redact(&refusal.what));
        tracing::warn!(source = self.source(), "the connector tried to {what}");
        state.refused.push(refusal);
    }

    /// Ends a call: what it was refused, and a new account for the next.
    pub(crate) fn end_call(&self) -> Refusals {
        let mut state = self.state();
        state.lookups = 0;
        let refused = std::mem::take(&mut state.refused);
        drop(state);
        let wanted = refused.iter().flat_map(|refusal| refusal.wanted.iter());
        let wanted: Vec<Grant> = wanted.cloned().map(Grant::from).collect();
        Refusals {
            line: (!wanted.is_empty()).then(|| line_of(&self.0.grants, wanted)),
            what: refused.into_iter().map(|refusal| refusal.what).collect(),
        }
    }

    fn source(&self) -> Option<&str> {
        self.0.source.as_ref().map(DataSourceName::as_str)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tcp()).finish()
    }
}

/// What a call was refused, to be told with its error.
pub(crate) struct Refusals {
    what: Vec<String>,
    line: Option<String>,
}

impl Refusals {
    /// The error with what was refused before it, and the line that would grant it. A backend that is unavailable
    /// since nobody may reach it stays so: that is `denied`.
    pub(crate) fn explain(self, error: Error) -> Error {
        if self.what.is_empty() {
            return error;
        }
        let note = format!("the connector tried to {}", self.what.join(", and to "));
        let remedy = self
            .line
            .map(|line| format!("to grant it, write in the data source's table: {line}"));
        let error = error.noted(&note, remedy);
        match error.kind() {
            ErrorKind::Unavailable => error.kind_is(ErrorKind::Denied),
            _ => error,
        }
    }
}

/// The grant of an address itself, where there can be one.
fn literal(to: SocketAddr) -> Option<TcpGrant> {
    let grant = TcpGrant::new(&format!("{}:{}", Host::Address(to.ip()), to.port()));
    grant.ok()
}

/// Asks the host's resolver, on a thread of its own: it can't be interrupted.
async fn resolve(name: String) -> std::io::Result<Vec<IpAddr>> {
    static AT_ONCE: Semaphore = Semaphore::const_new(LOOKUPS_AT_ONCE);
    let permit = AT_ONCE.acquire().await.map_err(std::io::Error::other)?;
    let ask = move || {
        let _permit = permit;
        let found = (name.as_str(), 0).to_socket_addrs()?;
        Ok(found.map(|address| address.ip()).collect())
    };
    tokio::task::spawn_blocking(ask).await?
}
