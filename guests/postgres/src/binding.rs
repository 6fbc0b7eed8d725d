//! What ties SCRAM to TLS: a hash of the server's certificate, `tls-server-end-point` of RFC 5929.
//!
//! A password is then of no use to someone in between who shows another certificate.

use sha2::{Digest, Sha256, Sha384, Sha512};

/// Object identifiers of signatures, as DER has them, by the hash that they sign.
const SHA256: &[&[u8]] = &[
    // RSA with MD5, SHA-1 and SHA-256: for the first two the RFC takes SHA-256 too.
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
    // ECDSA with SHA-1 and SHA-256.
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
];
const SHA384: &[&[u8]] = &[
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
];
const SHA512: &[&[u8]] = &[
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04],
];

const SEQUENCE: u8 = 0x30;
const IDENTIFIER: u8 = 0x06;

/// The hash of a certificate in DER; none where its signature has no hash of its own, such as Ed25519's.
pub(crate) fn server_end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = signature_algorithm(certificate)?;
    if SHA256.contains(&algorithm) {
        Some(Sha256::digest(certificate).to_vec())
    } else if SHA384.contains(&algorithm) {
        Some(Sha384::digest(certificate).to_vec())
    } else if SHA512.contains(&algorithm) {
        Some(Sha512::digest(certificate).to_vec())
    } else {
        None
    }
}

/// `Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { algorithm OBJECT IDENTIFIER, … }, … }`
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(SEQUENCE, certificate)?;
    let (_, after) = element(SEQUENCE, certificate)?;
    let (algorithm, _) = element(SEQUENCE, after)?;
    let (identifier, _) = element(IDENTIFIER, algorithm)?;
    Some(identifier)
}

/// The content of the first element, which has that tag, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        short @ 0..0x80 => (usize::from(*short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            if digits.len() > 4 {
                return None;
            }
            let length = digits.iter();
            let length = length.fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
            (length, rest)
        }
    };
    (*first == tag).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As much of a certificate as matters, with that algorithm.
    fn certificate(algorithm: &[u8]) -> Vec<u8> {
        let sequence = |content: Vec<u8>| {
            let length = u16::try_from(content.len()).unwrap().to_be_bytes();
            [vec![SEQUENCE, 0x82], length.to_vec(), content].concat()
        };
        let length = u8::try_from(algorithm.len()).unwrap();
        let identifier = [&[IDENTIFIER, length], algorithm, &[0x05, 0x00]].concat();
        sequence(
            [
                sequence(vec![0x02; 300]),
                sequence(identifier),
                vec![0x03, 0x01, 0x00],
            ]
            .concat(),
        )
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        for (algorithms, length) in [(SHA256, 32), (SHA384, 48), (SHA512, 64)] {
            for algorithm in algorithms {
                let hash = server_end_point(&certificate(algorithm)).unwrap();
                assert_eq!(hash.len(), length);
            }
        }
        // Ed25519.
        assert_eq!(server_end_point(&certificate(&[0x2b, 0x65, 0x70])), None);
    }

    #[test]
    fn a_servers_own_certificate_has_a_hash() {
        use tenon_harness::{Postgres, PostgresOptions, Tls, for_test};
        use tenon_tls::rustls::pki_types::CertificateDer;
        use tenon_tls::rustls::pki_types::pem::PemObject;

        let options = PostgresOptions {
            tls: Tls::Offered,
            ..PostgresOptions::default()
        };
        let Some(server) = for_test(Postgres::start(options)).unwrap() else {
            return;
        };
        let certificate = CertificateDer::from_pem_slice(server.authority().unwrap().as_bytes());
        let certificate = certificate.unwrap();
        let hash = server_end_point(&certificate).unwrap();
        assert_eq!(hash, Sha256::digest(&certificate).to_vec());
    }

    #[test]
    fn what_is_no_certificate_has_no_hash() {
        let whole = certificate(SHA256.first().unwrap());
        for length in 0..whole.len() - 3 {
            assert_eq!(
                server_end_point(whole.get(..length).unwrap()),
                None,
                "{length}"
            );
        }
        assert_eq!(
            server_end_point(&[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff]),
            None
        );
        assert_eq!(server_end_point(&[SEQUENCE, 0xff, 0x00]), None);
    }
}
