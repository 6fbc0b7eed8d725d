//! What the proxy does to connections, seen from a client of a server that echoes.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use tenon_harness::Proxy;

fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            std::thread::spawn(move || {
                let mut reader = stream.try_clone().unwrap();
                let mut writer = stream;
                let _ = std::io::copy(&mut reader, &mut writer);
            });
        }
    });
    address
}

fn client(proxy: &Proxy) -> TcpStream {
    let client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    client
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    client
}

fn ask(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    client.write_all(b"hello")?;
    let mut answer = vec![0; 5];
    client.read_exact(&mut answer)?;
    Ok(answer)
}

#[test]
fn bytes_pass_both_ways_and_so_does_the_end() {
    let proxy = Proxy::start(echo()).unwrap();
    let mut client = client(&proxy);
    assert_eq!(ask(&mut client).unwrap(), b"hello");
    assert_eq!((proxy.connections(), proxy.accepted()), (1, 1));
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(
        client.read(&mut [0]).unwrap(),
        0,
        "the server has seen the end"
    );
}

#[test]
fn much_passes_to_a_client_that_reads_late() {
    let proxy = Proxy::start(echo()).unwrap();
    let mut client = client(&proxy);
    let much = vec![7; 8 << 20];
    let mut writer = client.try_clone().unwrap();
    let sent = much.clone();
    let writing = std::thread::spawn(move || writer.write_all(&sent).unwrap());
    std::thread::sleep(Duration::from_millis(100));
    let mut answer = vec![0; much.len()];
    client.read_exact(&mut answer).unwrap();
    writing.join().unwrap();
    assert!(answer == much);
}

#[test]
fn a_cut_connection_ends_and_the_next_one_works() {
    let proxy = Proxy::start(echo()).unwrap();
    let mut first = client(&proxy);
    ask(&mut first).unwrap();
    assert_eq!(proxy.cut(), 1);
    assert_eq!(first.read(&mut [0]).unwrap(), 0);
    assert_eq!(ask(&mut client(&proxy)).unwrap(), b"hello");
}

#[test]
fn a_reset_connection_fails_even_where_nobody_reads() {
    let proxy = Proxy::start(echo()).unwrap();
    let mut quiet = client(&proxy);
    ask(&mut quiet).unwrap();
    // More than the sockets' buffers: the proxy waits for the client to read.
    let mut busy = client(&proxy);
    let mut writer = busy.try_clone().unwrap();
    let writing = std::thread::spawn(move || writer.write_all(&vec![7; 64 << 20]));
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(proxy.reset(), 2);
    let error = quiet.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(writing.join().unwrap().is_err());
    let mut answer = Vec::new();
    let _ = busy.read_to_end(&mut answer);
    assert!(answer.len() < 64 << 20);
}

#[test]
fn a_stalled_connection_waits_until_it_may_go_on() {
    let proxy = Proxy::start(echo()).unwrap();
    let mut client = client(&proxy);
    proxy.stall();
    client
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let error = ask(&mut client).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
    proxy.pass();
    client
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut answer = [0; 5];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"hello");
}

#[test]
fn a_stalled_connection_can_be_cut() {
    let proxy = Proxy::start(echo()).unwrap();
    let mut client = client(&proxy);
    ask(&mut client).unwrap();
    proxy.stall();
    client.write_all(b"hello").unwrap();
    assert_eq!(proxy.cut(), 1);
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
}

#[test]
fn delay_and_refusal() {
    let proxy = Proxy::start(echo()).unwrap();
    let mut slow = client(&proxy);
    proxy.delay(Duration::from_millis(50));
    let start = Instant::now();
    ask(&mut slow).unwrap();
    assert!(
        start.elapsed() >= Duration::from_millis(100),
        "there and back"
    );
    proxy.refuse();
    assert!(ask(&mut client(&proxy)).is_err());
    assert_eq!(ask(&mut slow).unwrap(), b"hello", "what was there stays");
    let port = proxy.port();
    drop(proxy);
    assert!(ask(&mut slow).is_err());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
