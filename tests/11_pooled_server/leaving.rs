//! Property: a client that leaves while its handler runs costs nobody anything: its slot is
//! free at once, and what comes of the handler is dropped.

use crate::conformance::client::Client;
use crate::gate::{Held, config, get, post, says};
use std::time::Duration;
use threadbare::http::Config;
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

/// While the handler still runs, the connection is closed, and its slot, its descriptor and
/// its place belong to somebody else; who does not get what the handler made.
#[test]
fn a_place_is_free_at_once_and_the_late_answer_is_nobodys() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let config = Config {
                max_conn: 4,
                ..config(4, loops)
            };
            let held = Held::started(config);
            for round in 1..=50 {
                let mut leaving = held.connect_many(4);
                for client in &mut leaving {
                    client.send(&get("/hold/old"));
                }
                held.until_waiting(4);
                leaving.into_iter().for_each(Client::reset);
                held.until(|| held.metrics.totals().open == 0);
                assert_eq!(held.gate.waiting(), 4);
                // There is room for four more, and all threads are taken.
                let mut coming = held.connect_many(4);
                for (n, client) in coming.iter_mut().enumerate() {
                    client.send(&get(&format!("/now/{n}")));
                    says(client, &n.to_string());
                    client.send(&[get(&format!("/id/{n}")), get("/now/x")].concat());
                }
                held.gate.let_through(4);
                for (n, client) in coming.iter_mut().enumerate() {
                    says(client, &n.to_string());
                    says(client, "x");
                }
                held.until(|| held.metrics.totals().stale == 4 * round);
                assert!(!coming.iter_mut().any(Client::has_something));
                drop(coming);
                held.until(|| held.metrics.totals().open == 0);
            }
            let totals = held.metrics.totals();
            assert_eq!((totals.panics, totals.shed), (0, 0));
        });
    }
}

/// The end of what it sends says nothing about what it reads: it is answered.
#[test]
fn half_a_close_is_no_leaving() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let held = Held::started(config(2, loops));
            for more in ["", "/now/2", "/id/2"] {
                let mut client = held.connect();
                client.send(&get("/hold/1"));
                held.until_waiting(1);
                if !more.is_empty() {
                    client.send(&get(more));
                }
                client.half_close();
                held.settle();
                held.gate.let_through(1);
                says(&mut client, "1");
                if !more.is_empty() {
                    says(&mut client, "2");
                }
                client.ends();
            }
            held.until(|| held.metrics.totals().open == 0);
            assert_eq!(held.metrics.totals().stale, 0);
        });
    }
}

/// However it leaves, and whatever it has sent before: nothing is left of it.
#[test]
fn nothing_is_left_of_any_who_left() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let held = Held::started(config(2, loops));
            let large = post("/hold", &vec![b'x'; 200_000]);
            for (n, request) in [get("/hold/1"), large].iter().enumerate() {
                for more in ["", "G", "GET /now/2 HTTP/1.1\r\nHost: a\r\n\r\n"] {
                    for politely in [true, false] {
                        let mut client = held.connect();
                        client.send(request);
                        held.until_waiting(1);
                        client.send(more.as_bytes());
                        match politely {
                            true => drop(client),
                            false => client.reset(),
                        }
                        held.settle();
                        held.gate.let_through(1);
                        held.until(|| held.metrics.totals().open == 0);
                        held.until_waiting(0);
                    }
                }
                let mut client = held.connect();
                client.send(&get(&format!("/id/{n}")));
                says(&mut client, &n.to_string());
                drop(client);
                held.until(|| held.metrics.totals().open == 0);
            }
        });
    }
}

/// It has left before any thread had time for it: that is not noticed, and does no harm.
#[test]
fn who_leaves_the_queue_is_not_answered() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let held = Held::started(config(1, loops));
            let mut running = held.connect();
            running.send(&get("/hold/r"));
            held.until_waiting(1);
            let mut queued = held.connect_many(20);
            for client in &mut queued {
                client.send(&get("/id/q"));
            }
            held.until(|| held.metrics.totals().bytes_in >= 20 * 30);
            queued.drain(..10).for_each(Client::reset);
            held.until(|| held.metrics.totals().open == 11);
            held.gate.open();
            says(&mut running, "r");
            for client in &mut queued {
                says(client, "q");
            }
            held.until(|| held.metrics.totals().stale == 10);
        });
    }
}
