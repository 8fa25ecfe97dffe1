//! A kqueue can tell the time itself: EVFILT_TIMER, shown once. The loop does without.
//!
//! The twin of `epoll/timer.rs`. One system call arms a timer, one disarms it, and each time
//! that it fires an event is fetched. A deadline that is handed to `wait` costs none of these:
//! the call is made anyway. For a server whose connections all have deadlines, nearly all of
//! which never come, that is two calls a request saved; one loop needs only the earliest.

use std::time::Duration;
use std::{io, iter};

use super::abi::{EV_ADD, EV_ONESHOT, EVFILT_TIMER};
use super::{EMPTY, Entry, Poller};
use crate::testkit::within;

// ANCHOR: timer
/// Arms a timer in the kqueue itself, named 7. epoll: a descriptor of its own.
fn arm(poller: &Poller, after_ms: isize) -> io::Result<()> {
    poller.control(Entry {
        ident: 7,
        filter: EVFILT_TIMER,
        flags: EV_ADD | EV_ONESHOT,
        data: after_ms as _,
        ..EMPTY
    })
}

#[test]
fn the_kernel_can_keep_the_time_itself() {
    within(Duration::from_secs(20), || {
        let poller = Poller::new().unwrap();
        arm(&poller, 1).unwrap();
        let mut entries = [EMPTY; 4];
        // A wait may end early, with nothing.
        let count = iter::repeat_with(|| poller.wait(&mut entries, None).unwrap())
            .find(|count| *count > 0);
        let Entry {
            ident,
            filter,
            data,
            ..
        } = entries[0];
        assert_eq!((count, ident, filter), (Some(1), 7, EVFILT_TIMER));
        // How often it has fired since it was last told.
        assert_eq!(data, 1);
    });
}
// ANCHOR_END: timer
