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
//! | [`serve`], [`client`], [`routes`] | how a server is started, and who asks it for what |
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
pub(crate) mod parser;
pub(crate) mod parsing;
#[path = "../common/processor_time.rs"]
pub(crate) mod processor_time;
pub(crate) mod room;
pub(crate) mod routes;
pub(crate) mod serve;

use serve::Start;
use std::cell::Cell;
use std::env;
use std::process::Command;
use std::time::Duration;
use threadbare::testkit::within;

/// When a test counts as hung.
const LIMIT: Duration = Duration::from_secs(120);

/// Makes a test of each of these functions, for one way to start a server.
macro_rules! conforms {
    ($start:path: $($module:ident { $($property:ident)* })*) => {$(
        mod $module {
            $(#[test]
            fn $property() {
                use crate::conformance::{$module, run};
                let path = concat!(module_path!(), "::", stringify!($property));
                run(path, $module::$property, $start);
            })*
        }
    )*};
}
pub(crate) use conforms;

thread_local! {
    /// The name of the test that this thread runs.
    static NAME: Cell<&'static str> = const { Cell::new("") };
}

pub(crate) fn run(path: &'static str, property: fn(Start), start: Start) {
    let (_, name) = path.split_once("::").expect("a crate, then the test");
    NAME.set(name);
    within(LIMIT, || property(start));
}

/// Runs this test once more, in a process of its own, where no other one opens, allocates or
/// computes anything. `true` in that process: then the caller does the test.
pub(crate) fn alone() -> bool {
    if is_alone() {
        return true;
    }
    let child = once_more().output().unwrap();
    let [out, err] =
        [child.stdout, child.stderr].map(|it| String::from_utf8(it).unwrap());
    assert!(child.status.success(), "{out}{err}");
    assert!(out.contains("1 passed"), "no such test: {}", NAME.get());
    false
}

/// Whether this is such a process.
pub(crate) fn is_alone() -> bool {
    env::var_os("THREADBARE_ALONE").is_some()
}

/// How to start it.
pub(crate) fn once_more() -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([NAME.get(), "--exact", "--nocapture"])
        .env("THREADBARE_ALONE", "1");
    command
}
