//! How does one thread hold many conversations, so that none keeps the others waiting?
//!
//! Run: `cargo run --example 10_http_server`
//!
//! You will see (a test compares all but the port, and how often in step 5):
//!
//! ```text
//! listening on http://127.0.0.1:43825
//! 1. `ada` connects once, and asks twice
//!    ada      200 OK, 13 bytes
//!    ada      200 OK, 13 bytes
//! 2. three requests in one write: the answers come in their order
//!    ada      200 OK, 13 bytes
//!    ada      404 Not Found, 9 bytes
//!    ada      405 Method Not Allowed, 18 bytes
//! 3. a body of 100000 bytes: the buffer grows, and goes back
//!    ada      200 OK, 100000 bytes
//! 4. request 8 of 8 is the last of a connection
//!    ada      200 OK, 13 bytes
//!    ada      200 OK, 13 bytes, Connection: close
//!    ada      closed
//! 5. `slow` stops in the middle of a header; others come and go
//!    healthy  served 15 times meanwhile
//!    slow     408 Request Timeout, 15 bytes, Connection: close
//!    slow     closed
//! 6. told to stop, it returns when nobody waits for an answer
//!    evicted 1, open 0
//! ```
//!
//! With `--port 8080`, or any other flag, it serves until a signal ends it (`Ctrl-C`): at once,
//! in the middle of an answer too. The program of chapter 11 finishes first.
//!
//! Change first: `REQUESTS = 3`. Which step fails now, and is the server wrong? Then
//! `PATIENCE_MS = 50`: how often is `healthy` served in step 5?
//!
//! Needs: `07_event_loop`, `09_http_parser`. Next: 11 (handlers that take their time).

/// How many requests a connection may make.
const REQUESTS: u32 = 8;
/// How long a request may take to arrive.
const PATIENCE_MS: u64 = 300;
/// A body that does not fit into the 16,384 bytes with which a buffer begins.
const BODY_BYTES: usize = 100_000;

fn main() -> std::process::ExitCode {
    server::main()
}

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
mod server {
    mod client;
    mod flags;
    mod program;
    mod routes;
    mod say;

    use std::io;
    use std::process::ExitCode;
    use std::time::Duration;

    use threadbare::http::{Config, Server};

    use client::Client;
    use program::misused;
    use say::say;

    use super::{BODY_BYTES, PATIENCE_MS, REQUESTS};

    const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    pub(crate) fn main() -> ExitCode {
        program::run("10_http_server", story, serve)
    }

    fn serve(flags: flags::Flags) -> io::Result<()> {
        let later = match &flags {
            flags if flags.root.is_some() => Some("--root: chapter 11 serves files"),
            flags if flags.config.loops != 1 => Some("--loops: chapter 11 has them"),
            flags if flags.config.handler_threads != 0 => {
                Some("--handler-threads: chapter 11 has them")
            }
            _ => None,
        };
        if let Some(sentence) = later {
            return Err(misused(sentence.into()));
        }
        let router = routes::routes(&flags.inline).map_err(misused)?;
        let mut server = Server::bind(flags.config, router)?;
        say!("listening on http://{}", server.address())?;
        server.run()
    }

    // ANCHOR: story
    fn story() -> io::Result<()> {
        let config = Config {
            port: 0, // any that is free
            timeout_request: Duration::from_millis(PATIENCE_MS),
            request_count: Some(REQUESTS),
            ..Config::default()
        };
        let router = routes::routes(&[]).map_err(misused)?;
        let mut server = Server::bind(config, router)?;
        say!("listening on http://{}", server.address())?;

        say!("1. `ada` connects once, and asks twice")?;
        let mut ada = Client::connect("ada", &server)?;
        for _ in 0..2 {
            ada.send(&mut server, GET)?;
            ada.must_get(&mut server, "200 OK")?;
        }
        assert_eq!(server.metrics().totals().accepted, 1);

        say!("2. three requests in one write: the answers come in their order")?;
        let lost = "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n";
        let wrong = "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n";
        ada.send(&mut server, &[GET, lost, wrong].concat())?;
        for status in ["200 OK", "404 Not Found", "405 Method Not Allowed"] {
            ada.must_get(&mut server, status)?;
        }

        say!("3. a body of {BODY_BYTES} bytes: the buffer grows, and goes back")?;
        let body: String = ('a'..='z').cycle().take(BODY_BYTES).collect();
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ";
        let upload = format!("{head}{BODY_BYTES}\r\n\r\n{body}");
        ada.send(&mut server, &upload)?;
        assert!(ada.must_get(&mut server, "200 OK")?.ends_with(&body));

        say!("4. request {REQUESTS} of {REQUESTS} is the last of a connection")?;
        ada.send(&mut server, &GET.repeat(3))?;
        ada.must_get(&mut server, "200 OK")?;
        ada.must_get(&mut server, "200 OK")?;
        ada.must_be_closed(&mut server)?;

        say!("5. `slow` stops in the middle of a header; others come and go")?;
        let mut slow = Client::connect("slow", &server)?;
        slow.send(&mut server, "GET / HTTP/1.1\r\nHo")?;
        let mut served = 0;
        while !slow.has_answer() {
            let mut healthy = Client::connect("", &server)?;
            healthy.send(&mut server, GET)?;
            healthy.must_get(&mut server, "200 OK")?;
            served += 1;
            drop(healthy);
            server.tick(None)?; // it has gone
            slow.read(&mut server)?;
        }
        assert!(served > 0);
        say!("   healthy  served {served} times meanwhile")?;
        slow.must_get(&mut server, "408 Request Timeout")?;
        slow.must_be_closed(&mut server)?;

        say!("6. told to stop, it returns when nobody waits for an answer")?;
        server.handle().shutdown();
        server.run()?;
        let totals = server.metrics().totals();
        say!("   evicted {}, open {}", totals.evicted, totals.open)?;
        assert_eq!((totals.evicted, totals.open), (1, 0));
        Ok(())
    }
    // ANCHOR_END: story
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
)))]
mod server {
    pub(crate) fn main() -> std::process::ExitCode {
        println!("this system has neither epoll nor kqueue");
        0.into()
    }
}
