//! A server of this test's own making: it speaks as MySQL 8 does, or as nobody should.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use tenon_harness::Identity;
use tenon_mysql::{Settings, TlsMode};
use tenon_tls::rustls::pki_types::pem::PemObject;
use tenon_tls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tenon_tls::rustls::{self, ServerConfig, ServerConnection, StreamOwned};

pub const SCRAMBLE: &[u8; 20] = b"abcdefghijklmnopqrst";
pub const PASSWORD: &str = "swordfish";
pub const OK: &[u8] = &[0, 0, 0, 2, 0, 0, 0];

/// What of the capabilities is there: everything but compression, several statements and session tracking.
const CAPABILITIES: u32 = 0x013f_8fdf & !0x20 & !0x1_0000;

/// A connection as the server sees it.
pub struct Wire {
    stream: Box<dyn Stream>,
    sequence: u8,
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

impl Wire {
    /// The next message; none where the client is gone.
    pub fn read(&mut self) -> Option<Vec<u8>> {
        let mut header = [0; 4];
        self.stream.read_exact(&mut header).ok()?;
        let [low, middle, high, sequence] = header;
        let length = u32::from_le_bytes([low, middle, high, 0]);
        let mut message = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut message).ok()?;
        self.sequence = sequence.wrapping_add(1);
        Some(message)
    }

    /// Sends a message; the client may be gone.
    pub fn send(&mut self, message: &[u8]) {
        let length = u32::try_from(message.len()).unwrap().to_le_bytes();
        let packet = [&length[..3], &[self.sequence], message].concat();
        self.sequence = self.sequence.wrapping_add(1);
        let _ = self.stream.write_all(&packet);
        let _ = self.stream.flush();
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
        let _ = self.stream.flush();
    }

    /// Goes on with TLS, once the client has asked for it.
    pub fn start_tls(self, identity: &Identity) -> Self {
        let chain = CertificateDer::pem_slice_iter(identity.certificate.as_bytes());
        let chain: Vec<_> = chain.map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        Self {
            stream: Box::new(StreamOwned::new(connection, self.stream)),
            sequence: self.sequence,
        }
    }

    /// Answers commands as a server does that has nothing in it.
    pub fn serve(&mut self) {
        self.serve_with(|_, _| false);
    }

    /// The same, but for what `other` answers.
    pub fn serve_with(&mut self, other: impl Fn(&mut Self, &[u8]) -> bool) {
        while let Some(command) = self.read() {
            if other(self, &command) {
                continue;
            }
            match command.first() {
                Some(0x01) | None => return,
                Some(0x16) => {
                    // One statement, with two columns.
                    self.send(&[0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]);
                    self.send(&column("a"));
                    self.send(&column("b"));
                }
                Some(0x17) => {
                    self.send(&[2]);
                    self.send(&column("a"));
                    self.send(&column("b"));
                    self.send(&[[0, 0].as_slice(), &[0; 16]].concat());
                    self.send(&[0xfe, 0, 0, 2, 0, 0, 0]);
                }
                Some(0x19) => {}
                Some(_) => self.send(OK),
            }
        }
    }
}

/// A column of whole numbers.
pub fn column(name: &str) -> Vec<u8> {
    let mut packet = b"\x03def\0\0\0".to_vec();
    packet.push(u8::try_from(name.len()).unwrap());
    packet.extend(name.as_bytes());
    packet.extend([0, 12, 63, 0, 20, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
    packet
}

/// What a MySQL 8 says first.
pub fn greeting(tls: bool, method: &str) -> Vec<u8> {
    let capabilities = CAPABILITIES | if tls { 0x800 } else { 0 };
    let capabilities = if tls {
        capabilities
    } else {
        capabilities & !0x800
    };
    let [one, two, three, four] = capabilities.to_le_bytes();
    let mut packet = b"\x0a8.0.36\0\x07\0\0\0".to_vec();
    packet.extend(&SCRAMBLE[..8]);
    packet.extend([0, one, two, 255, 2, 0, three, four, 21]);
    packet.extend([0; 10]);
    packet.extend(&SCRAMBLE[8..]);
    packet.push(0);
    packet.extend(method.as_bytes());
    packet.push(0);
    packet
}

/// Serves one connection; the settings to reach it, and what `talk` came to.
pub fn server<T: Send + 'static>(
    talk: impl FnOnce(Wire) -> T + Send + 'static,
) -> (Settings, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (stream, _): (TcpStream, _) = listener.accept().unwrap();
        talk(Wire {
            stream: Box::new(stream),
            sequence: 0,
        })
    });
    let settings = Settings {
        host: "127.0.0.1".to_owned(),
        port,
        user: "ann".to_owned(),
        password: Some(PASSWORD.to_owned().into()),
        database: "shop".to_owned(),
        tls: TlsMode::Disable,
        ca: None,
        client_certificate: None,
        client_key: None,
        server_public_key: None,
        allow_public_key_retrieval: false,
    };
    (settings, server)
}
