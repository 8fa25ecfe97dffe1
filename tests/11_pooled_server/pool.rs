//! Property: handlers run beside each other, on as many threads as were asked for, and none
//! of them is in the way of a loop.

use crate::conformance::client::Client;
use crate::conformance::serve::until;
use crate::conformance::servers::{started, ticked};
use crate::gate::{Gate, Held, config, get, says};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;
use threadbare::http::{Config, Request, Response};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

/// Eight that would sleep, on four threads: they meet by fours, which nobody can who waits
/// for another one to be done. And never are there five.
#[test]
fn eight_handlers_on_four_threads_are_two_rounds_of_four() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let inside = AtomicUsize::new(0);
            let meet = Barrier::new(4);
            let handler = move |_: &Request<'_>, response: &mut Response<'_>| {
                // ORDERING: Relaxed, here and below. A count that is looked at as it is made.
                let now = inside.fetch_add(1, Relaxed) + 1;
                meet.wait();
                // ORDERING: Relaxed.
                inside.fetch_sub(1, Relaxed);
                response.text(now <= 4);
            };
            let server = started(config(4, loops), Arc::new(handler));
            let mut clients: Vec<Client<'_>> =
                (0..8).map(|_| Client::connect(&*server)).collect();
            for _ in 0..50 {
                for client in &mut clients {
                    client.send(&get("/"));
                }
                for client in &mut clients {
                    says(client, "true");
                }
            }
        });
    }
}

/// All four threads are held, and a hundred requests wait for them: who asks for what is
/// answered on the loop does not notice.
#[test]
fn an_inline_route_is_answered_while_all_threads_are_held() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let held = Held::started(config(4, loops));
            let mut slow = held.connect_many(104);
            for (n, client) in slow.iter_mut().enumerate() {
                client.send(&get(&format!("/hold/{n}")));
            }
            held.until_waiting(4);
            let mut fast = held.connect_many(10);
            for n in 0..1_000 {
                let client = &mut fast[n % 10];
                client.send(&get(&format!("/now/{n}")));
                says(client, &n.to_string());
            }
            assert_eq!(held.gate.waiting(), 4);
            assert!(!slow.iter_mut().any(Client::has_something));
            held.gate.open();
            for (n, client) in slow.iter_mut().enumerate() {
                says(client, &n.to_string());
            }
        });
    }
}

/// Inline is inline: on the loop's thread, which is the test's. The pool's threads have names.
#[test]
fn each_route_runs_where_it_should() {
    within(LIMIT, || {
        let seen: Arc<Mutex<HashSet<(String, String)>>> = Arc::default();
        let note = |seen: &Arc<Mutex<HashSet<_>>>| {
            let seen = Arc::clone(seen);
            move |request: &Request<'_>, response: &mut Response<'_>| {
                let thread = thread::current();
                let name = thread.name().unwrap_or("none").to_owned();
                seen.lock()
                    .unwrap()
                    .insert((request.path().to_owned(), name));
                response.text("ok");
            }
        };
        let mut router = threadbare::http::Router::new();
        router.get("/here", note(&seen)).inline();
        router.get("/there", note(&seen)).pooled();
        router.get("/usual", note(&seen));
        let server = ticked(config(3, 1), Arc::new(router));
        let mut client = Client::connect(&*server);
        for path in ["/here", "/there", "/usual"].repeat(20) {
            client.send(&get(path));
            says(&mut client, "ok");
        }
        let ours = thread::current().name().unwrap_or("none").to_owned();
        for (path, name) in &*seen.lock().unwrap() {
            match &**path {
                "/here" => assert_eq!(*name, ours),
                _ => assert!(name.starts_with("handler "), "{path} runs on {name}"),
            }
        }
        assert_eq!(server_free_names(&seen), ["/here", "/there", "/usual"]);
    });
}

fn server_free_names(seen: &Mutex<HashSet<(String, String)>>) -> Vec<String> {
    let seen = seen.lock().unwrap();
    let paths: HashSet<&String> = seen.iter().map(|(path, _)| path).collect();
    let mut paths: Vec<String> = paths.into_iter().cloned().collect();
    paths.sort();
    paths
}

/// The requests of one connection are answered one after the other, whatever of them runs
/// where, and a second one is not begun before the first is done.
#[test]
fn what_is_pipelined_is_answered_in_order() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let held = Held::started(config(4, loops));
            let mut client = held.connect();
            let kinds = ["hold", "now", "id", "id", "hold", "now", "now"];
            let each = |n: usize| format!("/{}/{n}", kinds[n % kinds.len()]);
            let requests: Vec<u8> = (0..700).flat_map(|n| get(&each(n))).collect();
            client.send(&requests);
            let mut slow = 0;
            for n in 0..700 {
                if each(n).starts_with("/hold") {
                    slow += 1;
                    // Not before what is ahead of it is done, and alone.
                    held.until(|| held.gate.came() == slow);
                    assert_eq!(held.gate.waiting(), 1);
                    assert!(!client.has_something());
                    held.gate.let_through(1);
                }
                says(&mut client, &n.to_string());
            }
            assert_eq!(held.metrics.totals().requests, 700);
        });
    }
}

/// The answers before a slow one are sent before it is begun, and not with it.
#[test]
fn what_is_done_does_not_wait_for_what_is_slow() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let held = Held::started(config(1, loops));
            let mut client = held.connect();
            let paths =
                ["/now/0", "/now/1", "/hold/2", "/now/3", "/id/4", "/hold/5"];
            let requests: Vec<u8> =
                paths.iter().flat_map(|path| get(path)).collect();
            client.send(&requests);
            for n in ["0", "1"] {
                says(&mut client, n);
            }
            held.until_waiting(1);
            held.gate.let_through(1);
            for n in ["2", "3", "4"] {
                says(&mut client, n);
            }
            held.until_waiting(1);
            assert!(!client.has_something());
            held.gate.let_through(1);
            says(&mut client, "5");
        });
    }
}

/// A stream that is made by a handler of the pool is pulled by the loop; large answers are
/// sent while the thread does something else.
#[test]
fn a_thread_is_free_while_its_answer_is_on_its_way() {
    within(LIMIT, || {
        let gate = Gate::new();
        let mut router = crate::gate::routes(&gate);
        router.get("/large", |_, response| {
            response.body(vec![b'x'; 30_000_000])
        });
        router.get("/lines", |_, response| {
            response.stream((0..3_000_000).map(|n| format!("{n}\n")));
        });
        let server = started(config(1, 1), Arc::new(router));
        for path in ["/large", "/lines"] {
            let mut slow = Client::connect(&*server);
            slow.send(&get(path));
            assert_eq!(slow.head().status, 200);
            let mut other = Client::connect(&*server);
            for n in 0..50 {
                other.send(&get(&format!("/id/{n}")));
                says(&mut other, &n.to_string());
            }
            slow.reset();
        }
    });
}

/// Who closes, or was told that it is its last request, is closed by a pooled answer, too.
#[test]
fn the_last_request_may_be_a_pooled_one() {
    within(LIMIT, || {
        let config = Config {
            request_count: Some(3),
            ..config(2, 1)
        };
        let held = Held::started(config);
        let mut client = held.connect();
        client.send(
            &[get("/id/1"), get("/now/2"), get("/id/3"), get("/id/4")].concat(),
        );
        for n in 1..=3 {
            let answer = client.answer(false);
            assert_eq!(answer.body, n.to_string().as_bytes());
            assert_eq!(answer.says_close(), n == 3);
        }
        client.ends();
        let mut client = held.connect();
        client.send(b"GET /id/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assert!(client.answer(false).says_close());
        client.ends();
        let mut client = held.connect();
        client.send(b"GET /id/1 HTTP/1.0\r\n\r\n");
        assert!(client.answer(false).says_close());
        client.ends();
        assert_eq!(held.metrics.totals().requests, 5);
    });
}

/// While the one thread is held, others come. They are begun in that order.
#[test]
fn who_came_first_is_begun_first() {
    within(LIMIT, || {
        let (gate, order) = (Gate::new(), Arc::new(Mutex::new(Vec::new())));
        let (way, notes) = (gate.way(), Arc::clone(&order));
        let handler = move |request: &Request<'_>, response: &mut Response<'_>| {
            notes.lock().unwrap().push(request.path().to_owned());
            way.pass();
            response.text("ok");
        };
        let config = config(1, 1);
        let metrics = config.metrics.clone();
        let server = ticked(config, Arc::new(handler));
        let mut clients: Vec<Client<'_>> =
            (0..30).map(|_| Client::connect(&*server)).collect();
        let paths: Vec<String> = (0..30).map(|n| format!("/{n}")).collect();
        let mut sent = 0;
        for (path, client) in paths.iter().zip(&mut clients) {
            client.send(&get(path));
            sent += get(path).len() as u64;
            // The turn that reads it hands it over.
            until(&*server, || metrics.totals().bytes_in == sent);
        }
        gate.open();
        clients.iter_mut().for_each(|client| says(client, "ok"));
        assert_eq!(*order.lock().unwrap(), paths);
    });
}

/// It may take as long as it takes: only clients can be late.
#[test]
fn a_handler_has_no_deadline() {
    const SHORT: Duration = Duration::from_millis(20);
    within(LIMIT, || {
        let config = Config {
            timeout_request: SHORT,
            timeout_write: SHORT,
            timeout_linger: SHORT,
            ..config(2, 1)
        };
        let held = Held::started(config);
        let mut clients = held.connect_many(5);
        for client in &mut clients {
            client.send(&get("/hold/1"));
        }
        held.until_waiting(2);
        // By the time that others were told to be too slow, one after the other, these have
        // been in the server for longer than that takes.
        for _ in 0..3 {
            let mut slow = held.connect();
            slow.send(b"GET /");
            assert_eq!(slow.answer(false).status, 408);
        }
        held.gate.open();
        for client in &mut clients {
            says(client, "1");
        }
    });
}

/// With threads or without: what is answered on the loop leaves with what came with it.
#[test]
fn inline_answers_leave_together() {
    within(LIMIT, || {
        let held = Held::ticked(config(2, 1));
        let mut client = held.connect();
        client.send(&get("/now/1"));
        says(&mut client, "1");
        client.send(&[get("/now/1").repeat(16), get("/hold/2")].concat());
        held.until(|| client.has_something());
        assert!(client.has_answers(16), "they come one by one");
        (0..16).for_each(|_| says(&mut client, "1"));
        held.gate.open();
        says(&mut client, "2");
    });
}
