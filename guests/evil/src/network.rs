//! What it tries on the network when it is told to: `net say 127.0.0.1:80`. Whatever fails is an error of the kind
//! `unavailable`, as an honest connector would have it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Instant;

use tenon_sdk::{Entity, Error, Result};

/// Does what the words say, to the host and port that follow.
pub fn commit(words: &str) -> Result<Entity> {
    let (deed, to) = words.split_once(' ').unwrap_or((words, ""));
    attempt(deed, to).map_err(|cause| Error::unavailable(format!("{words} failed: {cause}")))
}

fn attempt(deed: &str, to: &str) -> std::io::Result<Entity> {
    let seen = Entity::new();
    Ok(match deed {
        // A line, and the line that comes back.
        "say" => {
            let mut stream = TcpStream::connect(to)?;
            stream.set_nodelay(true)?;
            stream.write_all(b"hello\n")?;
            let mut answer = String::new();
            BufReader::new(stream).read_line(&mut answer)?;
            seen.with("answer", answer.trim_end())
        }
        // The same without ever waiting for the network itself.
        "ask" => {
            let mut stream = TcpStream::connect(to)?;
            stream.set_nonblocking(true)?;
            stream.write_all(b"hello\n")?;
            let mut answer = Vec::new();
            let mut waited = 0_i64;
            while !answer.ends_with(b"\n") {
                let mut bytes = [0; 16];
                match stream.read(&mut bytes) {
                    Ok(0) => break,
                    Ok(count) => answer.extend(bytes.iter().take(count)),
                    Err(cause) if cause.kind() == std::io::ErrorKind::WouldBlock => waited += 1,
                    Err(cause) => return Err(cause),
                }
            }
            seen.with("answer", String::from_utf8_lossy(&answer).trim_end())
                .with("waited", waited)
        }
        // Many lines, each in two pieces: how long each takes, in microseconds.
        "chat" => {
            const LINES: u32 = 200;
            let stream = TcpStream::connect(to)?;
            stream.set_nodelay(true)?;
            let mut answers = BufReader::new(&stream);
            let begun = Instant::now();
            for _ in 0..LINES {
                (&stream).write_all(b"hel")?;
                (&stream).write_all(b"lo\n")?;
                let mut answer = String::new();
                answers.read_line(&mut answer)?;
            }
            let each = begun.elapsed() / LINES;
            seen.with("each", i64::try_from(each.as_micros()).unwrap_or(i64::MAX))
        }
        // More than fits into any buffer, and what the other side says of it.
        "pour" => {
            let stream = TcpStream::connect(to)?;
            (&stream).write_all(&vec![0; 16 << 20])?;
            stream.shutdown(Shutdown::Write)?;
            let mut answer = String::new();
            BufReader::new(&stream).read_line(&mut answer)?;
            seen.with("answer", answer.trim_end())
        }
        "resolve" => {
            let found: Vec<String> = to.to_socket_addrs()?.map(|one| one.to_string()).collect();
            seen.with("found", found.join(" "))
        }
        "pester" => {
            for _ in 0..1000 {
                to.to_socket_addrs()?;
            }
            seen
        }
        "flood" => {
            let mut open = Vec::new();
            for _ in 0..1000 {
                let stream = TcpStream::connect(to).map_err(|error| {
                    io::Error::new(error.kind(), format!("{error} after {}", open.len()))
                })?;
                open.push(stream);
            }
            seen
        }
        // Connections that end make room for others.
        "redial" => {
            for _ in 0..200 {
                TcpStream::connect(to)?;
            }
            seen
        }
        "listen" => {
            let listener = TcpListener::bind(to)?;
            listener.accept()?;
            seen
        }
        "datagram" => {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.send_to(b"hello", to)?;
            seen
        }
        _ => seen,
    })
}
