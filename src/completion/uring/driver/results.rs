//! From a result to an outcome.

use std::io;
use std::os::fd::{FromRawFd as _, OwnedFd};

use super::super::super::core::Core;
use super::super::super::descriptors::Entry;
use super::super::super::life::Life;
use super::super::super::operation::{Kind, Side};
use super::super::abi::{CQE_BUFFER, CQE_MORE, CQE_NONEMPTY, Cqe};
use super::super::sources::{Arrival, Lent};
use super::start::wrong;
use super::{
    ACCEPTS, CANCELLED, CANCELS, Driver, Held, IN_KERNEL, OPERATION, POLL, POLLED,
    RECEIVES, STOPS, TAGS, WAKE,
};
use crate::event::Key;

impl Driver {
    // ANCHOR: step
    /// One result, if there is one.
    #[inline]
    pub(in super::super::super) fn step(&mut self, core: &mut Core) -> bool {
        let Some(cqe) = self.ring.next() else {
            self.ring.release();
            return false;
        };
        let key = Key::from_user(cqe.user_data & !TAGS);
        match cqe.user_data & TAGS {
            OPERATION => self.operation(core, key, cqe),
            RECEIVES | ACCEPTS => self.source(core, key, cqe),
            POLL => self.polled(core, key, cqe),
            CANCELS => self.cancel_again(core, key, cqe),
            STOPS => self.stop_again(key),
            _ => {
                if cqe.user_data == WAKE && cqe.flags & CQE_MORE == 0 {
                    self.listen();
                }
            }
        }
        true
    }
    // ANCHOR_END: step

    /// A cancel has not found what it was meant for. Either that is over, and its result on
    /// its way; or it was between two states (a socket was ready, the attempt has found nothing
    /// after all, and waits again), and would wait for ever. If a thread of the kernel's is at
    /// work on it, then the result comes when it is done.
    pub(super) fn cancel_again(&mut self, core: &mut Core, key: Key, cqe: Cqe) {
        let Some(slot) = core.operation(key) else {
            return;
        };
        let asked = IN_KERNEL | CANCELLED;
        let at_work = cqe.res == -libc::EALREADY && slot.kind.is_at();
        if slot.life == Life::InFlight && slot.mark & asked == asked && !at_work {
            slot.mark &= !CANCELLED;
            self.cancel(core, key);
        }
    }

    /// The same of what goes on: it is looked at again before the next wait.
    fn stop_again(&mut self, descriptor: Key) {
        if let Some(source) = self.sources.get(descriptor)
            && source.armed
        {
            source.stopping = false;
            self.list(descriptor);
        }
    }

    /// As `step`, for a loop that is dropped: nothing goes on.
    pub(super) fn step_back(&mut self) -> bool {
        let Some(cqe) = self.ring.next() else {
            self.ring.release();
            return false;
        };
        let key = Key::from_user(cqe.user_data & !TAGS);
        match cqe.user_data & TAGS {
            OPERATION => {
                self.outstanding -= 1;
                drop(self.take_held(key));
                drop(self.lent(cqe));
            }
            RECEIVES | ACCEPTS => {
                self.outstanding -= usize::from(cqe.flags & CQE_MORE == 0);
                drop(self.arrival(cqe));
            }
            POLL => self.outstanding -= 1,
            _ => {}
        }
        true
    }

    /// The buffer that a result names.
    #[inline]
    fn lent(&self, cqe: Cqe) -> Option<Lent> {
        if cqe.flags & CQE_BUFFER == 0 {
            return None;
        }
        let (id, len) = ((cqe.flags >> 16) as u16, cqe.res.max(0) as usize);
        // SAFETY: this result has named it, and is looked at once.
        Some(Lent::Picked(unsafe { self.pool.take(id, len) }))
    }

    /// What one more result of a source has brought.
    #[inline]
    fn arrival(&self, cqe: Cqe) -> Option<Arrival> {
        let lent = self.lent(cqe);
        match cqe.res {
            count if count > 0 && lent.is_some() => lent.map(Arrival::Bytes),
            fd if fd >= 0 && cqe.user_data & TAGS == ACCEPTS => {
                // SAFETY: the kernel has just opened it for us, and this result is looked at
                // once.
                Some(Arrival::Stream(unsafe { OwnedFd::from_raw_fd(fd) }))
            }
            0.. => Some(Arrival::End),
            code => Some(Arrival::Failed(-code)),
        }
    }

    // ANCHOR: source
    /// What goes on has brought something, or has ended.
    fn source(&mut self, core: &mut Core, descriptor: Key, cqe: Cqe) {
        let ended = cqe.flags & CQE_MORE == 0;
        self.outstanding -= usize::from(ended);
        let arrival = self.arrival(cqe);
        let Some(source) = self.sources.get(descriptor) else {
            return; // It was closed: what came is closed, or given back, with it.
        };
        if ended {
            source.armed = false;
            source.stopping = false;
        }
        source.fed |= cqe.res > 0;
        let accepts = cqe.user_data & TAGS == ACCEPTS;
        let arrival = match arrival {
            Some(Arrival::Failed(libc::ECANCELED)) => None,
            Some(Arrival::Failed(libc::ENOBUFS)) if !accepts => {
                // Nothing is lost: it is still in the socket.
                let fed = source.fed;
                return self.starve(descriptor, fed);
            }
            Some(Arrival::Failed(code)) if accepts && is_of_the_other_end(code) => {
                None
            }
            arrival => arrival,
        };
        if let Some(arrival) = arrival {
            self.arrived(core, descriptor, arrival);
        }
        if ended {
            self.turn(core, descriptor, Side::Read);
        }
    }

    /// For the first in line, or kept.
    fn arrived(&mut self, core: &mut Core, descriptor: Key, arrival: Arrival) {
        let source = self.sources.of(descriptor);
        if source.is_empty()
            && let Some(key) = core.first(descriptor, Side::Read)
            && core.slot(key.index() as u32).mark & IN_KERNEL == 0
        {
            return self.deliver(core, key, arrival);
        }
        // The kernel says these again, if asked again.
        let again = match arrival {
            Arrival::End => true,
            Arrival::Failed(_) => source.accepts,
            _ => false,
        };
        if !again {
            source.push(arrival);
            self.list(descriptor);
        }
    }
    // ANCHOR_END: source

    // ANCHOR: deliver
    /// Something that has come, as the outcome of an operation that stands in line.
    pub(super) fn deliver(&mut self, core: &mut Core, key: Key, arrival: Arrival) {
        let slot = core.slot(key.index() as u32);
        let (descriptor, kind) = (slot.descriptor, slot.kind);
        let outcome = match (kind, arrival) {
            (_, Arrival::Failed(code)) => failed(code),
            (Kind::Accept, Arrival::End) => failed(wrong(kind)),
            (_, Arrival::End) => Ok(0),
            (Kind::Accept, Arrival::Stream(stream)) => {
                let entry = Entry::stream(stream.into());
                Ok(core.descriptors.insert(entry).to_user())
            }
            (Kind::Receive, Arrival::Bytes(lent)) => {
                let count = lent.bytes().len() as u64;
                self.hold(key, Held::Arrived(lent));
                Ok(count)
            }
            (Kind::Read, Arrival::Bytes(mut lent)) => {
                let buffer = core.buffer(key);
                let room = buffer.capacity() - buffer.len();
                let count = room.min(lent.bytes().len());
                buffer.extend_from_slice(&lent.bytes()[..count]);
                lent.skip(count);
                if !lent.bytes().is_empty() {
                    let rest = Arrival::Bytes(lent);
                    self.sources.of(descriptor).put_back(rest);
                    self.list(descriptor);
                }
                Ok(count as u64)
            }
            (_, arrival) => {
                self.sources.of(descriptor).put_back(arrival);
                self.list(descriptor);
                failed(wrong(kind))
            }
        };
        core.finish(key, outcome);
    }
    // ANCHOR_END: deliver

    // ANCHOR: operation
    /// The result of an operation that the kernel had.
    fn operation(&mut self, core: &mut Core, key: Key, cqe: Cqe) {
        self.outstanding -= 1;
        let held = self.take_held(key);
        let lent = self.lent(cqe);
        let Some(slot) = core.operation(key) else {
            return; // It can't be over; if it were, its buffer would go with it.
        };
        slot.mark &= !IN_KERNEL;
        let (kind, descriptor) = (slot.kind, slot.descriptor);
        let outcome = match held {
            Held::Address(address) => {
                self.addresses.push(address);
                self.connected(core, descriptor, cqe.res)
            }
            Held::Buffer(mut buffer) => {
                if matches!(kind, Kind::Read | Kind::ReadAt) {
                    let len = buffer.len() + cqe.res.max(0) as usize;
                    assert!(len <= buffer.capacity(), "more than it was asked for");
                    // SAFETY: the kernel has written so many bytes behind those that were
                    // there, and there was room for them.
                    unsafe { buffer.set_len(len) };
                }
                *core.buffer(key) = buffer;
                if let Some(lent) = lent {
                    self.hold(key, Held::Arrived(lent));
                }
                match self.outcome(core, key, cqe) {
                    Some(outcome) => outcome,
                    None => return, // It goes on.
                }
            }
            Held::Nothing | Held::Arrived(_) => result(cqe.res),
        };
        core.finish(key, outcome);
        if matches!(kind, Kind::Read | Kind::Receive | Kind::Write) {
            self.turn(core, descriptor, kind.side());
        }
    }

    /// What a result means for a read or a write, whose buffer is back. `None` if it is not
    /// the last: whoever was cancelled does not go again.
    fn outcome(
        &mut self,
        core: &mut Core,
        key: Key,
        cqe: Cqe,
    ) -> Option<io::Result<u64>> {
        let len = core.buffer(key).len() as u64;
        let slot = core.slot(key.index() as u32);
        let (kind, descriptor) = (slot.kind, slot.descriptor);
        let was_cancelled = slot.mark & CANCELLED != 0;
        let goes_on = match kind {
            _ if matches!(-cqe.res, libc::EAGAIN | libc::EINTR) => true,
            Kind::Receive => cqe.res == -libc::ENOBUFS,
            Kind::Write | Kind::WriteAt if cqe.res >= 0 => {
                slot.progress += cqe.res as u64;
                if slot.progress == len {
                    return Some(Ok(len));
                }
                if cqe.res == 0 {
                    return Some(failed(libc::EIO)); // It takes nothing, and says not why.
                }
                true
            }
            Kind::Read => {
                let quiet = cqe.flags & CQE_NONEMPTY == 0;
                self.sources.of(descriptor).quiet = quiet;
                false
            }
            _ => false,
        };
        if !goes_on {
            return Some(result(cqe.res));
        }
        if was_cancelled {
            return Some(failed(libc::ECANCELED));
        }
        match -cqe.res {
            libc::EAGAIN => self.poll(core, key),
            libc::ENOBUFS => {
                // What has come is still where it was.
                self.starve(descriptor, false);
            }
            _ => self.submit(core, key),
        }
        None
    }
    // ANCHOR_END: operation

    fn connected(
        &mut self,
        core: &mut Core,
        descriptor: Key,
        res: i32,
    ) -> io::Result<u64> {
        if res < 0
            && let Some(entry) = core.descriptors.get_mut(descriptor)
        {
            // Nobody has heard of it: it goes with the operation.
            entry.closing = true;
        }
        result(res).map(|_| descriptor.to_user())
    }

    /// The descriptor is ready, or will never be: the operation is tried again.
    fn polled(&mut self, core: &mut Core, key: Key, cqe: Cqe) {
        self.outstanding -= 1;
        let Some(slot) = core.operation(key) else {
            return;
        };
        slot.mark &= !(IN_KERNEL | POLLED);
        let (descriptor, side) = (slot.descriptor, slot.kind.side());
        if slot.mark & CANCELLED != 0 {
            core.finish_code(key, libc::ECANCELED);
        } else if cqe.res < 0 {
            core.finish_code(key, -cqe.res);
        } else {
            return self.submit(core, key);
        }
        self.turn(core, descriptor, side);
    }
}

/// Errors of an accept that are about one connection, which has gone: accept(2), "Error
/// handling". The next may be better.
fn is_of_the_other_end(code: i32) -> bool {
    matches!(
        code,
        libc::EAGAIN
            | libc::EINTR
            | libc::ECONNABORTED
            | libc::EPROTO
            | libc::EPERM
            | libc::ENETDOWN
            | libc::ENETUNREACH
            | libc::EHOSTDOWN
            | libc::EHOSTUNREACH
            | libc::ENOPROTOOPT
            | libc::ENONET
    )
}

#[inline]
fn result(res: i32) -> io::Result<u64> {
    u64::try_from(res).map_err(|_| io::Error::from_raw_os_error(-res))
}

fn failed(code: i32) -> io::Result<u64> {
    Err(io::Error::from_raw_os_error(code))
}
