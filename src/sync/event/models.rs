//! The events under the model checker. Versions that are wrong by a line are in `wrong`.
#![allow(unsafe_code, reason = "what an event announces is plain memory")]

use super::auto::WAITER;
use super::{Event, SET};
use crate::ground::atomic::{AtomicU32, Ordering::Relaxed};
use crate::ground::cell::UnsafeCell;
use crate::ground::hint;
use crate::ground::sync::Arc;
use crate::ground::time::Duration;
use crate::modelled::{holds, holds_for_reasons, needs_its_orderings, start};

mod wrong;

const LIMIT: Duration = Duration::from_secs(1);

/// An event, or what somebody took for one.
trait Happens: Send + Sync + 'static {
    fn new() -> Self;
    fn set(&self);
    fn reset(&self);
    fn wait(&self);
    fn wait_in_time(&self) -> bool;
    fn is_set(&self) -> bool;
    /// The word, perhaps as it was.
    fn word(&self) -> u32;
}

macro_rules! right {
    ($($Name:ident $new:ident)*) => { $(
        struct $Name(Event);

        impl Happens for $Name {
            fn new() -> Self {
                Self(Event::$new())
            }

            fn set(&self) {
                self.0.set();
            }

            fn reset(&self) {
                self.0.reset();
            }

            fn wait(&self) {
                self.0.wait();
            }

            fn wait_in_time(&self) -> bool {
                self.0.wait_timeout(LIMIT)
            }

            fn is_set(&self) -> bool {
                self.0.is_set()
            }

            fn word(&self) -> u32 {
                // ORDERING: Relaxed. Only the value matters.
                self.0.word.load(Relaxed)
            }
        }
    )* };
}
right!(Auto auto_reset Manual manual_reset);

/// An event, and what it announces.
struct Page<E>(E, UnsafeCell<u32>);

// SAFETY: none for a wrong `E`. The explorer is to find that out.
unsafe impl<E: Sync> Sync for Page<E> {}

impl<E: Happens> Page<E> {
    fn new() -> Arc<Self> {
        Arc::new(Self(E::new(), UnsafeCell::new(0)))
    }

    fn write(&self) {
        // SAFETY: before the event the writer has it alone, or the event is wrong.
        self.1.with_mut(|page| unsafe { *page += 1 });
    }

    fn read(&self) -> u32 {
        // SAFETY: after the event nobody writes it, or the event is wrong.
        self.1.with(|page| unsafe { *page })
    }
}

/// Who waits sees what came before the set.
fn publishes<E: Happens>() {
    let page = Page::<E>::new();
    let setter = start(&page, |page| {
        page.write();
        page.0.set();
    });
    page.0.wait();
    assert_eq!(page.read(), 1);
    setter.join().unwrap();
}

/// Who does not wait sees it, too, if it is set.
fn is_set_publishes<E: Happens>() {
    let page = Page::<E>::new();
    let setter = start(&page, |page| {
        page.write();
        page.0.set();
    });
    if page.0.is_set() {
        assert_eq!(page.read(), 1);
    }
    setter.join().unwrap();
}

/// Who waits with a limit sees it, too, if it was in time.
fn in_time_publishes<E: Happens>() {
    let page = Page::<E>::new();
    let setter = start(&page, |page| {
        page.write();
        page.0.set();
    });
    if page.0.wait_in_time() {
        assert_eq!(page.read(), 1);
    }
    setter.join().unwrap();
}

/// Whoever resets it and then looks misses nothing: it sees what came before each set that
/// it undoes, also one that found it set already.
fn a_reset_sees<E: Happens, const IS_SET: bool>() {
    let shared = Arc::new((Page::<E>::new(), AtomicU32::new(0)));
    if IS_SET {
        shared.0.0.set();
    }
    let setter = start(&shared, |(page, order)| {
        page.write();
        page.0.set();
        // ORDERING: Relaxed. It says which came first, and makes nothing visible.
        order.store(1, Relaxed);
    });
    // ORDERING: Relaxed, as above.
    if shared.1.load(Relaxed) == 1 {
        shared.0.0.reset();
        assert_eq!(shared.0.read(), 1);
    }
    setter.join().unwrap();
}

/// Two wait at a gate that is opened.
fn all_go<E: Happens>() {
    let event = Arc::new(E::new());
    let others = [(); 2].map(|()| start(&event, E::wait));
    event.set();
    for other in others {
        other.join().unwrap();
    }
    assert!(event.is_set(), "a gate stays open");
}

/// Who waits when it is set is let go, also if it is reset at once.
fn set_and_reset<E: Happens>() {
    let page = Page::<E>::new();
    let waiter = start(&page, |page| {
        page.0.wait();
        assert_eq!(page.read(), 1);
    });
    let somebody_waits = page.0.word() != 0;
    page.write();
    page.0.set();
    if somebody_waits {
        page.0.reset();
    }
    waiter.join().unwrap();
}

/// Two wait, and there are two tickets: one for each, also if the second is put down before
/// the first has woken anybody.
fn one_each<E: Happens>() {
    let event = Arc::new(E::new());
    let others = [(); 2].map(|()| start(&event, E::wait));
    while event.word() != 2 * WAITER {
        hint::spin_loop();
    }
    event.set();
    event.set();
    for other in others {
        other.join().unwrap();
    }
    assert!(!event.is_set(), "there were two tickets");
}

/// Two come for one ticket: one of them takes it, the other gives up, and nothing is left.
fn one_set_two_waiters<E: Happens>() {
    let event = Arc::new(E::new());
    let other = start(&event, E::wait_in_time);
    event.set();
    let mine = event.wait_in_time();
    let theirs = other.join().unwrap();
    assert!(!(mine && theirs), "one ticket has let two go");
    assert!(mine || theirs, "a ticket is lost");
    assert!(!event.is_set(), "a ticket is left");
}

/// One gives up, perhaps just as the ticket comes; one waits for as long as it takes.
fn one_gives_up<E: Happens>() {
    let event = Arc::new(E::new());
    let hasty = start(&event, E::wait_in_time);
    let patient = start(&event, E::wait);
    event.set();
    if hasty.join().unwrap() {
        event.set();
    }
    patient.join().unwrap();
    assert_eq!(event.word() & !SET, 0, "somebody is counted who has gone");
}

#[test]
fn an_event_keeps_its_promises_in_every_order() {
    fn keeps<E: Happens>() {
        holds("a set publishes", publishes::<E>);
        holds("a look sees what was set", is_set_publishes::<E>);
        holds("in time", in_time_publishes::<E>);
        holds("a reset sees", a_reset_sees::<E, false>);
        holds("a reset of two sets sees", a_reset_sees::<E, true>);
        holds("set and reset", set_and_reset::<E>);
    }
    keeps::<Auto>();
    keeps::<Manual>();
    holds("all go", all_go::<Manual>);
    holds("one set, two waiters", one_set_two_waiters::<Auto>);
    holds_for_reasons("one each", one_each::<Auto>);
    holds_for_reasons("one gives up", one_gives_up::<Auto>);
}

#[test]
fn each_ordering_is_needed() {
    fn models<E: Happens>() -> [(&'static str, fn()); 5] {
        [
            ("a set publishes", publishes::<E>),
            ("a look sees what was set", is_set_publishes::<E>),
            ("in time", in_time_publishes::<E>),
            ("a reset sees", a_reset_sees::<E, false>),
            ("set and reset", set_and_reset::<E>),
        ]
    }
    needs_its_orderings("auto-reset event", &models::<Auto>(), &[]);
    needs_its_orderings("manual-reset event", &models::<Manual>(), &[]);
}
