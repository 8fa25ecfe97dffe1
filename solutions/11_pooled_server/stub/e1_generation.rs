//! 11.1 (implement): an answer for somebody who has left.
//!
//! A request goes to a handler thread, and its connection's buffer goes with it: it moves, so
//! that nobody else can touch it meanwhile. The answer comes back a millisecond later, or an
//! hour. By then its client may have left, the slot may have been given to somebody else, and
//! that one's request may be with a handler, too. Whoever looks only at the slot gives Bob the
//! page that Ann has asked for.
//!
//! Goal:
//!
//! - A key has 64 bits: the number of the slot in the lower 32, which is below `slots`, in the
//!   upper ones what the answer likes. It leads to the connection that `open` returned it
//!   for, from the first of its requests to the last, and to no other one. No key is ever
//!   given out twice. (32 bits of a generation may begin anew after four thousand million. The
//!   book's slot is not used again then; here that is left out.)
//! - `open` puts a connection with its buffer into a free slot. If there is none, the buffer
//!   comes back as an error.
//! - `hand_over` takes the buffer out, for a handler. `None` if a handler has it already.
//! - `come_back` brings it home. If nobody waits for it, since the connection is closed or its
//!   buffer is here, the buffer comes back as an error, to be used again; and `stale` counts
//!   one more.
//! - `close` ends a connection, and returns its buffer if it is here. The slot is free at
//!   once, also while a handler has the buffer: nobody waits for that one. (In a loop it rests
//!   to the end of the batch, as in 07.4. Here it does not.)
//! - A key whose connection is closed, or a word that is no key, leads to nothing.
//!
//! Edit between the markers only. About 45 lines, 20 minutes. The fields are a suggestion.
//! Stuck? `cargo hint 11.1`, three levels.
//!
//! A failing run prints what has happened, for instance
//! ```text
//! 1 slot. open(ann). hand_over(ann). close(ann). open(bob). hand_over(bob). come_back(ann):
//! it returned Ok, and ann has left: who has slot 0 now is bob
//! ```

// --- edit from here ---

/// What is in a slot.
#[derive(Debug)]
enum Slot<B> {
    /// Nobody.
    Free,
    /// A connection, and its buffer is here.
    Here(B),
    /// A connection whose buffer is with a handler.
    Away,
}

/// The connections of a loop.
#[derive(Debug)]
pub struct Connections<B> {
    slots: Vec<Slot<B>>,
    /// How many answers nobody has waited for.
    stale: u64,
}

impl<B> Connections<B> {
    /// Room for so many connections, and nobody is there.
    pub fn new(slots: u32) -> Self {
        Self {
            slots: (0..slots).map(|_| Slot::Free).collect(),
            stale: 0,
        }
    }

    /// Somebody has connected: the key.
    ///
    /// # Errors
    /// The buffer, if no slot is free.
    pub fn open(&mut self, buffer: B) -> Result<u64, B> {
        let _ = Slot::Here(buffer);
        todo!("put it into one of {} slots", self.slots.len())
    }

    /// A request is complete: the buffer, which goes to a handler.
    pub fn hand_over(&mut self, key: u64) -> Option<B> {
        let _ = Slot::<B>::Away;
        todo!("take the buffer of connection {key:#x}")
    }

    /// A handler has answered.
    ///
    /// # Errors
    /// The buffer, if nobody waits for it.
    pub fn come_back(&mut self, key: u64, buffer: B) -> Result<(), B> {
        let _ = buffer;
        todo!("bring the buffer of connection {key:#x} home")
    }

    /// The connection ends: its buffer, if it is here.
    pub fn close(&mut self, key: u64) -> Option<B> {
        todo!("free the slot of connection {key:#x}")
    }

    /// Whether the connection is there.
    pub fn is_open(&mut self, key: u64) -> bool {
        todo!("say whether {key:#x} is still there")
    }

    /// How many answers came for which nobody waited.
    pub fn stale(&self) -> u64 {
        self.stale
    }
}

// --- to here ---
