//! What `examples/10_http_server.rs` promises in its first lines is what it prints, but for the
//! port and how often the healthy client was served; the chapter shows it; and with a flag it
//! is a server.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 10_http_server example`

#[path = "../common/example.rs"]
mod common;

use common::{Example, is_shown, pieces};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;
use threadbare::testkit;

static EXAMPLE: Example = Example::new(
    "10_http_server",
    &["examples/10_http_server.rs", "examples/server"],
);
const SHOWN: &str = "book/src/10_http_server/example.txt";
/// When a server counts as hung.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn the_promise_is_kept() {
    EXAMPLE.has_promised(&EXAMPLE.output_of(&[]), shape);
}

#[test]
fn the_chapter_shows_what_is_promised() {
    is_shown(SHOWN, &pieces(&EXAMPLE.promise(), &[("story", "")]));
}

#[test]
fn with_any_flag_it_serves_and_says_where() {
    testkit::within(LIMIT, || {
        for flags in [
            &["--port", "0"][..],
            &["--port=0", "--loops", "1", "--handler-threads", "0"],
            &["--port", "0", "--inline", "/,/bytes", "--max-conn", "5"],
        ] {
            let mut command = EXAMPLE.command();
            let command = command.args(flags).stdout(Stdio::piped());
            let mut server = Killed(command.spawn().unwrap());
            let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
            let said = lines.next().unwrap().unwrap();
            let address = said.strip_prefix("listening on http://").unwrap();
            assert!(address.starts_with("127.0.0.1:"), "{address}");

            let mut client = TcpStream::connect(address).unwrap();
            let request =
                "GET /bytes?n=5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
            client.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.ends_with("\r\n\r\nxxxxx"), "{answer}");
        }
    });
}

#[test]
fn wrong_flags_get_a_sentence_and_the_usage() {
    EXAMPLE.refuses(&[
        (&["--loops", "2"], "chapter 11"),
        (&["--handler-threads", "8"], "chapter 11"),
        (&["--root", "."], "chapter 11"),
    ]);
}

#[test]
fn a_port_in_use_is_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = EXAMPLE.run(&["--port", &port]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("in use") && said.contains(&port), "{said}");
}

#[test]
fn who_does_not_listen_makes_nobody_panic() {
    EXAMPLE.minds_no_listener("--port=0");
}

/// A server that does not outlive its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It fails if the server has ended by itself, which the test has seen already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The text without the address, and without how often somebody was served.
fn shape(text: &str) -> String {
    let mut kept = String::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with("listening on "))
    {
        let figure = |c: char| c.is_ascii_digit();
        match line.split_once("served ") {
            Some((before, after)) => {
                kept +=
                    &format!("{before}served{}\n", after.trim_start_matches(figure));
            }
            None => kept += &format!("{line}\n"),
        }
    }
    kept
}
