//! must say: there was nothing to cancel, the kernel has nothing more to say, and cancel 1 is not answered
//!
//! No operation has that key, so there is nothing to do. Who has asked waits for ever.

#[path = "../../../exercises/08_completions/given/cancelling.rs"]
pub mod given;

use std::collections::VecDeque;

pub use given::{Buffer, EALREADY, ECANCELED, ENOENT, Entry, Kernel};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Cancelled,
    TooLate,
    Dead,
}

#[derive(Debug)]
pub enum Call {
    Ended {
        key: u64,
        result: i32,
        buffer: Buffer,
    },
    Answered {
        key: u64,
        answer: Answer,
    },
}

// --- edit from here ---

#[derive(Debug)]
pub struct Loop {
    slots: Vec<Slot>,
    free: Vec<u32>,
    calls: VecDeque<Call>,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    Free,
    Operation { buffer: Buffer, cancels: Vec<u64> },
    Cancel,
}

impl Loop {
    pub fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            calls: VecDeque::new(),
        }
    }

    pub fn submit(&mut self, kernel: &mut Kernel, buffer: Buffer) -> u64 {
        let index = self.take_slot();
        let key = self.key(index);
        kernel.start(key, &buffer);
        let cancels = Vec::new();
        self.slots[index].state = State::Operation { buffer, cancels };
        key
    }

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
            self.give_slot(index);
        }
        key
    }

    pub fn entry(&mut self, entry: Entry) {
        if let Some(index) = self.find(entry.key)
            && let State::Operation { .. } = self.slots[index].state
        {
            self.end(index, entry.result);
        }
    }

    pub fn next_call(&mut self) -> Option<Call> {
        self.calls.pop_front()
    }

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

    fn answer(&mut self, key: u64, answer: Answer) {
        self.calls.push_back(Call::Answered { key, answer });
        self.give_slot((key & 0xffff_ffff) as usize);
    }

    fn find(&self, key: u64) -> Option<usize> {
        let index = (key & 0xffff_ffff) as usize;
        (index < self.slots.len() && self.key(index) == key).then_some(index)
    }

    fn key(&self, index: usize) -> u64 {
        u64::from(self.slots[index].generation) << 32 | index as u64
    }

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

    fn give_slot(&mut self, index: usize) -> State {
        let slot = &mut self.slots[index];
        slot.generation += 1;
        self.free.push(index as u32);
        std::mem::replace(&mut slot.state, State::Free)
    }
}

// --- to here ---
