//! A reader-writer lock of one futex word: the number of readers, or the largest number
//! there is for one writer.
#![allow(unsafe_code, reason = "the value of a lock lives in a cell")]

use super::ground::atomic::{AtomicU32, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{futex, hint, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Relaxed: the exchange decides.
        look: Relaxed,
        /// Acquire: the writer is out. Pairs with `write_unlock`.
        read_lock: Acquire,
        /// Release: this reader is out. Pairs with `write_lock`.
        read_unlock: Release,
        /// Acquire: the readers and the last writer are out. Pairs with both unlocks.
        write_lock: Acquire,
        /// Release: pairs with both locks.
        write_unlock: Release,
    }
    slips {
        /// The last reader wakes nobody.
        reader_never_wakes,
        /// The writer wakes nobody.
        writer_never_wakes,
        /// The writer wakes one.
        writer_wakes_one,
        /// The writer wakes first, and unlocks afterwards.
        writer_wakes_early,
        /// The last reader wakes first, and unlocks afterwards.
        reader_wakes_early,
        /// A reader leaves by a load and a store.
        reader_leaves_in_two_steps,
        /// The writer goes in while one reader is left.
        writer_tolerates_one,
        /// A reader goes in after one wait.
        reader_waits_once,
        /// The writer goes in after one wait.
        writer_waits_once,
    }
}

const WRITER: u32 = u32::MAX;

struct RwLock {
    spec: Spec,
    state: AtomicU32,
    value: UnsafeCell<u32>,
}

// SAFETY: `value` is read between `read_lock` and `read_unlock`, and written between
// `write_lock` and `write_unlock`.
unsafe impl Sync for RwLock {}

impl RwLock {
    fn new(spec: Spec) -> Arc<Self> {
        Arc::new(RwLock {
            spec,
            state: AtomicU32::new(0),
            value: UnsafeCell::new(0),
        })
    }

    fn read_lock(&self) {
        let spec = &self.spec;
        let mut state = self.state.load(spec.look);
        loop {
            if state == WRITER {
                futex::wait(&self.state, WRITER);
                if spec.reader_waits_once {
                    return;
                }
                state = self.state.load(spec.look);
                continue;
            }
            match self.state.compare_exchange(
                state,
                state + 1,
                spec.read_lock,
                spec.look,
            ) {
                Ok(_) => return,
                Err(now) => state = now,
            }
        }
    }

    fn read_unlock(&self) {
        let spec = &self.spec;
        if spec.reader_wakes_early {
            futex::wake_one(&self.state);
        }
        let before = if spec.reader_leaves_in_two_steps {
            let state = self.state.load(Relaxed);
            self.state.store(state - 1, spec.read_unlock);
            state
        } else {
            self.state.fetch_sub(1, spec.read_unlock)
        };
        let wakes = !spec.reader_never_wakes && !spec.reader_wakes_early;
        if before == 1 && wakes {
            futex::wake_one(&self.state);
        }
    }

    fn write_lock(&self) {
        let spec = &self.spec;
        let mut free = 0;
        while let Err(state) =
            self.state
                .compare_exchange(free, WRITER, spec.write_lock, spec.look)
        {
            free = 0;
            if spec.writer_tolerates_one && state == 1 {
                free = 1;
                continue;
            }
            futex::wait(&self.state, state);
            if spec.writer_waits_once {
                return;
            }
        }
    }

    fn write_unlock(&self) {
        let spec = &self.spec;
        if spec.writer_wakes_early {
            futex::wake_all(&self.state);
        }
        self.state.store(0, spec.write_unlock);
        if spec.writer_never_wakes || spec.writer_wakes_early {
        } else if spec.writer_wakes_one {
            futex::wake_one(&self.state);
        } else {
            futex::wake_all(&self.state);
        }
    }

    fn read(&self) -> u32 {
        self.read_lock();
        // SAFETY: no writer is in.
        let value = self.value.with(|value| unsafe { *value });
        self.read_unlock();
        value
    }

    fn increment(&self) {
        self.write_lock();
        // SAFETY: nobody else is in.
        self.value.with_mut(|value| unsafe { *value += 1 });
        self.write_unlock();
    }
}

/// One writes, then reads; the other reads, then writes.
fn reads_and_writes(spec: Spec) {
    let lock = RwLock::new(spec);
    let other = thread::spawn({
        let lock = Arc::clone(&lock);
        move || {
            lock.read();
            lock.increment();
        }
    });
    lock.increment();
    assert!(lock.read() >= 1);
    other.join().unwrap();
    assert_eq!(lock.read(), 2);
}

/// Two readers and a writer.
fn two_readers(spec: Spec) {
    let lock = RwLock::new(spec);
    let others = [(); 2].map(|()| {
        let lock = Arc::clone(&lock);
        thread::spawn(move || assert!(lock.read() <= 1))
    });
    lock.increment();
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(lock.read(), 1);
}

/// Two readers that stay in until both are.
fn readers_meet(spec: Spec) {
    let lock = RwLock::new(spec);
    let inside = Arc::new(AtomicU32::new(0));
    lock.write_lock();
    let others = [(); 2].map(|()| {
        let (lock, inside) = (Arc::clone(&lock), Arc::clone(&inside));
        thread::spawn(move || {
            lock.read_lock();
            inside.fetch_add(1, Relaxed);
            while inside.load(Relaxed) < 2 {
                hint::spin_loop();
            }
            lock.read_unlock();
        })
    });
    lock.write_unlock();
    for other in others {
        other.join().unwrap();
    }
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "rwlock",
        RIGHT,
        &[
            ("reads and writes", reads_and_writes),
            ("two readers", two_readers),
            ("readers meet", readers_meet),
        ],
        versions! {
            "read_lock is Relaxed" { read_lock: Relaxed } wrong [Race];
            "read_unlock is Relaxed" { read_unlock: Relaxed } wrong [Race];
            "write_lock is Relaxed" { write_lock: Relaxed } wrong [Race];
            "write_unlock is Relaxed" { write_unlock: Relaxed } wrong [Race];
            "the last reader never wakes"
                { reader_never_wakes: true } wrong [LostWakeUp];
            "the writer never wakes"
                { writer_never_wakes: true } wrong [LostWakeUp];
            "the writer wakes one"
                { writer_wakes_one: true } wrong [LostWakeUp, Livelock];
            "the writer wakes, then unlocks"
                { writer_wakes_early: true } wrong [LostWakeUp];
            "the reader wakes, then unlocks"
                { reader_wakes_early: true } wrong [LostWakeUp];
            "a reader leaves in two steps"
                { reader_leaves_in_two_steps: true } wrong [LostWakeUp, Race, Assertion];
            "the writer tolerates one reader"
                { writer_tolerates_one: true } wrong [Race, Assertion];
            "a reader waits once" { reader_waits_once: true } wrong [Race, Assertion];
            "the writer waits once" { writer_waits_once: true } wrong [Race, Assertion];
        },
    )
}
