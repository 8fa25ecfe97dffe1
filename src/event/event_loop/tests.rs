//! What fits into a caller's buffer, and what happens to the rest. That the kernel says the
//! right things is for `tests/07_*.rs`.

use std::io::{PipeReader, PipeWriter, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;

use super::*;
use crate::testkit::within;

/// A wait whose event never comes fails, and does not hang.
const LIMIT: Duration = Duration::from_secs(60);

/// A loop may go to another thread, and its wakers be everywhere.
const _: () = {
    const fn send<T: Send>() {}
    const fn shared<T: Clone + Send + Sync>() {}
    send::<Loop>();
    send::<Events>();
    shared::<Waker>();
};

fn readable_pipes<const N: usize>() -> [(PipeReader, PipeWriter); N] {
    std::array::from_fn(|_| {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"!").unwrap();
        (reader, writer)
    })
}

fn users(events: &Events) -> Vec<u64> {
    events.iter().map(|event| event.user).collect()
}

#[test]
fn what_does_not_fit_comes_later_and_in_turn() {
    within(LIMIT, || {
        let pipes = readable_pipes::<5>();
        let mut event_loop = Loop::new().unwrap();
        for (user, (reader, _)) in (0..).zip(&pipes) {
            event_loop.add_read(reader.as_fd(), user).unwrap();
        }
        for capacity in 1..=5 {
            let mut events = Events::with_capacity(capacity);
            let mut seen = [0; 5];
            for _ in 0..5 {
                event_loop.wait(&mut events, None).unwrap();
                assert_eq!(events.len(), capacity);
                users(&events)
                    .iter()
                    .for_each(|user| seen[*user as usize] += 1);
            }
            assert_eq!(seen, [capacity; 5], "nobody waits longer than the others");
        }
    });
}

#[test]
fn two_words_make_two_events_also_if_they_do_not_fit() {
    // What does not fit, libkqueue drops, and drops the same again next time.
    let least = if BACKEND == "kqueue (libkqueue)" {
        println!("{BACKEND}: only tried with room for all events");
        4
    } else {
        1
    };
    for others in 0..=2 {
        for capacity in least..=4 {
            within(LIMIT, || two_words_and(others, capacity));
        }
    }
}

/// One descriptor with two words, and `others` with one.
fn two_words_and(others: usize, capacity: usize) {
    let (one, mut other) = UnixStream::pair().unwrap();
    other.write_all(b"!").unwrap();
    let pipes = readable_pipes::<2>();
    let mut event_loop = Loop::new().unwrap();
    event_loop.add_read(one.as_fd(), 10).unwrap();
    event_loop.add_write(one.as_fd(), 11).unwrap();
    for (user, (reader, _)) in (12..).zip(&pipes[..others]) {
        event_loop.add_read(reader.as_fd(), user).unwrap();
    }
    let mut events = Events::with_capacity(capacity);
    let mut seen = Vec::new();
    for _ in 0..2 * (2 + others) {
        event_loop.wait(&mut events, None).unwrap();
        assert!((1..=capacity).contains(&events.len()), "{events:?}");
        for event in &events {
            assert_eq!(event.readable, event.user != 11, "{event:?}");
            assert_eq!(event.writable, event.user == 11, "{event:?}");
        }
        seen.extend(users(&events));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 2 + others, "room for {capacity}: {seen:?}");
}

#[test]
fn a_wake_is_told_once_and_takes_no_event() {
    within(LIMIT, || {
        let mut event_loop = Loop::new().unwrap();
        let mut events = Events::with_capacity(1);
        let waker = event_loop.waker();
        waker.wake().unwrap();
        waker.clone().wake().unwrap();
        event_loop.wait(&mut events, None).unwrap();
        assert!(events.woken() && events.is_empty());
        event_loop.wait(&mut events, Some(Duration::ZERO)).unwrap();
        assert!(!events.woken() && events.is_empty());
        // What the kernel still has of a wake is nobody's news.
        event_loop.shared.poller.wake().unwrap();
        let limit = Some(Duration::from_millis(1));
        event_loop.wait(&mut events, limit).unwrap();
        assert!(!events.woken() && events.is_empty());
        drop(event_loop);
        waker.wake().unwrap();
    });
}

/// A ring can come after its notice was taken. Then it is in the kernel, before whatever
/// gets ready later, and takes none of the room for that.
#[test]
fn a_late_ring_takes_no_event() {
    within(LIMIT, || {
        for (capacity, called) in [(1, false), (1, true), (2, false), (2, true)] {
            let mut event_loop = Loop::new().unwrap();
            let mut events = Events::with_capacity(capacity);
            event_loop.shared.poller.wake().unwrap();
            let [(reader, _writer)] = readable_pipes();
            event_loop.add_read(reader.as_fd(), 7).unwrap();
            if called {
                event_loop.waker().wake().unwrap();
            }
            for called in [called, false] {
                event_loop.wait(&mut events, Some(Duration::ZERO)).unwrap();
                assert_eq!((users(&events), events.woken()), (vec![7], called));
            }
        }
    });
}

#[test]
fn what_is_refused_is_said() {
    let mut event_loop = Loop::new().unwrap();
    let (reader, _writer) = io::pipe().unwrap();
    event_loop.add_read(reader.as_fd(), 1).unwrap();
    let twice = event_loop.add_read(reader.as_fd(), 2).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::AlreadyExists);
    let missing = event_loop.del_write(reader.as_fd()).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert_eq!(event_loop.registered(), 1);
    event_loop.del_read(reader.as_fd()).unwrap();
    assert_eq!(event_loop.registered(), 0);
}
