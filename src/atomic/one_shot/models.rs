//! The one-shot channel under the model checker, and versions that are wrong by a line.
#![allow(unsafe_code, reason = "wrong versions hand out cells")]

use explorer::Kind;

use super::{CLOSED, Closed, EMPTY, SENT, TryRecvError, Unsent, WAITING, channel};
use crate::ground::atomic::{
    AtomicU8,
    Ordering::{AcqRel, Acquire, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::ground::thread::{self, Thread};
use crate::modelled::{caught, holds, needs_its_orderings};

/// What is sent: plain memory, of which the explorer sees each access, and whether it is
/// dropped.
struct Item(UnsafeCell<u32>);

impl Item {
    fn new() -> Self {
        Self(UnsafeCell::new(7))
    }

    fn number(self) -> u32 {
        self.0.into_inner()
    }
}

/// The side that answers, of a channel or of what somebody took for one.
trait Send1: Send + 'static {
    fn send(self, item: Item) -> Result<(), Item>;
}

/// The side that asks.
trait Receive: Send + 'static {
    fn recv(self) -> Option<Item>;
}

impl Send1 for super::Sender<Item> {
    fn send(self, item: Item) -> Result<(), Item> {
        self.send(item).map_err(|Unsent(item)| item)
    }
}

impl Receive for super::Receiver<Item> {
    fn recv(self) -> Option<Item> {
        self.recv().ok()
    }
}

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Says that there is a value before it is written.
    SendsEarly,
    /// Sends, and wakes nobody.
    NeverUnparks,
    /// Wakes nobody when it is closed.
    ClosesQuietly,
    /// Wakes who waits, and sends afterwards.
    UnparksFirst,
    /// Sleeps without saying so.
    SleepsUnannounced,
    /// Says with a store that it sleeps, whatever the state was.
    SleepsByStore,
    /// Takes a wake-up for the value.
    TrustsTheWakeUp,
    /// Says that it waits, and afterwards who waits.
    SaysLateWhoWaits,
    /// Takes the value for sent although the receiver is gone.
    SendsToNobody,
}

struct Wrong {
    slip: Slip,
    state: AtomicU8,
    waiter: UnsafeCell<Option<Thread>>,
    value: UnsafeCell<Option<Item>>,
}

// SAFETY: none. The explorer is to find that out.
unsafe impl Sync for Wrong {}

struct WrongSender(Arc<Wrong>, bool);

struct WrongReceiver(Arc<Wrong>);

fn wrong(slip: Slip) -> (WrongSender, WrongReceiver) {
    let shared = Arc::new(Wrong {
        slip,
        state: AtomicU8::new(EMPTY),
        waiter: UnsafeCell::new(None),
        value: UnsafeCell::new(None),
    });
    (
        WrongSender(Arc::clone(&shared), false),
        WrongReceiver(shared),
    )
}

impl Wrong {
    fn end(&self, state: u8) -> u8 {
        // ORDERING: Acquire pairs with the Release in `recv`.
        if self.slip == Slip::UnparksFirst && self.state.load(Acquire) == WAITING {
            self.unpark();
        }
        // ORDERING: AcqRel, as in `Shared::end`; pairs with `recv`.
        let before = self.state.swap(state, AcqRel);
        let quiet = match self.slip {
            Slip::NeverUnparks => state == SENT,
            Slip::ClosesQuietly => state == CLOSED,
            Slip::UnparksFirst => true,
            _ => false,
        };
        if before == WAITING && !quiet {
            self.unpark();
        }
        before
    }

    fn unpark(&self) {
        // SAFETY: none, as above.
        let waiter = self.waiter.with_mut(|slot| unsafe { (*slot).take() });
        waiter.expect("nobody said who waits").unpark();
    }

    fn say_who_waits(&self) {
        let me = thread::current();
        // SAFETY: none, as above.
        self.waiter.with_mut(|slot| unsafe { *slot = Some(me) });
    }
}

impl Send1 for WrongSender {
    fn send(mut self, item: Item) -> Result<(), Item> {
        let (shared, slip) = (&*self.0, self.0.slip);
        let mut before = EMPTY;
        if slip == Slip::SendsEarly {
            before = shared.end(SENT);
        }
        // SAFETY: none, as above.
        shared.value.with_mut(|slot| unsafe { *slot = Some(item) });
        if slip != Slip::SendsEarly {
            before = shared.end(SENT);
        }
        self.1 = true;
        if before == CLOSED && slip != Slip::SendsToNobody {
            // SAFETY: none, as above.
            let item = shared.value.with_mut(|slot| unsafe { (*slot).take() });
            return Err(item.expect("it was put there above"));
        }
        Ok(())
    }
}

impl Drop for WrongSender {
    fn drop(&mut self) {
        if !self.1 {
            self.0.end(CLOSED);
        }
    }
}

impl Receive for WrongReceiver {
    fn recv(self) -> Option<Item> {
        let (shared, slip) = (&*self.0, self.0.slip);
        let asleep = match slip {
            Slip::SleepsUnannounced => {
                // ORDERING: Acquire pairs with the Release in `end`.
                shared.state.load(Acquire) == EMPTY
            }
            Slip::SleepsByStore => {
                shared.say_who_waits();
                // ORDERING: Release pairs with the Acquire in `end`.
                shared.state.store(WAITING, Release);
                true
            }
            Slip::SaysLateWhoWaits => {
                // ORDERING: Release, as in `recv`; pairs with the Acquire in `end`.
                let asleep = shared
                    .state
                    .compare_exchange(EMPTY, WAITING, Release, Acquire)
                    .is_ok();
                shared.say_who_waits();
                asleep
            }
            _ => {
                shared.say_who_waits();
                // ORDERING: Release, as in `recv`; pairs with the Acquire in `end`.
                shared
                    .state
                    .compare_exchange(EMPTY, WAITING, Release, Acquire)
                    .is_ok()
            }
        };
        if asleep {
            loop {
                thread::park();
                // ORDERING: Acquire pairs with the Release in `end`.
                let state = shared.state.load(Acquire);
                let goes_on = state == WAITING || state == EMPTY;
                if !goes_on || slip == Slip::TrustsTheWakeUp {
                    break;
                }
            }
        }
        // SAFETY: none, as above.
        shared.value.with_mut(|slot| unsafe { (*slot).take() })
    }
}

impl Drop for WrongReceiver {
    fn drop(&mut self) {
        // ORDERING: AcqRel, more than it takes; pairs with `end`.
        self.0.state.swap(CLOSED, AcqRel);
    }
}

/// A value is sent, and received.
fn one_value((sender, receiver): (impl Send1, impl Receive)) {
    let other = thread::spawn(move || receiver.recv());
    assert!(
        sender.send(Item::new()).is_ok(),
        "the receiver waits for it"
    );
    let item = other.join().unwrap();
    assert_eq!(item.expect("it was sent").number(), 7);
}

/// The sender goes without sending.
fn no_value((sender, receiver): (impl Send1, impl Receive)) {
    let other = thread::spawn(move || receiver.recv().map(Item::number));
    drop(sender);
    assert_eq!(other.join().unwrap(), None);
}

/// The receiver goes without receiving: the value comes back, or is dropped.
fn nobody_receives((sender, receiver): (impl Send1, impl Receive)) {
    let other = thread::spawn(move || sender.send(Item::new()));
    drop(receiver);
    if let Err(item) = other.join().unwrap() {
        assert_eq!(item.number(), 7);
    }
}

/// The receiver is gone before there is a value: it comes back.
fn nobody_is_there((sender, receiver): (impl Send1, impl Receive)) {
    drop(receiver);
    let item = sender.send(Item::new()).expect_err("nobody is there");
    assert_eq!(item.number(), 7);
}

/// A receiver asks until there is an answer.
fn asks_again() {
    let (sender, mut receiver) = channel();
    let other = thread::spawn(move || sender.send(Item::new()).is_ok());
    let item = loop {
        match receiver.try_recv() {
            Ok(item) => break item,
            Err(TryRecvError::Empty) => crate::ground::hint::spin_loop(),
            Err(TryRecvError::Closed) => panic!("it was not sent"),
        }
    };
    assert_eq!(item.number(), 7);
    assert!(other.join().unwrap());
}

const MODELS: [(&str, fn()); 5] = [
    ("one value", || one_value(channel())),
    ("no value", || no_value(channel())),
    ("nobody receives", || nobody_receives(channel())),
    ("nobody is there", || nobody_is_there(channel())),
    ("asks again", asks_again),
];

#[test]
fn the_value_arrives_or_comes_back() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    // The copy that the wrong versions are made from is right without a slip.
    holds("the copy", || one_value(wrong(Slip::None)));
    holds("the copy", || no_value(wrong(Slip::None)));
    holds("the copy", || nobody_receives(wrong(Slip::None)));
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "one-shot channel",
        &[
            (
                "sends early",
                || one_value(wrong(SendsEarly)),
                Kind::DataRace,
            ),
            (
                "never unparks",
                || one_value(wrong(NeverUnparks)),
                Kind::LostWakeUp,
            ),
            (
                "closes quietly",
                || no_value(wrong(ClosesQuietly)),
                Kind::LostWakeUp,
            ),
            (
                "unparks first",
                || one_value(wrong(UnparksFirst)),
                Kind::LostWakeUp,
            ),
            (
                "sleeps unannounced",
                || one_value(wrong(SleepsUnannounced)),
                Kind::LostWakeUp,
            ),
            (
                "sleeps by a store",
                || one_value(wrong(SleepsByStore)),
                Kind::LostWakeUp,
            ),
            (
                "trusts the wake-up",
                || one_value(wrong(TrustsTheWakeUp)),
                Kind::DataRace,
            ),
            (
                "says late who waits",
                || one_value(wrong(SaysLateWhoWaits)),
                Kind::DataRace,
            ),
            (
                "sends to nobody",
                || nobody_is_there(wrong(SendsToNobody)),
                Kind::Assertion,
            ),
        ],
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("one-shot channel", &MODELS, &[]);
}

#[test]
fn errors_say_what_happened() {
    let (sender, mut receiver) = channel::<u32>();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert!(!sender.is_closed());
    drop(sender);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(receiver.recv(), Err(Closed));
    let (sender, receiver) = channel::<u32>();
    drop(receiver);
    assert!(sender.is_closed());
    let error = sender.send(7).unwrap_err();
    assert_eq!(
        format!("{error:?}, {error}, {Closed}"),
        "Unsent { .. }, the receiver is gone, the sender is gone without having sent a \
         value"
    );
}
