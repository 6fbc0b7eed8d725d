//! A password under the server's public key.
//!
//! MySQL takes a password over an open connection only so. The key is the operator's, or where that is allowed comes from
//! whoever answers: its form and size are checked before it is used.

use mysql_common::crypto::rsa::{GetRandom, Pkcs1OaepPadding, PublicKey};
use num_bigint::BigUint;
use tenon_sdk::{Error, Result};
use tenon_tls::rustls::pki_types::SubjectPublicKeyInfoDer;
use tenon_tls::rustls::pki_types::pem::PemObject;

use super::reader::Reader;

/// Bytes of a modulus, between 1,024 and 16,384 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 128..=2_048;

/// Bytes of an exponent, at most.
const LONGEST_EXPONENT: usize = 8;

/// Bytes that the padding takes of the modulus: twice a SHA-1, and two.
const PADDING: usize = 42;

/// Tags of ASN.1's distinguished encoding.
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const INTEGER: u8 = 0x02;

/// Encrypts a password, mixed with the scramble, by the key in this PEM text.
///
/// # Errors
/// `denied` where the key is none that can be used.
pub(crate) fn encrypt(password: &str, scramble: &[u8], pem: &[u8]) -> Result<Vec<u8>> {
    let (key, length) = read(pem).ok_or_else(unusable)?;
    if password.len() + 1 + PADDING > length {
        return Err(Error::invalid(
            "the password is too long for the server's public key; use TLS",
        ));
    }
    let mixed: Vec<u8> = password
        .bytes()
        .chain([0])
        .zip(scramble.iter().cycle())
        .map(|(byte, random)| byte ^ random)
        .collect();
    key.encrypt_block(mixed, Pkcs1OaepPadding::new(GetRandom))
        .map_err(|_| {
            Error::backend("the password could not be encrypted: there are no random numbers")
        })
}

/// Whether this PEM text is a key that a password can be encrypted by.
pub(crate) fn is_usable(pem: &[u8]) -> bool {
    read(pem).is_some()
}

/// A key, and how many bytes its modulus has.
fn read(pem: &[u8]) -> Option<(PublicKey, usize)> {
    let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).ok()?;
    let (modulus, exponent) = numbers(&der)?;
    let is_odd = modulus.last().is_some_and(|byte| byte % 2 == 1);
    if !MODULUS.contains(&modulus.len()) || !is_odd || exponent.len() > LONGEST_EXPONENT {
        return None;
    }
    let key = PublicKey::new(
        BigUint::from_bytes_be(modulus),
        BigUint::from_bytes_be(exponent),
    );
    Some((key, modulus.len()))
}

fn unusable() -> Error {
    Error::new(
        tenon_sdk::ErrorKind::Denied,
        "the server's public key can't be used for the password; use TLS",
    )
}

/// The modulus and the exponent of a `SubjectPublicKeyInfo` (RFC 5280), without zeros in front.
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut info = Reader::new(element(&mut Reader::new(der), SEQUENCE)?);
    // The algorithm: if it weren't RSA, what follows would have another form.
    element(&mut info, SEQUENCE)?;
    let bits = element(&mut info, BIT_STRING)?;
    let (0, key) = bits.split_first()? else {
        return None;
    };
    let mut key = Reader::new(element(&mut Reader::new(key), SEQUENCE)?);
    let modulus = integer(&mut key)?;
    let exponent = integer(&mut key)?;
    Some((modulus, exponent))
}

fn integer<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let bytes = element(reader, INTEGER)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).filter(|bytes| !bytes.is_empty())
}

/// What an element of that tag holds.
fn element<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<&'a [u8]> {
    if reader.u8().ok()? != tag {
        return None;
    }
    let length = match reader.u8().ok()? {
        short @ 0..=0x7f => usize::from(short),
        0x81 => usize::from(reader.u8().ok()?),
        0x82 => usize::from(u16::from_be_bytes(reader.array().ok()?)),
        _ => return None,
    };
    reader.bytes(length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `openssl genrsa 2048 | openssl rsa -pubout`.
    const KEY: &str = include_str!("../../tests/data/rsa-public-key.pem");

    #[test]
    fn a_password_becomes_as_many_bytes_as_the_key_has() {
        let one = encrypt("swordfish", b"abcdefghijklmnopqrst", KEY.as_bytes()).unwrap();
        let other = encrypt("swordfish", b"abcdefghijklmnopqrst", KEY.as_bytes()).unwrap();
        assert_eq!(one.len(), 256);
        assert_ne!(one, other, "the padding is random");
    }

    #[test]
    fn what_is_no_key_is_refused_and_never_a_panic() {
        let key = SubjectPublicKeyInfoDer::from_pem_slice(KEY.as_bytes()).unwrap();
        assert!(numbers(&key).is_some());
        for length in 0..key.len() {
            assert!(numbers(key.get(..length).unwrap()).is_none(), "{length}");
        }
        for pem in [
            "",
            "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
        ] {
            let error = encrypt("swordfish", b"abcdefghijklmnopqrst", pem.as_bytes()).unwrap_err();
            assert!(!error.message.contains("swordfish"));
        }
    }

    #[test]
    fn a_password_that_does_not_fit_is_refused() {
        let password = "x".repeat(214);
        let error = encrypt(&password, b"abcdefghijklmnopqrst", KEY.as_bytes()).unwrap_err();
        assert!(error.message.contains("too long"), "{error}");
        assert!(encrypt(&password[1..], b"abcdefghijklmnopqrst", KEY.as_bytes()).is_ok());
    }
}
