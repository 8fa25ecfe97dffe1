//! Property: what a sender sends comes as it was sent, as long as the client is there; who
//! leaves is noticed, by whoever sends; and nobody else waits for either.

mod house;

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{self, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use threadbare::http::{
    Closed, Config, Request, Response, Server, ServerEvent, TrySend, Turn,
};
use threadbare::testkit::within;

use house::{Client, House, NEWS, ROOT, router};

const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test with a server that has all on one thread, and one that has several of both.
fn with_both(test: fn(&House)) {
    for (handler_threads, loops) in [(0, 1), (4, 2)] {
        within(LIMIT, move || {
            test(&House::open(Config {
                handler_threads,
                loops,
                ..Config::default()
            }));
        });
    }
}

/// Waits until it is so.
fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        thread::yield_now();
    }
}

#[test]
fn each_piece_comes_when_it_is_sent() {
    with_both(|house| {
        let (mut client, sender) = house.stream();
        for piece in ["a", "two words", "\r\n", &"x".repeat(100_000)] {
            // The next one is not sent before this one has come.
            sender.send(piece.as_bytes()).unwrap();
            assert_eq!(client.chunk(), piece.as_bytes());
        }
        sender.send(b"").unwrap(); // which would be the last chunk
        sender.try_send(b"the end").unwrap();
        drop(sender);
        assert_eq!(client.body(), b"the end");
        // The connection goes on.
        client.send(ROOT);
        client.says_hello();
    });
}

#[test]
fn who_asks_for_more_meanwhile_waits_for_the_end() {
    with_both(|house| {
        let (mut client, sender) = house.stream();
        client.send(ROOT);
        sender.send(b"1").unwrap();
        assert_eq!(client.chunk(), b"1");
        client.send(ROOT);
        sender.send(b"2").unwrap();
        drop(sender);
        assert_eq!(client.body(), b"2");
        client.says_hello();
        client.says_hello();
    });
}

#[test]
fn without_chunks_the_end_is_that_of_the_connection() {
    with_both(|house| {
        let mut client = house.ask("GET /news HTTP/1.0\r\n\r\n");
        let sender = house.senders.recv().unwrap();
        let head = client.head();
        assert!(!head.contains("Transfer-Encoding"), "{head}");
        assert!(head.contains("\r\nConnection: close\r\n"), "{head}");
        sender.send(b"one\n").unwrap();
        assert_eq!(client.line(), "one\n");
        sender.send(b"two\n").unwrap();
        drop(sender);
        assert_eq!(client.line(), "two\n");
        client.must_end();
    });
}

#[test]
fn where_no_body_is_nobody_reads() {
    with_both(|house| {
        let mut client = house.ask(&NEWS.replace("GET", "HEAD"));
        let sender = house.senders.recv().unwrap();
        let head = client.head();
        assert!(
            head.contains("\r\nTransfer-Encoding: chunked\r\n"),
            "{head}"
        );
        until(|| sender.is_closed());
        assert_eq!(sender.send(b"x"), Err(Closed));
        assert_eq!(sender.try_send(b"x"), Err(TrySend::Closed));
        client.send(ROOT);
        client.says_hello();
    });
}

#[test]
fn a_panic_lets_go_of_either_end() {
    with_both(|house| {
        // That of the handler, with the receiver.
        let mut client = house.ask(&NEWS.replace("news", "panic"));
        let sender = house.senders.recv().unwrap();
        let head = client.head();
        assert!(head.starts_with("HTTP/1.1 500 "), "{head}");
        until(|| sender.is_closed());

        // That of a thread, with the sender.
        let (mut client, sender) = house.stream();
        let thread = thread::spawn(move || {
            sender.send(b"half a sen").unwrap();
            let _sender = sender;
            panic!("in the middle");
        });
        assert!(thread.join().is_err());
        assert_eq!(client.body(), b"half a sen");
        client.send(ROOT);
        client.says_hello();
    });
}

/// More than the kernel takes: `send` has to wait, `try_send` says so, and the others do not
/// notice.
#[test]
fn a_slow_reader_slows_down_who_writes_for_it_and_nobody_else() {
    /// A kernel takes some MiB of it.
    const PIECES: u32 = 4_000;

    with_both(|house| {
        let piece = |n: u32| {
            let mut piece = n.to_le_bytes().to_vec();
            piece.resize(10_000, b'x');
            piece
        };
        let (mut client, sender) = house.stream();
        let mut sent = 0;
        loop {
            match sender.try_send(&piece(sent)) {
                Ok(()) => sent += 1,
                Err(TrySend::Full) => {
                    // It may only be that the loop has not had its turn. A client whose
                    // answer waits for room is one that the others do not wait for.
                    house.ask(ROOT).says_hello();
                    if sender.try_send(&piece(sent)).is_err() {
                        break;
                    }
                    sent += 1;
                }
                Err(TrySend::Closed) => panic!("it is there"),
            }
            assert!(sent < PIECES, "no limit");
        }
        let writer = thread::spawn(move || {
            for n in sent..PIECES {
                sender.send(&piece(n)).unwrap();
            }
        });
        let body = client.body();
        writer.join().unwrap();
        assert_eq!(body.len(), PIECES as usize * 10_000);
        for (n, found) in (0..).zip(body.chunks(10_000)) {
            assert_eq!(found[..4], u32::to_le_bytes(n));
        }
    });
}

#[test]
fn who_leaves_is_noticed_without_a_word() {
    with_both(|house| {
        for how in [
            "hangs up",
            "half a close",
            "behind bytes",
            "behind more bytes",
        ] {
            let (mut client, sender) = house.stream();
            assert!(!sender.is_closed());
            // Which have their turn when the answer is over, and so never.
            let received = || house.metrics.totals().bytes_in;
            let before = received();
            let bytes = match how {
                "behind bytes" => "G",
                "behind more bytes" => &ROOT.repeat(100),
                _ => "",
            };
            client.send(bytes);
            until(|| received() == before + bytes.len() as u64);
            let kept = match how {
                "half a close" => {
                    let stream = client.reader.get_ref();
                    stream.shutdown(Shutdown::Write).unwrap();
                    Some(client)
                }
                _ => {
                    drop(client);
                    None
                }
            };
            until(|| sender.is_closed());
            assert_eq!(sender.send(b"late"), Err(Closed), "{how}");
            drop(kept);
        }
        until(|| house.metrics.totals().open == 0);
    });
}

/// In the middle of a piece, and while somebody waits for room.
#[test]
fn who_waits_for_one_that_leaves_is_told() {
    with_both(|house| {
        let (mut client, sender) = house.stream();
        let writer = thread::spawn(move || {
            while sender.send(&[b'x'; 50_000]).is_ok() {}
            sender
        });
        assert_eq!(client.chunk()[0], b'x');
        drop(client);
        let sender = writer.join().unwrap();
        assert!(sender.is_closed());
        until(|| house.metrics.totals().open == 0);
    });
}

/// It is there, and reads nothing.
#[test]
fn who_takes_nothing_is_let_go_and_its_writer_told() {
    within(LIMIT, || {
        let house = House::open(Config {
            timeout_write: Duration::from_millis(20),
            ..Config::default()
        });
        let (client, sender) = house.stream();
        while sender.send(&[b'x'; 50_000]).is_ok() {}
        until(|| house.metrics.totals().evicted == 1);
        drop(client);
    });
}

#[test]
fn a_stop_ends_what_has_no_end() {
    with_both(|house| {
        let (mut waiting, first) = house.stream();
        let (mut busy, second) = house.stream();
        let writer = thread::spawn(move || {
            while second.send(&[b'x'; 10_000]).is_ok() {}
            second
        });
        assert_eq!(busy.chunk()[0], b'x');
        house.handle.shutdown();
        assert_eq!(waiting.body(), b"");
        waiting.must_end();
        let body = busy.body();
        assert!(body.iter().all(|&byte| byte == b'x'));
        assert_eq!(body.len() % 10_000, 0, "no piece is cut");
        busy.must_end();
        assert_eq!(first.send(b"late"), Err(Closed));
        assert_eq!(writer.join().unwrap().try_send(b"x"), Err(TrySend::Closed));
    });
}

#[test]
fn a_sender_may_outlive_its_server() {
    with_both(|_| {
        let mut house = House::open(Config::default());
        let (client, sender) = house.stream();
        drop(client);
        house.close();
        assert_eq!(sender.send(b"late"), Err(Closed));

        // One that was never run, and is dropped with what it has.
        let config = Config {
            port: 0,
            ..Config::default()
        };
        let (post, senders) = channel();
        let mut server = Server::bind(config, router(post)).unwrap();
        let mut client = Client::ask(server.address(), NEWS);
        let sender = loop {
            assert_eq!(server.tick(None).unwrap(), Turn::GoesOn);
            if let Ok(sender) = senders.try_recv() {
                break sender;
            }
        };
        client.head();
        drop(server);
        assert_eq!(sender.send(b"late"), Err(Closed));
    });
}

/// Silence is no fault of the client's.
#[test]
fn nothing_to_say_is_nobodys_deadline() {
    within(LIMIT, || {
        let moment = Duration::from_millis(20);
        let house = House::open(Config {
            timeout_request: moment,
            timeout_write: moment,
            ..Config::default()
        });
        let (mut client, sender) = house.stream();
        // One after the other, so that there were three such times.
        for evicted in 1..=3 {
            let mut slow = TcpStream::connect(house.address).unwrap();
            slow.write_all(b"GET /").unwrap();
            until(|| house.metrics.totals().evicted == evicted);
        }
        sender.send(b"still there").unwrap();
        assert_eq!(client.chunk(), b"still there");
    });
}

/// Bug 9 once more: what the client sends while there is nothing to be sent to it.
#[test]
fn bug_9_a_waiting_stream_does_not_spin_the_loop() {
    const WAIT: Duration = Duration::from_millis(10);

    within(LIMIT, || {
        let (post, senders) = channel();
        let config = Config {
            port: 0,
            ..Config::default()
        };
        let mut server = Server::bind(config, router(post)).unwrap();
        let mut client = Client::ask(server.address(), NEWS);
        // It has waited as long as it may, and nothing came.
        let mut is_quiet = || {
            let begin = Instant::now();
            server.tick(Some(WAIT)).unwrap();
            begin.elapsed() >= WAIT
        };
        while !is_quiet() {}
        let sender = senders.recv().unwrap();
        for _ in 0..2 {
            client.send(ROOT);
            is_quiet(); // the one that tells of it
            assert!((0..5).all(|_| is_quiet()), "the loop spins");
            sender.send(b"x").unwrap();
            while !is_quiet() {}
        }
        // More than there is room for, which stays with the kernel.
        let more = 700;
        client.send(&ROOT.repeat(more));
        while !is_quiet() {}
        assert!((0..5).all(|_| is_quiet()), "the loop spins");
        drop(sender);
        while !is_quiet() {}
        client.head();
        assert_eq!(client.body(), b"xx");
        for _ in 0..2 + more {
            client.says_hello();
        }
    });
}

/// All that has one sender stays together, and in its order; no notice is lost.
#[test]
fn many_threads_send_to_one_client() {
    const EACH: usize = 2_000;

    with_both(|house| {
        let (mut client, sender) = house.stream();
        let sender = Arc::new(sender);
        let threads: Vec<_> = (0..4)
            .map(|who| {
                let sender = Arc::clone(&sender);
                thread::spawn(move || {
                    for n in 0..EACH {
                        sender.send(format!("{who} {n}\n").as_bytes()).unwrap();
                    }
                })
            })
            .collect();
        drop(sender);
        let body = String::from_utf8(client.body()).unwrap();
        let mut next = [0; 4];
        for line in body.lines() {
            let (who, n) = line.split_once(' ').unwrap();
            let who: usize = who.parse().unwrap();
            assert_eq!(n.parse(), Ok(next[who]), "{line}");
            next[who] += 1;
        }
        assert_eq!(next, [EACH; 4]);
        threads.into_iter().for_each(|it| it.join().unwrap());
    });
}

#[test]
fn a_hundred_streams_need_no_thread() {
    with_both(|house| {
        let mut streams: Vec<_> = (0..100).map(|_| house.stream()).collect();
        for round in 0..3 {
            house.ask(ROOT).says_hello();
            for (_, sender) in &streams {
                sender.send(format!("{round}").as_bytes()).unwrap();
            }
            for (client, _) in &mut streams {
                assert_eq!(client.chunk(), format!("{round}").as_bytes());
            }
        }
        assert!(house.metrics.totals().open >= 100);
    });
}

/// Nothing is sent until the handler has returned, so it must not wait for that.
#[test]
fn what_the_handler_itself_sends_never_waits() {
    for handler_threads in [0, 1] {
        within(LIMIT, move || {
            let all = |_: &Request<'_>, response: &mut Response<'_>| {
                let sender = response.channel();
                for _ in 0..20 {
                    sender.send(&[b'x'; 10_000]).unwrap();
                }
            };
            let config = Config {
                port: 0,
                handler_threads,
                ..Config::default()
            };
            let mut server = Server::bind(config, all).unwrap();
            let (address, handle) = (server.address(), server.handle());
            let thread = thread::spawn(move || server.run().unwrap());
            let mut client = Client::ask(address, ROOT);
            client.head();
            assert_eq!(client.body().len(), 200_000);
            drop(client);
            handle.shutdown();
            thread.join().unwrap();
        });
    }
}

/// As a browser reads them.
#[test]
fn events_are_lines() {
    within(LIMIT, || {
        let slot: Arc<OnceLock<Mutex<mpsc::Receiver<()>>>> = Arc::default();
        let (go, wait) = channel();
        slot.set(Mutex::new(wait)).unwrap();
        let events = move |request: &Request<'_>, response: &mut Response<'_>| {
            let seen = request.headers().get("Last-Event-ID");
            assert_eq!(seen, Some(&b"41"[..]));
            let events = response.events();
            let slot = Arc::clone(&slot);
            thread::spawn(move || {
                events.comment("hello\nyou").unwrap();
                slot.get().unwrap().lock().unwrap().recv().unwrap();
                let event = ServerEvent::new("a\r\nb").event("news").id("42");
                events.send(&event).unwrap();
            });
        };
        let config = Config {
            port: 0,
            ..Config::default()
        };
        let mut server = Server::bind(config, events).unwrap();
        let (address, handle) = (server.address(), server.handle());
        let thread = thread::spawn(move || server.run().unwrap());
        let request = "GET / HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 41\r\n\r\n";
        let mut client = Client::ask(address, request);
        let head = client.head();
        assert!(
            head.contains("\r\nContent-Type: text/event-stream\r\n"),
            "{head}"
        );
        assert!(head.contains("\r\nCache-Control: no-cache\r\n"), "{head}");
        assert_eq!(client.chunk(), b": hello\n: you\n\n");
        go.send(()).unwrap();
        let event = b"event: news\nid: 42\ndata: a\ndata: b\n\n";
        assert_eq!(client.body(), event);
        drop(client);
        handle.shutdown();
        thread.join().unwrap();
    });
}
