//! Property: wherever the input is cut, the result is that of the whole, and it comes with
//! the same byte; and it is what the RFC says.

use std::time::Duration;

use threadbare::http::Limits;
use threadbare::testkit;

use crate::checks::ours::{self, Which, told};
use crate::checks::{self, reference};
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

/// Ours looks at sixteen bytes at a time, and at eight elsewhere: what it looks for may be
/// any of them, and on either side of a border.
#[test]
fn any_byte_is_judged_alike_at_any_place() {
    let limits = Limits::default();
    let caps = ours::caps(&limits);
    // Where each `~` is, a run of letters goes, with the byte in it.
    let heads = [
        "~ / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /~ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: ~\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n~: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: ~\r\n\r\n",
    ];
    testkit::within(LIMIT, || {
        for (head, place) in heads
            .iter()
            .flat_map(|head| (0..36).map(move |at| (head, at)))
        {
            let at = head.find('~').unwrap() + place;
            let head = head.replace('~', &"a".repeat(36));
            testkit::step(format!("byte {at} of {head:?}"));
            let mut head = head.into_bytes();
            for byte in 0..=255 {
                head[at] = byte;
                let whole = || [head.len()].into_iter();
                let (v1, _) = ours::head(Which::V1, limits, &head, whole());
                let (v2, _) = ours::head(Which::V2, limits, &head, whole());
                let expected = reference::head(&head, &caps);
                assert_eq!(v1, v2, "{}", head.escape_ascii());
                assert_eq!(told(&v2), expected, "{}", head.escape_ascii());
            }
        }
    });
}
