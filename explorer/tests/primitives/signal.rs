//! A signal with one owner, who sleeps until somebody notifies or shuts down: one word
//! that is running, waiting, notified or shut down.
#![allow(unsafe_code, reason = "the posted mail lives in cells")]

use super::ground::atomic::{AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{futex, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Relaxed: the exchange decides.
        look: Relaxed,
        /// Release: what was posted before. Pairs with `take` and `sleep_failed`.
        notify: Release,
        /// Release: as for `notify`. Pairs with `wake`.
        shut_down: Release,
        /// Relaxed: going to sleep gives nobody anything.
        sleep: Relaxed,
        /// Acquire: shut down before the owner slept. Pairs with `shut_down`.
        sleep_failed: Acquire,
        /// Acquire: pairs with `shut_down`.
        wake: Acquire,
        /// Acquire: pairs with `notify`.
        take: Acquire,
    }
    slips {
        /// Notifies without a wake-up.
        never_wakes,
        /// Shuts down without a wake-up.
        shuts_down_quietly,
        /// Returns at once when it is notified already.
        notifies_once,
        /// Notifies even when it is shut down.
        notifies_over_shutdown,
        /// Says that it waits with a store, whatever the state was.
        sleeps_with_a_store,
        /// Takes the notification with a store, whatever the state is by now.
        takes_with_a_store,
        /// Takes a wake-up for a notification.
        trusts_the_wake_up,
    }
}

const RUNNING: u32 = 0;
const WAITING: u32 = 1;
const NOTIFIED: u32 = 2;
const SHUT_DOWN: u32 = 3;

struct Signal {
    spec: Spec,
    state: AtomicU32,
}

impl Signal {
    fn notify(&self) {
        let spec = &self.spec;
        let mut state = self.state.load(spec.look);
        loop {
            if state == SHUT_DOWN && !spec.notifies_over_shutdown {
                return;
            }
            if state == NOTIFIED && spec.notifies_once {
                return;
            }
            // Notified already is no reason to stay away: what *this* thread posted has to
            // be released, too.
            match self.state.compare_exchange(
                state,
                NOTIFIED,
                spec.notify,
                spec.look,
            ) {
                Ok(_) => break,
                Err(now) => state = now,
            }
        }
        if state == WAITING && !spec.never_wakes {
            futex::wake_one(&self.state);
        }
    }

    fn shut_down(&self) {
        let before = self.state.swap(SHUT_DOWN, self.spec.shut_down);
        if before == WAITING && !self.spec.shuts_down_quietly {
            futex::wake_one(&self.state);
        }
    }

    /// Called by the owner only. False once it is shut down.
    fn wait(&self) -> bool {
        let spec = &self.spec;
        let asleep = if spec.sleeps_with_a_store {
            self.state.store(WAITING, spec.sleep);
            Ok(RUNNING)
        } else {
            let (sleep, failed) = (spec.sleep, spec.sleep_failed);
            self.state.compare_exchange(RUNNING, WAITING, sleep, failed)
        };
        let mut state = match asleep {
            Ok(_) => WAITING,
            Err(state) => state,
        };
        while state == WAITING {
            futex::wait(&self.state, WAITING);
            state = self.state.load(spec.wake);
            if spec.trusts_the_wake_up {
                break;
            }
        }
        if state == SHUT_DOWN {
            return false;
        }
        if spec.takes_with_a_store {
            self.state.fetch_add(0, spec.take);
            self.state.store(RUNNING, Relaxed);
            return true;
        }
        let (take, failed) = (spec.take, spec.wake);
        let taken = self.state.compare_exchange(NOTIFIED, RUNNING, take, failed);
        match taken {
            Ok(_) => true,
            Err(state) => {
                assert_eq!(state, SHUT_DOWN, "woken for nothing");
                false
            }
        }
    }
}

struct Mail {
    signal: Signal,
    letter: UnsafeCell<u32>,
    posted: [AtomicU32; 2],
}

// SAFETY: `letter` is written before the owner is notified or shut down, and read afterwards.
unsafe impl Sync for Mail {}

impl Mail {
    fn new(spec: Spec) -> Arc<Self> {
        Arc::new(Mail {
            signal: Signal {
                spec,
                state: AtomicU32::new(RUNNING),
            },
            letter: UnsafeCell::new(0),
            posted: [AtomicU32::new(0), AtomicU32::new(0)],
        })
    }
}

/// One letter, one notification.
fn one_letter(spec: Spec) {
    let mail = Mail::new(spec);
    let owner = thread::spawn({
        let mail = Arc::clone(&mail);
        move || {
            assert!(mail.signal.wait());
            // SAFETY: it was written before the notification.
            mail.letter.with(|letter| assert_eq!(unsafe { *letter }, 7));
        }
    });
    // SAFETY: nobody was notified yet.
    mail.letter.with_mut(|letter| unsafe { *letter = 7 });
    mail.signal.notify();
    owner.join().unwrap();
}

/// A notification, then a last letter and the end.
fn shut_down(spec: Spec) {
    let mail = Mail::new(spec);
    let owner = thread::spawn({
        let mail = Arc::clone(&mail);
        move || {
            while mail.signal.wait() {}
            // SAFETY: it was written before the end.
            mail.letter.with(|letter| assert_eq!(unsafe { *letter }, 7));
        }
    });
    mail.signal.notify();
    // SAFETY: not shut down yet.
    mail.letter.with_mut(|letter| unsafe { *letter = 7 });
    mail.signal.shut_down();
    owner.join().unwrap();
}

/// Two threads post, and the owner waits until it has seen both.
fn two_posters(spec: Spec) {
    let mail = Mail::new(spec);
    let others = [0, 1].map(|which| {
        let mail = Arc::clone(&mail);
        thread::spawn(move || {
            mail.posted[which].store(1, Relaxed);
            mail.signal.notify();
        })
    });
    let seen = || mail.posted.iter().all(|posted| posted.load(Relaxed) == 1);
    while !seen() {
        mail.signal.wait();
    }
    for other in others {
        other.join().unwrap();
    }
}

/// One thread notifies while another shuts down.
fn late_notification(spec: Spec) {
    let mail = Mail::new(spec);
    let other = thread::spawn({
        let mail = Arc::clone(&mail);
        move || mail.signal.notify()
    });
    let closer = thread::spawn({
        let mail = Arc::clone(&mail);
        move || mail.signal.shut_down()
    });
    while mail.signal.wait() {}
    other.join().unwrap();
    closer.join().unwrap();
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "signal",
        RIGHT,
        &[
            ("one letter", one_letter),
            ("shut down", shut_down),
            ("two posters", two_posters),
            ("late notification", late_notification),
        ],
        versions! {
            "notify is Relaxed" { notify: Relaxed } wrong [Race];
            "take is Relaxed"
                { take: Relaxed, wake: Relaxed, sleep_failed: Relaxed } wrong [Race];
            "wake is Relaxed" { wake: Relaxed } wrong [Race];
            "sleep_failed is Relaxed" { sleep_failed: Relaxed } wrong [Race];
            "shut_down is Relaxed" { shut_down: Relaxed } wrong [Race];
            "never wakes" { never_wakes: true } wrong [LostWakeUp];
            "shuts down without a wake-up"
                { shuts_down_quietly: true } wrong [LostWakeUp];
            "stays away when notified already"
                { notifies_once: true } wrong [LostWakeUp];
            "notifies over a shutdown"
                { notifies_over_shutdown: true } wrong [LostWakeUp];
            "says with a store that it waits"
                { sleeps_with_a_store: true } wrong [LostWakeUp];
            "takes with a store" { takes_with_a_store: true } wrong [LostWakeUp];
            "takes a wake-up for a notification"
                { trusts_the_wake_up: true } wrong [Assertion];
        },
    )
}
