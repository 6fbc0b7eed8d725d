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

/// Of these, how many are one session's, so that nobody's slow names keep all others waiting.
const LOOKUPS_OF_A_SESSION: usize = 2;

/// Names that a session may look up in one call: more than any cluster has members.
const LOOKUPS_PER_CALL: usize = 100;

/// Addresses of one name that are handed out.
const ADDRESSES_PER_NAME: usize = 32;

/// Addresses that a session may know; the oldest are forgotten.
const PINS: usize = 256;

/// Sockets that a session may have at once. It is one session with the backend: a few serve a whole cluster.
const SOCKETS: usize = 64;

/// Refusals that are told of one call.
const REFUSALS: usize = 4;

/// One session's network. Without grants nothing can be looked up or connected to.
#[derive(Clone)]
pub(crate) struct Network(Arc<Inner>);

struct Inner {
    source: Option<DataSourceName>,
    grants: Arc<[Grant]>,
    secrets: Secrets,
    state: Mutex<State>,
    looking_up: Arc<Semaphore>,
    /// Whoever holds it is one of the session's sockets.
    sockets: Arc<()>,
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
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// It isn't granted; these grants would allow it.
    Grants(Vec<TcpGrant>),
    /// It is more than a session may have.
    Limit,
}

impl Refusal {
    fn new(what: String, wanted: Vec<TcpGrant>) -> Self {
        Self {
            what,
            why: Why::Grants(wanted),
        }
    }

    fn limit(what: String) -> Self {
        Self {
            what,
            why: Why::Limit,
        }
    }
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
        Self::of(grants, Some(source), secrets)
    }

    /// A network that refuses everything.
    pub(super) fn none() -> Self {
        Self::of(Arc::default(), None, Secrets::new())
    }

    fn of(grants: Arc<[Grant]>, source: Option<DataSourceName>, secrets: Secrets) -> Self {
        Self(Arc::new(Inner {
            source,
            grants,
            secrets,
            state: Mutex::default(),
            looking_up: Arc::new(Semaphore::new(LOOKUPS_OF_A_SESSION)),
            sockets: Arc::default(),
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
            let what = format!("look up {name}, which is not granted");
            self.refuse(Refusal::new(what, Vec::new()));
            return Err(ErrorCode::AccessDenied);
        };
        let mut state = self.state();
        state.lookups += 1;
        if state.lookups > LOOKUPS_PER_CALL {
            drop(state);
            let what = format!("look up more than {LOOKUPS_PER_CALL} names in one call");
            self.refuse(Refusal::limit(what));
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
        match tokio::time::timeout(LOOKUP_TIME, self.resolve(name.clone())).await {
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

    /// Asks the host's resolver, on a thread of its own: it can't be interrupted, and counts as long as it works.
    async fn resolve(&self, name: String) -> std::io::Result<Vec<IpAddr>> {
        static AT_ONCE: Semaphore = Semaphore::const_new(LOOKUPS_AT_ONCE);
        let own = Arc::clone(&self.0.looking_up).acquire_owned().await;
        let own = own.map_err(std::io::Error::other)?;
        let all = AT_ONCE.acquire().await.map_err(std::io::Error::other)?;
        let ask = move || {
            let _counted = (own, all);
            let found = (name.as_str(), 0).to_socket_addrs()?;
            Ok(found.map(|address| address.ip()).collect())
        };
        tokio::task::spawn_blocking(ask).await?
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
            AddressKind::Nowhere => Refusal::new(at, Vec::new()),
            AddressKind::Private => Refusal::new(
                format!("{at}, without `private = true` in its grant"),
                granted().map(|grant| grant.clone().private()).collect(),
            ),
            _ => Refusal::new(
                format!("{at}, which only a grant of the address itself allows"),
                granted()
                    .filter_map(|grant| literal(SocketAddr::new(address, grant.port)))
                    .collect(),
            ),
        }
    }

    /// Takes note of something that no grant allows: `use UDP`.
    pub(super) fn never(&self, what: String) {
        self.refuse(Refusal::new(
            format!("{what}, which no grant allows"),
            Vec::new(),
        ));
    }

    /// One more socket, which is one of the session's for as long as somebody has it; none where it has as many
    /// as it may.
    pub(super) fn new_socket(&self) -> Option<Arc<()>> {
        let socket = Arc::clone(&self.0.sockets);
        if Arc::strong_count(&socket) > SOCKETS + 1 {
            self.refuse(Refusal::limit(format!(
                "have more than {SOCKETS} connections at once"
            )));
            return None;
        }
        Some(socket)
    }

    /// Whether that address may be connected to; takes note where not.
    pub(super) fn may_connect(&self, to: SocketAddr) -> bool {
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
            Some(grant) if !scoped => {
                let wanted = TcpGrant {
                    port: to.port(),
                    ..grant.clone()
                };
                let what = format!("reach {}:{}, which is not granted", grant.host, to.port());
                Refusal::new(what, vec![wanted])
            }
            _ => Refusal::new(
                format!("reach {to}, which is not granted"),
                literal(to).into_iter().collect(),
            ),
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
        let wanted = refused.iter().filter_map(|refusal| match &refusal.why {
            Why::Grants(wanted) => Some(wanted),
            Why::Limit => None,
        });
        let wanted: Vec<Grant> = wanted.flatten().cloned().map(Grant::from).collect();
        Refusals {
            line: (!wanted.is_empty()).then(|| line_of(&self.0.grants, wanted)),
            limited: refused.iter().any(|refusal| refusal.why == Why::Limit),
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
    limited: bool,
}

impl Refusals {
    /// The error with what was refused before it, and the line that would grant it. A backend that is unavailable
    /// since nobody may reach it stays so: that is `denied`, and not worth trying again.
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
            ErrorKind::Unavailable if self.limited => error.kind_is(ErrorKind::Exhausted),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn network(grants: &[TcpGrant]) -> Network {
        let grants: Vec<Grant> = grants.iter().cloned().map(Grant::from).collect();
        let source = DataSourceName::new("orders").unwrap();
        Network::new(grants.into(), source, Secrets::new())
    }

    fn grant(to: &str) -> TcpGrant {
        TcpGrant::new(to).unwrap()
    }

    fn addresses<const N: usize>(texts: [&str; N]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn connects(network: &Network, to: &str) -> bool {
        network.may_connect(to.parse().unwrap())
    }

    fn told(network: &Network) -> String {
        let error = Error::new(ErrorKind::Unavailable, "no connection");
        network.end_call().explain(error).to_string()
    }

    #[test]
    fn only_what_was_looked_up_for_this_session_can_be_connected_to() {
        let (here, there) = (network(&[grant("db:1")]), network(&[grant("db:1")]));
        assert!(!connects(&here, "1.1.1.1:1"));
        here.admit("DB", addresses(["1.1.1.1"])).unwrap();
        assert!(connects(&here, "1.1.1.1:1"));
        for other in ["1.1.1.1:2", "1.1.1.2:1", "[2606::1]:1"] {
            assert!(!connects(&here, other), "{other}");
        }
        assert!(!connects(&there, "1.1.1.1:1"));
    }

    #[test]
    fn a_name_that_comes_to_lead_inside_is_refused() {
        let network = network(&[grant("db.example:1")]);
        network.admit("db.example", addresses(["1.1.1.1"])).unwrap();
        for inside in [
            "10.0.0.1",
            "::ffff:127.0.0.1",
            "169.254.169.254",
            "64:ff9b::a00:1",
        ] {
            assert!(network.admit("db.example", addresses([inside])).is_err());
            let to = SocketAddr::new(inside.parse().unwrap(), 1);
            assert!(!network.may_connect(to), "{inside}");
            network.end_call();
        }
        // What leads elsewhere too is left out of what is handed out.
        let found = addresses(["10.0.0.1", "1.1.1.2"]);
        assert_eq!(
            network.admit("db.example", found).unwrap(),
            addresses(["1.1.1.2"])
        );
        assert!(!connects(&network, "10.0.0.1:1"));
    }

    #[test]
    fn a_private_address_says_what_its_grant_lacks() {
        let network = network(&[grant("db.internal:5432")]);
        let found = addresses(["127.0.0.1", "10.0.0.1"]);
        assert!(network.admit("db.internal", found).is_err());
        assert_eq!(
            told(&network),
            "no connection; the connector tried to reach db.internal, which is at 10.0.0.1, a private \
             address, without `private = true` in its grant; to grant it, write in the data source's table: \
             grants = [{ to = \"db.internal:5432\", private = true }]"
        );
        assert_eq!(told(&network), "no connection");
    }

    #[test]
    fn a_name_of_this_machine_needs_the_address_beside_it() {
        let lacks = network(&[grant("db:5432").private()]);
        assert!(lacks.admit("db", addresses(["127.0.0.1"])).is_err());
        let told = told(&lacks);
        assert!(
            told.ends_with(
                "which is at 127.0.0.1, a loopback address, which only a grant of the address itself \
                 allows; to grant it, write in the data source's table: grants = \
                 [{ to = \"db:5432\", private = true }, \"127.0.0.1:5432\"]"
            ),
            "{told}"
        );
        let network = network(&[grant("db:5432"), grant("127.0.0.1:5432")]);
        network.admit("db", addresses(["127.0.0.1"])).unwrap();
        assert!(connects(&network, "127.0.0.1:5432"));
    }

    #[test]
    fn the_interface_of_an_address_is_not_the_guests_to_choose() {
        let network = network(&[grant("[2606::1]:1")]);
        assert!(connects(&network, "[2606::1]:1"));
        assert!(!connects(&network, "[2606::1%3]:1"));
    }

    #[test]
    fn refusals_are_few_and_without_secrets_or_control_characters() {
        let network = network(&[]);
        for port in 1..100 {
            assert!(!connects(&network, &format!("1.1.1.1:{port}")));
            assert!(network.begin_lookup("a\u{1b}b").is_err());
        }
        let told = told(&network);
        assert_eq!(told.matches("to reach").count(), REFUSALS, "{told}");
        assert!(!told.contains('\u{1b}'), "{told}");
    }

    #[tokio::test]
    async fn the_hosts_resolver_is_asked_for_granted_names_only() {
        let network = network(&[grant("localhost.:1"), grant("nowhere.invalid:1")]);
        assert!(matches!(
            network.begin_lookup("localhost"),
            Ok(Lookup::Known(_))
        ));
        assert!(matches!(
            network.begin_lookup("other.invalid"),
            Err(ErrorCode::AccessDenied)
        ));
        let Ok(Lookup::Asked(name)) = network.begin_lookup("NoWhere.invalid.") else {
            panic!("a granted name is looked up");
        };
        let found = network.look_up(name).await;
        assert!(
            matches!(found, Err(ErrorCode::NameUnresolvable)),
            "{found:?}"
        );
    }
}
