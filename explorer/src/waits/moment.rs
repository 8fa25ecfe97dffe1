//! A step in which a thread has something to itself without locking it for others to see:
//! what channels, barriers and lazy cells are made of, and loops that look at such things.

use std::time::Duration;

use super::locks::{Lock, LockState, Queue};
use super::{Woken, block};
use crate::execution::{
    Execution, On, Site, State, abandon, glance, is_active, with,
};
use crate::objects::{Tag, What};

impl Lock {
    /// Begins a step in which the caller has what the lock guards to itself, because
    /// nobody else runs before the next one. Such a lock is never seen held.
    pub(crate) fn enter(&self, site: Site) {
        glance(site);
        with(|execution| {
            let lock = self.index(execution, site)?;
            let at = execution.at;
            let LockState {
                parcels, content, ..
            } = execution.objects.locks[lock];
            execution.memory.collect(at, parcels[0]);
            execution.note(content);
            Some(())
        })
        .unwrap_or_else(|| abandon());
    }

    /// Ends such a step, which did `what`, and may have `changed` what the lock guards.
    pub(crate) fn leave(&self, what: &str, changed: bool, site: Site) {
        with(|execution| {
            let lock = self.index(execution, site)?;
            if changed {
                execution.acted();
                let (at, history) = (execution.at, execution.this().history);
                let state = &mut execution.objects.locks[lock];
                state.content = history;
                let parcel = state.parcels[0];
                execution.memory.deposit(at, parcel);
                execution.changed_else();
            } else {
                execution.looked_else();
            }
            execution.tell(site, |it| format!("{what}({})", it.lock_name(lock)));
            Some(())
        })
        .unwrap_or_else(|| abandon());
    }
}

impl Queue {
    /// Sleeps within `what`, in the step that the caller is in: it has looked, and goes to
    /// sleep before anybody else can run.
    pub(crate) fn sleep(
        &self,
        what: &'static str,
        deadline: Option<Duration>,
        site: Site,
    ) -> Woken {
        let queue = with(|execution| {
            let queue = self.index(execution, site)?;
            execution.objects.queues[queue].within = Some(what);
            Some(queue)
        });
        let Some(queue) = queue else { abandon() };
        block(On::Queue(queue), deadline, site)
    }

    /// Wakes all who sleep, in the step that the caller is in.
    pub(crate) fn rouse(&self, site: Site) {
        with(|execution| {
            let queue = self.index(execution, site)?;
            execution.wake(On::Queue(queue), usize::MAX);
            Some(())
        })
        .unwrap_or_else(|| abandon());
    }
}

/// The line of the program that a value is dropped on, as far as that can be known: no
/// caller is told, so it is the last line on which the thread did something.
#[track_caller]
pub(crate) fn last_site() -> Site {
    let here = std::panic::Location::caller();
    if is_active() {
        with(|execution| execution.this().site).unwrap_or(here)
    } else {
        here
    }
}

/// The only owner that is left knows what those knew that let go.
pub(crate) fn owner_learns(tag: &Tag) {
    with(|execution| {
        let site = std::panic::Location::caller();
        if let Some(object) = execution.object(tag, What::Owner, site) {
            let parcel = execution.objects.owners[execution.index(object)];
            execution.memory.collect(execution.at, parcel);
        }
    });
}

impl Execution {
    /// The thread that runs has looked at something that is no location.
    pub(crate) fn looked_else(&mut self) {
        self.this().spin.seen_else = true;
    }

    /// The thread that runs has changed something that is no location: news for those who
    /// look at such things in a loop.
    pub(crate) fn changed_else(&mut self) {
        let at = self.at;
        for (thread, it) in self.threads.iter_mut().enumerate() {
            if thread != at && it.spin.seen_else {
                it.spin.news = true;
                if it.state == State::Spinning {
                    it.state = State::Ready;
                }
            }
        }
    }
}
