//! C for guests: some carry a C library, which clang compiles with the headers of wasi-libc. rustc brings all else
//! that they need, the C library itself too.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// What to do where it is missing.
const REMEDY: &str = "install clang and the headers of wasi-libc (Debian: apt-get install clang wasi-libc), or name a \
                      WASI SDK in WASI_SDK_PATH";

/// Where systems put the headers, with the flag that each needs: Debian; Fedora and Arch.
const SYSTEM_HEADERS: &[(&str, &str)] = &[
    ("/usr/include/wasm32-wasi", "-isystem "),
    ("/usr/share/wasi-sysroot", "--sysroot="),
    ("/usr/wasm32-wasi", "--sysroot="),
];

/// What the crate `cc` reads for guests alone stands behind this.
const TARGET: &str = "wasm32_wasip2";

/// A C compiler for guests, as the crate `cc` is told of it.
#[derive(Clone, Debug)]
pub struct Clang {
    variables: Vec<(String, OsString)>,
}

impl Clang {
    /// The guests with C in them, by their folders' names.
    pub const GUESTS: &[&str] = &["sqlite", "postgres", "mysql"];

    /// The one that the user has named for the crate `cc` in `CC_wasm32_wasip2`, that of a WASI SDK, or the system's.
    ///
    /// # Errors
    /// [`Error::Missing`] where none of them compiles a line.
    pub fn find() -> Result<Self> {
        if std::env::var_os(variable("CC")).is_some() {
            return Ok(Self {
                variables: Vec::new(),
            });
        }
        let sdk = std::env::var_os("WASI_SDK_PATH");
        let (compiler, archiver, headers) = match &sdk {
            Some(sdk) => {
                let sdk = Path::new(sdk);
                (
                    sdk.join("bin/clang").into_os_string(),
                    sdk.join("bin/llvm-ar").into_os_string(),
                    format!("--sysroot={}", sdk.join("share/wasi-sysroot").display()),
                )
            }
            None => {
                let system = SYSTEM_HEADERS
                    .iter()
                    .find(|(path, _)| Path::new(path).exists());
                let (path, flag) = system.ok_or_else(|| missing("wasi-libc"))?;
                ("clang".into(), "llvm-ar".into(), format!("{flag}{path}"))
            }
        };
        let flags = format!("--target=wasm32-wasi {headers}");
        compiles(&compiler, &flags)?;
        let mut variables = vec![
            (variable("CC"), compiler),
            (variable("CFLAGS"), flags.into()),
        ];
        // The system's own archiver does as well.
        if starts(&archiver) {
            variables.push((variable("AR"), archiver));
        }
        Ok(Self { variables })
    }

    /// What cargo's environment needs, names and values.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_os_str()))
    }
}

fn variable(name: &str) -> String {
    format!("{name}_{TARGET}")
}

fn missing(program: &str) -> Error {
    Error::Missing {
        program: program.to_owned(),
        remedy: REMEDY,
    }
}

/// Whether the compiler finds the target and its headers.
fn compiles(compiler: &OsStr, flags: &str) -> Result<()> {
    let shown = compiler.to_string_lossy();
    let child = Command::new(compiler)
        .args(flags.split(' '))
        .args(["-fsyntax-only", "-x", "c", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.map_err(|_| missing(&shown))?;
    if let Some(mut input) = child.stdin.take() {
        // Where it doesn't read, its exit code says so.
        let _ = input.write_all(b"#include <stdio.h>\n#include <stddef.h>\n");
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(missing(&format!("{shown} that compiles for WebAssembly"))),
    }
}

fn starts(program: &OsStr) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
