//! Given for 07.1: a kernel that keeps to epoll's rules, and writes down what it is asked.
//!
//! Of each descriptor that it watches it keeps one entry: what is looked for, and one word
//! of 64 bits, which it hands back with each event.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

/// Of what use a descriptor is at the moment, or is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// `EPOLLIN`
    pub read: bool,
    /// `EPOLLOUT`
    pub write: bool,
}

/// What [`Kernel::ctl`] is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `EPOLL_CTL_ADD`: an entry for a descriptor that has none.
    Add,
    /// `EPOLL_CTL_MOD`: interest and word of an entry become these.
    Modify,
    /// `EPOLL_CTL_DEL`: no entry any more. Interest and word are ignored.
    Delete,
}

/// Why the kernel refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    /// `EEXIST`: `Add`, and there is an entry.
    Exists,
    /// `ENOENT`: `Modify` or `Delete`, and there is no entry.
    NoEntry,
    /// `EBADF`: no such descriptor is open.
    BadFd,
    /// `ENOSPC`: `Add`, and there are too many entries.
    NoSpace,
}

/// One of those that `epoll_wait` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The word of the entry.
    pub word: u64,
    /// `EPOLLIN`; only if it was asked for.
    pub readable: bool,
    /// `EPOLLOUT`; only if it was asked for.
    pub writable: bool,
    /// `EPOLLERR` or `EPOLLHUP`: always told, whatever was asked for, alone or with others.
    pub broken: bool,
}

/// The kernel. Clones are the same one.
#[derive(Clone, Default)]
pub struct Kernel(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    /// What is open, what it is ready for, and whether it is broken.
    open: BTreeMap<i32, (Interest, bool)>,
    entries: BTreeMap<i32, (Interest, u64)>,
    calls: Vec<(Op, i32, Interest)>,
    full: bool,
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the kernel")
    }
}

impl Kernel {
    /// `epoll_ctl`.
    pub fn ctl(
        &self,
        op: Op,
        fd: i32,
        interest: Interest,
        word: u64,
    ) -> Result<(), Errno> {
        let mut state = self.0.borrow_mut();
        state.calls.push((op, fd, interest));
        if !state.open.contains_key(&fd) {
            return Err(Errno::BadFd);
        }
        match (op, state.entries.contains_key(&fd)) {
            (Op::Add, true) => return Err(Errno::Exists),
            (Op::Add, false) if state.full => return Err(Errno::NoSpace),
            (Op::Modify | Op::Delete, false) => return Err(Errno::NoEntry),
            (Op::Delete, true) => _ = state.entries.remove(&fd),
            (Op::Add, false) | (Op::Modify, true) => {
                state.entries.insert(fd, (interest, word));
            }
        }
        Ok(())
    }

    /// For graders: what `epoll_wait`, level-triggered, says now, and of which descriptor.
    pub fn wait(&self) -> Vec<(i32, Ready)> {
        let state = self.0.borrow();
        let ready = state.entries.iter().filter_map(|(fd, (interest, word))| {
            let (can, broken) = state.open[fd];
            let ready = Ready {
                word: *word,
                readable: can.read && interest.read,
                writable: can.write && interest.write,
                broken,
            };
            (ready.readable || ready.writable || broken).then_some((*fd, ready))
        });
        ready.collect()
    }

    /// For graders: opens a descriptor, or says what an open one is ready for.
    pub fn set(&self, fd: i32, can: Interest, broken: bool) {
        self.0.borrow_mut().open.insert(fd, (can, broken));
    }

    /// For graders: closes a descriptor, and with it goes its entry.
    pub fn close(&self, fd: i32) {
        let mut state = self.0.borrow_mut();
        state.open.remove(&fd);
        state.entries.remove(&fd);
    }

    /// For graders: whether there is room for one more entry.
    pub fn set_full(&self, full: bool) {
        self.0.borrow_mut().full = full;
    }

    /// For graders: the calls since the last time this was asked.
    pub fn calls(&self) -> Vec<(Op, i32, Interest)> {
        std::mem::take(&mut self.0.borrow_mut().calls)
    }
}
