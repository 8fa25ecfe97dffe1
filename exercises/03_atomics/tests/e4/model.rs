//! Graders of 03.4 under the model checker: who gets the value, who is told that there is
//! none, and who drops it.

#![allow(
    unsafe_code,
    reason = "a value that is dropped twice must not own anything"
)]

use std::sync::atomic::AtomicU8;

use super::on_model::ground::atomic::{AtomicU32, Ordering::SeqCst};
use super::on_model::ground::sync::Arc;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model};

use super::on_model::answer::{Receiver, Sender, TryRecvError, channel};

grading::graders![
    a_value_is_tried_for,
    a_value_is_waited_for,
    a_sender_that_is_dropped_is_noticed,
    a_sender_that_is_dropped_wakes,
    two_threads_try_for_one_value,
    two_threads_try_while_it_is_sent,
    a_value_that_is_taken_is_dropped_once,
    a_value_that_nobody_takes_is_dropped_once,
    a_receiver_that_goes_first_holds_nobody_up,
    who_waits_sleeps,
];

const CLOSED: Result<u32, TryRecvError> = Err(TryRecvError::Closed);
const EMPTY: Result<u32, TryRecvError> = Err(TryRecvError::Empty);

fn model(name: &str) -> Model {
    Model::new(name)
        .hint(
            Kind::DataRace,
            "who used the value first, and what did it do to `state` afterwards? And how \
             did the second one learn that it is its turn?",
        )
        .hint(
            Kind::LostWakeUp,
            "what does a sender do when it is dropped? Is the receiver woken after `state` \
             has changed?",
        )
        .hint(
            Kind::Livelock,
            "neither `send` nor the end of a sender waits for anybody",
        )
        .hint(
            Kind::Leak,
            "whatever is forgotten is not dropped: neither a value nor one of those who \
             share it",
        )
}

#[track_caller]
fn check(name: &str, root: fn()) {
    grading::step(format!("exploring a model: {name}"));
    let stats = model(name).check(root);
    assert!(stats.complete, "{name}: the model is small");
}

/// A channel whose receiver is the calling thread.
fn to_me<T>() -> (Sender<T>, Receiver<T>) {
    channel(thread::current())
}

fn a_value_is_tried_for() {
    check("7 is sent while another thread tries for it", || {
        let (sender, receiver) = to_me();
        let sends = thread::spawn(move || sender.send(7));
        let first = receiver.try_recv();
        assert!(
            first == EMPTY || first == Ok(7),
            "7 was being sent, and try_recv gave {first:?}"
        );
        sends.join().unwrap();
        let (second, third) = (receiver.try_recv(), receiver.try_recv());
        let right = if first == Ok(7) { CLOSED } else { Ok(7) };
        assert!(
            second == right && third == CLOSED,
            "7 was sent, and try_recv gave {first:?}, {second:?}, {third:?}"
        );
    });
}

/// How often the sender has come to a point: before `send`, and behind it. Only the
/// sentence of a failure looks at it, so it is none of the model's atomics.
static SENDER: AtomicU8 = AtomicU8::new(0);

fn a_value_is_waited_for() {
    check("7 is sent while another thread waits for it", || {
        // ORDERING: SeqCst, here and below. Pairs with the additions in the sender; all
        // threads of a model are one.
        SENDER.store(0, SeqCst);
        let (sender, receiver) = to_me();
        let sends = thread::spawn(move || {
            // ORDERING: SeqCst; pairs with the load of `SENDER` below.
            SENDER.fetch_add(1, SeqCst);
            sender.send(7);
            // ORDERING: SeqCst; pairs with the load of `SENDER` below.
            SENDER.fetch_add(1, SeqCst);
        });
        let got = receiver.recv();
        // ORDERING: SeqCst; pairs with the additions above.
        let told = match SENDER.load(SeqCst) {
            0 => "the sender had neither sent nor gone",
            1 => "7 was being sent",
            _ => "7 was sent",
        };
        assert!(got == Some(7), "{told}, and recv gave {got:?}");
        sends.join().unwrap();
    });
}

fn a_sender_that_is_dropped_is_noticed() {
    check("a sender is dropped while another thread tries", || {
        let (sender, receiver) = to_me();
        let drops = thread::spawn(move || drop(sender));
        let first = receiver.try_recv();
        drops.join().unwrap();
        let second = receiver.try_recv();
        assert!(
            (first == EMPTY || first == CLOSED) && second == CLOSED,
            "the sender was dropped and had sent nothing, and try_recv gave {first:?}, \
             and then {second:?}"
        );
    });
}

fn a_sender_that_is_dropped_wakes() {
    check("a sender is dropped while another thread waits", || {
        let (sender, receiver) = to_me::<u32>();
        let drops = thread::spawn(move || drop(sender));
        let got = receiver.recv();
        assert!(
            got.is_none(),
            "the sender was dropped and had sent nothing, and recv gave {got:?}"
        );
        drops.join().unwrap();
    });
}

/// One of them gets it, and the other is told that it is gone.
fn two_threads_try_for_one_value() {
    check("two threads try for a value that is there", || {
        let (sender, receiver) = to_me();
        sender.send(7);
        let receiver = Arc::new(receiver);
        let other = Arc::clone(&receiver);
        let tries = thread::spawn(move || other.try_recv());
        let mut got = [receiver.try_recv(), tries.join().unwrap()];
        got.sort_unstable_by_key(|it| it.is_err());
        assert!(
            got == [Ok(7), CLOSED],
            "7 was there, and 2 calls of try_recv gave {got:?}"
        );
    });
}

fn two_threads_try_while_it_is_sent() {
    check("two threads try for a value that is sent", || {
        let (sender, receiver) = to_me();
        let receiver = Arc::new(receiver);
        let other = Arc::clone(&receiver);
        let sends = thread::spawn(move || sender.send(7));
        let tries = thread::spawn(move || other.try_recv());
        let mine = receiver.try_recv();
        let got = [mine, tries.join().unwrap()];
        sends.join().unwrap();
        let rest = receiver.try_recv();
        let all = [got[0], got[1], rest];
        let times = all.iter().filter(|it| **it == Ok(7)).count();
        assert!(
            times == 1,
            "7 was sent once, and 3 calls of try_recv gave {all:?}"
        );
    });
}

/// Counts how often it is dropped. Owns nothing, so that it may be once too often.
struct Counted(*const AtomicU32);

// SAFETY: an atomic may be used by any thread.
unsafe impl Send for Counted {}

impl Drop for Counted {
    fn drop(&mut self) {
        // SAFETY: the grader that has made it keeps the counter until its threads have
        // ended.
        let drops = unsafe { &*self.0 };
        // ORDERING: SeqCst. The graders add no reorderings of their own; pairs with the
        // load in `expect_one`.
        drops.fetch_add(1, SeqCst);
    }
}

#[track_caller]
fn expect_one(drops: &AtomicU32, what: &str) {
    // ORDERING: SeqCst; pairs with the addition in `drop`.
    let times = drops.load(SeqCst);
    assert!(times == 1, "{what}, and was dropped {times} times");
}

fn a_value_that_is_taken_is_dropped_once() {
    check("a value is sent, taken, and dropped", || {
        let (sender, receiver) = to_me();
        let drops = Box::new(AtomicU32::new(0).named("drops"));
        let value = Counted(&raw const *drops);
        let sends = thread::spawn(move || sender.send(value));
        drop(receiver.recv());
        sends.join().unwrap();
        expect_one(&drops, "the value was taken");
    });
}

fn a_value_that_nobody_takes_is_dropped_once() {
    check("a value is sent, and nobody takes it", || {
        let (sender, receiver) = to_me();
        let drops = Box::new(AtomicU32::new(0).named("drops"));
        let value = Counted(&raw const *drops);
        sender.send(value);
        drop(receiver);
        expect_one(&drops, "the value was sent, taken by nobody");
    });
}

fn a_receiver_that_goes_first_holds_nobody_up() {
    check("the receiver is dropped while a value is sent", || {
        let (sender, receiver) = to_me();
        let drops = Box::new(AtomicU32::new(0).named("drops"));
        let value = Counted(&raw const *drops);
        let sends = thread::spawn(move || sender.send(value));
        drop(receiver);
        sends.join().unwrap();
        expect_one(
            &drops,
            "the value was sent to a receiver that was being dropped",
        );
    });
}

/// Nobody will send, and that is a deadlock, meant to be one: the question is what the
/// receiver does meanwhile.
fn who_waits_sleeps() {
    let ended = Model::new("a sender that never sends").explore(|| {
        let (sender, receiver) = to_me::<u32>();
        receiver.recv();
        drop(sender);
    });
    let Err(failure) = ended else {
        panic!("nothing was sent, the sender is still there, and recv returned");
    };
    match failure.kind {
        Kind::Deadlock | Kind::LostWakeUp => (),
        Kind::Livelock => {
            let sentence = format!(
                "a receiver that waits does not sleep: {}",
                failure.sentence
            );
            grading::reject(*failure, sentence)
        }
        // Something else went wrong on the way.
        _ => std::panic::resume_unwind(failure),
    }
}
