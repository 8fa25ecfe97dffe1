//! Through which a signal's handler gets to its pipe; and the owner knows when the last
//! has left it.
//!
//! Both halves of the question are in one word: how many handlers are inside, and which
//! descriptor they write to. So whoever goes in learns in the same step whether it is open.
//! With two words one could look at the descriptor, and be late with saying so: the owner
//! finds nobody, closes, and the byte goes to whom the number belongs by then.
//!
//! | word | means |
//! |---|---|
//! | lower 32 bits | the descriptor and 1; 0: closed |
//! | upper 32 bits | how many are inside |

use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::thread;

/// One more is inside.
const ONE_INSIDE: u64 = 1 << 32;

/// A way to a descriptor, which can be closed while somebody goes it.
#[derive(Debug)]
pub(super) struct Gate {
    word: AtomicU64,
}

// ANCHOR: gate
impl Gate {
    pub(super) fn new() -> Self {
        Self {
            word: AtomicU64::new(0).named("word"),
        }
    }

    /// Owner: leads to `fd` from now on. `false` if it leads somewhere already.
    pub(super) fn open(&self, fd: i32) -> bool {
        let way = fd as u32 as u64 + 1;
        // ORDERING: Relaxed. Only to compare with.
        let mut word = self.word.load(Relaxed);
        // Somebody may be inside: one who came late, and is told that it is closed.
        while word as u32 == 0 {
            // ORDERING: Release, so that whoever passes finds what `fd` stands for; pairs with
            // the Acquire in `pass`. Relaxed for the failure: as above.
            let changed =
                self.word
                    .compare_exchange(word, word + way, Release, Relaxed);
            match changed {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// Handler: calls `write` with the descriptor, if there is one. It takes no lock.
    pub(super) fn pass(&self, write: impl FnOnce(i32)) {
        // ORDERING: Acquire; pairs with the Release in `open`.
        let word = self.word.fetch_add(ONE_INSIDE, Acquire);
        if let Some(fd) = (word as u32).checked_sub(1) {
            write(fd as i32);
        }
        // ORDERING: Release, so that what was written was written before; pairs with the
        // Acquire in `close`.
        self.word.fetch_sub(ONE_INSIDE, Release);
    }

    /// Owner: leads nowhere from now on. Waits for those who are inside, who never take long.
    pub(super) fn close(&self) {
        // ORDERING: Acquire, here and below: what those who have left did comes before; pairs
        // with the Release in `pass`.
        let mut word = self.word.fetch_and(!(ONE_INSIDE - 1), Acquire);
        while word >= ONE_INSIDE {
            thread::yield_now();
            // ORDERING: Acquire; pairs with the Release in `pass`.
            word = self.word.load(Acquire);
        }
    }
}
// ANCHOR_END: gate

#[cfg(test)]
mod models;
