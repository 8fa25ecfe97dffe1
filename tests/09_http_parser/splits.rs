//! Property: wherever the input is cut, the result is that of the whole, and it comes with
//! the same byte; and it is what the RFC says.

use std::time::Duration;

use threadbare::testkit;

use crate::checks;
use crate::samples::{BODIES, HEADS};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn any_cut_of_a_head_gives_what_the_whole_gives() {
    testkit::within(LIMIT, || {
        for (name, text) in HEADS {
            testkit::step(*name);
            checks::head(text.as_bytes());
        }
    });
}

#[test]
fn any_cut_of_a_body_gives_what_the_whole_gives() {
    testkit::within(LIMIT, || {
        for (name, text) in BODIES {
            testkit::step(*name);
            checks::chunks(text.as_bytes());
        }
    });
}
