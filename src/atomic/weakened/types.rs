//! The types of this module: for each as many models as it takes to miss every ordering.

use super::needed;
use crate::atomic::{
    Arc, Progress, RacyLazy, SeqLock, Signal, SpinLock, TaggedStack, Woken,
    one_shot, spsc_ring,
};
use crate::ground::atomic::{AtomicU32, Ordering::Relaxed};
use crate::ground::cell::UnsafeCell;
use crate::ground::{hint, sync, thread};
use crate::modelled::start;

/// Plain memory that the type under test is to protect.
#[derive(Default)]
struct Plain(UnsafeCell<u32>);

#[allow(unsafe_code, reason = "whether it is safe is what the model asks")]
impl Plain {
    fn get(&self) -> u32 {
        // SAFETY: the explorer reports an access that nothing orders.
        self.0.with(|value| unsafe { *value })
    }

    fn set(&self, new: u32) {
        // SAFETY: as above.
        self.0.with_mut(|value| unsafe { *value = new });
    }
}

#[allow(unsafe_code, reason = "as above")]
// SAFETY: as above.
unsafe impl Sync for Plain {}

#[test]
fn the_spin_lock() {
    let two_add = || {
        let lock = sync::Arc::new(SpinLock::new(0));
        let other = start(&lock, |lock| *lock.lock() += 1);
        *lock.lock() += 1;
        other.join().unwrap();
        assert_eq!(*lock.lock(), 2);
    };
    needed("spin_lock", &[("two add under the lock", two_add)], &[]);
}

#[test]
fn progress() {
    let looks_on = || {
        let progress = sync::Arc::new(Progress::new(0));
        let worker = start(&progress, |progress| {
            progress.announce(1);
            progress.advance(1);
        });
        let now = progress.snapshot();
        assert!(now.done <= now.total, "{} of {}", now.done, now.total);
        worker.join().unwrap();
    };
    needed("progress", &[("one works, one looks on", looks_on)], &[]);
}

#[test]
fn the_lazy() {
    let two_ask = || {
        let lazy = sync::Arc::new(RacyLazy::new(|| {
            let made = Plain::default();
            made.set(7);
            made
        }));
        let other = start(&lazy, |lazy| RacyLazy::force(lazy).get());
        assert_eq!(RacyLazy::force(&lazy).get(), 7);
        assert_eq!(other.join().unwrap(), 7);
    };
    needed("lazy", &[("two ask at once", two_ask)], &[]);
}

#[test]
fn the_seqlock() {
    let one_reads = || {
        let lock = sync::Arc::new(SeqLock::new([0, 0]));
        let writer = start(&lock, |lock| lock.write([1, 1]));
        if let Some([first, second]) = lock.try_read() {
            assert!(first == second, "torn: {first} and {second}");
        }
        writer.join().unwrap();
    };
    let two_update = || {
        let lock = sync::Arc::new(SeqLock::new([0]));
        let other = start(&lock, |lock| lock.update(|[word]| *word += 1));
        lock.update(|[word]| *word += 1);
        other.join().unwrap();
        let [sum] = lock.read();
        assert!(sum == 2, "2 were added, the sum is {sum}");
    };
    let models: &[(_, fn())] = &[
        ("one writes, one reads", one_reads),
        ("two update", two_update),
    ];
    needed("seqlock", models, &[]);
}

#[test]
fn the_ring() {
    let goes_round = || {
        let (mut producer, mut consumer) = spsc_ring::v1_shared_indices::channel(1);
        let pushes = thread::spawn(move || {
            for item in 1..=2 {
                while producer.push(item).is_err() {
                    hint::spin_loop();
                }
            }
        });
        for expected in 1..=2 {
            let item = loop {
                match consumer.pop() {
                    Some(item) => break item,
                    None => hint::spin_loop(),
                }
            };
            assert_eq!(item, expected);
        }
        pushes.join().unwrap();
    };
    let producer_goes = || {
        let (mut producer, mut consumer) = spsc_ring::v1_shared_indices::channel(1);
        let pushes = thread::spawn(move || producer.push(1).is_ok());
        let is_abandoned = consumer.is_abandoned();
        let item = consumer.pop();
        assert!(!is_abandoned || item.is_some(), "the last item is missing");
        pushes.join().unwrap();
    };
    let consumer_goes = || {
        let (producer, consumer) = spsc_ring::v1_shared_indices::channel::<u32>(1);
        let reason = sync::Arc::new(Plain::default());
        let other = start(&reason, move |reason| {
            reason.set(1);
            drop(consumer);
        });
        if producer.is_abandoned() {
            assert_eq!(reason.get(), 1);
        }
        other.join().unwrap();
    };
    let models: &[(_, fn())] = &[
        ("two items through one slot", goes_round),
        ("the producer goes", producer_goes),
        ("the consumer goes", consumer_goes),
    ];
    needed("spsc_ring", models, &[]);
}

#[test]
fn the_signal() {
    let shuts_down = || {
        let shared = sync::Arc::new((Signal::new(), Plain::default()));
        let other = start(&shared, |(signal, reason)| {
            reason.set(1);
            signal.shutdown();
        });
        let (signal, reason) = &*shared;
        assert_eq!(signal.wait(), Woken::Shutdown);
        assert_eq!(reason.get(), 1);
        other.join().unwrap();
    };
    let notifies = || {
        let shared = sync::Arc::new((Signal::new(), Plain::default()));
        let other = start(&shared, |(signal, mail)| {
            mail.set(1);
            signal.notify();
        });
        let (signal, mail) = &*shared;
        assert_eq!(signal.wait(), Woken::Notified);
        assert_eq!(mail.get(), 1);
        other.join().unwrap();
    };
    let models: &[(_, fn())] =
        &[("one notifies", notifies), ("one shuts down", shuts_down)];
    let once_lock = "the explorer's `OnceLock` shows no old values; std's may";
    let kept = [("| `Release` |", once_lock), ("| `sleep` |", once_lock)];
    needed("signal", models, &kept);
}

#[test]
fn the_tagged_stack() {
    let pushes_and_pops = || {
        let stack = sync::Arc::new(TaggedStack::with_capacity(1));
        let other = start(&stack, |stack| stack.push(7).is_ok());
        if let Some(value) = stack.pop() {
            assert_eq!(value, 7);
            let _ = stack.push(8);
        }
        other.join().unwrap();
    };
    let two_pop = || {
        let stack = sync::Arc::new(TaggedStack::with_capacity(2));
        stack.push(1).unwrap();
        let other = start(&stack, |stack| {
            let popped = stack.pop();
            let _ = stack.push(2);
            popped
        });
        let mine = stack.pop();
        let theirs = other.join().unwrap();
        assert!(mine.is_none() || mine != theirs, "popped twice");
    };
    let models: &[(_, fn())] = &[
        ("one pushes, one pops", pushes_and_pops),
        ("two pop", two_pop),
    ];
    needed("tagged_stack", models, &[]);
}

#[test]
fn the_arc() {
    /// Says when it is dropped.
    struct Value(sync::Arc<AtomicU32>, Plain);
    impl Drop for Value {
        fn drop(&mut self) {
            self.1.set(1);
            // ORDERING: Relaxed. Read after the join.
            self.0.fetch_add(1, Relaxed);
        }
    }
    fn value() -> (Arc<Value>, sync::Arc<AtomicU32>) {
        let drops = sync::Arc::new(AtomicU32::new(0));
        (
            Arc::new(Value(sync::Arc::clone(&drops), Plain::default())),
            drops,
        )
    }
    let two_drop = || {
        let (mine, drops) = value();
        let theirs = mine.clone();
        let other = thread::spawn(move || theirs.1.get());
        mine.1.get();
        drop(mine);
        other.join().unwrap();
        // ORDERING: Relaxed. The other thread has been joined.
        assert_eq!(drops.load(Relaxed), 1);
    };
    let alone = || {
        let (mut mine, _) = value();
        let theirs = mine.clone();
        let other = thread::spawn(move || theirs.1.get());
        if let Some(value) = Arc::get_mut(&mut mine) {
            value.1.set(2);
        }
        other.join().unwrap();
    };
    let weak = || {
        let (mine, drops) = value();
        let weak = Arc::downgrade(&mine);
        let other = thread::spawn(move || {
            if let Some(value) = weak.upgrade() {
                value.1.get();
            }
        });
        drop(mine);
        other.join().unwrap();
        // ORDERING: Relaxed. The other thread has been joined.
        assert_eq!(drops.load(Relaxed), 1);
    };
    let from_weak_to_strong = || {
        let (mut mine, _) = value();
        let theirs = mine.clone();
        let other = thread::spawn(move || {
            let weak = Arc::downgrade(&theirs);
            drop(theirs);
            if let Some(value) = weak.upgrade() {
                value.1.get();
            }
        });
        if let Some(value) = Arc::get_mut(&mut mine) {
            value.1.set(2);
        }
        other.join().unwrap();
    };
    let models: &[(_, fn())] = &[
        ("two drop", two_drop),
        ("alone?", alone),
        ("the last goes, a weak one comes back", weak),
        ("from weak to strong", from_weak_to_strong),
    ];
    let load_buffering = "it forbids load buffering, which the explorer never shows";
    let kept = [
        ("(1, Release)` | `Relaxed` |", load_buffering),
        ("| `downgrade` |", load_buffering),
    ];
    needed("arc", models, &kept);
}

#[test]
fn the_one_shot_channel() {
    let sends = || {
        let (sender, receiver) = one_shot::channel();
        let other = thread::spawn(move || {
            let _ = sender.send(7);
        });
        assert_eq!(receiver.recv(), Ok(7));
        other.join().unwrap();
    };
    let asks = || {
        let (sender, mut receiver) = one_shot::channel();
        let other = thread::spawn(move || {
            let _ = sender.send(7);
        });
        if let Ok(value) = receiver.try_recv() {
            assert_eq!(value, 7);
        }
        other.join().unwrap();
    };
    let models: &[(_, fn())] = &[("one sends", sends), ("one asks", asks)];
    needed("one_shot", models, &[]);
}
