//! Handlers on threads of their own: who is answered in which order, who is refused, and what
//! comes back too late.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use super::*;
use crate::http::metrics::Counter;
use crate::http::{Listeners, Place, Totals};

/// A handler of which each call under `/held` waits until it is told to go on.
struct Held {
    entered: Counter,
    go_on: Mutex<Receiver<()>>,
}

impl Handler for Arc<Held> {
    fn handle(&self, request: &Request<'_>, response: &mut Response<'_>) {
        if request.path().starts_with("/held") {
            self.entered.add(1);
            // Who waits longer for the lock waits for its turn.
            let told = self.go_on.lock().unwrap().recv();
            told.expect("the test tells each");
        }
        assert_ne!(request.path(), "/panic");
        handler(request, response);
    }

    fn place(&self, request: &Request<'_>) -> Place {
        match request.path() {
            "/inline" => Place::Inline,
            "/lost" => panic!("it does not know"),
            _ => Place::Pooled,
        }
    }
}

fn held(config: Config) -> (Server, Arc<Held>, Sender<()>) {
    let (tell, go_on) = channel();
    let held = Arc::new(Held {
        entered: Counter::default(),
        go_on: Mutex::new(go_on),
    });
    let config = Config { port: 0, ..config };
    (Server::bind(config, Arc::clone(&held)).unwrap(), held, tell)
}

fn pooled(threads: usize, cap: usize) -> Config {
    Config {
        handler_threads: threads,
        queue_cap: cap,
        ..Config::default()
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
}

/// Ticks until the totals are so.
fn until(server: &mut Server, is: impl Fn(Totals) -> bool) {
    while !is(server.metrics().totals()) {
        server.tick(Some(Duration::from_millis(1))).unwrap();
    }
    turn(server);
}

fn bodies(text: &str) -> Vec<&str> {
    let answers = text.split("HTTP/1.1 ").skip(1);
    answers
        .map(|one| one.split_once("\r\n\r\n").unwrap().1)
        .collect()
}

#[test]
fn pipelined_requests_are_answered_in_order_wherever_they_run() {
    within(LIMIT, || {
        let (mut server, _, _tell) = held(pooled(4, 8));
        let mut client = client(&mut server);
        let paths = ["/1", "/inline", "/2", "/lost", "/panic", "/inline", "/3"];
        client
            .write_all(paths.map(get).concat().as_bytes())
            .unwrap();
        until(&mut server, |totals| totals.requests == 7);
        let (text, end) = received(&mut client);
        let wanted = [
            "/1",
            "/inline",
            "/2",
            "/lost",
            "Internal Server Error",
            "/inline",
            "/3",
        ];
        assert_eq!((bodies(&text), end), (wanted.into(), false));
        let totals = server.metrics().totals();
        assert_eq!((totals.pooled, totals.panics, totals.shed), (5, 1, 0));
        assert_eq!(server.worker.in_use(), (0, 2));
    });
}

/// And an answer that is ready leaves before a handler that holds the next.
#[test]
fn an_inline_route_is_answered_while_all_threads_are_held() {
    within(LIMIT, || {
        let (mut server, held, tell) = held(pooled(1, 8));
        let (mut slow, mut fast) = (client(&mut server), client(&mut server));
        let both = get("/inline") + &get("/held");
        slow.write_all(both.as_bytes()).unwrap();
        while held.entered.get() == 0 {
            server.tick(Some(Duration::from_millis(1))).unwrap();
        }
        assert_eq!(bodies(&received(&mut slow).0), ["/inline"]);
        fast.write_all(get("/inline").as_bytes()).unwrap();
        turn(&mut server);
        assert_eq!(bodies(&received(&mut fast).0), ["/inline"]);
        tell.send(()).unwrap();
        until(&mut server, |totals| totals.pooled == 1);
        assert_eq!(bodies(&received(&mut slow).0), ["/held"]);
    });
}

#[test]
fn exactly_the_excess_is_refused_and_its_connection_kept() {
    within(LIMIT, || {
        for (threads, cap) in [(1, 0), (1, 3), (4, 0), (4, 3)] {
            let (mut server, _, tell) = held(pooled(threads, cap));
            let mut clients: Vec<_> = (0..20).map(|_| client(&mut server)).collect();
            for client in &mut clients {
                client.write_all(get("/held").as_bytes()).unwrap();
            }
            turn(&mut server);
            let room = threads + cap;
            let totals = server.metrics().totals();
            assert_eq!(totals.shed as usize, 20 - room, "{threads} and {cap}");
            for _ in 0..room {
                tell.send(()).unwrap();
            }
            until(&mut server, |totals| totals.pooled as usize == room);
            let mut refused = 0;
            for client in &mut clients {
                let (text, end) = received(client);
                assert!(!end);
                if text.starts_with("HTTP/1.1 503 ") {
                    assert!(text.contains("\r\nRetry-After: 1\r\n"), "{text}");
                    refused += 1;
                    client.write_all(get("/again").as_bytes()).unwrap();
                    until(&mut server, |totals| {
                        totals.pooled as usize == room + refused
                    });
                    assert_eq!(bodies(&received(client).0), ["/again"]);
                }
            }
            assert_eq!(refused, 20 - room);
        }
    });
}

/// Who is answered and asks again finds a thread: it is free before its answer is seen.
#[test]
fn one_client_and_one_thread_need_no_queue() {
    within(LIMIT, || {
        let (mut server, ..) = held(pooled(1, 0));
        let mut client = client(&mut server);
        for request in 1..=2_000 {
            client.write_all(GET).unwrap();
            until(&mut server, |totals| totals.requests == request);
            assert_eq!(bodies(&received(&mut client).0), ["hello"], "{request}");
        }
        assert_eq!(server.metrics().totals().shed, 0);
    });
}

#[test]
fn what_comes_back_for_somebody_who_has_left_is_dropped() {
    within(LIMIT, || {
        let (mut server, held, tell) = held(pooled(1, 8));
        let listener = server.address();
        let mut first = TcpStream::connect(listener).unwrap();
        first.write_all(get("/held/first").as_bytes()).unwrap();
        while held.entered.get() == 0 {
            server.tick(Some(Duration::from_millis(1))).unwrap();
        }
        // A reset: with what it says nobody waits for an answer.
        reset(first);
        until(&mut server, |totals| totals.open == 0);
        // The next has the same slot.
        let mut second = client(&mut server);
        second.write_all(get("/second").as_bytes()).unwrap();
        turn(&mut server);
        tell.send(()).unwrap();
        until(&mut server, |totals| totals.pooled == 2);
        assert_eq!(bodies(&received(&mut second).0), ["/second"]);
        let totals = server.metrics().totals();
        assert_eq!((totals.stale, totals.requests), (1, 2));
        assert_eq!(server.worker.in_use(), (0, 2));
    });
}

/// Closes with a byte unread, for which the kernel sends a reset.
fn reset(stream: TcpStream) {
    use std::os::fd::AsRawFd as _;

    let now = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: the kernel reads a `linger` at `now`, which outlives the call.
    #[allow(unsafe_code, reason = "std has no stable way to ask for it")]
    let set = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const now).cast(),
            size_of_val(&now) as libc::socklen_t,
        )
    };
    assert_eq!(set, 0);
    drop(stream);
}

/// Level-triggered interest would tell of the next request again and again.
#[test]
fn while_a_handler_runs_nothing_is_told_twice() {
    within(LIMIT, || {
        let (mut server, held, tell) = held(pooled(1, 8));
        let mut client = client(&mut server);
        client.write_all(get("/held").as_bytes()).unwrap();
        while held.entered.get() == 0 {
            server.tick(Some(Duration::from_millis(1))).unwrap();
        }
        assert_eq!(server.worker.in_use(), (0, 2), "nothing has come");
        client.write_all(GET).unwrap();
        turn(&mut server);
        assert_eq!(server.worker.in_use(), (0, 1), "it is not asked about");
        client.shutdown(Shutdown::Write).unwrap();
        server.tick(Some(Duration::ZERO)).unwrap();
        assert!(server.events.is_empty(), "{:?}", server.events);
        tell.send(()).unwrap();
        until(&mut server, |totals| totals.requests == 2);
        let (text, end) = received(&mut client);
        assert_eq!((bodies(&text), end), (vec!["/held", "hello"], true));
    });
}

#[test]
fn at_the_stop_what_waits_for_a_handler_is_answered() {
    within(LIMIT, || {
        let (mut server, held, tell) = held(pooled(1, 8));
        let mut clients: Vec<_> = (0..4).map(|_| client(&mut server)).collect();
        for client in &mut clients {
            client.write_all(get("/held").as_bytes()).unwrap();
        }
        while held.entered.get() == 0 {
            server.tick(Some(Duration::from_millis(1))).unwrap();
        }
        server.handle().shutdown();
        turn(&mut server);
        assert_eq!(server.connections(), 4);
        for _ in 0..4 {
            tell.send(()).unwrap();
        }
        drop(server.run());
        for client in &mut clients {
            let (text, end) = received(client);
            assert!(text.contains("\r\nConnection: close\r\n") && end, "{text}");
            assert_eq!(bodies(&text), ["/held"]);
        }
        drop(server);
        assert_eq!(Arc::strong_count(&held), 1, "and all threads are gone");
    });
}

#[test]
fn a_handler_that_does_not_return_does_not_keep_the_server() {
    within(LIMIT, || {
        let config = Config {
            timeout_drain: Duration::from_nanos(1),
            ..pooled(1, 8)
        };
        let (mut server, held, tell) = held(config);
        let mut client = client(&mut server);
        client.write_all(get("/held").as_bytes()).unwrap();
        while held.entered.get() == 0 {
            server.tick(Some(Duration::from_millis(1))).unwrap();
        }
        server.handle().shutdown();
        server.run().unwrap();
        assert_eq!(received(&mut client), (String::new(), true));
        drop(server);
        // What it uses is its own: nobody has taken that away.
        tell.send(()).unwrap();
        while Arc::strong_count(&held) > 1 {
            thread::yield_now();
        }
    });
}

fn several(loops: usize, listeners: Listeners) -> Config {
    Config {
        port: 0,
        loops,
        listeners,
        ..pooled(2, 64)
    }
}

/// Asks once, and reads to the end.
fn ask(address: SocketAddr) -> String {
    let mut client = TcpStream::connect(address).unwrap();
    let ask = b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    client.write_all(ask).unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn several_loops_share_what_comes() {
    within(LIMIT, || {
        for listeners in [Listeners::default(), Listeners::One] {
            let mut server = Server::bind(several(3, listeners), handler).unwrap();
            let (address, handle) = (server.address(), server.handle());
            let metrics = server.metrics();
            let taken = Config {
                port: address.port(),
                ..several(3, listeners)
            };
            let refused = Server::bind(taken, handler).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::AddrInUse);
            let running = thread::spawn(move || server.run());
            for _ in 0..60 {
                assert_eq!(bodies(&ask(address)), ["/x"]);
            }
            handle.shutdown();
            running.join().unwrap().unwrap();
            let each: Vec<_> = metrics.loops();
            let requests = each.iter().map(|totals| totals.requests);
            assert_eq!(requests.sum::<u64>(), 60);
            for totals in &each {
                assert!(totals.requests > 0, "{listeners:?}: {each:?}");
                assert!(listeners == Listeners::default() || totals.accepted == 20);
            }
        }
    });
}

/// One place for three loops: each has somebody outside, and all come in in turn.
#[test]
fn with_no_place_left_all_doors_are_shut_until_somebody_leaves() {
    within(LIMIT, || {
        for listeners in [Listeners::default(), Listeners::One] {
            let config = Config {
                max_conn: 1,
                ..several(3, listeners)
            };
            let mut server = Server::bind(config, handler).unwrap();
            let (address, handle) = (server.address(), server.handle());
            let running = thread::spawn(move || server.run());
            let clients: Vec<_> = (0..12)
                .map(|_| thread::spawn(move || ask(address)))
                .collect();
            for client in clients {
                assert_eq!(bodies(&client.join().unwrap()), ["/x"]);
            }
            handle.shutdown();
            running.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_server_that_never_ran_ends_when_it_is_dropped() {
    within(LIMIT, || {
        let made = Arc::new(());
        let kept = Arc::clone(&made);
        let handler = move |_: &Request<'_>, response: &mut Response<'_>| {
            response.text(Arc::strong_count(&kept));
        };
        let server = Server::bind(several(3, Listeners::default()), handler);
        let server = server.unwrap();
        let address = server.address();
        let mut begun = TcpStream::connect(address).unwrap();
        begun.write_all(&GET[..10]).unwrap();
        drop(server);
        // Who is served by a loop that never ran is not, and who is, is closed.
        let _ = begun.read(&mut [0]);
        while Arc::strong_count(&made) > 1 {
            thread::yield_now();
        }
        TcpStream::connect(address).unwrap_err();
    });
}

/// They are connected, have asked, and wait for the first loop, which has never run.
#[test]
fn who_waits_outside_at_the_stop_is_answered_by_whatever_loop() {
    within(LIMIT, || {
        for listeners in [Listeners::default(), Listeners::One] {
            let config = Config {
                queue_cap: 1_000,
                ..several(3, listeners)
            };
            let mut server = Server::bind(config, handler).unwrap();
            let address = server.address();
            let clients: Vec<_> = (0..200)
                .map(|_| {
                    let mut client = TcpStream::connect(address).unwrap();
                    client.write_all(GET).unwrap();
                    client
                })
                .collect();
            server.handle().shutdown();
            server.run().unwrap();
            for mut client in clients {
                let mut text = String::new();
                client.read_to_string(&mut text).unwrap();
                assert_eq!(bodies(&text), ["hello"], "{listeners:?}");
            }
        }
    });
}

#[test]
fn a_loop_that_fails_ends_the_server_with_its_error() {
    within(LIMIT, || {
        let config = several(3, Listeners::default());
        let mut server = Server::bind(config, handler).unwrap();
        let error = std::io::Error::other("no more memory");
        server.shared.tell(0, Message::LoopEnded(Err(error)));
        let error = server.run().unwrap_err();
        assert_eq!(error.to_string(), "no more memory");
        assert!(server.loops.is_empty() && server.handlers.is_empty());
    });
}

/// Between the loop and the threads nothing large is made anew: what a body was in comes back
/// with the next request.
#[test]
fn the_memory_of_a_large_body_is_used_again() {
    within(LIMIT, || {
        let large = |_: &Request<'_>, response: &mut Response<'_>| {
            response.bytes(&[b'x'; 50_000]);
        };
        let config = Config {
            port: 0,
            ..pooled(1, 8)
        };
        let mut server = Server::bind(config, large).unwrap();
        let mut client = client(&mut server);
        let mut wheres = Vec::new();
        for request in 1..=20 {
            client.write_all(GET).unwrap();
            let mut got = 0;
            while got < 50_000 {
                server.tick(Some(Duration::from_millis(1))).unwrap();
                got += received(&mut client).0.len();
            }
            until(&mut server, |totals| totals.requests == request);
            wheres.push(server.worker.spare_body());
        }
        // The thread's first one is another than that of the exchange; then it is one.
        assert!(wheres[0].1 >= 50_000, "{wheres:?}");
        assert!(wheres[2..].iter().all(|at| *at == wheres[2]), "{wheres:?}");
    });
}

/// The last byte is found when it is looked at who is late. A handler has no deadline.
#[test]
fn who_is_handed_over_in_the_last_moment_is_not_evicted() {
    within(LIMIT, || {
        let (mut server, _, _tell) = held(Config {
            timeout_request: Duration::from_nanos(1),
            ..pooled(1, 8)
        });
        let mut clients: Vec<_> = (0..8).map(|_| client(&mut server)).collect();
        for client in &mut clients {
            client.write_all(&GET[..10]).unwrap();
        }
        server.tick(Some(Duration::ZERO)).unwrap();
        for client in &mut clients {
            client.write_all(&GET[10..]).unwrap();
        }
        server.events = Events::with_capacity(2);
        until(&mut server, |totals| totals.pooled == 8);
        for client in &mut clients {
            let (text, end) = received(client);
            assert!(text.ends_with("hello") && !end, "{text}");
        }
        assert_eq!(server.metrics().totals().evicted, 0);
    });
}
