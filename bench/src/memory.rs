//! The memory of this process.

use std::fs;

/// Bytes that are in memory now, as Linux counts them.
///
/// # Errors
/// The system doesn't say.
pub fn resident() -> Result<u64, Box<dyn std::error::Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .ok_or("/proc/self/status has no VmRSS")?;
    let kibibytes: u64 = line.trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes << 10)
}
