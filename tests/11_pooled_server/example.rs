//! What `examples/11_pooled_server.rs` promises in its first lines is what it prints, but for
//! the milliseconds; the chapter shows it; and with a flag it is the server of the contract.
//!
//! After a change, two runs of this write both anew, the example first; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 11_pooled_server example`

#[path = "../common/example.rs"]
mod common;

use common::{Example, is_shown, pieces};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;
use std::{env, fs, process};
use threadbare::testkit;

pub(crate) static EXAMPLE: Example = Example::new(
    "11_pooled_server",
    &["examples/11_pooled_server.rs", "examples/server"],
);
const SHOWN: &str = "book/src/11_pooled_server/example.txt";
/// When a server counts as hung.
const LIMIT: Duration = Duration::from_secs(60);

fn within(test: impl FnOnce() + Send + 'static) {
    testkit::within(LIMIT, test);
}

#[test]
fn the_promise_is_kept() {
    EXAMPLE.has_promised(&EXAMPLE.output_of(&[]), shape);
}

#[test]
fn the_chapter_shows_what_is_promised() {
    let steps = [
        ("one_thread", "1."),
        ("two_pools", "2."),
        ("all_at_once", "3."),
        ("too_many", "4."),
        ("one_leaves", "5."),
        ("the_end", "6."),
    ];
    is_shown(SHOWN, &pieces(&EXAMPLE.promise(), &steps));
}

/// Every route, with every number of loops and handler threads.
#[test]
fn every_route_is_there() {
    within(|| {
        for flags in [
            &["--port", "0"][..],
            &["--port=0", "--loops", "2"],
            &["--port", "0", "--handler-threads", "1"],
            &["--port", "0", "--handler-threads", "4", "--loops=2"],
            &[
                "--port",
                "0",
                "--handler-threads=4",
                "--inline",
                "/,/bytes",
                "--backlog",
                "7",
            ],
        ] {
            let server = Program::start(flags);
            let mut client = server.connect();
            for (request, status, field, body) in ROUTES {
                client.send(request);
                let answer = client.answer();
                let start = format!("HTTP/1.1 {status} ");
                assert!(answer.starts_with(&start), "{flags:?} {request}: {answer}");
                assert!(answer.contains(field), "{flags:?} {request}: {answer}");
                let (_, content) = answer.split_once("\r\n\r\n").unwrap();
                assert_eq!(content, *body, "{flags:?} {request}");
            }
        }
    });
}

/// Request, status, a field, body.
const ROUTES: &[(&str, u16, &str, &str)] = &[
    (
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        200,
        "\r\nContent-Type: text/plain",
        "Hello, World!",
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        200,
        "\r\nContent-Length: 5\r\n",
        "hello",
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
         3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        200,
        "\r\nContent-Length: 5\r\n",
        "hello",
    ),
    (
        "GET /sleep?ms=1 HTTP/1.1\r\nHost: a\r\n\r\n",
        200,
        "\r\nContent-Length: 2\r\n",
        "ok",
    ),
    (
        "GET /work?us=100 HTTP/1.1\r\nHost: a\r\n\r\n",
        200,
        "\r\nContent-Length: 2\r\n",
        "ok",
    ),
    (
        "GET /bytes?n=7 HTTP/1.1\r\nHost: a\r\n\r\n",
        200,
        "\r\nContent-Length: 7\r\n",
        "xxxxxxx",
    ),
    (
        "GET /panic HTTP/1.1\r\nHost: a\r\n\r\n",
        500,
        "\r\nContent-Length: 21\r\n",
        "Internal Server Error",
    ),
    (
        "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
        404,
        "\r\nContent-Length: 9\r\n",
        "Not Found",
    ),
    (
        "DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n",
        405,
        "\r\nAllow: ",
        "Method Not Allowed",
    ),
    (
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        200,
        "\r\nContent-Length: 13\r\n",
        "",
    ),
];

#[test]
fn each_limit_has_its_flag() {
    within(|| {
        let server = Program::start(&["--port=0", "--read-buf-cap", "512"]);
        let long = "a".repeat(600);
        let mut client = server.connect();
        client.send(&format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}\r\n\r\n"));
        client.must_be("431");
        let mut client = server.connect();
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 600\r\n\r\n");
        client.must_be("413");

        let server = Program::start(&["--port=0", "--timeout-request-ms", "30"]);
        let mut client = server.connect();
        client.send("GET / HT");
        client.must_be("408");

        let server = Program::start(&["--port=0", "--timeout-keepalive-ms", "30"]);
        server.connect().must_end();

        let server = Program::start(&["--port=0", "--request-count", "2"]);
        let mut client = server.connect();
        client.send(&ROOT.repeat(2));
        assert!(!client.answer().contains("\r\nConnection: close\r\n"));
        assert!(client.answer().contains("\r\nConnection: close\r\n"));
        client.must_end();

        let server = Program::start(&["--port=0", "--max-conn", "1"]);
        let mut first = server.connect();
        first.send(ROOT);
        first.must_be("200");
        let mut second = server.connect();
        second.send(ROOT);
        drop(first);
        second.must_be("200");
    });
}

#[test]
fn who_finds_no_room_in_the_queue_is_told_and_stays() {
    within(|| {
        let server = Program::start(&[
            "--port=0",
            "--handler-threads=1",
            "--inline=/",
            "--queue-cap=0",
        ]);
        let mut busy = server.connect();
        busy.send("GET /sleep?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n");
        // The loop that has read this has read the other, which was there before.
        let mut other = server.connect();
        other.send(ROOT);
        other.must_be("200");
        other.send("GET /sleep?ms=0 HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = other.answer();
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("\r\nRetry-After: 1\r\n"), "{answer}");
        other.send(ROOT);
        other.must_be("200");
    });
}

#[test]
fn a_signal_lets_it_finish() {
    within(|| {
        for signal in [libc::SIGTERM, libc::SIGINT] {
            for handler_threads in ["0", "1", "4"] {
                let server = Program::start(&[
                    "--port=0",
                    "--loops=2",
                    "--handler-threads",
                    handler_threads,
                ]);
                let mut idle = server.connect();
                idle.send(ROOT);
                idle.must_be("200");
                let mut busy = server.connect();
                busy.send("GET /sleep?ms=100 HTTP/1.1\r\nHost: a\r\n\r\n");
                server.signal(signal);
                idle.must_end();
                let answer = busy.answer();
                assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                // Whether it says that it is the last depends on who was quicker: with an
                // inline handler the loop hears of the signal only behind it.
                assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
                busy.must_end();
                drop(busy); // it is waited for
                let ended = server.ended();
                assert_eq!(ended.code(), Some(0), "{ended}");
            }
        }
    });
}

#[test]
fn the_second_signal_ends_it_at_once() {
    within(|| {
        let server = Program::start(&["--port=0", "--handler-threads=1"]);
        let mut busy = server.connect();
        busy.send("GET /sleep?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n");
        server.signal(libc::SIGINT);
        server.until_it_is_shut();
        server.signal(libc::SIGINT);
        assert_eq!(server.ended().signal(), Some(libc::SIGINT));
    });
}

#[test]
fn it_waits_no_longer_than_it_was_told() {
    within(|| {
        let server = Program::start(&[
            "--port=0",
            "--handler-threads=1",
            "--timeout-drain-ms=50",
        ]);
        let mut busy = server.connect();
        busy.send("GET /sleep?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n");
        server.signal(libc::SIGTERM);
        busy.must_end();
        assert_eq!(server.ended().code(), Some(0));
    });
}

#[test]
fn it_serves_files_in_the_place_of_the_routes() {
    within(|| {
        let folder = env::temp_dir().join(format!("threadbare-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("index.html"), "<p>hello").unwrap();
        let root = folder.to_str().unwrap();
        for flags in [
            &["--port=0", "--root", root][..],
            &["--port=0", "--handler-threads=2", "--root", root],
        ] {
            let server = Program::start(flags);
            let mut client = server.connect();
            client.send(ROOT);
            let answer = client.answer();
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            assert!(answer.contains("\r\nContent-Type: text/html"), "{answer}");
            assert!(answer.ends_with("\r\n\r\n<p>hello"), "{answer}");
            client.send("GET /sleep?ms=0 HTTP/1.1\r\nHost: a\r\n\r\n");
            client.must_be("404");
        }
        fs::remove_dir_all(&folder).unwrap();
        fails_with(&["--port=0", "--root", root], root);
        fails_with(&["--port=0", "--root", file!()], file!());
    });
}

#[test]
fn wrong_flags_get_a_sentence_and_the_usage() {
    EXAMPLE.refuses(&[
        (&["--timeout-drain-ms=x"], "--timeout-drain-ms needs a num"),
        (&["--loops", "0"], "loops: "),
        (&["--loops", "65"], "loops: "),
        (&["--handler-threads", "1025"], "handler_threads: "),
        (&["--handler-threads", "-1"], "--handler-threads needs a nu"),
        (&["--queue-cap", "many"], "--queue-cap needs a number"),
        (&["--request-count", "0"], "request_count: "),
        (&["--root", ""], "--root needs a directory"),
    ]);
}

/// Also if another such server has it, whose loops share it.
#[test]
fn a_port_in_use_is_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    fails_with(&["--port", &port], &port);
    fails_with(&["--port", &port, "--loops=2"], &port);

    within(|| {
        let server = Program::start(&["--port=0", "--loops=2"]);
        let (_, port) = server.address.rsplit_once(':').unwrap();
        fails_with(&["--port", port], port);
        fails_with(&["--port", port, "--loops=2"], port);
    });
}

/// One line that names what it is about, exit 1.
#[track_caller]
fn fails_with(flags: &[&str], what: &str) {
    let output = EXAMPLE.run(flags);
    assert_eq!(output.status.code(), Some(1), "{flags:?}: {output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{flags:?}: {said}");
    assert!(said.starts_with("11_pooled_server: "), "{said}");
    assert!(said.contains(what), "{flags:?}: {said}");
    assert!(output.stdout.is_empty(), "{flags:?}");
}

const ROOT: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A server that does not outlive its test.
struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start(flags: &[&str]) -> Self {
        let mut command = EXAMPLE.command();
        // What a handler says when it panics is not what is looked at here.
        let command = command.args(flags).stderr(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.next().unwrap().unwrap();
        let address = said.strip_prefix("listening on http://").unwrap();
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        Self {
            child,
            address: address.to_owned(),
        }
    }

    fn connect(&self) -> Client {
        Client {
            stream: TcpStream::connect(&self.address).unwrap(),
            input: String::new(),
            head: false,
        }
    }

    #[allow(unsafe_code, reason = "std has no kill but SIGKILL")]
    fn signal(&self, signal: libc::c_int) {
        // SAFETY: it takes two numbers. The child has not been waited for, so its is its own.
        let result = unsafe { libc::kill(self.child.id() as libc::pid_t, signal) };
        assert_eq!(result, 0);
    }

    /// Waits until nobody is let in any more.
    fn until_it_is_shut(&self) {
        while TcpStream::connect(&self.address).is_ok() {}
    }

    fn ended(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It fails if the server has ended by itself, which the test has seen already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client that waits.
struct Client {
    stream: TcpStream,
    input: String,
    /// Whether it has asked for a head only.
    head: bool,
}

impl Client {
    fn send(&mut self, request: &str) {
        self.stream.write_all(request.as_bytes()).unwrap();
        self.head = request.starts_with("HEAD ");
    }

    /// The next answer.
    fn answer(&mut self) -> String {
        let len = loop {
            if let Some(len) = self.answer_len() {
                break len;
            }
            let mut bytes = [0; 4096];
            let count = self.stream.read(&mut bytes).unwrap();
            assert!(count > 0, "an end, and no answer: {:?}", self.input);
            self.input += str::from_utf8(&bytes[..count]).unwrap();
        };
        self.input.drain(..len).collect()
    }

    /// How long it is, if it is whole.
    fn answer_len(&self) -> Option<usize> {
        let head = self.input.find("\r\n\r\n")? + 4;
        let (_, behind) = self.input.split_once("\r\nContent-Length: ")?;
        let body: usize = behind.split_once('\r')?.0.parse().unwrap();
        let whole = if self.head { head } else { head + body };
        (whole <= self.input.len()).then_some(whole)
    }

    #[track_caller]
    fn must_be(&mut self, status: &str) {
        let answer = self.answer();
        let start = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&start), "not {status}: {answer}");
    }

    #[track_caller]
    fn must_end(&mut self) {
        let mut rest = self.input.clone().into_bytes();
        match self.stream.read_to_end(&mut rest) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => {
                panic!("{error}");
            }
            _ => assert!(rest.is_empty(), "{}", rest.escape_ascii()),
        }
    }
}

/// The text without how long it took.
fn shape(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        match line.split_once("after ") {
            Some((before, after)) => {
                let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
                kept += &format!("{before}after{rest}\n");
            }
            None => kept += &format!("{line}\n"),
        }
    }
    kept
}
