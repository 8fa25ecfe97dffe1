//! What a server has to do, as tests that any server of the course can be put to: chapter
//! 10's, and with the same cases chapter 11's.
//!
//! | module | what it looks at |
//! |---|---|
//! | [`cases`] | the cases as data: bytes, and what has to come of them |
//! | [`parser`] | what the parser alone makes of them |
//! | [`parsing`] | what comes back over a socket: as a whole, byte by byte, pipelined |
//! | [`serve`], [`client`] | how a server is started, and who asks it |
//!
//! Where the servers of others have gone wrong, the case says so in its name.

#![allow(dead_code, unused_imports, reason = "no test needs all of it")]

pub(crate) mod cases;
pub(crate) mod client;
pub(crate) mod parser;
pub(crate) mod parsing;
pub(crate) mod routes;
pub(crate) mod serve;

use std::time::Duration;

/// When a test counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// Makes a test of each of these functions, for one way to start a server.
macro_rules! conforms {
    ($start:path: $($module:ident { $($property:ident)* })*) => {$(
        mod $module {
            $(#[test]
            fn $property() {
                use crate::conformance::{LIMIT, $module};
                threadbare::testkit::within(LIMIT, || $module::$property($start));
            })*
        }
    )*};
}
pub(crate) use conforms;
