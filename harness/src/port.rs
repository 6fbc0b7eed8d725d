//! Free ports of the loopback.
//!
//! They are below those that the system hands out for outgoing connections, so that a server that was stopped
//! for a while finds its port free again.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

const FIRST: u16 = 17_000;
const COUNT: u16 = 13_000;

/// A port that nobody listens on, and that this process hasn't handed out before. Another process may take it
/// before it is used.
pub(crate) fn free() -> Result<u16> {
    static USED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    let start = u16::try_from(std::process::id().wrapping_mul(7_919) % u32::from(COUNT));
    let start = start.unwrap_or_default();
    (0..COUNT)
        .map(|step| FIRST + ((u32::from(start) + u32::from(step)) % u32::from(COUNT)) as u16)
        .find(|port| {
            !used.contains(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
        })
        .inspect(|port| {
            used.insert(*port);
        })
        .ok_or_else(|| {
            let last = FIRST + COUNT - 1;
            Error::Failed(format!("no port from {FIRST} to {last} is free"))
        })
}
