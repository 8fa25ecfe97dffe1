//! Given for 05.8: a read-write lock that lets a reader in whenever nobody writes.
//!
//! It is right: no reader is inside together with a writer, and nobody sleeps on beside a
//! lock that is free. Everything is `SeqCst`, so that no load returns an old value: what
//! happens here is a matter of who comes when.

use super::super::ground::atomic::{AtomicU32, Ordering::SeqCst};
use super::super::ground::sync::Arc;
use super::super::ground::{Named as _, futex, thread};

/// A writer is inside. Below it: how many readers are.
const WRITING: u32 = 1000;

/// How often each of the readers reads.
pub const READS: u32 = 3;

#[derive(Debug)]
struct Lock {
    state: AtomicU32,
}

impl Lock {
    /// Counts itself in; or out again and sleeps, if a writer is inside.
    fn enter_to_read(&self) {
        // ORDERING: SeqCst, here and below; pairs with the others in this file.
        while self.state.fetch_add(1, SeqCst) >= WRITING {
            self.leave();
            let mut seen = self.state.load(SeqCst);
            while seen >= WRITING {
                futex::wait(&self.state, seen);
                seen = self.state.load(SeqCst);
            }
        }
    }

    /// Counts itself out, and wakes who sleeps if nobody is inside now.
    fn leave(&self) {
        if self.state.fetch_sub(1, SeqCst) == 1 {
            futex::wake_all(&self.state);
        }
    }

    /// Asks for the lock, and sleeps as long as there are as many readers as it has seen.
    fn enter_to_write(&self) {
        while let Err(seen) = self.ask() {
            futex::wait(&self.state, seen);
        }
    }

    fn ask(&self) -> Result<u32, u32> {
        self.state.compare_exchange(0, WRITING, SeqCst, SeqCst)
    }

    fn leave_after_writing(&self) {
        self.state.fetch_sub(WRITING, SeqCst);
        futex::wake_all(&self.state);
    }
}

/// Thread 0 starts thread 1, which writes once, and threads 2 and 3, which read three times
/// each; and waits for them.
pub fn two_readers_and_a_writer() {
    let lock = Arc::new(Lock {
        state: AtomicU32::new(0).named("state"),
    });
    let writer = {
        let lock = Arc::clone(&lock);
        thread::spawn(move || {
            lock.enter_to_write();
            // Here it writes.
            lock.leave_after_writing();
        })
    };
    let readers = [(); 2].map(|()| {
        let lock = Arc::clone(&lock);
        thread::spawn(move || {
            for _ in 0..READS {
                lock.enter_to_read();
                // Here it reads.
                lock.leave();
            }
        })
    });
    writer.join().unwrap();
    for reader in readers {
        reader.join().unwrap();
    }
}
