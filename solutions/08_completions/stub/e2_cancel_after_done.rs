//! 08.2 (repair): a cancel that comes when all is over.
//!
//! A program cancels an operation, and at the same moment the kernel has done it. Two entries
//! are on their way, that of the operation and that of the cancel, in either order, and by
//! the time that the second one comes the slot of the first may have somebody else in it.
//!
//! Goal:
//!
//! - Each operation ends once, when its own entry has come, with that entry's result. Its
//!   buffer comes back with it, and not before: until the entry is there, the kernel
//!   writes into it.
//! - Each cancel is answered once, after its target has ended. `Cancelled`: the target
//!   ended with `ECANCELED`. `TooLate`: it ended with anything else. `Dead`: at the time of
//!   the cancel no operation had that key, since it was over, or never was. Then there is
//!   nothing to wait for, and the kernel is not asked. (A cancel is no operation: who cancels
//!   one hears `Dead`.)
//! - An operation may be cancelled more than once, and each cancel has its answer.
//! - To a cancel the kernel says what it has found: 0, it has stopped it, and the entry of the
//!   operation is on its way, or was there before; `ENOENT`, nothing with that key is
//!   running; `EALREADY`, it could not stop it at once, and how it ends nobody knows.
//! - A key has 64 bits, the slot in the lower 32. No key comes twice, and slots are used again:
//!   there are no more of them than operations and cancels at the same time.
//!
//! The loop below was in use for a year. It has more than one fault, and all of them are in
//! what it does about cancels.
//!
//! Edit between the markers only. About 20 lines change, 25 minutes.
//! Stuck? `cargo hint 08.2`, three levels.
//!
//! A failing run prints what happened, and for instance
//! ```text
//! buffer 1 is given back, and the kernel still writes into it: the entry of its operation
//! has not come
//! ```

#[path = "../../../exercises/08_completions/given/cancelling.rs"]
pub mod given;

use std::collections::VecDeque;

pub use given::{Buffer, EALREADY, ECANCELED, ENOENT, Entry, Kernel};

/// How a cancel went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The operation has ended as cancelled.
    Cancelled,
    /// It has ended with its real result.
    TooLate,
    /// There was no such operation.
    Dead,
}

/// A callback that is to be called.
#[derive(Debug)]
pub enum Call {
    /// Of an operation: its last one.
    Ended {
        /// Whose it is.
        key: u64,
        /// A count, or an error below zero.
        result: i32,
        /// The one that was handed in.
        buffer: Buffer,
    },
    /// Of a cancel: its only one.
    Answered {
        /// Whose it is.
        key: u64,
        /// How it went.
        answer: Answer,
    },
}

// --- edit from here ---

/// Operations and cancels, and the callbacks that are due.
#[derive(Debug)]
pub struct Loop {
    slots: Vec<Slot>,
    free: Vec<u32>,
    calls: VecDeque<Call>,
}

#[derive(Debug)]
struct Slot {
    /// The upper half of its key.
    generation: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    Free,
    /// The kernel has the buffer; and who has asked to cancel it.
    Operation {
        buffer: Buffer,
        cancel: Option<u64>,
    },
    /// Waits for the kernel's answer.
    Cancel {
        target: u64,
    },
}

impl Loop {
    /// Nothing is in it.
    pub fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            calls: VecDeque::new(),
        }
    }

    /// Starts an operation; its key.
    pub fn submit(&mut self, kernel: &mut Kernel, buffer: Buffer) -> u64 {
        let index = self.take_slot();
        let key = self.key(index);
        kernel.start(key, &buffer);
        let cancel = None;
        self.slots[index].state = State::Operation { buffer, cancel };
        key
    }

    /// Cancels what has the key `target`; the key of the cancel.
    pub fn cancel(&mut self, kernel: &mut Kernel, target: u64) -> u64 {
        let index = self.take_slot();
        let key = self.key(index);
        self.slots[index].state = State::Cancel { target };
        let of_target = (target & 0xffff_ffff) as usize;
        if let Some(slot) = self.slots.get_mut(of_target)
            && let State::Operation { cancel, .. } = &mut slot.state
        {
            *cancel = Some(key);
        }
        kernel.cancel(key, target);
        key
    }

    /// The kernel says how something ended.
    pub fn entry(&mut self, entry: Entry) {
        let index = (entry.key & 0xffff_ffff) as usize;
        match self.slots[index].state {
            State::Free => {}
            State::Operation { .. } => self.end(index, entry.result),
            State::Cancel { target } => {
                let answer = match entry.result {
                    0 => Answer::Cancelled,
                    ENOENT => Answer::Dead,
                    _ => Answer::TooLate,
                };
                if answer == Answer::Cancelled {
                    self.end((target & 0xffff_ffff) as usize, ECANCELED);
                }
                let key = entry.key;
                self.calls.push_back(Call::Answered { key, answer });
                self.give_slot(index);
            }
        }
    }

    /// The next callback that is to be called.
    pub fn next_call(&mut self) -> Option<Call> {
        self.calls.pop_front()
    }

    /// An operation has ended.
    fn end(&mut self, index: usize, result: i32) {
        let key = self.key(index);
        if let State::Operation { buffer, cancel } = self.give_slot(index) {
            self.calls.push_back(Call::Ended {
                key,
                result,
                buffer,
            });
            if let Some(key) = cancel {
                let answer = match result {
                    ECANCELED => Answer::Cancelled,
                    _ => Answer::TooLate,
                };
                self.calls.push_back(Call::Answered { key, answer });
            }
        }
    }

    /// The key of who is in that slot.
    fn key(&self, index: usize) -> u64 {
        u64::from(self.slots[index].generation) << 32 | index as u64
    }

    /// A slot that nobody is in.
    fn take_slot(&mut self) -> usize {
        match self.free.pop() {
            Some(index) => index as usize,
            None => {
                self.slots.push(Slot {
                    generation: 0,
                    state: State::Free,
                });
                self.slots.len() - 1
            }
        }
    }

    /// Takes out who is in that slot. The next one has another key.
    fn give_slot(&mut self, index: usize) -> State {
        let slot = &mut self.slots[index];
        slot.generation += 1;
        self.free.push(index as u32);
        std::mem::replace(&mut slot.state, State::Free)
    }
}

// --- to here ---
