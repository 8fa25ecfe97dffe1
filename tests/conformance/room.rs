//! Property: who finds no room waits outside, is let in when somebody leaves, and costs
//! nothing meanwhile.

use crate::conformance::client::Client;
use crate::conformance::serve::{
    Elsewhere, Serve, Start, must_be_still, server, until,
};
use crate::conformance::{alone, is_alone, once_more, processor_time};
use std::fs::File;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{self, ChildStdout, Stdio};
use std::time::{Duration, Instant};
use threadbare::http::Config;

const GOOD: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Three hundred at once, each of them served without any pause.
pub(crate) fn a_crowd_is_let_in(start: Start) {
    let (server, metrics) = server(start, Config::default());
    let mut clients: Vec<Client<'_>> =
        (0..300).map(|_| Client::connect(&*server)).collect();
    for client in &mut clients {
        client.send(GOOD);
    }
    for client in &mut clients {
        assert_eq!(client.answer(false).body, b"Hello, World!");
    }
    let totals = metrics.totals();
    assert_eq!((totals.accepted, totals.open), (300, 300));
    assert_eq!(totals.accept_pauses, 0, "nothing had run out");
}

/// The third of two slots is served when one of the two has left, and not before. Several
/// loops may let them in in another order than that in which they came.
pub(crate) fn more_connections_than_slots(start: Start) {
    let config = Config {
        max_conn: 2,
        ..Config::default()
    };
    let (server, metrics) = server(start, config);
    let mut waiting: Vec<Client<'_>> =
        (0..12).map(|_| Client::connect(&*server)).collect();
    for client in &mut waiting {
        client.send(GOOD);
    }
    while !waiting.is_empty() {
        let mut inside = those_inside(&*server, &mut waiting, 2);
        for client in &mut inside {
            assert_eq!(client.answer(false).body, b"Hello, World!");
            client.send(GOOD);
            assert_eq!(client.answer(false).body, b"Hello, World!");
        }
        (0..3).for_each(|_| _ = server.turn(Duration::from_millis(1)));
        assert!(metrics.totals().open <= 2);
        assert!(!waiting.iter_mut().any(Client::has_something));
    }
    assert!(metrics.totals().accept_pauses > 0);
}

/// Waits until so many have been answered, and takes these out.
fn those_inside<'s>(
    server: &dyn Serve,
    clients: &mut Vec<Client<'s>>,
    count: usize,
) -> Vec<Client<'s>> {
    let mut inside = Vec::new();
    until(server, || {
        inside.extend(clients.extract_if(.., Client::has_something));
        inside.len() >= count
    });
    inside
}

/// With all slots taken and somebody outside, there is nothing to do.
pub(crate) fn a_full_house_does_not_spin_the_loop(start: Start) {
    let config = Config {
        max_conn: 1,
        ..Config::default()
    };
    let (server, metrics) = server(start, config);
    let mut inside = Client::connect(&*server);
    inside.send(GOOD);
    inside.answer(false);
    let mut outside = Client::connect(&*server);
    outside.send(GOOD);
    until(&*server, || metrics.totals().accept_pauses > 0);
    must_be_still(&*server, "somebody is outside");
    drop(inside);
    assert_eq!(outside.answer(false).body, b"Hello, World!");
}

/// A server in a process that may have 64 descriptors, and ninety clients. Those who are
/// in are served, the others when there is room again, and nobody spins on the error.
pub(crate) fn more_connections_than_descriptors(start: Start) {
    if is_alone() {
        return serve_with(64, start);
    }
    let mut child = Child::start();
    let server = Elsewhere(child.says("listening on ").parse().unwrap());
    let mut clients: Vec<Client<'_>> =
        (0..90).map(|_| Client::connect(&server)).collect();
    for client in &mut clients {
        client.send(GOOD);
    }
    let mut inside = those_inside(&server, &mut clients, 40);
    for round in 0..3 {
        for client in &mut inside {
            assert_eq!(client.answer(false).body, b"Hello, World!");
            client.send(GOOD);
        }
        let nothing = |it: &mut Client<'_>| usize::from(!it.has_something());
        let waiting: usize = clients.iter_mut().map(nothing).sum();
        assert!(
            waiting >= 26,
            "only {waiting} wait outside in round {round}"
        );
    }
    let before = child.cpu_ms();
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(300) {
        std::thread::park_timeout(Duration::from_millis(300));
    }
    let (used, passed) = (child.cpu_ms() - before, begin.elapsed().as_millis());
    // One that spins gets what the machine has left, which may be little.
    assert!(
        used < passed / 8,
        "the loop spins: {used} ms of {passed} ms"
    );
    // As those leave who are in, the others get theirs.
    drop(inside);
    for client in &mut clients {
        assert_eq!(client.answer(false).body, b"Hello, World!");
    }
}

/// Descriptors have run out, and nobody leaves: the loop tries now and then, and lets the
/// client in when somebody else in the process has given one back.
pub(crate) fn the_door_opens_by_itself(start: Start) {
    if !alone() {
        return;
    }
    let (server, metrics) = server(start, Config::default());
    limit_descriptors(64);
    let mut inside = Client::connect(&*server);
    inside.send(GOOD);
    inside.answer(false);
    let mut outside = Client::connect(&*server);
    outside.send(GOOD);
    let others: Vec<_> =
        std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    // Each try costs a turn in which the door is opened and one in which nobody can come in.
    let mut turns = 0;
    while metrics.totals().accept_pauses < 4 {
        server.turn(Duration::from_secs(10));
        turns += 1;
        assert!(turns < 20, "the loop spins");
    }
    assert!(!outside.has_something());
    drop(others);
    assert_eq!(outside.answer(false).body, b"Hello, World!");
    inside.send(GOOD);
    assert_eq!(inside.answer(false).body, b"Hello, World!");
}

/// Serves until the other process closes our input. To each line it sends, says how much
/// processor time was used.
fn serve_with(descriptors: libc::rlim_t, start: Start) {
    let (server, _) = server(start, Config::default());
    limit_descriptors(descriptors);
    println!("listening on {}", server.address());
    let asks = std::thread::spawn(|| {
        for _ in std::io::stdin().lines() {
            println!("cpu {}", processor_time::used().as_millis());
        }
    });
    until(&*server, || {
        std::thread::park_timeout(Duration::from_millis(1));
        asks.is_finished()
    });
}

/// This test, in another process.
struct Child {
    process: process::Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Child {
    fn start() -> Self {
        let mut command = once_more();
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let stdout = process.stdout.take().unwrap();
        Self {
            process,
            lines: BufReader::new(stdout).lines(),
        }
    }

    /// What the next line says behind these words.
    fn says(&mut self, words: &str) -> String {
        for line in &mut self.lines {
            if let Some((_, what)) = line.unwrap().split_once(words) {
                return what.to_owned();
            }
        }
        panic!("it does not say `{words}`");
    }

    fn cpu_ms(&mut self) -> u128 {
        let mut stdin = self.process.stdin.as_ref().unwrap();
        stdin.write_all(b"\n").unwrap();
        self.says("cpu ").parse().unwrap()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let status = self.process.wait().unwrap();
        assert!(status.success() || std::thread::panicking(), "{status}");
    }
}

#[allow(unsafe_code, reason = "std has no name for it")]
fn limit_descriptors(count: libc::rlim_t) {
    let limit = libc::rlimit {
        rlim_cur: count,
        rlim_max: count,
    };
    // SAFETY: the kernel reads one `rlimit`, which outlives the call.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!(result, 0);
}
