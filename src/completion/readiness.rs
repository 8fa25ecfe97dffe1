//! Completions over readiness: try first, queue on would-block, try again when the kernel
//! says so.

mod calls;

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd as _;
use std::time::Duration;

use self::calls::Tried;
use super::config::Config;
use super::core::Core;
use super::descriptors::Entry;
use super::files::{FileDone, FileOp, Files};
use super::operation::{Kind, Side};
use crate::event::{self, Events, Failed, Key, net};

/// How often an accept is tried again, when a connection has gone before it was accepted.
const AGAIN_MAX: usize = 16;

/// The backend.
#[derive(Debug)]
pub(super) struct Readiness {
    event_loop: event::Loop,
    events: Events,
    /// Lines at which an attempt is worth it.
    turns: VecDeque<(Key, Side)>,
    /// What a `receive` has brought, until its callback has returned.
    lent: Vec<u8>,
    lent_size: usize,
    files: Option<Files>,
    files_done: Vec<FileDone>,
    file_threads: usize,
    /// Whether somebody may wake this loop: then each wait has to ask the kernel.
    has_wakers: std::cell::Cell<bool>,
}

impl Readiness {
    pub(super) fn new(config: &Config) -> io::Result<Self> {
        Ok(Self {
            event_loop: event::Loop::new()?,
            events: Events::with_capacity(config.entries.max(1) as usize),
            turns: VecDeque::new(),
            lent: Vec::new(),
            lent_size: config.buffers.1.max(1) as usize,
            files: None,
            files_done: Vec::new(),
            file_threads: config.file_threads.max(1),
            has_wakers: std::cell::Cell::new(false),
        })
    }

    // ANCHOR: start
    /// Puts an operation in line. If it is the first there, and an attempt is worth it, it is
    /// tried.
    #[inline]
    pub(super) fn start(&mut self, core: &mut Core, key: Key) {
        match core.slot(key.index() as u32).kind {
            Kind::ReadAt | Kind::WriteAt => return self.start_file(core, key),
            Kind::Connect => return self.start_connect(core, key),
            _ => {}
        }
        let slot = core.slot(key.index() as u32);
        let (descriptor, kind) = (slot.descriptor, slot.kind);
        let Some(entry) = core.descriptors.get_mut(descriptor) else {
            return;
        };
        let (line, side) = (entry.line(kind.side()), kind.side());
        let (first, ready) = (line.waiting.is_empty(), line.ready);
        if first && ready && kind != Kind::Receive {
            match self.attempt(core, descriptor, key) {
                Some(outcome) => core.finish(key, outcome),
                None => {
                    core.link(key);
                    self.arm(core, descriptor, side);
                }
            }
            return;
        }
        // There is one buffer to lend, and somebody may have it: a `receive` has its turn.
        let wants_turn =
            first && ready && !std::mem::replace(&mut line.listed, true);
        core.link(key);
        if wants_turn {
            self.turns.push_back((descriptor, side));
        } else if first && !ready {
            self.arm(core, descriptor, side);
        } // Or somebody is before it, who has seen to the rest.
    }
    // ANCHOR_END: start

    fn start_connect(&mut self, core: &mut Core, key: Key) {
        let address = Key::from_user(core.slot(key.index() as u32).word);
        let Some(&to) = core.addresses.get(address) else {
            return core
                .finish(key, Err(io::Error::from_raw_os_error(libc::EINVAL)));
        };
        match net::connect(to) {
            Ok(stream) => {
                let mut entry = Entry::stream(stream);
                // Writable is what the kernel says when the attempt is over.
                entry.write.ready = false;
                let descriptor = core.open(key, entry);
                core.link(key);
                self.arm(core, descriptor, Side::Write);
            }
            Err(error) => core.finish(key, Err(plain(error))),
        }
    }

    fn start_file(&mut self, core: &mut Core, key: Key) {
        let slot = core.slot(key.index() as u32);
        let (descriptor, offset) = (slot.descriptor, slot.word);
        let write = slot.kind == Kind::WriteAt;
        let buffer = std::mem::take(core.buffer(key));
        let fd = core
            .descriptors
            .get(descriptor)
            .map(|entry| entry.handle.raw());
        let Some(fd) = fd else {
            return;
        };
        let op = FileOp {
            fd,
            offset,
            write,
            buffer,
        };
        let files = match &mut self.files {
            Some(files) => Ok(files),
            None => {
                self.has_wakers.set(true);
                let waker = super::driver::Waker::Readiness(self.event_loop.waker());
                Files::new(self.file_threads, waker)
                    .map(|files| self.files.insert(files))
            }
        };
        let submitted = match files {
            Ok(files) => files.submit(key, op),
            Err(error) => Err((op, error)),
        };
        match submitted {
            Ok(()) => core.link(key),
            Err((op, error)) => {
                *core.buffer(key) = op.buffer;
                core.finish(key, Err(error));
            }
        }
    }

    // ANCHOR: turn
    /// The first in line is tried, once. If it has to wait, the kernel is asked to tell.
    fn turn(&mut self, core: &mut Core, descriptor: Key, side: Side) {
        let Some(key) = core.first(descriptor, side) else {
            return;
        };
        match self.attempt(core, descriptor, key) {
            Some(outcome) => core.finish(key, outcome),
            None => return self.arm(core, descriptor, side),
        }
        let Some(entry) = core.descriptors.get_mut(descriptor) else {
            return;
        };
        let line = entry.line(side);
        if line.waiting.is_empty() {
            // A socket can nearly always be written: that would end every wait.
            if side == Side::Write && line.armed {
                self.disarm(core, descriptor, side);
            }
        } else if !line.ready {
            self.arm(core, descriptor, side);
        } else if !std::mem::replace(&mut line.listed, true) {
            self.turns.push_back((descriptor, side));
        }
    }
    // ANCHOR_END: turn

    // ANCHOR: short
    /// Tries it once. Its outcome, or none if it has to wait.
    ///
    /// A read that did not get all it had room for has emptied the socket: another attempt
    /// would find nothing. If something has come meanwhile, the kernel tells. In the same way
    /// a short write has filled it.
    #[inline]
    fn attempt(
        &mut self,
        core: &mut Core,
        descriptor: Key,
        key: Key,
    ) -> Option<io::Result<u64>> {
        let (entry, slot, buffer) = core.work(descriptor, key)?;
        let side = slot.kind.side();
        let (tried, room) = match slot.kind {
            Kind::Accept => return try_accept(core, descriptor),
            Kind::Connect => return Some(try_connect(entry, descriptor)),
            Kind::Write => {
                let rest = &buffer[slot.progress as usize..];
                (calls::write(&entry.handle, rest), rest.len())
            }
            Kind::Receive => {
                self.lent.clear();
                self.lent.reserve_exact(self.lent_size);
                let room = self.lent.capacity();
                (calls::read(&entry.handle, &mut self.lent), room)
            }
            _ => {
                let room = buffer.capacity() - buffer.len();
                (calls::read(&entry.handle, buffer), room)
            }
        };
        let whole = tried == Tried::Count(room);
        entry.line(side).ready = whole || matches!(tried, Tried::Failed(_));
        match tried {
            Tried::Count(count) if side == Side::Write => {
                slot.progress += count as u64;
                whole.then_some(Ok(slot.progress))
            }
            Tried::Count(count) => Some(Ok(count as u64)),
            Tried::Wait => None,
            Tried::Failed(code) => Some(failed(code)),
        }
    }
    // ANCHOR_END: short

    /// The kernel shall tell. If it refuses, that is the result of whoever waits.
    fn arm(&mut self, core: &mut Core, descriptor: Key, side: Side) {
        let Some(entry) = core.descriptors.get_mut(descriptor) else {
            return;
        };
        if entry.line(side).armed {
            return;
        }
        let (fd, user) = (entry.handle.as_fd(), descriptor.to_user());
        let added = match side {
            Side::Read => self.event_loop.add_read(fd, user),
            Side::Write => self.event_loop.add_write(fd, user),
        };
        match added {
            Ok(()) => entry.line(side).armed = true,
            Err(error) => {
                let code =
                    Failed::of(&error).map_or(libc::EIO, |failed| failed.code);
                let line = entry.line(side);
                // kqueue: nobody reads any more. An attempt says so, or says why. And a
                // device may not know of readiness: then it is always ready.
                if matches!(code, libc::EPIPE | libc::EPERM | libc::ENODEV) {
                    line.ready = true;
                    if !std::mem::replace(&mut line.listed, true) {
                        self.turns.push_back((descriptor, side));
                    }
                    return;
                }
                while let Some(key) = core.first(descriptor, side) {
                    core.finish(key, failed(code));
                }
            }
        }
    }

    fn disarm(&mut self, core: &mut Core, descriptor: Key, side: Side) {
        let Some(entry) = core.descriptors.get_mut(descriptor) else {
            return;
        };
        let fd = entry.handle.as_fd();
        let _ = match side {
            Side::Read => self.event_loop.del_read(fd),
            Side::Write => self.event_loop.del_write(fd),
        };
        entry.line(side).armed = false;
    }

    // ANCHOR: cancel
    /// Who stands in line is taken out. A pool thread is asked, and may be at work.
    pub(super) fn cancel(&mut self, core: &mut Core, key: Key) {
        let slot = core.slot(key.index() as u32);
        let (descriptor, kind) = (slot.descriptor, slot.kind);
        if kind.is_at() {
            let withdrawn =
                self.files.as_mut().and_then(|files| files.withdraw(key));
            let Some(buffer) = withdrawn else {
                return;
            };
            *core.buffer(key) = buffer;
        }
        core.finish_code(key, libc::ECANCELED);
        let Some(entry) = core.descriptors.get_mut(descriptor) else {
            return;
        };
        let line = entry.line(Side::Write);
        if line.armed && line.waiting.is_empty() {
            self.disarm(core, descriptor, Side::Write);
        }
    }
    // ANCHOR_END: cancel

    pub(super) fn abandon(&mut self, core: &mut Core, descriptor: Key) {
        for side in [Side::Read, Side::Write] {
            let mut next = core.first(descriptor, side);
            while let Some(key) = next {
                // Before it is taken out of the line. A job that can't be stays there.
                next = core.behind(key);
                self.cancel(core, key);
            }
        }
    }

    pub(super) fn forget(
        &mut self,
        core: &mut Core,
        descriptor: Key,
    ) -> io::Result<()> {
        for side in [Side::Read, Side::Write] {
            let entry = core.descriptors.get_mut(descriptor);
            if entry.is_some_and(|entry| entry.line(side).armed) {
                self.disarm(core, descriptor, side);
            }
        }
        Ok(())
    }

    pub(super) fn wait(
        &mut self,
        core: &mut Core,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        let limit = if self.turns.is_empty() {
            limit
        } else {
            Some(Duration::ZERO)
        };
        let deaf = self.event_loop.registered() == 0 && !self.has_wakers.get();
        if deaf && limit == Some(Duration::ZERO) {
            return Ok(()); // There is nobody who could say anything.
        }
        // It may end early. The tick looks at the clock, and comes again.
        self.event_loop.wait_briefly(&mut self.events, limit)?;
        for event in &self.events {
            let descriptor = Key::from_user(event.user);
            for (side, told) in
                [(Side::Read, event.readable), (Side::Write, event.writable)]
            {
                let Some(entry) = core.descriptors.get_mut(descriptor) else {
                    continue;
                };
                let line = entry.line(side);
                if told && line.armed {
                    line.ready = true;
                    if !std::mem::replace(&mut line.listed, true) {
                        self.turns.push_back((descriptor, side));
                    }
                }
            }
        }
        if let Some(files) = &mut self.files {
            files.take(&mut self.files_done);
            for done in self.files_done.drain(..) {
                if core.operation(done.key).is_some() {
                    *core.buffer(done.key) = done.buffer;
                }
                core.finish(done.key, done.result.map(|count| count as u64));
            }
        }
        Ok(())
    }

    // ANCHOR: step
    /// One line has its turn. If the kernel tells of one at which nobody stands, it is asked
    /// not to: it would say the same again and again.
    pub(super) fn step(&mut self, core: &mut Core) -> bool {
        let Some((descriptor, side)) = self.turns.pop_front() else {
            return false;
        };
        // Closed meanwhile: nothing is found.
        if let Some(entry) = core.descriptors.get_mut(descriptor) {
            let line = entry.line(side);
            line.listed = false;
            if !line.waiting.is_empty() {
                self.turn(core, descriptor, side);
            } else if line.armed {
                self.disarm(core, descriptor, side);
            }
        }
        true
    }
    // ANCHOR_END: step

    #[inline]
    pub(super) fn lend(&mut self, _core: &mut Core, _key: Key) -> Vec<u8> {
        std::mem::take(&mut self.lent)
    }

    #[inline]
    pub(super) fn give_back(&mut self, bytes: Vec<u8>) {
        self.lent = bytes;
    }

    pub(super) fn waker(&self) -> event::Waker {
        self.has_wakers.set(true);
        self.event_loop.waker()
    }

    /// Those who work on files have buffers, and descriptors that are closed next.
    pub(super) fn shutdown(&mut self, _core: &mut Core) {
        self.files = None;
    }
}

fn try_accept(core: &mut Core, listener: Key) -> Option<io::Result<u64>> {
    let entry = core.descriptors.get_mut(listener)?;
    for _ in 0..AGAIN_MAX {
        match net::accept_from(entry.handle.as_fd()) {
            Ok(net::Accepted::Stream(stream, _)) => {
                let key = core.descriptors.insert(Entry::stream(stream));
                return Some(Ok(key.to_user()));
            }
            Ok(net::Accepted::Nothing) => break,
            Ok(net::Accepted::Again) => {}
            Ok(net::Accepted::Exhausted(error)) | Err(error) => {
                return Some(Err(plain(error)));
            }
        }
    }
    entry.read.ready = false;
    None
}

fn try_connect(entry: &mut Entry, descriptor: Key) -> io::Result<u64> {
    match entry.handle.socket()?.take_error()? {
        None => Ok(descriptor.to_user()),
        Some(error) => Err(error),
    }
}

fn failed(code: i32) -> io::Result<u64> {
    Err(io::Error::from_raw_os_error(code))
}

/// The kernel's number alone, as the other backend has it.
fn plain(error: io::Error) -> io::Error {
    match Failed::of(&error) {
        Some(failed) => io::Error::from_raw_os_error(failed.code),
        None => error,
    }
}
