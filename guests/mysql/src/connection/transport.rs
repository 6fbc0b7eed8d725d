//! The socket, with TLS around it or without.
//!
//! It has a time for each read, so that a call can stop a slow statement before the runtime stops the call.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use tenon_sdk::{Error, ErrorKind, Result};
use tenon_tls::rustls::pki_types::ServerName;
use tenon_tls::rustls::{ClientConfig, ClientConnection, StreamOwned};

/// A time for reads is not set anew where it differs by less than this.
const NEARLY: Duration = Duration::from_millis(20);

/// A connection's bytes.
pub(crate) struct Transport {
    stream: Stream,
    /// What reads wait at most, where they don't wait forever.
    patience: Option<Duration>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
    Gone,
}

impl Transport {
    /// # Errors
    /// `unavailable` where nobody answers, `denied` where there is no grant.
    pub(crate) fn connect(host: &str, port: u16) -> Result<Self> {
        let stream = TcpStream::connect((host, port)).map_err(|error| {
            let mut error = Error::from(error).context(format!("no connection to {host}:{port}"));
            if error.kind == ErrorKind::Backend || error.kind == ErrorKind::NotFound {
                // A name that isn't known is reported in many ways.
                error.kind = ErrorKind::Unavailable;
            }
            error
        })?;
        // What can't be switched off is only slower.
        let _ = stream.set_nodelay(true);
        Ok(Self {
            stream: Stream::Plain(stream),
            patience: None,
        })
    }

    /// Encrypts all that follows.
    ///
    /// # Errors
    /// `denied` where the server's certificate is refused, or the server refuses the client's.
    pub(crate) fn start_tls(
        &mut self,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> Result<()> {
        let Stream::Plain(stream) = std::mem::replace(&mut self.stream, Stream::Gone) else {
            return Err(Error::backend("TLS is begun twice"));
        };
        let connection = ClientConnection::new(config, name)
            .map_err(|error| Error::backend(format!("TLS can't be begun: {error}")))?;
        let mut stream = StreamOwned::new(connection, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).map_err(|error| {
                let kind = match error.kind() {
                    io::ErrorKind::InvalidData => ErrorKind::Denied,
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => ErrorKind::Timeout,
                    _ => ErrorKind::Unavailable,
                };
                Error::new(kind, format!("TLS could not be agreed on: {error}"))
            })?;
        }
        self.stream = Stream::Tls(Box::new(stream));
        Ok(())
    }

    /// Whether what is sent can't be read on the way.
    pub(crate) const fn is_encrypted(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// How long a read waits at most.
    pub(crate) fn set_patience(&mut self, patience: Option<Duration>) {
        let nearly = match (patience, self.patience) {
            (Some(new), Some(old)) => new.abs_diff(old) < NEARLY,
            (None, None) => true,
            _ => false,
        };
        if nearly {
            return;
        }
        let socket = match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => &stream.sock,
            Stream::Gone => return,
        };
        // A time of zero would mean forever.
        let time = patience.map(|patience| patience.max(Duration::from_millis(1)));
        if socket.set_read_timeout(time).is_ok() {
            self.patience = patience;
        }
    }

    /// Ends the connection without a word.
    pub(crate) fn abandon(&mut self) {
        if let Stream::Plain(stream) = &self.stream {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.stream = Stream::Gone;
    }
}

impl Read for Transport {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.read(into),
            Stream::Tls(stream) => stream.read(into),
            Stream::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

impl Write for Transport {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write(from),
            Stream::Tls(stream) => stream.write(from),
            Stream::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.flush(),
            Stream::Tls(stream) => stream.flush(),
            Stream::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}
