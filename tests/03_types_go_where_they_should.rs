//! Property: what is meant to be shared or sent can be, also with contents that can only be
//! sent. (What must not compile stands in the documentation.)

use std::cell::Cell;
use threadbare::atomic::{
    Arc, Counter, IdGenerator, Progress, RacyLazy, SeqLock, Signal, SpinLock,
    SpinLockGuard, StopFlag, TaggedStack, Weak, one_shot, spsc_ring,
};

fn goes<T: Send>() {}

fn is_shared<T: Sync>() {}

/// `Send` and not `Sync`.
type OnlySend = Cell<u32>;

#[test]
fn what_is_sent_and_what_is_shared() {
    is_shared::<Counter>();
    is_shared::<IdGenerator>();
    is_shared::<Progress>();
    is_shared::<StopFlag>();
    is_shared::<Signal>();
    is_shared::<SeqLock<4>>();
    is_shared::<RacyLazy<Vec<u32>>>();
    is_shared::<SpinLock<OnlySend>>();
    is_shared::<SpinLockGuard<'_, u32>>();
    is_shared::<TaggedStack<OnlySend>>();
    is_shared::<Arc<u32>>();
    is_shared::<Weak<u32>>();
    goes::<SpinLock<OnlySend>>();
    goes::<TaggedStack<OnlySend>>();
    goes::<RacyLazy<u32>>();
    goes::<Arc<u32>>();
    goes::<Weak<u32>>();
    goes::<spsc_ring::Producer<OnlySend>>();
    goes::<spsc_ring::Consumer<OnlySend>>();
    goes::<one_shot::Sender<OnlySend>>();
    goes::<one_shot::Receiver<OnlySend>>();
}

/// What the documentation says can be a static is one.
#[test]
fn statics() {
    static STOP: StopFlag = StopFlag::new();
    static PROGRESS: Progress = Progress::new(3);
    static SIGNAL: Signal = Signal::new();
    static LOCK: SpinLock<Vec<u32>> = SpinLock::new(Vec::new());
    static LAZY: RacyLazy<String> = RacyLazy::new(String::new);
    STOP.stop();
    SIGNAL.notify();
    LOCK.lock().push(1);
    assert!(STOP.is_stopped() && LAZY.is_empty());
    assert_eq!((PROGRESS.total(), LOCK.lock().len()), (3, 1));
}
