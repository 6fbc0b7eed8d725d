//! Which of the guests can be built here: some have C in them, for which there has to be a compiler.
//!
//! Without one such guests are left out, loudly; where servers are required, as in CI, that is a failure.

use tenon_harness::{Clang, REQUIRE};

use crate::paint;

/// Those of the guests that can be built here; the others are named aloud.
pub fn buildable<'a>(guests: &[&'a str]) -> Result<Vec<&'a str>, String> {
    let (with_c, rest): (Vec<&str>, Vec<&str>) = guests
        .iter()
        .partition(|guest| Clang::GUESTS.contains(guest));
    if with_c.is_empty() {
        return Ok(rest);
    }
    let Err(missing) = Clang::find() else {
        return Ok(guests.to_vec());
    };
    let message = format!(
        "not built: {}; they have C in them, and {missing}",
        with_c.join(", ")
    );
    if std::env::var_os(REQUIRE).is_some_and(|value| value == "1") {
        return Err(message);
    }
    eprintln!("{}", paint::red(&message));
    Ok(rest)
}
