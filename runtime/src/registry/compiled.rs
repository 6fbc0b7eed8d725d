//! Compiled code on disk, and how it becomes a component again.
//!
//! Whoever can choose what is loaded here can run anything in this process. So the folder is private to its
//! user, each file carries a tag that only the registry's key can make, and what is loaded is exactly the
//! bytes that were checked. A file that fails is never an error: the component is compiled again.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wasmtime::component::Component;

use super::store::{Item, Store, Writer};
use crate::error::{Error, Result};
use crate::reference::Digest;

/// What a file begins with; the number is that of this layout: this, the tag, the code.
const MAGIC: &[u8; 8] = b"TENONC\0\x01";

/// The bytes of an HMAC-SHA-256.
const TAG: usize = 32;

/// The bytes of the registry's key.
const KEY: usize = 32;

/// Native code that came out of this program's compiler: straight from it, or from a file that was found to
/// be unchanged since. There is no other way to make one.
pub(super) struct CompiledCode {
    bytes: Vec<u8>,
    start: usize,
}

impl CompiledCode {
    /// What the compiler has just made.
    pub(super) fn from_compiler(bytes: Vec<u8>) -> Self {
        Self { bytes, start: 0 }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// The component that it is the code of.
    ///
    /// # Errors
    /// wasmtime's, where it was made for another engine.
    #[allow(unsafe_code)]
    pub(super) fn component(&self, engine: &wasmtime::Engine) -> wasmtime::Result<Component> {
        // SAFETY: `deserialize` runs what it is given, so the bytes must be what `Engine::precompile_component`
        // returned. A `CompiledCode` holds nothing else: `from_compiler` gets the answer of a compiler that this
        // process ran or started itself, over a pipe that nobody else holds; `Seal::open` gets bytes whose tag
        // was made with this registry's key by `Seal::close` from a `CompiledCode`, for this very digest and
        // compatibility, and the key and the folder are private to this process's user. The bytes are in this
        // process's memory and immutable here, so what was checked is what is loaded. Code for another engine
        // is refused by `deserialize` itself.
        unsafe { Component::deserialize(engine, self.as_bytes()) }
    }
}

/// The registry's key: what it closes compiled code with, and opens it again.
pub(super) struct Seal {
    key: [u8; KEY],
}

impl Seal {
    /// The registry's own, made at its first use.
    pub(super) fn of(store: &Store) -> Result<Self> {
        if let Some(seal) = Self::read(store)? {
            return Ok(seal);
        }
        let writer = store.lock()?;
        // Another process may have been faster.
        if let Some(seal) = Self::read(store)? {
            return Ok(seal);
        }
        let mut key = [0; KEY];
        getrandom::fill(&mut key)
            .map_err(|cause| Error::host("making the registry's key", cause))?;
        writer.write(Item::Key, &[&key])?;
        Ok(Self { key })
    }

    /// None where there is no key, or a damaged one: with a new key, everything is compiled again.
    fn read(store: &Store) -> Result<Option<Self>> {
        let key = store.read(Item::Key)?;
        Ok(key
            .and_then(|key| key.try_into().ok())
            .map(|key| Self { key }))
    }

    /// Keeps compiled code on disk.
    pub(super) fn close(
        &self,
        writer: &Writer<'_>,
        digest: &Digest,
        compatibility: &str,
        code: &CompiledCode,
    ) -> Result<()> {
        let code = code.as_bytes();
        let tag = self
            .authenticate(digest, compatibility, code)?
            .finalize()
            .into_bytes();
        writer.write(Item::Compiled(digest, compatibility), &[MAGIC, &tag, code])
    }

    /// Reads a component's compiled code back.
    pub(super) fn open(&self, store: &Store, digest: &Digest, compatibility: &str) -> Result<Kept> {
        store.check_private()?;
        let Some(bytes) = store.read(Item::Compiled(digest, compatibility))? else {
            return Ok(Kept::Missing);
        };
        let parts = bytes
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split_first_chunk::<TAG>());
        let Some((tag, code)) = parts else {
            return Ok(Kept::Bad);
        };
        // Compares in constant time.
        if self
            .authenticate(digest, compatibility, code)?
            .verify_slice(tag)
            .is_err()
        {
            return Ok(Kept::Bad);
        }
        Ok(Kept::Good(CompiledCode {
            start: MAGIC.len() + TAG,
            bytes,
        }))
    }

    fn authenticate(
        &self,
        digest: &Digest,
        compatibility: &str,
        code: &[u8],
    ) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key)
            .map_err(|cause| Error::host("using the registry's key", cause))?;
        mac.update(MAGIC);
        // Lengths in front, so that no two triples give the same bytes.
        for part in [digest.hex().as_bytes(), compatibility.as_bytes(), code] {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        Ok(mac)
    }
}

/// What is on disk of a component's compiled code.
pub(super) enum Kept {
    /// Code that was found to be unchanged.
    Good(CompiledCode),
    /// Nothing.
    Missing,
    /// Something that this registry did not write, or that was changed since.
    Bad,
}
