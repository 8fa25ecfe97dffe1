//! Property: whoever had sent a request before the stop gets an answer, and is told that it
//! is the last.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use threadbare::http::{
    Config, Handle, Request, Response, Server, TestClient, Turn,
};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn who_waits_outside_is_let_in_and_answered() {
    within(LIMIT, || {
        let hello = |_: &Request<'_>, response: &mut Response<'_>| {
            response.text("hello");
        };
        let config = Config {
            port: 0,
            ..Config::default()
        };
        let mut server = Server::bind(config, hello).unwrap();
        // More than are accepted at once, none of whom the server has seen.
        let clients: Vec<_> = (0..100)
            .map(|_| {
                let mut client = TcpStream::connect(server.address()).unwrap();
                client
                    .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    .unwrap();
                client
            })
            .collect();
        server.handle().shutdown();
        server.tick(None).unwrap();
        for mut client in clients {
            let mut text = String::new();
            client.read_to_string(&mut text).unwrap();
            assert!(text.contains("\r\nConnection: close\r\n"), "{text}");
            assert!(text.ends_with("\r\n\r\nhello"), "{text}");
        }
        while server.tick(None).unwrap() != Turn::Over {}
    });
}

#[test]
fn who_is_answered_while_it_is_told_to_stop_knows_that_it_was_the_last() {
    within(LIMIT, || {
        let slot: Arc<OnceLock<Handle>> = Arc::default();
        let handle = Arc::clone(&slot);
        let stops = move |_: &Request<'_>, response: &mut Response<'_>| {
            handle.get().unwrap().shutdown();
            response.text("it ends");
        };
        let mut client = TestClient::new(Config::default(), stops);
        slot.set(client.handle()).unwrap();
        let answer = client.get("/").send();
        assert_eq!(answer.text(), "it ends");
        assert_eq!(answer.header("Connection"), Some("close"));
    });
}
