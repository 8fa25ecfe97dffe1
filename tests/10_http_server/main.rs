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
use conformance::servers::{started, ticked};

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
    super::conforms!(crate::started);
}

mod no_server {
    use crate::conformance::parser;

    #[test]
    fn the_parser_says_the_same() {
        parser::each_case_ends_as_told();
    }
}
