//! Looking for a while before a sleep.
//!
//! [`v4_adaptive`](super::mutex::v4_adaptive) looks for longer, and does not yield: whoever
//! has a mutex gives it back soon, and rarely waits for the very core that the next one
//! spins on. Whoever brings an item to a queue, or a permit, may well do so.

use crate::ground::{hint, thread};

/// How many pauses lie between the first two looks. Then four times as many, and so on: each
/// look takes a cache line from the core of whoever is waited for.
const SHORTEST: u32 = 4;
/// How many pauses lie between two looks at most.
const LONGEST: u32 = 256;
/// How many pauses it takes until the thread yields: some microseconds.
const PAUSES: u32 = if cfg!(test) { 0 } else { 512 };
/// How often it offers its core to others, and looks again, before it sleeps.
const YIELDS: u32 = if cfg!(test) { 0 } else { 4 };

/// Looks now and then whether `found`, for about as long as a sleep and a wake-up would take.
///
/// Not under the model checker: that would make models too large, and whoever has looked in
/// vain does as if it had not looked.
pub(crate) fn look(mut found: impl FnMut() -> bool) -> bool {
    let (mut pauses, mut left) = (SHORTEST, PAUSES);
    while left > 0 {
        if found() {
            return true;
        }
        (0..pauses).for_each(|_| hint::spin_loop());
        left = left.saturating_sub(pauses);
        pauses = LONGEST.min(4 * pauses);
    }
    (0..YIELDS).any(|_| {
        thread::yield_now();
        found()
    })
}
