//! Compiling components: out of the way, in a child process with limits, or inside this process.
//!
//! Compiling can be neither interrupted nor bounded inside a process, and a hostile component can make it
//! take hours and all memory. In a child process it can: a limit that is reached ends the child, and here it
//! is an error.

mod child;
mod parent;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;

pub use child::serve_compile_request;

use super::compiled::CompiledCode;
use crate::engine::{Engine, compiling_engine};
use crate::error::{Error, ErrorKind, Result, printable};

/// The largest component that is taken, in bytes. One that carries a whole Python is half as large.
const MAX_COMPONENT: usize = 64 << 20;

/// What compiles components.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Compiler {
    /// A child process of this same program, with limits on memory and time. The program must call
    /// [`serve_compile_request`] first in its `main`.
    #[default]
    ThisProgram,
    /// A child process of another program that calls [`serve_compile_request`] first in its `main`, built
    /// with the same release of this crate.
    ChildProcess(PathBuf),
    /// This process, on a thread of its own, without limits: for components that are trusted, and for tests.
    InProcess,
}

impl Compiler {
    /// Compiles a component for that engine.
    ///
    /// # Errors
    /// `configuration`, where the component is none, or can't be compiled within the limits; `host`, where
    /// the child process fails.
    pub(super) async fn compile(&self, engine: &Engine, wasm: &Arc<[u8]>) -> Result<CompiledCode> {
        let program = match self {
            Self::InProcess => return in_process(Arc::clone(wasm)).await,
            Self::ChildProcess(program) => program.clone(),
            Self::ThisProgram => child::this_program()?,
        };
        parent::compile(&program, engine.compatibility(), wasm)
            .await
            .map(CompiledCode::from_compiler)
    }
}

async fn in_process(wasm: Arc<[u8]>) -> Result<CompiledCode> {
    super::blocking(move || {
        let engine = compiling_engine()?;
        engine
            .precompile_component(&wasm)
            .map(CompiledCode::from_compiler)
            .map_err(|cause| does_not_compile(&printable(&format!("{cause:#}"))))
    })
    .await
}

fn does_not_compile(cause: &str) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("this component does not compile: {cause}"),
    )
}

/// Makes sure that the bytes are a component, as far as their beginning and length tell.
///
/// # Errors
/// `configuration`, saying what they are instead.
pub(super) fn check_component(bytes: &[u8]) -> Result<()> {
    /// What every WebAssembly file begins with.
    const MAGIC: &[u8] = b"\0asm";
    /// What follows it in a core module: the version, and layer 0.
    const MODULE: &[u8] = &[1, 0, 0, 0];
    if bytes.len() > MAX_COMPONENT {
        return Err(too_large());
    }
    let refused = |message: &str, remedy: &str| {
        Err(Error::new(ErrorKind::Configuration, message).remedy(remedy))
    };
    match bytes.strip_prefix(MAGIC) {
        Some(rest) if rest.starts_with(MODULE) => refused(
            "this is a core module, not a component",
            "build with --target wasm32-wasip2",
        ),
        Some(_) => Ok(()),
        None if bytes.is_empty() => refused("this component is empty", "build it again"),
        None => refused(
            "this is not WebAssembly",
            "a connector is the .wasm file that cargo build --target wasm32-wasip2 makes",
        ),
    }
}

/// Reads a component's file, and makes sure that it is one.
///
/// # Errors
/// As [`check_component`]; `host`, where the file can't be read.
pub(super) fn read_component(path: &std::path::Path) -> Result<Arc<[u8]>> {
    let bytes = super::store::read_bounded(path, MAX_COMPONENT)?
        .ok_or_else(too_large)
        .map_err(|error| error.about(path.display()))?;
    check_component(&bytes).map_err(|error| error.about(path.display()))?;
    Ok(bytes.into())
}

fn too_large() -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("this component is larger than {} MiB", MAX_COMPONENT >> 20),
    )
    .remedy("build it in the release profile, without debug information")
}
