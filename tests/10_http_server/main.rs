//! The server of one thread, put to all cases of `tests/conformance`.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

mod allocations;
mod api;
#[path = "../conformance/mod.rs"]
mod conformance;
mod example;
mod handlers;
mod metrics;
mod stopping;
mod turns;

use conformance::conforms;
use conformance::serve::{Serve, Shared};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use threadbare::http::{Config, Handle, Handler, Server};

/// A server that has its turns in the thread of its clients.
struct Ticked(RefCell<Server>);

fn ticked(config: Config, handler: Arc<dyn Handler>) -> Box<dyn Serve> {
    Box::new(Ticked(RefCell::new(bind(config, handler))))
}

impl Serve for Ticked {
    fn address(&self) -> SocketAddr {
        self.0.borrow().address()
    }

    fn turn(&self, wait: Duration) -> bool {
        self.0.borrow_mut().tick(Some(wait)).unwrap();
        true
    }

    fn stop(&self) {
        self.0.borrow().handle().shutdown();
    }
}

/// A server in a thread of its own.
struct Threaded {
    address: SocketAddr,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

fn threaded(config: Config, handler: Arc<dyn Handler>) -> Box<dyn Serve> {
    let mut server = bind(config, handler);
    let (address, handle) = (server.address(), server.handle());
    let thread = std::thread::spawn(move || server.run().unwrap());
    Box::new(Threaded {
        address,
        handle,
        thread: Some(thread),
    })
}

impl Serve for Threaded {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn turn(&self, _: Duration) -> bool {
        false
    }

    fn stop(&self) {
        self.handle.shutdown();
    }
}

impl Drop for Threaded {
    fn drop(&mut self) {
        self.handle.shutdown();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the server has panicked");
        }
    }
}

fn bind(config: Config, handler: Arc<dyn Handler>) -> Server {
    let config = Config { port: 0, ..config };
    Server::bind(config, Shared(handler)).unwrap()
}

mod one_thread {
    super::conforms!(crate::ticked);

    /// What can be seen only if each turn is asked for.
    mod turn_by_turn {
        crate::conforms! { crate::ticked:
            answers {
                bug_9_a_waiting_answer_does_not_spin_the_loop
                sixteen_answers_leave_at_once
            }
            room {
                a_full_house_does_not_spin_the_loop
                the_door_opens_by_itself
            }
        }
    }
}

mod its_own_thread {
    super::conforms!(crate::threaded);
}

mod no_server {
    use crate::conformance::parser;

    #[test]
    fn the_parser_says_the_same() {
        parser::each_case_ends_as_told();
    }
}
