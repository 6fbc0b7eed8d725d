//! C for guests: some carry a C library, which clang compiles with the headers of wasi-libc. rustc brings all else
//! that they need, the C library itself too.
//!
//! Without them such guests are left out, loudly; where `TENON_REQUIRE_SERVERS` is 1, as in CI, that is a failure.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::paint;
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

/// Those of the guests that can be built here; the others are named aloud.
pub fn buildable<'a>(guests: &[&'a str]) -> Result<Vec<&'a str>, String> {
    let (with_c, rest): (Vec<&str>, Vec<&str>) =
        guests.iter().partition(|guest| GUESTS.contains(guest));
    if with_c.is_empty() {
        return Ok(rest);
    }
    match Clang::find() {
        Ok(_) => Ok(guests.to_vec()),
        Err(reason) => {
            let message = format!(
                "not built: {}; they have C in them, and {reason}: {REMEDY}",
                with_c.join(", ")
            );
            if std::env::var_os("TENON_REQUIRE_SERVERS").is_some_and(|value| value == "1") {
                return Err(message);
            }
            eprintln!("{}", paint::red(&message));
            Ok(rest)
        }
    }
}

/// The name of a variable that the crate `cc` reads for guests alone.
fn variable(name: &str) -> String {
    format!("{name}_{}", GUEST_TARGET.replace('-', "_"))
}

fn system_headers() -> Result<Vec<String>, String> {
    let (path, flag) = SYSTEM_HEADERS
        .iter()
        .find(|(path, _)| Path::new(path).exists())
        .ok_or("the headers of wasi-libc were not found")?;
    Ok(match *flag {
        "--sysroot" => vec![format!("--sysroot={path}")],
        flag => vec![flag.to_owned(), (*path).to_owned()],
    })
}

/// Whether the compiler finds the target and its headers.
fn compiles(compiler: &OsString, flags: &[String]) -> Result<(), String> {
    let shown = compiler.to_string_lossy();
    let mut child = Command::new(compiler)
        .args(flags)
        .args(["-fsyntax-only", "-x", "c", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| format!("`{shown}` could not be started ({cause})"))?;
    if let Some(mut input) = child.stdin.take() {
        // Where it doesn't read, its exit code says so.
        let _ = input.write_all(b"#include <stdio.h>\n#include <stddef.h>\n");
    }
    let output = child
        .wait_with_output()
        .map_err(|cause| format!("`{shown}` could not be waited for ({cause})"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("it doesn't say why");
    Err(format!("`{shown}` can't compile for WebAssembly ({first})"))
}

fn starts(program: &OsString) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
