//! What a server has to do, as tests that any server of the course can be put to: chapter
//! 10's, and with the same cases chapter 11's.
//!
//! | module | what it looks at |
//! |---|---|
//! | [`cases`] | the cases as data: bytes, and what has to come of them |
//! | [`parser`] | what the parser alone makes of them |
//! | [`parsing`] | what comes back over a socket: as a whole, byte by byte, pipelined |
//! | [`arrival`] | requests that are cut anywhere, and bytes that are none |
//! | [`limits`] | 414, 431 and 413, with the byte that crosses them |
//! | [`deadlines`] | who is slow, and who is idle |
//! | [`answers`] | order, HEAD, HTTP/1.0, 100 Continue, streams, panics |
//! | [`closing`] | half-close, lingering close, resets, shutdown |
//! | [`room`] | too many connections, too few descriptors |
//! | [`bulk`] | slow readers, large uploads, very many requests |
//! | [`serve`], [`servers`] | how a server is started |
//! | [`client`], [`routes`] | who asks it, and for what |
//!
//! Where the servers of others have gone wrong, the case says so in its name.

#![allow(dead_code, unused_imports, reason = "no test needs all of it")]

pub(crate) mod answers;
pub(crate) mod arrival;
pub(crate) mod bulk;
pub(crate) mod cases;
pub(crate) mod client;
pub(crate) mod closing;
pub(crate) mod deadlines;
pub(crate) mod limits;
#[path = "../common/own_process.rs"]
pub(crate) mod own_process;
pub(crate) mod parser;
pub(crate) mod parsing;
#[path = "../common/processor_time.rs"]
pub(crate) mod processor_time;
pub(crate) mod room;
pub(crate) mod routes;
pub(crate) mod serve;
pub(crate) mod servers;
#[path = "../common/sockets.rs"]
pub(crate) mod sockets;

pub(crate) use own_process::is_alone;
use serve::Start;
use std::cell::Cell;
use std::env;
use std::process::Command;
use std::time::Duration;
use threadbare::testkit::within;

/// When a test counts as hung.
const LIMIT: Duration = Duration::from_secs(120);

/// Makes a test of each of these functions, for one way to start a server; or of all that any
/// server of the course has to do. `quick`: what takes longer is left out, unless
/// `THREADBARE_SERVERS` is `all`. `if asked`: nothing is done unless it is.
macro_rules! conforms {
    (@ $when:ident $start:path: $($module:ident { $($property:ident)* })*) => {$(
        mod $module {
            $(#[test]
            fn $property() {
                use crate::conformance::{$module, When, run};
                let path = concat!(module_path!(), "::", stringify!($property));
                run(path, $module::$property, $start, When::$when);
            })*
        }
    )*};
    (@ quick $when:ident $start:path) => {
        crate::conformance::conforms! { @ $when $start:
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
            closing {
                a_last_answer_is_not_lost
                half_a_close_ends_what_comes_and_not_what_goes
                lingering_ends
                resets_are_nothing_special
                who_has_begun_is_answered_at_the_stop
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
    };
    (@ long $when:ident $start:path) => {
        crate::conformance::conforms! { @ $when $start:
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
            deadlines {
                a_busy_connection_is_not_idle
                bug_8_a_slow_sender_holds_no_slot_for_ever
                slow_requests_get_408
                who_does_not_read_is_let_go
                who_is_silent_is_let_go
            }
        }
    };
    ($start:path: quick) => {
        crate::conformance::conforms!(@ quick Always $start);
        crate::conformance::conforms!(@ long IfAsked $start);
    };
    ($start:path: if asked) => {
        crate::conformance::conforms!(@ quick IfAsked $start);
        crate::conformance::conforms!(@ long IfAsked $start);
    };
    ($start:path) => {
        crate::conformance::conforms!(@ quick Always $start);
        crate::conformance::conforms!(@ long Always $start);
    };
    ($start:path: $($cases:tt)*) => {
        crate::conformance::conforms! { @ Always $start: $($cases)* }
    };
}
pub(crate) use conforms;

thread_local! {
    /// The name of the test that this thread runs.
    static NAME: Cell<&'static str> = const { Cell::new("") };
}

/// Whether a test is done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// If each server is to do each case: `THREADBARE_SERVERS=all`.
    IfAsked,
}

pub(crate) fn run(
    path: &'static str,
    property: fn(Start),
    start: Start,
    when: When,
) {
    let is_asked =
        || env::var_os("THREADBARE_SERVERS").is_some_and(|it| it == "all");
    if when == When::IfAsked && !is_asked() {
        return println!("left out: it is done with THREADBARE_SERVERS=all");
    }
    let (_, name) = path.split_once("::").expect("a crate, then the test");
    NAME.set(name);
    within(LIMIT, || property(start));
}

/// Runs this test once more, in a process of its own. `true` in that process: then the caller
/// does the test.
pub(crate) fn alone() -> bool {
    own_process::alone(NAME.get())
}

/// How to start that process.
pub(crate) fn once_more() -> Command {
    own_process::once_more(NAME.get())
}
