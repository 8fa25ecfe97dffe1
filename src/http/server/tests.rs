//! A server and its clients in one thread: who is registered for what, who has an exchange,
//! and who has to go.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use super::*;
use crate::http::{Request, Response};
use crate::testkit::within;

mod pooled;
mod turns;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const LARGE: usize = 8 << 20;
/// No test needs a second.
const LIMIT: Duration = Duration::from_secs(60);

fn handler(request: &Request<'_>, response: &mut Response<'_>) {
    match request.path() {
        "/large" => response.body(vec![b'x'; LARGE]),
        "/" => response.text("hello"),
        path => response.text(path),
    }
}

fn server(config: Config) -> Server {
    Server::bind(Config { port: 0, ..config }, handler).unwrap()
}

/// A client that is connected already.
fn client(server: &mut Server) -> UnixStream {
    let (ours, theirs) = UnixStream::pair().unwrap();
    server.adopt(ours).unwrap();
    theirs.set_nonblocking(true).unwrap();
    theirs
}

/// As much as can be done without waiting.
fn turn(server: &mut Server) {
    for _ in 0..8 {
        server.tick(Some(Duration::ZERO)).unwrap();
    }
}

/// What has come, and whether that is the end.
fn received(client: &mut UnixStream) -> (String, bool) {
    let mut text = Vec::new();
    let end = match client.read_to_end(&mut text) {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::WouldBlock => false,
        Err(error) => panic!("{error}"),
    };
    (String::from_utf8(text).unwrap(), end)
}

#[test]
fn an_idle_connection_has_no_exchange_and_one_registration() {
    let mut server = server(Config::default());
    let mut clients: Vec<_> = (0..100).map(|_| client(&mut server)).collect();
    turn(&mut server);
    assert_eq!(server.worker.in_use().0, 0);
    for client in &mut clients {
        client.write_all(GET).unwrap();
    }
    turn(&mut server);
    assert_eq!(server.worker.in_use().0, 0, "all are answered");
    clients[0].write_all(&GET[..10]).unwrap();
    turn(&mut server);
    assert_eq!(server.worker.in_use().0, 1, "one has begun");
    clients[0].write_all(&GET[10..]).unwrap();
    turn(&mut server);
    assert_eq!(server.worker.in_use().0, 0);
    assert_eq!(server.worker.in_use().1, 1 + 100, "and the listener");
    for client in &mut clients {
        let (text, end) = received(client);
        assert!(text.ends_with("\r\n\r\nhello") && !end, "{text}");
    }
}

#[test]
fn write_interest_is_there_while_output_waits_and_nothing_is_read() {
    within(LIMIT, || {
        let mut server = server(Config::default());
        let mut client = client(&mut server);
        let large = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
        client.write_all(&[large, GET].concat()).unwrap();
        turn(&mut server);
        assert_eq!(server.worker.in_use().0, 1);
        assert_eq!(server.worker.in_use().1, 2, "one of them is write interest");
        client.write_all(GET).unwrap();
        let mut all = String::new();
        while !all.ends_with("hello") || all.matches("HTTP/1.1 200").count() < 3 {
            let (text, end) = received(&mut client);
            assert!(!end);
            all.push_str(&text);
            turn(&mut server);
        }
        assert!(all.len() > LARGE);
        assert_eq!((server.worker.in_use().0, server.worker.in_use().1), (0, 2));
    });
}

/// Each socket buffer in between is full before the client reads its first answer.
#[test]
fn answers_that_nobody_reads_wait_and_come_whole_and_in_order() {
    within(LIMIT, || {
        let mut server = server(Config::default());
        let mut client = client(&mut server);
        let mut requests = Vec::new();
        for number in 0..50_000 {
            write!(requests, "GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        }
        let (mut sent, mut full) = (0, 0);
        while full < 3 {
            match client.write(&requests[sent..]) {
                Ok(bytes) => (sent, full) = (sent + bytes, 0),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    full += 1;
                }
            }
            turn(&mut server);
        }
        assert!(sent < requests.len(), "nobody reads, and all was taken");
        let mut all = String::new();
        while !all.ends_with("\r\n\r\n/49999") {
            all.push_str(&received(&mut client).0);
            if sent < requests.len() {
                sent += client.write(&requests[sent..]).unwrap_or(0);
            }
            turn(&mut server);
        }
        let answers = all.split("HTTP/1.1 200 OK\r\n").skip(1);
        for (number, answer) in answers.enumerate() {
            let body = answer.split_once("\r\n\r\n").unwrap().1;
            assert_eq!(body, format!("/{number}"));
        }
    });
}

#[test]
fn who_has_half_closed_gets_all_answers() {
    let mut server = server(Config::default());
    let mut client = client(&mut server);
    client.write_all(&[GET, GET, GET].concat()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    turn(&mut server);
    let (text, end) = received(&mut client);
    assert_eq!((text.matches("hello").count(), end), (3, true));
    assert_eq!(server.connections(), 0);
}

/// The refused request goes on for a megabyte. If the socket were closed with that unread,
/// the answer would be lost.
#[test]
fn an_answer_is_not_lost_because_input_is_unread() {
    within(LIMIT, || {
        let mut server = server(Config::default());
        let mut client = client(&mut server);
        let begin = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n";
        client.write_all(begin).unwrap();
        let mut sent = 0;
        while sent < 1 << 20 {
            match client.write(&[b'x'; 4_096]) {
                Ok(bytes) => sent += bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    turn(&mut server)
                }
                Err(error) => panic!("after {sent} bytes: {error}"),
            }
        }
        turn(&mut server);
        let (text, end) = received(&mut client);
        assert!(text.starts_with("HTTP/1.1 413 ") && end, "{text}");
        assert!(text.contains("Connection: close"), "{text}");
        assert_eq!(
            (server.connections(), server.worker.in_use().0),
            (1, 0),
            "it lingers"
        );
        drop(client);
        turn(&mut server);
        assert_eq!(server.connections(), 0);
    });
}

#[test]
fn who_is_late_with_a_request_is_told_so() {
    let mut server = server(Config {
        timeout_request: Duration::from_nanos(1),
        ..Config::default()
    });
    let (mut slow, mut healthy) = (client(&mut server), client(&mut server));
    slow.write_all(&GET[..20]).unwrap();
    healthy.write_all(GET).unwrap();
    turn(&mut server);
    let (text, end) = received(&mut slow);
    assert!(text.starts_with("HTTP/1.1 408 ") && end, "{text}");
    let (text, end) = received(&mut healthy);
    assert!(text.starts_with("HTTP/1.1 200 ") && !end, "{text}");
}

#[test]
fn who_is_silent_or_takes_nothing_has_to_go() {
    let mut server = server(Config {
        timeout_write: Duration::ZERO,
        ..Config::default()
    });
    let mut client = client(&mut server);
    client
        .write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    turn(&mut server);
    assert_eq!((server.connections(), server.worker.in_use().0), (0, 0));

    let mut server = self::server(Config {
        timeout_keepalive: Duration::from_nanos(1),
        ..Config::default()
    });
    let mut client = self::client(&mut server);
    turn(&mut server);
    assert_eq!(received(&mut client), (String::new(), true));
}

#[test]
fn the_last_request_of_a_connection_is_told_so() {
    let mut server = server(Config {
        request_count: Some(3),
        ..Config::default()
    });
    let mut client = client(&mut server);
    client.write_all(&GET.repeat(5)).unwrap();
    turn(&mut server);
    let (text, end) = received(&mut client);
    assert_eq!((text.matches("200 OK").count(), end), (3, true));
    assert_eq!(text.matches("Connection: close").count(), 1);
}

#[test]
fn with_no_slot_left_the_door_is_shut_until_somebody_leaves() {
    within(LIMIT, || {
        let mut server = server(Config {
            max_conn: 1,
            ..Config::default()
        });
        let first = TcpStream::connect(server.address()).unwrap();
        turn(&mut server);
        let mut second = TcpStream::connect(server.address()).unwrap();
        second.write_all(GET).unwrap();
        turn(&mut server);
        assert_eq!((server.connections(), server.worker.in_use().1), (1, 1));
        let refused = server.adopt(UnixStream::pair().unwrap().0).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ResourceBusy);
        drop(first);
        second.set_nonblocking(true).unwrap();
        let mut answer = [0; 1024];
        let read = loop {
            turn(&mut server);
            match second.read(&mut answer) {
                Ok(read) => break read,
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        };
        assert!(answer[..read].ends_with(b"hello"));
    });
}

#[test]
fn stopping_closes_the_silent_and_answers_who_has_begun() {
    within(LIMIT, || {
        let mut server = server(Config::default());
        let mut silent = client(&mut server);
        let (mut begun, mut asked) = (client(&mut server), client(&mut server));
        begun.write_all(&GET[..20]).unwrap();
        turn(&mut server);
        asked.write_all(GET).unwrap(); // and nobody has read it yet
        server.handle().shutdown();
        turn(&mut server);
        assert_eq!(received(&mut silent), (String::new(), true));
        for client in [&mut begun, &mut asked] {
            let _ = client.write_all(&GET[20..]);
        }
        turn(&mut server);
        for mut client in [begun, asked] {
            let (text, end) = received(&mut client);
            assert!(text.contains("Connection: close") && end, "{text}");
        }
        assert_eq!(server.tick(None).unwrap(), Turn::Over);
        let refused = TcpStream::connect(server.address()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    });
}
