//! Property: a handler that panics costs its request a 500, and no thread.

use crate::conformance::client::Client;
use crate::conformance::servers::started;
use crate::gate::{Gate, config, get, says};
use std::panic;
use std::sync::{Arc, Barrier};
use std::time::Duration;
use threadbare::http::{Handler, Place, Request, Response};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

/// As a panic, without a message for each of them.
fn fall() -> ! {
    panic::resume_unwind(Box::new("fell"))
}

/// Answers in the place that a path asks for, which may panic as well.
struct Falls {
    gate: crate::gate::Way,
    meet: Barrier,
}

impl Handler for Falls {
    fn handle(&self, request: &Request<'_>, response: &mut Response<'_>) {
        match request.path() {
            "/meet" => _ = self.meet.wait(),
            "/falls" | "/inline" => fall(),
            "/late" => {
                self.gate.pass();
                response.text("half an answer");
                fall();
            }
            _ => {}
        }
        response.text("ok");
    }

    fn place(&self, request: &Request<'_>) -> Place {
        match request.path() {
            "/place" => fall(),
            "/inline" | "/" => Place::Inline,
            _ => Place::Pooled,
        }
    }
}

#[test]
fn all_threads_survive() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let gate = Gate::new();
            let config = config(4, loops);
            let metrics = config.metrics.clone();
            let handler = Falls {
                gate: gate.way(),
                meet: Barrier::new(4),
            };
            let server = started(config, Arc::new(handler));
            let mut clients: Vec<Client<'_>> =
                (0..8).map(|_| Client::connect(&*server)).collect();
            let falls = [get("/falls"), get("/"), get("/inline"), get("/place")];
            for _ in 0..50 {
                for client in &mut clients {
                    client.send(&falls.concat());
                }
                for client in &mut clients {
                    for status in [500, 200, 500, 200] {
                        let answer = client.answer(false);
                        assert_eq!(answer.status, status);
                        assert!(!answer.says_close(), "{answer:?}");
                    }
                }
            }
            assert_eq!(metrics.totals().panics, 2 * 8 * 50);
            // Four are needed to get through this.
            for client in &mut clients {
                client.send(&get("/meet"));
            }
            for client in &mut clients {
                says(client, "ok");
            }
            // One whose client has left before.
            let mut client = clients.pop().unwrap();
            client.send(&get("/late"));
            crate::conformance::serve::until(&*server, || gate.waiting() == 1);
            client.reset();
            crate::conformance::serve::until(&*server, || {
                metrics.totals().open == 7
            });
            gate.let_through(1);
            crate::conformance::serve::until(&*server, || {
                metrics.totals().stale == 1
            });
            clients[0].send(&get("/falls"));
            assert_eq!(clients[0].answer(false).status, 500);
            for client in &mut clients[..4] {
                client.send(&get("/meet"));
            }
            for client in &mut clients[..4] {
                says(client, "ok");
            }
        });
    }
}
