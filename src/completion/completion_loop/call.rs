//! The calls: what a callback is given, and what its answer does.

use std::cell::Cell;
use std::rc::Rc;
use std::{io, ptr};

use super::super::callback::{CallReceived, Callback};
use super::super::core;
use super::super::operation::{Kind, NONE};
use super::super::{Answer, Completion, Descriptor, Finished, Next, Received};
use super::Loop;
use crate::event::Key;

impl<S> Loop<S> {
    // ANCHOR: call
    /// Calls back, and does what the answer says.
    pub(super) fn call(&mut self, index: u32, state: &mut S) {
        self.calling = index;
        let me = Rc::as_ptr(&self.running);
        let key = self.core.key(index);
        let slot = self.core.slot(index);
        let (completion, user) = (Completion(key), slot.user);
        let (outcome, was_cancelled) =
            (slot.outcome(), slot.code == libc::ECANCELED);
        let next = match self.callbacks[index as usize] {
            Callback::Nobody => Next::Disarm,
            Callback::Event(call) => {
                let mut finished = Finished {
                    completion,
                    user,
                    result: outcome.map(drop),
                    buffer: (),
                };
                let next = call(self, state, &mut finished);
                self.is_still(me);
                next
            }
            Callback::Descriptor(call) => {
                let mut finished = Finished {
                    completion,
                    user,
                    result: outcome.map(Descriptor::from_word),
                    buffer: (),
                };
                let next = call(self, state, &mut finished);
                self.is_still(me);
                next
            }
            Callback::Bytes(call) => {
                let buffer = std::mem::take(self.core.buffer(key));
                let mut finished = Finished {
                    completion,
                    user,
                    result: outcome.map(|count| count as usize),
                    buffer,
                };
                let next = call(self, state, &mut finished);
                self.is_still(me);
                // What is over leaves nothing to the next who has the slot.
                if next == Next::Rearm && !was_cancelled {
                    *self.core.buffer(key) = finished.buffer;
                }
                next
            }
            Callback::Received(call) => {
                self.call_received(call, outcome, state, completion, user)
            }
            Callback::Answer(call) => {
                let answer = |word| match word {
                    core::ANSWER_CANCELLED => Answer::Cancelled,
                    core::ANSWER_TOO_LATE => Answer::TooLate,
                    _ => Answer::Dead,
                };
                let mut finished = Finished {
                    completion,
                    user,
                    result: outcome.map(answer),
                    buffer: (),
                };
                // The same cancel again would find nothing: it is over, whatever they say.
                call(self, state, &mut finished);
                self.is_still(me);
                Next::Disarm
            }
        };
        self.calling = NONE;
        match next {
            Next::Rearm if !was_cancelled => self.rearm(index),
            _ => self.end(index, was_cancelled),
        }
    }
    // ANCHOR_END: call

    fn call_received(
        &mut self,
        call: CallReceived<S>,
        outcome: io::Result<u64>,
        state: &mut S,
        completion: Completion,
        user: u64,
    ) -> Next {
        let lent = match outcome {
            Ok(_) => Ok(self.driver.lend(&mut self.core, completion.0)),
            Err(error) => Err(error),
        };
        let (result, lent) = match lent {
            Ok(lent) => (Ok(()), Some(lent)),
            Err(error) => (Err(error), None),
        };
        let bytes = lent.as_ref().map_or(&[][..], |lent| lent.bytes());
        let mut received = Received {
            completion,
            user,
            result: result.map(|()| bytes),
        };
        let me = Rc::as_ptr(&self.running);
        let next = call(self, state, &mut received);
        self.is_still(me);
        if let Some(lent) = lent {
            self.driver.give_back(lent);
        }
        next
    }

    /// A callback has `&mut`, so it can put another loop in the place of its own. What is
    /// done after a call is not about that one: its slots are others, and the kernel may have
    /// their buffers. (`run` holds what `me` points to, so nobody else has that address.)
    #[inline]
    fn is_still(&self, me: *const Cell<bool>) {
        assert!(
            ptr::eq(Rc::as_ptr(&self.running), me),
            "a callback has put another loop in the place of its own"
        );
    }

    fn rearm(&mut self, index: u32) {
        let slot = self.core.slot(index);
        if slot.kind == Kind::Connect {
            // The descriptor that came of it is the program's. The next has its own.
            if let Some(descriptor) = self.core.leave(index) {
                self.drop_descriptor(descriptor);
            }
        }
        self.core.rearm(index);
    }

    pub(super) fn end(&mut self, index: u32, was_cancelled: bool) {
        if let Some(descriptor) = self.core.retire(index, was_cancelled) {
            self.drop_descriptor(descriptor);
        }
    }

    /// Deregister, close, free.
    pub(super) fn drop_descriptor(&mut self, descriptor: Key) {
        if let Some(entry) = self.core.descriptors.get_mut(descriptor) {
            // What has come for it goes with it.
            entry.closing = true;
        }
        let _ = self.driver.forget(&mut self.core, descriptor);
        self.core.descriptors.remove(descriptor);
        self.retire_if_idle();
    }
}
