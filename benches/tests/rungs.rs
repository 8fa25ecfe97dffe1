//! Every rung answers every acceptance request, and stops when it is told to.

use benches::acceptance;
use benches::rungs::{RUNGS, Rung};
use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

fn speaking() -> impl Iterator<Item = &'static Rung> {
    RUNGS.iter().filter(|rung| rung.speaks_http)
}

#[test]
fn every_rung_answers_every_acceptance_request() {
    for rung in speaking() {
        let server = (rung.start)().expect("a free port");
        let failures = acceptance::failures(server.address());
        server.stop();
        assert!(
            failures.is_empty(),
            "{}:\n{}",
            rung.name,
            failures.join("\n")
        );
    }
}

/// A stop that joins is only possible if the threads that sleep in `read` are woken: these
/// clients never say a word.
#[test]
fn every_rung_stops_although_clients_are_silent() {
    for rung in RUNGS {
        let server = (rung.start)().expect("a free port");
        let address = server.address();
        let clients: Vec<TcpStream> = (0..20)
            .map(|_| TcpStream::connect(address).expect("it listens"))
            .collect();
        server.stop();
        for mut client in clients {
            client
                .set_read_timeout(Some(Duration::from_secs(10)))
                .expect("not zero");
            // Closed by the server, or reset because it was never accepted.
            let answer = client.read(&mut [0; 1]);
            assert!(!matches!(answer, Ok(1)), "{}: nobody asked", rung.name);
        }
        assert!(
            TcpStream::connect(address).is_err(),
            "{} still listens",
            rung.name
        );
    }
}

/// The names are used on command lines and as keys in result files.
#[test]
fn names_are_unique_and_findable() {
    for rung in RUNGS {
        let found = benches::rungs::by_name(rung.name).expect("it is in the list");
        assert_eq!(found.design, rung.design);
    }
}
