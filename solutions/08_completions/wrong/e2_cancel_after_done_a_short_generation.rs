//! must say: is given out, and somebody has had it before
//!
//! Eight bits are enough for a while.

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
        cancels: Vec<u64>,
    },
    /// Waits until its target has ended.
    Cancel,
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
        // Nothing is allocated before somebody cancels.
        let cancels = Vec::new();
        self.slots[index].state = State::Operation { buffer, cancels };
        key
    }

    /// Cancels what has the key `target`; the key of the cancel.
    pub fn cancel(&mut self, kernel: &mut Kernel, target: u64) -> u64 {
        let index = self.take_slot();
        let key = self.key(index);
        self.slots[index].state = State::Cancel;
        if let Some(of_target) = self.find(target)
            && let State::Operation { cancels, .. } =
                &mut self.slots[of_target].state
        {
            cancels.push(key);
            kernel.cancel(key, target);
        } else {
            self.answer(key, Answer::Dead);
        }
        key
    }

    /// The kernel says how something ended.
    //
    // Rejected: to answer a cancel by what the kernel says to it. `EALREADY` leaves it open how
    // the target ends, and the target's own entry says all that there is to know: so what
    // comes for a cancel is left alone. Its slot may be somebody else's by then, and the
    // key says so.
    pub fn entry(&mut self, entry: Entry) {
        if let Some(index) = self.find(entry.key)
            && let State::Operation { .. } = self.slots[index].state
        {
            self.end(index, entry.result);
        }
    }

    /// The next callback that is to be called.
    pub fn next_call(&mut self) -> Option<Call> {
        self.calls.pop_front()
    }

    /// An operation has ended: its callback, and then those of its cancels.
    fn end(&mut self, index: usize, result: i32) {
        let key = self.key(index);
        if let State::Operation { buffer, cancels } = self.give_slot(index) {
            self.calls.push_back(Call::Ended {
                key,
                result,
                buffer,
            });
            let answer = match result {
                ECANCELED => Answer::Cancelled,
                _ => Answer::TooLate,
            };
            for key in cancels {
                self.answer(key, answer);
            }
        }
    }

    /// A cancel has its answer, and its slot is free.
    fn answer(&mut self, key: u64, answer: Answer) {
        self.calls.push_back(Call::Answered { key, answer });
        self.give_slot((key & 0xffff_ffff) as usize);
    }

    /// The slot of who has that key, if it is still there.
    fn find(&self, key: u64) -> Option<usize> {
        let index = (key & 0xffff_ffff) as usize;
        (index < self.slots.len() && self.key(index) == key).then_some(index)
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
        slot.generation = (slot.generation + 1) % 256;
        self.free.push(index as u32);
        std::mem::replace(&mut slot.state, State::Free)
    }
}

// --- to here ---
