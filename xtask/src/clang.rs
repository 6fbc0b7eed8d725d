//! Which of the guests can be built here: some have C in them, for which there has to be a compiler.
//!
//! Without one such guests are left out, loudly; where servers are required, as in CI, that is a failure.

use tenon_harness::{Clang, REQUIRE};

use crate::paint;
<<<<<<< HEAD
=======
use crate::workspace::GUEST_TARGET;

/// The guests with C in them.
pub const GUESTS: &[&str] = &["sqlite", "mysql"];

/// What to do where something is missing.
const REMEDY: &str = "install clang and the headers of wasi-libc (Debian: `apt-get install clang wasi-libc`), or \
                      name a WASI SDK in WASI_SDK_PATH";

/// Where systems put the headers, with the flag that each needs: Debian; Fedora and Arch.
const SYSTEM_HEADERS: &[(&str, &str)] = &[
    ("/usr/include/wasm32-wasi", "-isystem"),
    ("/usr/share/wasi-sysroot", "--sysroot"),
    ("/usr/wasm32-wasi", "--sysroot"),
];

/// A C compiler for guests, as the crate `cc` is told of it.
#[derive(Clone, Debug)]
pub struct Clang {
    variables: Vec<(String, OsString)>,
}

impl Clang {
    /// The one that the user has named for the crate `cc`, that of a WASI SDK, or the system's; none where it can't
    /// compile a line.
    pub fn find() -> Result<Self, String> {
        let named = format!("CC_{}", GUEST_TARGET.replace('-', "_"));
        if std::env::var_os(named).is_some() {
            return Ok(Self {
                variables: Vec::new(),
            });
        }
        let (compiler, archiver, flags) = match std::env::var_os("WASI_SDK_PATH") {
            Some(sdk) => {
                let sdk = Path::new(&sdk);
                (
                    sdk.join("bin/clang").into_os_string(),
                    sdk.join("bin/llvm-ar").into_os_string(),
                    vec![format!(
                        "--sysroot={}",
                        sdk.join("share/wasi-sysroot").display()
                    )],
                )
            }
            None => ("clang".into(), "llvm-ar".into(), system_headers()?),
        };
        let mut flags = flags;
        flags.insert(0, "--target=wasm32-wasi".to_owned());
        compiles(&compiler, &flags)?;
        let mut variables = vec![
            (variable("CC"), compiler),
            (variable("CFLAGS"), flags.join(" ").into()),
        ];
        if starts(&archiver) {
            variables.push((variable("AR"), archiver));
        }
        Ok(Self { variables })
    }

    /// What cargo's environment needs.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &OsString)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }
}
>>>>>>> sqlcore

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
