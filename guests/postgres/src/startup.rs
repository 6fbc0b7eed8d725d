//! From a host's name to a session: the connection, TLS, who one is, and the session's parameters.
//!
//! No message of an error has the password in it: the server is told its proof or, where it asks so, the password
//! itself, and never quotes it.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;
use tenon_sdk::{Error, ErrorKind, Limits, Result, Secret};
use tenon_tls::rustls::{ClientConfig, ClientConnection, StreamOwned};
use tenon_tls::{TlsMode, server_name};

use crate::binding::server_end_point;
use crate::failure::{ServerError, lost, out_of_step};
use crate::settings::{SessionParameter, Settings};
use crate::wire::{Stream, Wire};

/// Opens a session.
pub(crate) fn open(settings: &Settings, limits: &Limits) -> Result<Wire> {
    let (needed, optional) = settings.parameters(limits);
    let all: Vec<_> = needed.iter().chain(&optional).collect();
    match attempt(settings, &all) {
        // A parameter that the server doesn't know, or that a pooler in front of it doesn't pass on.
        Err(error) if matches!(error.code.as_deref(), Some("42704" | "08P01" | "22023")) => {
            attempt(settings, &needed.iter().collect::<Vec<_>>())
        }
        outcome => outcome,
    }
    .map_err(|error| {
        error.context(format_args!(
            "connecting to {}:{} as `{}`",
            settings.host, settings.port, settings.user
        ))
    })
}

fn attempt(settings: &Settings, parameters: &[&SessionParameter]) -> Result<Wire> {
    let tls = settings.tls().client_config()?;
    let stream = connect(settings)?;
    let (stream, end_point) = match tls {
        None => (Stream::Plain(stream), None),
        Some(config) => secure(settings, stream, config)?,
    };
    let mut wire = Wire::new(stream);
    let parameters = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    frontend::startup_message(parameters, &mut wire.outbound).map_err(not_sendable)?;
    wire.send().map_err(|error| lost(&error))?;
    Session {
        wire: &mut wire,
        user: &settings.user,
        password: settings.password.as_ref(),
        end_point,
    }
    .authenticate()?;
    wait_until_ready(&mut wire)?;
    Ok(wire)
}

fn connect(settings: &Settings) -> Result<TcpStream> {
    let addresses = (settings.host.as_str(), settings.port)
        .to_socket_addrs()
        .map_err(|error| {
            // Where a grant is missing, the runtime refuses the name.
            let kind = match error.kind() {
                io::ErrorKind::PermissionDenied => ErrorKind::Denied,
                _ => ErrorKind::Unavailable,
            };
            Error::new(kind, format!("the host's name isn't found: {error}"))
        })?;
    let mut refusal = None;
    for address in addresses {
        match TcpStream::connect(address) {
            Ok(stream) => {
                // Requests are small and wait for their answers. Where it can't be set, it is so already.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => refusal = Some(error),
        }
    }
    Err(match refusal {
        Some(error) => {
            let kind = match error.kind() {
                io::ErrorKind::PermissionDenied => ErrorKind::Denied,
                _ => ErrorKind::Unavailable,
            };
            Error::new(kind, error.to_string())
        }
        None => Error::unavailable("the host's name has no address"),
    })
}

/// Asks for TLS; also the hash that SCRAM is bound to.
fn secure(
    settings: &Settings,
    mut stream: TcpStream,
    config: Arc<ClientConfig>,
) -> Result<(Stream, Option<Vec<u8>>)> {
    use std::io::{Read, Write};

    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    stream.write_all(&request).map_err(|error| lost(&error))?;
    // One byte exactly: what follows it in plain text is not the server's.
    let mut answer = [0];
    stream
        .read_exact(&mut answer)
        .map_err(|error| lost(&error))?;
    match answer {
        [b'S'] => {}
        [b'N'] if settings.tls == TlsMode::Prefer => return Ok((Stream::Plain(stream), None)),
        [b'N'] => {
            return Err(Error::unavailable(
                "the server has no TLS, and `tls` asks for it",
            ));
        }
        [b'E'] => {
            return Err(Error::unavailable(
                "the server refuses to speak about TLS; it may have too many connections",
            ));
        }
        _ => return Err(out_of_step("TLS was answered by something else")),
    }
    let mut connection = ClientConnection::new(config, server_name(&settings.host)?)
        .map_err(|error| Error::backend(format!("TLS can't be set up: {error}")))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|error| {
            let is_refusal = error
                .get_ref()
                .is_some_and(|error| error.is::<tenon_tls::rustls::Error>());
            let kind = if is_refusal {
                ErrorKind::Denied
            } else {
                ErrorKind::Unavailable
            };
            Error::new(kind, format!("TLS failed: {error}"))
        })?;
    }
    let certificates = connection.peer_certificates().unwrap_or_default();
    let end_point = certificates
        .first()
        .and_then(|first| server_end_point(first));
    let stream = StreamOwned::new(connection, stream);
    Ok((Stream::Tls(Box::new(stream)), end_point))
}

/// A session that is on its way.
struct Session<'a> {
    wire: &'a mut Wire,
    user: &'a str,
    password: Option<&'a Secret>,
    end_point: Option<Vec<u8>>,
}

impl Session<'_> {
    fn authenticate(mut self) -> Result<()> {
        match message(self.wire)? {
            Message::AuthenticationOk => return Ok(()),
            Message::AuthenticationCleartextPassword => {
                let password = self.password()?.to_owned();
                self.answer(|out| frontend::password_message(&password, out))?;
            }
            Message::AuthenticationMd5Password(body) => {
                let hash = md5_hash(self.user.as_bytes(), self.password()?, body.salt());
                self.answer(|out| frontend::password_message(hash.as_bytes(), out))?;
            }
            Message::AuthenticationSasl(body) => self.scram(&body)?,
            _ => {
                return Err(Error::unsupported(
                    "the server asks who this is in a way that isn't supported; give the user a password with \
                     `scram-sha-256`, or a client certificate",
                ));
            }
        }
        match message(self.wire)? {
            Message::AuthenticationOk => Ok(()),
            _ => Err(out_of_step("the session didn't begin")),
        }
    }

    fn scram(&mut self, body: &AuthenticationSaslBody) -> Result<()> {
        let mut offered = body.mechanisms();
        let (mut plain, mut bound) = (false, false);
        while let Some(mechanism) = offered.next().map_err(|error| lost(&error))? {
            plain |= mechanism == SCRAM_SHA_256;
            bound |= mechanism == SCRAM_SHA_256_PLUS;
        }
        let (mechanism, binding) = match self.end_point.take() {
            Some(hash) if bound => (
                SCRAM_SHA_256_PLUS,
                ChannelBinding::tls_server_end_point(hash),
            ),
            // The server finds out by this where someone in between has taken the other mechanism away.
            Some(_) if plain => (SCRAM_SHA_256, ChannelBinding::unrequested()),
            None if plain => (SCRAM_SHA_256, ChannelBinding::unsupported()),
            _ => {
                return Err(Error::unsupported(
                    "the server asks for a password in a way that isn't supported: `scram-sha-256` is",
                ));
            }
        };
        let mut scram = ScramSha256::new(self.password()?, binding);
        self.answer(|out| frontend::sasl_initial_response(mechanism, scram.message(), out))?;
        let Message::AuthenticationSaslContinue(body) = message(self.wire)? else {
            return Err(out_of_step("SCRAM didn't go on"));
        };
        scram.update(body.data()).map_err(|error| lost(&error))?;
        self.answer(|out| frontend::sasl_response(scram.message(), out))?;
        let Message::AuthenticationSaslFinal(body) = message(self.wire)? else {
            return Err(out_of_step("SCRAM didn't end"));
        };
        // The server has to know the password too.
        scram.finish(body.data()).map_err(|_| {
            Error::new(
                ErrorKind::Denied,
                "the server couldn't prove that it knows the password: it isn't the right one",
            )
        })
    }

    fn password(&self) -> Result<&[u8]> {
        self.password
            .map(|password| password.reveal().as_bytes())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Denied,
                    "the server asks for a password, and the settings have none",
                )
            })
    }

    fn answer(&mut self, write: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> Result<()> {
        write(&mut self.wire.outbound).map_err(not_sendable)?;
        self.wire.send().map_err(|error| lost(&error))
    }
}

/// The next message of any that isn't a notice; an error where it is one.
fn message(wire: &mut Wire) -> Result<Message> {
    loop {
        let frame = wire.frame().map_err(|error| lost(&error))?;
        match wire.message(&frame) {
            Ok(Message::NoticeResponse(_) | Message::ParameterStatus(_)) => {}
            Ok(Message::ErrorResponse(body)) => {
                return Err(ServerError::read(body.fields()).into_error());
            }
            Ok(message) => return Ok(message),
            Err(error) => return Err(lost(&error)),
        }
    }
}

fn wait_until_ready(wire: &mut Wire) -> Result<()> {
    loop {
        match message(wire)? {
            Message::BackendKeyData(_) => {}
            Message::ReadyForQuery(_) => return Ok(()),
            _ => return Err(out_of_step("the session didn't become ready")),
        }
    }
}

/// A text that the protocol has no place for.
fn not_sendable(error: io::Error) -> Error {
    Error::invalid(format!("this can't be sent to the server: {error}"))
}
