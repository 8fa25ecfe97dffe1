//! Locks, and queues to sleep in: what mutexes, condition variables and all else in
//! `ground::sync` are made of.

use std::time::Duration;

use super::{Woken, block, name_it, register, retire};
use crate::execution::{
    Execution, On, Site, Spurious, State, abandon, glance, point, with,
};
use crate::memory::Parcel;
use crate::objects::{Tag, What};

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    Shared,
    /// As `Shared`, for who lets those go first that wait for `Exclusive`. std says nothing
    /// of who goes first; most systems do not let readers pass a writer that waits.
    Behind,
    Exclusive,
}

/// A lock that one thread may hold, or several that only read.
#[derive(Debug, Hash)]
pub(crate) struct LockState {
    pub(super) holders: Vec<usize>,
    mode: Mode,
    /// What those knew who held it last: exclusively, and shared.
    pub(super) parcels: [Parcel; 2],
    /// A hash of what the last exclusive holder knew.
    pub(super) content: u64,
}

impl LockState {
    pub(crate) fn new(parcels: [Parcel; 2], content: u64) -> Self {
        Self {
            holders: Vec::new(),
            mode: Mode::Shared,
            parcels,
            content,
        }
    }

    pub(crate) fn is_free(&self, mode: Mode) -> bool {
        let shares = mode != Mode::Exclusive && self.mode == Mode::Shared;
        self.holders.is_empty() || shares
    }
}

/// Threads that sleep until somebody wakes them.
#[derive(Debug, Default)]
pub(crate) struct QueueState {
    /// Where somebody was to be woken, and nobody slept.
    pub(crate) in_vain: Option<Site>,
    /// Of a channel or its like: what those who sleep are doing. Nothing wakes them in
    /// vain, and they are woken whenever anything changes, so they miss nothing.
    pub(super) within: Option<&'static str>,
}

/// Hands out exclusive or shared access, and the knowledge that goes with it.
#[derive(Debug, Default)]
pub(crate) struct Lock(Tag);

impl Lock {
    /// Makes a lock; inside a model it is registered at `site`.
    #[track_caller]
    pub(crate) fn new() -> Self {
        let tag = Tag::new();
        register(&tag, What::Lock);
        Self(tag)
    }

    pub(crate) fn set_name(&self, name: &'static str) {
        name_it(&self.0, What::Lock, name);
    }

    /// Waits until the lock is free for `mode`, and takes it.
    pub(crate) fn acquire(&self, mode: Mode, site: Site) {
        point(site);
        let found = with(|execution| {
            let lock = self.index(execution, site)?;
            let free = execution.objects.locks[lock].is_free(mode);
            let passes = mode == Mode::Shared && execution.has_waiting_writer(lock);
            let behind = free && passes && execution.choose(2) == 1;
            Some((lock, free && !behind, behind))
        });
        let Some((lock, free, behind)) = found else {
            abandon()
        };
        if !free {
            with(|execution| {
                execution.tell(site, |it| {
                    let (name, holder) = (it.lock_name(lock), it.holders(lock));
                    let who = if behind {
                        " and wanted by a writer"
                    } else {
                        ""
                    };
                    format!("waits for {name}, held by {holder}{who}")
                });
            });
            let how = if behind { Mode::Behind } else { mode };
            block(On::Lock(lock, how), None, site);
        }
        with(|execution| execution.take_lock(lock, mode, site));
    }

    /// Takes the lock if it is free for `mode`.
    pub(crate) fn try_acquire(&self, mode: Mode, site: Site) -> bool {
        glance(site);
        let taken = with(|execution| {
            let lock = self.index(execution, site)?;
            let free = execution.objects.locks[lock].is_free(mode);
            execution.note(u64::from(free));
            if free {
                execution.acted();
                execution.take_lock(lock, mode, site);
            } else {
                execution.looked_else();
                execution.tell(site, |it| {
                    let (name, holder) = (it.lock_name(lock), it.holders(lock));
                    format!("finds {name} held by {holder}")
                });
            }
            Some(free)
        });
        taken.unwrap_or_else(|| abandon())
    }

    /// Gives the lock back.
    pub(crate) fn release(&self, site: Site) {
        point(site);
        with(|execution| {
            let lock = self.index(execution, site)?;
            execution.release_lock(lock, site);
            Some(())
        })
        .unwrap_or_else(|| abandon());
    }

    pub(super) fn index(
        &self,
        execution: &mut Execution,
        site: Site,
    ) -> Option<usize> {
        let object = execution.object(&self.0, What::Lock, site)?;
        Some(execution.index(object))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        retire(&self.0, What::Lock);
    }
}

/// A place to sleep, and to be woken.
#[derive(Debug, Default)]
pub(crate) struct Queue(Tag);

impl Queue {
    /// Makes a queue; inside a model it is registered at `site`.
    #[track_caller]
    pub(crate) fn new() -> Self {
        let tag = Tag::new();
        register(&tag, What::Queue);
        Self(tag)
    }

    pub(crate) fn set_name(&self, name: &'static str) {
        name_it(&self.0, What::Queue, name);
    }

    /// Gives `lock` back, if there is one, and sleeps, both in one step. The caller takes
    /// the lock again afterwards.
    pub(crate) fn wait(
        &self,
        lock: Option<&Lock>,
        deadline: Option<Duration>,
        site: Site,
    ) -> Woken {
        point(site);
        let queue = with(|execution| {
            let queue = self.index(execution, site)?;
            if let Some(lock) = lock {
                let lock = lock.index(execution, site)?;
                execution.release_lock(lock, site);
            }
            Some((queue, execution.is_spurious(Spurious::WakeUp)))
        });
        let Some((queue, spurious)) = queue else {
            abandon()
        };
        with(|execution| {
            execution.note(u64::from(spurious));
            execution.tell(site, |it| {
                let name = it.queue_name(queue);
                let how = if spurious {
                    "wakes for no reason"
                } else {
                    "sleeps"
                };
                format!("{how} in wait({name})")
            });
        });
        if spurious {
            return Woken::Spurious;
        }
        block(On::Queue(queue), deadline, site)
    }

    /// Wakes up to `most` of those that sleep, any of them; returns how many.
    pub(crate) fn notify(&self, most: usize, site: Site) -> usize {
        point(site);
        let woken = with(|execution| {
            let queue = self.index(execution, site)?;
            let woken = execution.wake(On::Queue(queue), most);
            if woken.is_empty() {
                execution.objects.queues[queue].in_vain = Some(site);
            }
            execution.tell(site, |it| {
                let name = it.queue_name(queue);
                if woken.is_empty() {
                    format!("notify({name}): nobody sleeps")
                } else {
                    format!("notify({name}) wakes {}", it.thread_names(&woken))
                }
            });
            Some(woken.len())
        });
        woken.unwrap_or_else(|| abandon())
    }

    pub(super) fn index(
        &self,
        execution: &mut Execution,
        site: Site,
    ) -> Option<usize> {
        let object = execution.object(&self.0, What::Queue, site)?;
        Some(execution.index(object))
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        retire(&self.0, What::Queue);
    }
}

impl Execution {
    /// Whether somebody waits to hold the lock alone.
    pub(super) fn has_waiting_writer(&self, lock: usize) -> bool {
        let writes = State::Blocked(On::Lock(lock, Mode::Exclusive));
        self.threads.iter().any(|thread| thread.state == writes)
    }

    fn take_lock(&mut self, lock: usize, mode: Mode, site: Site) {
        let at = self.at;
        let state = &mut self.objects.locks[lock];
        state.mode = mode;
        state.holders.push(at);
        let [exclusive, shared] = state.parcels;
        let content = state.content;
        self.memory.collect(at, exclusive);
        if mode == Mode::Exclusive {
            self.memory.collect(at, shared);
        }
        self.note(content);
        self.tell(site, |it| {
            let name = it.lock_name(lock);
            match mode {
                Mode::Exclusive => format!("locks {name}"),
                _ => format!("locks {name} to read"),
            }
        });
    }

    fn release_lock(&mut self, lock: usize, site: Site) {
        let (at, history) = (self.at, self.this().history);
        let state = &mut self.objects.locks[lock];
        if let Some(mine) = state.holders.iter().position(|&holder| holder == at) {
            state.holders.swap_remove(mine);
        } else {
            // A guard that was moved to another thread.
            state.holders.pop();
        }
        let exclusive = state.mode == Mode::Exclusive;
        if exclusive {
            state.content = history;
        }
        let parcel = state.parcels[usize::from(!exclusive)];
        self.memory.deposit(at, parcel);
        self.changed_else();
        self.tell(site, |it| format!("unlocks {}", it.lock_name(lock)));
    }

    pub(crate) fn lock_name(&self, lock: usize) -> String {
        self.name(self.object_at(lock, |what| *what == What::Lock))
    }

    pub(crate) fn queue_name(&self, queue: usize) -> String {
        self.name(self.object_at(queue, |what| *what == What::Queue))
    }

    /// Who holds a lock.
    pub(crate) fn holders(&self, lock: usize) -> String {
        self.thread_names(&self.objects.locks[lock].holders)
    }
}
