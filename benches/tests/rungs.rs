//! Every rung answers every acceptance request, and stops when it is told to.

use benches::acceptance;
use benches::rungs::{self, RUNGS};
#[cfg(unix)]
use std::io::{ErrorKind, Read, Write};
#[cfg(unix)]
use std::net::TcpStream;
use std::time::Duration;
use threadbare::testkit::{step, within};

/// Ends a test that hangs. No test measures time.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn every_rung_answers_every_acceptance_request() {
    within(LIMIT, || {
        for rung in rungs::here().filter(|rung| rung.speaks_http) {
            step(format!("starting {}", rung.name));
            let server = (rung.start)().expect("a free port");
            let mut failures = Vec::new();
            for case in acceptance::CASES {
                step(format!("{}: {}", rung.name, case.name));
                if let Err(sentence) = (case.run)(server.address()) {
                    failures.push(format!("{}: {sentence}", case.name));
                }
            }
            step(format!("stopping {}", rung.name));
            server.stop();
            assert!(
                failures.is_empty(),
                "{}:\n{}",
                rung.name,
                failures.join("\n")
            );
        }
    });
}

/// What it asks for at once is more than the sockets hold, so for a while the server can't get
/// rid of what it has to say. Nothing of it may be lost, or come twice, or in another order.
#[cfg(unix)]
#[test]
fn a_client_that_reads_late_gets_all_its_answers() {
    const REQUESTS: usize = 640;
    let body_of = |number: usize| format!("{number:05}").repeat(12_000);
    within(LIMIT, || {
        for rung in rungs::here().filter(|rung| rung.speaks_http) {
            step(format!("starting {}", rung.name));
            let server = (rung.start)().expect("a free port");
            let mut client =
                TcpStream::connect(server.address()).expect("it listens");
            client
                .set_nonblocking(true)
                .expect("a socket, and its copy");
            let mut writer = client.try_clone().expect("a descriptor");
            let (stuck, is_stuck) = std::sync::mpsc::channel();
            let asking = std::thread::spawn(move || {
                for number in 0..REQUESTS {
                    let body = body_of(number);
                    let length = body.len();
                    let request = format!(
                        "POST /echo HTTP/1.1\r\nHost: ladder\r\n\
                         Content-Length: {length}\r\n\r\n{body}"
                    );
                    let mut rest = request.as_bytes();
                    while !rest.is_empty() {
                        match writer.write(rest) {
                            Ok(n) => rest = &rest[n..],
                            Err(err) if err.kind() == ErrorKind::WouldBlock => {
                                // The first time; from now on it may wait.
                                writer.set_nonblocking(false).expect("a socket");
                                stuck.send(()).expect("it waits for this");
                            }
                            Err(err) => panic!("request {number}: {err}"),
                        }
                    }
                }
            });
            step(format!("{}: waiting until nothing goes in", rung.name));
            // If all of it fits after all, there is nobody left to say so.
            let _ = is_stuck.recv();
            client.set_nonblocking(false).expect("a socket");
            for number in 0..REQUESTS {
                step(format!("{}: answer {number}", rung.name));
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    client.read_exact(&mut byte).expect("it answers");
                    head.extend(byte);
                }
                let expected = body_of(number);
                let mut body = vec![0; expected.len()];
                client.read_exact(&mut body).expect("the whole body");
                assert!(body == expected.as_bytes(), "{}: {number}", rung.name);
            }
            asking.join().expect("it asked for all");
            server.stop();
        }
    });
}

/// A stop that joins is only possible if the threads that sleep in `read` are woken: these
/// clients have had an answer, so the server knows them, and then say nothing more.
///
/// Windows does not promise to wake them; see the rung.
#[cfg(unix)]
#[test]
fn every_rung_stops_although_clients_are_silent() {
    within(LIMIT, || {
        for rung in rungs::here() {
            step(format!("starting {}", rung.name));
            let server = (rung.start)().expect("a free port");
            let address = server.address();
            let connect = |_| {
                let mut client = TcpStream::connect(address).expect("it listens");
                client
                    .write_all(b"GET / HTTP/1.1\r\nHost: ladder\r\n\r\n")
                    .expect("it reads");
                let mut answer = Vec::new();
                while !answer.ends_with(b"Hello, World!") {
                    let mut byte = [0];
                    client.read_exact(&mut byte).expect("it answers");
                    answer.extend(byte);
                }
                client
            };
            let clients: Vec<TcpStream> = (0..20).map(connect).collect();
            step(format!("stopping {}", rung.name));
            server.stop();
            for mut client in clients {
                step(format!("{}: waiting for the end", rung.name));
                let end = client.read(&mut [0]).expect("an orderly end");
                assert_eq!(end, 0, "{} sent more than was asked for", rung.name);
            }
        }
    });
}

/// The names are used on command lines and as keys in result files.
#[test]
fn names_are_unique_and_findable() {
    for rung in RUNGS {
        let found = rungs::by_name(rung.name).expect("it is in the list");
        assert_eq!(found.design, rung.design);
    }
}
