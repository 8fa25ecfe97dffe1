//! Every rung answers every acceptance request, and stops when it is told to.

use benches::acceptance;
use benches::rungs::{self, RUNGS};
#[cfg(unix)]
use std::io::{Read, Write};
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
