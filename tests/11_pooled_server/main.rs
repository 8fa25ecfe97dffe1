//! The server of two pools, put to all cases of `tests/conformance`, and to those that only
//! several threads can fail.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

mod allocations;
mod balance;
mod bugs;
#[path = "../conformance/mod.rs"]
mod conformance;
mod events;
mod example;
mod files;
mod gate;
mod leaving;
mod panics;
mod pool;
mod shedding;
mod signals;
mod stopping;
mod tokens;
mod unheard;

use conformance::conforms;
use conformance::serve::Serve;
use conformance::servers::{started, ticked};
use std::sync::Arc;
use threadbare::http::{Config, Handler, Listeners};

/// Starts a server with so many handler threads and loops.
fn pooled<const HANDLERS: usize, const LOOPS: usize>(
    config: Config,
    handler: Arc<dyn Handler>,
) -> Box<dyn Serve> {
    let config = Config {
        handler_threads: HANDLERS,
        loops: LOOPS,
        ..config
    };
    started(config, handler)
}

/// Starts one whose first loop accepts for both.
fn one_lets_in_for_all(config: Config, handler: Arc<dyn Handler>) -> Box<dyn Serve> {
    let config = Config {
        listeners: Listeners::One,
        ..config
    };
    pooled::<2, 2>(config, handler)
}

/// Starts one of one loop, which has its turns in the thread of its clients.
fn four_handlers_and_turns(
    config: Config,
    handler: Arc<dyn Handler>,
) -> Box<dyn Serve> {
    let config = Config {
        handler_threads: 4,
        ..config
    };
    ticked(config, handler)
}

/// All of it, for the one with most of everything.
mod handlers_4_loops_2 {
    crate::conforms!(crate::pooled::<4, 2>);
}

mod handlers_4_loops_1 {
    crate::conforms!(crate::pooled::<4, 1>: quick);
}

mod handlers_1_loops_1 {
    crate::conforms!(crate::pooled::<1, 1>: quick);
}

mod handlers_0_loops_1 {
    crate::conforms!(crate::pooled::<0, 1>: if asked);
}

mod handlers_0_loops_2 {
    crate::conforms!(crate::pooled::<0, 2>: if asked);
}

mod handlers_1_loops_2 {
    crate::conforms!(crate::pooled::<1, 2>: if asked);
}

/// The first loop lets in for all, as it does on systems without another way.
mod one_lets_in {
    crate::conforms! { crate::one_lets_in_for_all:
        closing {
            half_a_close_ends_what_comes_and_not_what_goes
            resets_are_nothing_special
            who_has_begun_is_answered_at_the_stop
        }
        deadlines {
            bug_8_a_slow_sender_holds_no_slot_for_ever
            who_is_silent_is_let_go
        }
        room {
            a_crowd_is_let_in
            more_connections_than_descriptors
            more_connections_than_slots
        }
    }
}

/// What can be seen only if each turn of the first loop is asked for.
mod turn_by_turn {
    crate::conforms! { crate::four_handlers_and_turns:
        answers {
            answers_come_in_the_order_of_the_requests
            bug_9_a_waiting_answer_does_not_spin_the_loop
        }
        arrival {
            ten_requests_cut_anywhere
            two_requests_cut_anywhere
        }
        room {
            a_full_house_does_not_spin_the_loop
            the_door_opens_by_itself
        }
    }
}
