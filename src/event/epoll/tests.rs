//! What only epoll does. The rest is in `tests/07_*.rs`, for both twins.

use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use super::super::table::{Direction, Table};
use super::super::{Events, Failed, Loop};
use super::*;
use crate::testkit::within;

/// A wait whose event never comes fails, and does not hang.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn the_mask_and_the_call_follow_from_the_change() {
    let mut table = Table::default();
    let mut told = |adds: bool, direction| {
        let change = match adds {
            true => table.add(7, direction).unwrap(),
            false => table.del(7, direction).unwrap(),
        };
        table.commit(&change, 0);
        let (operation, Entry { events, .. }) = Poller::change(&change);
        (operation, events)
    };
    use Direction::{Read, Write};
    assert_eq!(told(true, Read), (libc::EPOLL_CTL_ADD, READ));
    assert_eq!(told(true, Write), (libc::EPOLL_CTL_MOD, READ | WRITE));
    assert_eq!(told(false, Read), (libc::EPOLL_CTL_MOD, WRITE));
    assert_eq!(told(false, Write), (libc::EPOLL_CTL_DEL, 0));
}

/// An older kernel, or one behind a sandbox, knows milliseconds only.
#[test]
fn without_nanoseconds_it_waits_in_milliseconds() {
    within(LIMIT, || {
        let poller = Poller::new().unwrap();
        // ORDERING: Relaxed. There is one thread, and `wait` is called by it.
        poller.has_nanoseconds.store(false, Relaxed);
        let mut entries = [EMPTY; 4];
        let limit = Some(Duration::from_nanos(1));
        assert_eq!(poller.wait(&mut entries, limit).unwrap(), 0);
        poller.wake().unwrap();
        assert_eq!(poller.wait(&mut entries, None).unwrap(), 1);
        assert_eq!(Poller::translate(&entries[0]), None, "the waker's");
        assert_eq!(poller.wait(&mut entries, limit).unwrap(), 0, "told once");
    });
}

/// A copy of a descriptor keeps its registration alive when it is closed: nobody can take it
/// away any more, and the number is somebody else's. Its events reach nobody.
#[test]
fn an_event_of_a_lost_registration_is_dropped() {
    within(LIMIT, || {
        let mut event_loop = Loop::new().unwrap();
        let mut events = Events::with_capacity(4);
        let (lost, mut sender) = UnixStream::pair().unwrap();
        let _copy = lost.try_clone().unwrap();
        event_loop.add_read(lost.as_fd(), 1).unwrap();
        let number = lost.as_raw_fd();
        drop(lost); // against the contract: it is still registered
        let (other, _peer) = UnixStream::pair().unwrap();
        if other.as_raw_fd() != number {
            return; // another test was faster
        }
        event_loop.del_read(other.as_fd()).unwrap();
        event_loop.add_read(other.as_fd(), 2).unwrap();
        sender.write_all(b"!").unwrap();
        event_loop.wait(&mut events, None).unwrap();
        assert!(events.is_empty() && event_loop.stale() == 1, "{events:?}");
    });
}

/// The list knows nothing of what the kernel has kept, so it adds, and that takes the place.
#[test]
fn what_a_copy_has_kept_is_replaced() {
    within(LIMIT, || {
        let poller = Poller::new().unwrap();
        let (one, _other) = UnixStream::pair().unwrap();
        let mut table = Table::default();
        let mut tokens = [0; 2];
        for token in &mut tokens {
            let change = table.add(one.as_raw_fd(), Direction::Write).unwrap();
            poller.apply(&change).unwrap();
            table.commit(&change, 1);
            *token = change.token;
            let lost = table.del(one.as_raw_fd(), Direction::Write).unwrap();
            table.commit(&lost, 0);
        }
        assert_ne!(tokens[0], tokens[1]);
        let mut entries = [EMPTY; 4];
        assert_eq!(poller.wait(&mut entries, None).unwrap(), 1);
        let ready = Poller::translate(&entries[0]).unwrap();
        assert_eq!(ready.token, tokens[1], "the new one, and only that");
    });
}

#[test]
fn an_error_names_its_call() {
    let mut event_loop = Loop::new().unwrap();
    let file = std::fs::File::open("/proc/self/exe").unwrap();
    let error = event_loop.add_read(file.as_fd(), 1).unwrap_err();
    let (call, code) = ("epoll_ctl", libc::EPERM);
    assert_eq!(Failed::of(&error), Some(Failed { call, code }));
    assert!(error.to_string().starts_with("epoll_ctl: "), "{error}");
    assert_eq!(event_loop.registered(), 0);
}

/// One call takes at least as long as it was told: cut to whole milliseconds it would end at
/// once, and the loop would ask again and again until it is time.
#[test]
fn a_wait_is_not_cut_to_milliseconds() {
    let poller = Poller::new().unwrap();
    for has_nanoseconds in [true, false] {
        // ORDERING: Relaxed. There is one thread.
        poller.has_nanoseconds.store(has_nanoseconds, Relaxed);
        for limit in [300, 1_700].map(Duration::from_micros) {
            let begin = Instant::now();
            let result = poller.wait(&mut [EMPTY; 4], Some(limit));
            // A signal is no reason to fail.
            if result.is_ok_and(|count| count == 0) {
                assert!(begin.elapsed() >= limit, "{limit:?}");
            }
        }
    }
}
