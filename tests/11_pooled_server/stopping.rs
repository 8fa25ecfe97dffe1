//! Property: at the stop, whatever was begun is finished, whatever waits is done, nobody new
//! comes in; and what takes longer than the server was told to wait is left behind.

use crate::conformance::client::Client;
use crate::conformance::own_process;
use crate::conformance::serve::{Elsewhere, until};
use crate::gate::{Gate, Held, config, get, routes, says};
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use threadbare::http::{
    Config, Handle, Handler, Metrics, Request, Response, Server,
};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

fn is_refused(server: Elsewhere) -> bool {
    let error = TcpStream::connect(server.0).err();
    error.is_some_and(|it| it.kind() == ErrorKind::ConnectionRefused)
}

/// A server whose end the test waits for by itself.
struct Running {
    server: Elsewhere,
    handle: Handle,
    metrics: Metrics,
    thread: JoinHandle<()>,
}

impl Running {
    fn start(config: Config, handler: impl Handler) -> Self {
        let config = Config { port: 0, ..config };
        let metrics = config.metrics.clone();
        let mut server = Server::bind(config, handler).unwrap();
        Self {
            server: Elsewhere(server.address()),
            handle: server.handle(),
            metrics,
            thread: thread::spawn(move || server.run().unwrap()),
        }
    }

    fn until(&self, is_so: impl FnMut() -> bool) {
        until(&self.server, is_so);
    }
}

/// Two run, eight wait in the queue; one is silent, one has not said all.
#[test]
fn who_runs_and_who_waits_is_answered() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let gate = Gate::new();
            let running = Running::start(config(2, loops), routes(&gate));
            let mut clients: Vec<Client<'_>> =
                (0..10).map(|_| Client::connect(&running.server)).collect();
            for (n, client) in clients.iter_mut().enumerate() {
                client.send(&[get(&format!("/hold/{n}")), get("/now/x")].concat());
            }
            let mut silent = Client::connect(&running.server);
            let mut between = Client::connect(&running.server);
            between.send(&get("/now/1"));
            says(&mut between, "1");
            let mut slow = Client::connect(&running.server);
            slow.send(b"GET /id/late HTTP/1.1\r\nHo");
            let sent = clients.len() * (get("/hold/0").len() + get("/now/x").len());
            let sent = (sent + get("/now/1").len() + 25) as u64;
            running.until(|| {
                let totals = running.metrics.totals();
                gate.waiting() == 2 && (totals.open, totals.bytes_in) == (13, sent)
            });

            running.handle.shutdown();
            silent.ends();
            between.ends();
            running.until(|| is_refused(running.server));
            slow.send(b"st: a\r\n\r\n");
            assert!(!clients.iter_mut().any(Client::has_something));
            assert!(!running.thread.is_finished());
            gate.let_through(10);
            for (n, client) in clients.iter_mut().enumerate() {
                let answer = client.answer(false);
                assert_eq!(answer.body, n.to_string().as_bytes());
                // What was sent behind it is either begun as well, or told that it was not.
                if !answer.says_close() {
                    let answer = client.answer(false);
                    assert!(answer.says_close(), "{answer:?}");
                }
                client.ends();
            }
            let answer = slow.answer(false);
            assert_eq!(answer.body, b"late");
            assert!(answer.says_close(), "{answer:?}");
            slow.ends();
            drop((clients, slow));
            running.thread.join().unwrap();
            let totals = running.metrics.totals();
            assert_eq!((totals.open, totals.stale, totals.shed), (0, 0, 0));
        });
    }
}

/// All hundred have sent their request before the stop, which the server sees first.
#[test]
fn who_waits_outside_is_let_in_and_answered() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let gate = Gate::new();
            let config = Config {
                port: 0,
                ..config(2, loops)
            };
            let mut server = Server::bind(config, routes(&gate)).unwrap();
            let elsewhere = Elsewhere(server.address());
            let mut clients: Vec<Client<'_>> =
                (0..100).map(|_| Client::connect(&elsewhere)).collect();
            for (n, client) in clients.iter_mut().enumerate() {
                client.send(&get(&format!("/id/{n}")));
            }
            server.handle().shutdown();
            let thread = thread::spawn(move || server.run().unwrap());
            for (n, client) in clients.iter_mut().enumerate() {
                says(client, &n.to_string());
                client.ends();
            }
            drop(clients);
            thread.join().unwrap();
        });
    }
}

/// A handler that never ends must not keep the server. It goes on by itself, and what waits
/// behind it is not begun any more.
#[test]
fn a_handler_that_does_not_end_is_left_behind() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let (gate, calls) = (Gate::new(), Arc::new(AtomicUsize::new(0)));
            let (inner, count) = (routes(&gate), Arc::clone(&calls));
            let handler =
                move |request: &Request<'_>, response: &mut Response<'_>| {
                    // ORDERING: Relaxed. Read when the threads have ended, or are held.
                    count.fetch_add(1, Relaxed);
                    inner.handle(request, response);
                };
            let config = Config {
                timeout_drain: Duration::from_millis(50),
                ..config(1, loops)
            };
            let running = Running::start(config, handler);
            let mut clients: Vec<Client<'_>> =
                (0..6).map(|_| Client::connect(&running.server)).collect();
            for client in &mut clients {
                client.send(&get("/hold/1"));
            }
            let sent = 6 * get("/hold/1").len() as u64;
            running.until(|| {
                gate.waiting() == 1 && running.metrics.totals().bytes_in == sent
            });
            running.handle.shutdown();
            running.thread.join().unwrap();
            assert_eq!(gate.waiting(), 1, "it runs, and the server has ended");
            for client in &mut clients {
                client.ends_somehow();
            }
            assert_eq!(running.metrics.totals().open, 0);
            gate.open();
            // All that the server had is let go, by the thread that was left behind.
            let last = Arc::downgrade(&calls);
            let calls = {
                let mut calls = calls;
                loop {
                    match Arc::try_unwrap(calls) {
                        Ok(count) => break count.into_inner(),
                        Err(still) => calls = still,
                    }
                    thread::yield_now();
                }
            };
            assert_eq!((calls, last.strong_count()), (1, 0), "what waited has run");
        });
    }
}

/// Nor must a client that does not read, with an hour's patience.
#[test]
fn a_client_that_does_not_read_is_left_behind() {
    const LONG: Duration = Duration::from_secs(3_600);
    for loops in [1, 2] {
        within(LIMIT, move || {
            let gate = Gate::new();
            let mut router = routes(&gate);
            router.get("/large", |_, response| {
                response.body(vec![b'x'; 30_000_000])
            });
            let config = Config {
                timeout_drain: Duration::from_millis(50),
                timeout_write: LONG,
                timeout_request: LONG,
                timeout_linger: LONG,
                ..config(1, loops)
            };
            let running = Running::start(config, router);
            let mut reader = Client::connect(&running.server);
            reader.send(&get("/large"));
            let mut slow = Client::connect(&running.server);
            slow.send(b"GET /id/1 HT");
            let mut lingers = Client::connect(&running.server);
            lingers.send(b"GET /id/1 HTTP/1.0\r\n\r\n");
            assert!(lingers.answer(false).says_close());
            running.until(|| {
                let totals = running.metrics.totals();
                totals.open == 3 && totals.requests == 2
            });
            running.handle.shutdown();
            running.thread.join().unwrap();
            assert!(reader.all_the_rest().len() < 30_000_000);
            assert_eq!(running.metrics.totals().open, 0);
        });
    }
}

/// A handler in the pool may stop its own server, and its client hears of both.
#[test]
fn a_handler_may_stop_its_server() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let slot: Arc<OnceLock<Handle>> = Arc::default();
            let handle = Arc::clone(&slot);
            let stops = move |_: &Request<'_>, response: &mut Response<'_>| {
                handle.wait().shutdown();
                response.text("it ends");
            };
            let running = Running::start(config(2, loops), stops);
            assert!(slot.set(running.handle.clone()).is_ok());
            let mut client = Client::connect(&running.server);
            client.send(&get("/"));
            let answer = client.answer(false);
            assert_eq!(answer.body, b"it ends");
            assert!(answer.says_close(), "{answer:?}");
            client.ends();
            drop(client);
            running.thread.join().unwrap();
        });
    }
}

/// With all its threads, of which some serve already.
#[test]
fn a_server_that_never_ran_is_gone_when_it_is_dropped() {
    within(LIMIT, || {
        for (handlers, loops) in [(0, 1), (4, 1), (0, 2), (4, 2), (4, 5)] {
            let gate = Gate::new();
            let alive = Arc::new(());
            let (inner, held) = (routes(&gate), Arc::clone(&alive));
            let handler =
                move |request: &Request<'_>, response: &mut Response<'_>| {
                    let _ = &held;
                    inner.handle(request, response);
                };
            let config = Config {
                port: 0,
                ..config(handlers, loops)
            };
            let server = Server::bind(config, handler).unwrap();
            let address = Elsewhere(server.address());
            let clients: Vec<Client<'_>> =
                (0..20).map(|_| Client::connect(&address)).collect();
            drop(server);
            until(&address, || Arc::strong_count(&alive) == 1);
            for mut client in clients {
                client.ends_somehow();
            }
        }
    });
}

const SIGNALS: [(&str, libc::c_int); 2] =
    [("SIGTERM", libc::SIGTERM), ("SIGINT", libc::SIGINT)];

/// In a process of its own: a signal comes while two handlers run and one waits; they are
/// answered, and the process ends by itself, with success.
#[test]
fn signals_finish_what_is_in_flight() {
    if own_process::is_alone() {
        return serve_until_a_signal();
    }
    for (name, signal) in SIGNALS {
        within(LIMIT, move || {
            let mut command =
                own_process::once_more("stopping::signals_finish_what_is_in_flight");
            let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = Ended(command.spawn().unwrap());
            let lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
            let mut lines = lines.map(Result::unwrap);
            let mut says_that = |what: &str| {
                let found = lines.find_map(|line| {
                    line.split_once(what).map(|(_, rest)| rest.to_owned())
                });
                found.unwrap_or_else(|| panic!("{name}: it does not say {what:?}"))
            };
            let server = Elsewhere(says_that("listening on ").parse().unwrap());
            let mut clients: Vec<Client<'_>> =
                (0..3).map(|_| Client::connect(&server)).collect();
            for client in &mut clients {
                client.send(&get("/hold/1"));
            }
            let mut silent = Client::connect(&server);
            says_that("all are in");
            kill(&child.0, signal);
            silent.ends();
            until(&server, || is_refused(server));
            // A line on its input lets the handlers go on.
            let mut stdin = child.0.stdin.take().unwrap();
            stdin.write_all(b"\n").unwrap();
            for client in &mut clients {
                let answer = client.answer(false);
                assert_eq!(answer.body, b"1");
                assert!(answer.says_close(), "{answer:?}");
                client.ends();
            }
            drop(clients);
            let status = child.0.wait().unwrap();
            assert_eq!(status.code(), Some(0), "{name}: {status}");
        });
    }
}

/// The other process.
fn serve_until_a_signal() {
    let gate = Gate::new();
    let config = Config {
        port: 0,
        ..config(2, 2)
    };
    let metrics = config.metrics.clone();
    let mut server = Server::bind(config, routes(&gate)).unwrap();
    server.shutdown_on_signals().unwrap();
    println!("listening on {}", server.address());
    thread::scope(|scope| {
        scope.spawn(move || {
            let sent = 3 * get("/hold/1").len() as u64;
            while gate.waiting() < 2 || metrics.totals().bytes_in < sent {
                thread::yield_now();
            }
            while metrics.totals().open < 4 {
                thread::yield_now();
            }
            println!("all are in");
            std::io::stdin().lines().next();
            gate.open();
        });
        server.run().unwrap();
    });
}

/// A process that does not outlive its test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It fails if the process has ended by itself, which the test has seen already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[allow(unsafe_code, reason = "std has no name for it")]
fn kill(child: &Child, signal: libc::c_int) {
    // SAFETY: a call without pointers. The child was not waited for, so the number is its own.
    let result = unsafe { libc::kill(child.id() as libc::pid_t, signal) };
    assert_eq!(result, 0);
}

/// One that is told to stop while it sheds, panics, and loses clients.
#[test]
fn a_stop_in_the_middle_of_everything_ends() {
    within(LIMIT, || {
        for loops in [1, 2] {
            for round in 0..30 {
                let config = Config {
                    queue_cap: 2,
                    ..config(2, loops)
                };
                let held = Held::started(config);
                let mut clients = held.connect_many(20);
                for (n, client) in clients.iter_mut().enumerate() {
                    let kind = ["hold", "id", "now"][n % 3];
                    client.send(&get(&format!("/{kind}/{n}")).repeat(1 + n % 4));
                }
                if round % 2 == 0 {
                    held.until(|| held.metrics.totals().requests > 0);
                }
                clients.drain(..5).for_each(Client::reset);
                held.gate.let_through(round % 7);
                held.server.stop();
                if round % 3 == 0 {
                    clients.drain(..5).for_each(Client::reset);
                }
                held.gate.open();
                for client in &mut clients {
                    client.all_the_rest();
                }
                drop(clients);
                // Its end is waited for here.
                drop(held);
            }
        }
    });
}
