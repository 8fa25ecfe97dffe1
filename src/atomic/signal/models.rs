//! The signal under the model checker, and versions that are wrong by a line.
#![allow(
    unsafe_code,
    reason = "a letter in plain memory, which the signal orders"
)]

use explorer::Kind;

use super::{NOTIFIED, RUNNING, SHUT_DOWN, Signal, WAITING, Woken};
use crate::ground::atomic::{
    AtomicU8, AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::on_std::sync::{Arc, OnceLock};
use crate::ground::thread::{self, Thread};
use crate::modelled::{caught, holds, needs_its_orderings, start};

/// A signal, or what somebody took for one.
trait Wakes: Send + Sync + 'static {
    fn notify(&self);
    fn shutdown(&self);
    fn wait(&self) -> Woken;
}

impl Wakes for Signal {
    fn notify(&self) {
        self.notify();
    }

    fn shutdown(&self) {
        self.shutdown();
    }

    fn wait(&self) -> Woken {
        self.wait()
    }
}

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Returns when it is woken: the early return.
    TrustsTheWakeUp,
    /// Has nothing to do when it is notified already.
    StaysAwayWhenNotified,
    /// Wakes nobody.
    NeverUnparks,
    /// Wakes the waiter before the state says why.
    UnparksFirst,
    /// Shuts down, and wakes nobody.
    ShutsDownQuietly,
    /// Notifies what is shut down.
    NotifiesOverShutdown,
    /// Says with a store that it waits, whatever the state was.
    SleepsByStore,
    /// Takes the notification with a store, whatever the state is by now.
    TakesByStore,
    /// Does not take the notification: the next wait finds it again.
    LeavesItThere,
    /// Waits, and says afterwards who waits.
    SaysLateWhoWaits,
}

struct Wrong {
    slip: Slip,
    state: AtomicU8,
    waiter: OnceLock<Thread>,
}

impl Wrong {
    fn new(slip: Slip) -> Self {
        Self {
            slip,
            state: AtomicU8::new(RUNNING),
            waiter: OnceLock::new(),
        }
    }

    fn unpark(&self) {
        if let Some(waiter) = self.waiter.get() {
            waiter.unpark();
        }
    }

    fn raise(&self, to: u8) {
        let slip = self.slip;
        // ORDERING: Relaxed. Only for the slips, which are wrong with any.
        let seen = self.state.load(Relaxed);
        if slip == Slip::StaysAwayWhenNotified && to == NOTIFIED && seen == NOTIFIED
        {
            return;
        }
        if slip == Slip::UnparksFirst && seen == WAITING {
            self.unpark();
        }
        let before = if slip == Slip::NotifiesOverShutdown {
            // ORDERING: AcqRel, as in `Signal::raise`; pairs with `wait`.
            self.state.swap(to, AcqRel)
        } else {
            // ORDERING: as above, with `wait`.
            self.state.fetch_max(to, AcqRel)
        };
        let quiet = match slip {
            Slip::NeverUnparks | Slip::UnparksFirst => true,
            Slip::ShutsDownQuietly => to == SHUT_DOWN,
            _ => false,
        };
        if before == WAITING && !quiet {
            self.unpark();
        }
    }

    fn sleep(&self) {
        let slip = self.slip;
        let say = || {
            self.waiter.get_or_init(thread::current);
        };
        if slip != Slip::SaysLateWhoWaits {
            say();
        }
        let asleep = if slip == Slip::SleepsByStore {
            // ORDERING: Release, as the exchange below; pairs with `raise`.
            self.state.store(WAITING, Release);
            Ok(RUNNING)
        } else {
            // ORDERING: Release pairs with the Acquire in `raise`.
            self.state
                .compare_exchange(RUNNING, WAITING, Release, Relaxed)
        };
        if slip == Slip::SaysLateWhoWaits {
            say();
        }
        if matches!(asleep, Ok(_) | Err(WAITING)) {
            thread::park();
        }
    }

    /// Takes the notification, if there is one; or says what there is.
    fn take(&self) -> Result<u8, u8> {
        match self.slip {
            Slip::TakesByStore => {
                // ORDERING: Acquire pairs with the Release in `raise`.
                let seen = self.state.load(Acquire);
                if seen != NOTIFIED {
                    return Err(seen);
                }
                // ORDERING: Relaxed. What is wrong is that it is a store.
                self.state.store(RUNNING, Relaxed);
                Ok(NOTIFIED)
            }
            // ORDERING: Acquire pairs with the Release in `raise`.
            Slip::LeavesItThere => match self.state.load(Acquire) {
                NOTIFIED => Ok(NOTIFIED),
                other => Err(other),
            },
            // ORDERING: Acquire, both; pairs with the Release in `raise`.
            _ => self
                .state
                .compare_exchange(NOTIFIED, RUNNING, Acquire, Acquire),
        }
    }
}

impl Wakes for Wrong {
    fn notify(&self) {
        self.raise(NOTIFIED);
    }

    fn shutdown(&self) {
        self.raise(SHUT_DOWN);
    }

    fn wait(&self) -> Woken {
        loop {
            match self.take() {
                Ok(_) => return Woken::Notified,
                Err(SHUT_DOWN) => return Woken::Shutdown,
                Err(_) => self.sleep(),
            }
            if self.slip == Slip::TrustsTheWakeUp {
                // What it has been woken for is taken, if it is there.
                let _ = self.take();
                return Woken::Notified;
            }
        }
    }
}

/// A signal, and what is posted before it is given.
struct Mail<S> {
    signal: S,
    letter: UnsafeCell<u32>,
    posted: [AtomicU32; 2],
}

// SAFETY: `letter` is written before the notification or the shutdown that announces it,
// and read afterwards. (That this holds is what the explorer is to find out.)
unsafe impl<S: Sync> Sync for Mail<S> {}

impl<S: Wakes> Mail<S> {
    fn new(signal: S) -> Arc<Self> {
        Arc::new(Self {
            signal,
            letter: UnsafeCell::new(0),
            posted: [AtomicU32::new(0), AtomicU32::new(0)],
        })
    }

    fn write(&self) {
        // SAFETY: it has not been announced yet.
        self.letter.with_mut(|letter| unsafe { *letter = 7 });
    }

    fn read(&self) {
        // SAFETY: it has been announced.
        self.letter
            .with(|letter| assert_eq!(unsafe { *letter }, 7, "no letter"));
    }
}

/// One letter, one notification.
fn one_letter(signal: impl Wakes) {
    let mail = Mail::new(signal);
    let other = start(&mail, |mail| {
        mail.write();
        mail.signal.notify();
    });
    assert_eq!(mail.signal.wait(), Woken::Notified);
    mail.read();
    other.join().unwrap();
}

/// A wake-up that was meant for something else, and then a letter.
fn a_stale_token(signal: impl Wakes) {
    let mail = Mail::new(signal);
    thread::current().unpark();
    let other = start(&mail, |mail| {
        mail.write();
        mail.signal.notify();
    });
    assert_eq!(mail.signal.wait(), Woken::Notified);
    mail.read();
    other.join().unwrap();
}

/// A notification, then a last letter and the end.
fn the_end(signal: impl Wakes) {
    let mail = Mail::new(signal);
    let other = start(&mail, |mail| {
        mail.signal.notify();
        mail.write();
        mail.signal.shutdown();
    });
    while mail.signal.wait() == Woken::Notified {}
    mail.read();
    other.join().unwrap();
}

/// Two threads post, and the waiter waits until it has seen both.
fn two_post(signal: impl Wakes) {
    let mail = Mail::new(signal);
    let others = [0, 1].map(|which| {
        start(&mail, move |mail| {
            // ORDERING: Relaxed. That the signal orders it is what is tested.
            mail.posted[which].store(1, Relaxed);
            mail.signal.notify();
        })
    });
    // ORDERING: as above.
    let is_posted = |posted: &AtomicU32| posted.load(Relaxed) == 1;
    while !mail.posted.iter().all(is_posted) {
        mail.signal.wait();
    }
    for other in others {
        other.join().unwrap();
    }
}

/// One thread notifies while another shuts down.
fn both_at_once(signal: impl Wakes) {
    let mail = Mail::new(signal);
    let others = [
        start(&mail, |mail| mail.signal.notify()),
        start(&mail, |mail| mail.signal.shutdown()),
    ];
    while mail.signal.wait() == Woken::Notified {}
    assert_eq!(mail.signal.wait(), Woken::Shutdown, "it is for good");
    for other in others {
        other.join().unwrap();
    }
}

/// One notification wakes once: the second wait is ended by the shutdown.
fn once_for_one(signal: impl Wakes) {
    let mail = Mail::new(signal);
    mail.signal.notify();
    assert_eq!(mail.signal.wait(), Woken::Notified);
    let other = start(&mail, |mail| mail.signal.shutdown());
    let woken = mail.signal.wait();
    assert_eq!(woken, Woken::Shutdown, "one notification, taken twice");
    other.join().unwrap();
}

/// With a name for its word in reports.
#[allow(clippy::let_and_return, reason = "the name is that of the variable")]
fn signal() -> Signal {
    let state = Signal::new();
    state
}

const MODELS: [(&str, fn()); 6] = [
    ("one letter", || one_letter(signal())),
    ("a stale token", || a_stale_token(signal())),
    ("the end", || the_end(signal())),
    ("two post", || two_post(signal())),
    ("both at once", || both_at_once(signal())),
    ("once for one", || once_for_one(signal())),
];

#[test]
fn no_notification_is_lost_made_up_or_taken_twice() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    // The copy that the wrong versions are made from is right without a slip.
    holds("the copy", || two_post(Wrong::new(Slip::None)));
    holds("the copy", || both_at_once(Wrong::new(Slip::None)));
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "signal",
        &[
            (
                "trusts the wake-up",
                || a_stale_token(Wrong::new(TrustsTheWakeUp)),
                Kind::Assertion,
            ),
            (
                "stays away when it is notified",
                || two_post(Wrong::new(StaysAwayWhenNotified)),
                Kind::LostWakeUp,
            ),
            (
                "never unparks",
                || one_letter(Wrong::new(NeverUnparks)),
                Kind::LostWakeUp,
            ),
            (
                "unparks first",
                || one_letter(Wrong::new(UnparksFirst)),
                Kind::LostWakeUp,
            ),
            (
                "shuts down quietly",
                || the_end(Wrong::new(ShutsDownQuietly)),
                Kind::LostWakeUp,
            ),
            (
                "notifies over a shutdown",
                || both_at_once(Wrong::new(NotifiesOverShutdown)),
                Kind::Assertion,
            ),
            (
                "sleeps by a store",
                || one_letter(Wrong::new(SleepsByStore)),
                Kind::LostWakeUp,
            ),
            (
                "takes by a store",
                || the_end(Wrong::new(TakesByStore)),
                Kind::LostWakeUp,
            ),
            (
                "leaves it there",
                || once_for_one(Wrong::new(LeavesItThere)),
                Kind::Assertion,
            ),
            (
                "says late who waits",
                || one_letter(Wrong::new(SaysLateWhoWaits)),
                Kind::LostWakeUp,
            ),
        ],
    );
}

/// Two are kept that no model misses: they hand over the waiter's handle. The explorer's
/// `OnceLock` is a lock, and orders more than std's, whose `get` may miss a handle that
/// nothing orders before it.
#[test]
fn each_ordering_is_needed() {
    let handle = [
        // ORDERING: named here; the operations are those in `raise` and `sleep`.
        "state.fetch_max: AcqRel -> Release",
        "state.compare_exchange: Release -> Relaxed",
    ];
    needs_its_orderings("signal", &MODELS, &handle);
}

/// Every state and every event: the table at the top of the module.
#[test]
fn the_table() {
    let state = |signal: &Signal| format!("{signal:?}");
    let signal = Signal::new();
    assert_eq!(state(&signal), r#"Signal { state: "running" }"#);
    for _ in 0..2 {
        signal.notify();
        assert_eq!(state(&signal), r#"Signal { state: "notified" }"#);
    }
    assert_eq!(signal.wait(), Woken::Notified);
    assert_eq!(state(&signal), r#"Signal { state: "running" }"#);
    signal.notify();
    for end in [Signal::shutdown, Signal::shutdown, Signal::notify] {
        end(&signal);
        assert_eq!(state(&signal), r#"Signal { state: "shut down" }"#);
    }
    assert_eq!([signal.wait(), signal.wait()], [Woken::Shutdown; 2]);
}
