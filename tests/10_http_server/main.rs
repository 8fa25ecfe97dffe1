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
mod metrics;

use conformance::conforms;
use conformance::serve::Serve;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use threadbare::http::{Config, Handle, Handler, Request, Response, Server};

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
    let handler = move |request: &Request<'_>, response: &mut Response<'_>| {
        handler.handle(request, response);
    };
    Server::bind(config, handler).unwrap()
}

mod one_thread {
    super::conforms! { crate::ticked:
        answers {
            a_head_is_that_of_get
            a_panic_costs_a_500_and_nothing_else
            answers_come_in_the_order_of_the_requests
            bodies_that_are_made_while_they_are_sent
            bug_9_a_waiting_answer_does_not_spin_the_loop
            continue_is_said_when_it_is_waited_for
            http_1_0_is_kept_only_if_it_asks
            sixteen_answers_leave_at_once
            the_last_request_is_told_so
            what_is_not_allowed_says_what_is
        }
        arrival {
            anything_at_all
            ten_requests_cut_anywhere
            two_requests_cut_anywhere
        }
        bulk {
            a_client_that_does_not_read_is_not_read
            a_slow_reader_of_64_mib
            an_upload_of_300_mib
            two_hundred_thousand_requests_at_once
        }
        closing {
            a_last_answer_is_not_lost
            half_a_close_ends_what_comes_and_not_what_goes
            lingering_ends
            resets_are_nothing_special
            who_has_begun_is_answered_at_the_stop
        }
        deadlines {
            a_busy_connection_is_not_idle
            bug_8_a_slow_sender_holds_no_slot_for_ever
            slow_requests_get_408
            who_does_not_read_is_let_go
            who_is_silent_is_let_go
        }
        limits {
            a_large_body_gets_413
            a_large_head_gets_431
            a_long_request_line_gets_414
            a_small_buffer_keeps_its_word
            endless_framing_is_refused
        }
        parsing {
            bug_8_two_lengths_or_two_hosts_are_one_too_many
            each_request_as_a_whole
            each_request_behind_another
            each_request_byte_by_byte
            nothing_is_smuggled_as_a_whole
            nothing_is_smuggled_behind_another
            nothing_is_smuggled_byte_by_byte
        }
        room {
            a_crowd_is_let_in
            a_full_house_does_not_spin_the_loop
            more_connections_than_descriptors
            more_connections_than_slots
        }
    }
}

mod its_own_thread {
    super::conforms! { crate::threaded:
        answers {
            a_head_is_that_of_get
            a_panic_costs_a_500_and_nothing_else
            answers_come_in_the_order_of_the_requests
            bodies_that_are_made_while_they_are_sent
            continue_is_said_when_it_is_waited_for
            http_1_0_is_kept_only_if_it_asks
            the_last_request_is_told_so
            what_is_not_allowed_says_what_is
        }
        arrival {
            anything_at_all
            ten_requests_cut_anywhere
            two_requests_cut_anywhere
        }
        bulk {
            a_client_that_does_not_read_is_not_read
            a_slow_reader_of_64_mib
            an_upload_of_300_mib
            two_hundred_thousand_requests_at_once
        }
        closing {
            a_last_answer_is_not_lost
            half_a_close_ends_what_comes_and_not_what_goes
            lingering_ends
            resets_are_nothing_special
            who_has_begun_is_answered_at_the_stop
        }
        deadlines {
            a_busy_connection_is_not_idle
            bug_8_a_slow_sender_holds_no_slot_for_ever
            slow_requests_get_408
            who_does_not_read_is_let_go
            who_is_silent_is_let_go
        }
        limits {
            a_large_body_gets_413
            a_large_head_gets_431
            a_long_request_line_gets_414
            a_small_buffer_keeps_its_word
            endless_framing_is_refused
        }
        parsing {
            bug_8_two_lengths_or_two_hosts_are_one_too_many
            each_request_as_a_whole
            each_request_behind_another
            each_request_byte_by_byte
            nothing_is_smuggled_as_a_whole
            nothing_is_smuggled_behind_another
            nothing_is_smuggled_byte_by_byte
        }
        room {
            a_crowd_is_let_in
            more_connections_than_descriptors
            more_connections_than_slots
        }
    }
}

mod no_server {
    use crate::conformance::parser;

    #[test]
    fn the_parser_says_the_same() {
        parser::each_case_ends_as_told();
    }
}
