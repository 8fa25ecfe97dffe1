//! From an operation to a submission.

use std::os::fd::{AsFd as _, AsRawFd as _};

use super::super::super::core::Core;
use super::super::super::descriptors::Entry;
use super::super::super::operation::{Kind, Side};
use super::super::abi::{
    ACCEPT_MULTISHOT, BUFFER_SELECT, POLL_FIRST, RECV_MULTISHOT, Sqe, op,
    poll_events,
};
use super::super::buffers::GROUP;
use super::super::calls;
use super::{
    ACCEPTS, CANCELLED, CANCELS, Driver, Held, IN_KERNEL, OPERATION, POLL, POLLED,
    RECEIVES, STOPS,
};
use crate::event::Key;
use crate::event::net::address::Address;

/// The most that one submission asks for: what a result can say has 31 bits.
const BYTES_MAX: usize = 1 << 30;
/// `off`: where the descriptor is, as of a pipe.
const HERE: u64 = u64::MAX;

impl Driver {
    // ANCHOR: start
    /// Puts an operation in line, and into the ring if it is its turn. Those on files need
    /// not wait for each other: they say where.
    #[inline]
    pub(in super::super::super) fn start(&mut self, core: &mut Core, key: Key) {
        let slot = core.slot(key.index() as u32);
        let (descriptor, kind) = (slot.descriptor, slot.kind);
        slot.mark = 0;
        match kind {
            Kind::Connect => return self.connect(core, key),
            Kind::Timer | Kind::Async | Kind::Cancel => return,
            _ => core.link(key),
        }
        match kind {
            Kind::ReadAt | Kind::WriteAt => self.submit(core, key),
            _ => self.turn(core, descriptor, kind.side()),
        }
    }

    /// The first in line, if the kernel has none of this line.
    pub(super) fn turn(&mut self, core: &mut Core, descriptor: Key, side: Side) {
        while let Some(key) = core.first(descriptor, side) {
            let slot = core.slot(key.index() as u32);
            if slot.mark & IN_KERNEL != 0 {
                return;
            }
            if slot.mark & CANCELLED != 0 {
                core.finish_code(key, libc::ECANCELED);
                continue;
            }
            let kind = slot.kind;
            if kind == Kind::Write {
                return self.submit(core, key);
            }
            let source = self.sources.of(descriptor);
            if let Some(arrival) = source.pop() {
                self.deliver(core, key, arrival);
                continue;
            }
            if source.armed && source.accepts != (kind == Kind::Accept) {
                // What comes is not for it, and there may never be anything else.
                core.finish_code(key, wrong(kind));
                continue;
            }
            // A read has a buffer of its own.
            if source.armed || source.starved && kind == Kind::Receive {
                return;
            }
            if kind == Kind::Receive && !self.hungry.is_empty() {
                return self.starve(descriptor, true); // Others were before it.
            }
            let streams = kind == Kind::Receive && self.streams(core, descriptor);
            return match kind {
                Kind::Receive if streams => self.arm(core, descriptor, RECEIVES),
                Kind::Accept => self.arm(core, descriptor, ACCEPTS),
                _ => self.submit(core, key),
            };
        }
    }
    // ANCHOR_END: start

    /// Whether the kernel can go on bringing what comes here. Of messages it can't: one that
    /// is empty would be an end, and what is kept of one would begin the next.
    #[inline]
    fn streams(&mut self, core: &mut Core, descriptor: Key) -> bool {
        let source = self.sources.of(descriptor);
        *source.streams.get_or_insert_with(|| {
            let entry = core.descriptors.get(descriptor);
            let socket = entry.filter(|entry| entry.handle.is_socket());
            socket.is_some_and(|entry| calls::is_stream(entry.handle.as_fd()))
        })
    }

    // ANCHOR: submit
    /// Hands one operation to the kernel, with its buffer.
    pub(super) fn submit(&mut self, core: &mut Core, key: Key) {
        let slot = core.slot(key.index() as u32);
        let (descriptor, kind) = (slot.descriptor, slot.kind);
        let (word, progress) = (slot.word, slot.progress as usize);
        slot.mark |= IN_KERNEL;
        let mut buffer = std::mem::take(core.buffer(key));
        let Some(entry) = core.descriptors.get(descriptor) else {
            return; // Its operations are over before it goes.
        };
        let mut sqe = Sqe {
            fd: entry.handle.raw(),
            user_data: key.to_user() | OPERATION,
            ..Sqe::default()
        };
        let is_socket = entry.handle.is_socket();
        match kind {
            Kind::Write | Kind::WriteAt => {
                let rest = &buffer[progress.min(buffer.len())..];
                sqe.addr = rest.as_ptr().expose_provenance() as u64;
                sqe.len = rest.len().min(BYTES_MAX) as u32;
                if is_socket {
                    sqe.opcode = op::SEND;
                    // The kernel goes on where it was short, and raises no signal.
                    sqe.op_flags = (libc::MSG_NOSIGNAL | libc::MSG_WAITALL) as u32;
                } else {
                    sqe.opcode = op::WRITE;
                    sqe.off = place(kind, word.wrapping_add(progress as u64));
                }
            }
            Kind::Receive => {
                sqe.opcode = op::READ;
                sqe.flags = BUFFER_SELECT;
                sqe.buf_group = GROUP;
                sqe.len = self.pool.size();
                sqe.off = HERE;
            }
            _ => {
                let room = buffer.spare_capacity_mut();
                sqe.addr = room.as_mut_ptr().expose_provenance() as u64;
                sqe.len = room.len().min(BYTES_MAX) as u32;
                if is_socket {
                    sqe.opcode = op::RECV;
                    // Where there was nothing left, an attempt would only find out that.
                    if self.sources.of(descriptor).quiet {
                        sqe.ioprio = POLL_FIRST;
                    }
                } else {
                    sqe.opcode = op::READ;
                    sqe.off = place(kind, word);
                }
            }
        }
        // Only the vector's three words move: its bytes stay where they are.
        self.hold(key, Held::Buffer(buffer));
        self.outstanding += 1;
        // SAFETY: the buffer is held until the result, and of a `Receive` it is the pool's.
        unsafe { self.push(&sqe) };
    }
    // ANCHOR_END: submit

    // ANCHOR: arm
    /// Asks for everything that comes, from now on.
    fn arm(&mut self, core: &mut Core, descriptor: Key, tag: u64) {
        let Some(entry) = core.descriptors.get(descriptor) else {
            return;
        };
        let mut sqe = Sqe {
            fd: entry.handle.raw(),
            user_data: descriptor.to_user() | tag,
            ..Sqe::default()
        };
        if tag == ACCEPTS {
            sqe.opcode = op::ACCEPT;
            sqe.ioprio = ACCEPT_MULTISHOT;
            sqe.op_flags = (libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) as u32;
        } else {
            sqe.opcode = op::RECV;
            sqe.ioprio = RECV_MULTISHOT;
            sqe.flags = BUFFER_SELECT;
            sqe.buf_group = GROUP;
        }
        let source = self.sources.of(descriptor);
        source.armed = true;
        source.fed = false;
        source.accepts = tag == ACCEPTS;
        self.outstanding += 1;
        // SAFETY: it names the pool's buffers, or nothing.
        unsafe { self.push(&sqe) };
    }
    // ANCHOR_END: arm

    /// The descriptor would make the operation wait, and says so instead: it was made
    /// non-blocking, and is no socket. So the kernel tells when it is ready.
    pub(super) fn poll(&mut self, core: &mut Core, key: Key) {
        let slot = core.slot(key.index() as u32);
        let (descriptor, side) = (slot.descriptor, slot.kind.side());
        slot.mark |= IN_KERNEL | POLLED;
        let Some(entry) = core.descriptors.get(descriptor) else {
            return;
        };
        let events = match side {
            Side::Read => libc::POLLIN | libc::POLLHUP,
            Side::Write => libc::POLLOUT,
        };
        let sqe = Sqe {
            opcode: op::POLL_ADD,
            fd: entry.handle.raw(),
            op_flags: poll_events(events),
            user_data: key.to_user() | POLL,
            ..Sqe::default()
        };
        self.outstanding += 1;
        // SAFETY: it points to nothing.
        unsafe { self.push(&sqe) };
    }

    fn connect(&mut self, core: &mut Core, key: Key) {
        let address = Key::from_user(core.slot(key.index() as u32).word);
        let Some(&to) = core.addresses.get(address) else {
            return core.finish_code(key, libc::EINVAL);
        };
        let family = if to.is_ipv4() {
            libc::AF_INET
        } else {
            libc::AF_INET6
        };
        let socket = match calls::socket(family) {
            Ok(socket) => socket,
            Err(code) => return core.finish_code(key, code),
        };
        let mut address = match self.addresses.pop() {
            Some(address) => address,
            None => Box::new(Address::room()),
        };
        *address = Address::from(to);
        let sqe = Sqe {
            opcode: op::CONNECT,
            fd: socket.as_raw_fd(),
            addr: address.as_ptr().expose_provenance() as u64,
            off: address.len().into(),
            user_data: key.to_user() | OPERATION,
            ..Sqe::default()
        };
        core.open(key, Entry::stream(socket.into()));
        core.link(key);
        core.slot(key.index() as u32).mark |= IN_KERNEL;
        self.hold(key, Held::Address(address));
        self.outstanding += 1;
        // SAFETY: the address is held until the result.
        unsafe { self.push(&sqe) };
    }

    // ANCHOR: cancel
    /// What the kernel has, it is asked for, and the result comes from there. Who only stands
    /// in line is taken out; what comes meanwhile is for the next.
    pub(in super::super::super) fn cancel(&mut self, core: &mut Core, key: Key) {
        let slot = core.slot(key.index() as u32);
        if slot.mark & IN_KERNEL == 0 {
            core.finish_code(key, libc::ECANCELED);
        } else if slot.mark & CANCELLED == 0 {
            slot.mark |= CANCELLED;
            let tag = match slot.mark & POLLED {
                0 => OPERATION,
                _ => POLL,
            };
            let word = key.to_user();
            self.push_cancel(word | tag, word | CANCELS);
        }
    }
    // ANCHOR_END: cancel

    /// Before a wait: who has taken nothing of what has come.
    pub(super) fn look_at_sources(&mut self, core: &mut Core) {
        let mut listed = std::mem::take(&mut self.listed);
        for descriptor in listed.drain(..) {
            let waits = core.first(descriptor, Side::Read).is_some();
            let Some(source) = self.sources.get(descriptor) else {
                continue;
            };
            source.listed = false;
            if !waits && !source.is_empty() {
                source.keep();
                if source.armed && !source.stopping {
                    source.stopping = true;
                    let tag = source.tag();
                    let word = descriptor.to_user();
                    self.push_cancel(word | tag, word | STOPS);
                }
            }
        }
        // The same memory again for those that have been listed meanwhile.
        listed.append(&mut self.listed);
        self.listed = listed;
    }

    /// There was no buffer for it: it asks again when it is its turn. Who has had some since
    /// it asked is the last now; who has had none is before all who have not asked.
    pub(super) fn starve(&mut self, descriptor: Key, fed: bool) {
        let source = self.sources.of(descriptor);
        if std::mem::replace(&mut source.starved, true) {
            return;
        }
        if fed {
            self.hungry.push_back(descriptor);
        } else {
            self.hungry.insert(self.passed_over, descriptor);
            self.passed_over += 1;
        }
    }

    /// Before a wait: as many as there are buffers left ask again. The first of them may
    /// take all, and is the last then.
    pub(super) fn feed(&mut self, core: &mut Core) {
        let mut hungry = std::mem::take(&mut self.hungry);
        let mut left = self.pool.left();
        while left > 0
            && let Some(descriptor) = hungry.pop_front()
        {
            let Some(source) = self.sources.get(descriptor) else {
                continue;
            };
            source.starved = false;
            if core.first(descriptor, Side::Read).is_some() {
                self.turn(core, descriptor, Side::Read);
                left -= 1;
            }
        }
        hungry.append(&mut self.hungry);
        self.hungry = hungry;
        self.passed_over = 0;
    }

    /// Its source is looked at before the next wait.
    pub(super) fn list(&mut self, descriptor: Key) {
        let source = self.sources.of(descriptor);
        if !std::mem::replace(&mut source.listed, true) {
            self.listed.push(descriptor);
        }
    }
}

/// What the kernel says to an accept from what is no listener, and to a read from one.
pub(super) fn wrong(kind: Kind) -> i32 {
    if kind == Kind::Accept {
        libc::EINVAL
    } else {
        libc::ENOTCONN
    }
}

/// `off`: a place in a file, or where the descriptor is.
fn place(kind: Kind, offset: u64) -> u64 {
    if kind.is_at() { offset } else { HERE }
}
