//! The kernel's wait queue: to look at a word and to go to sleep is one step.

use std::time::Duration;

use super::{Woken, block};
use crate::execution::{On, Site, Spurious, with};

/// Sleeps if the atomic holds `expected`. That is one step, as the kernel looks and goes to
/// sleep under one lock.
pub(crate) fn futex_wait(
    atomic: usize,
    expected: u32,
    deadline: Option<Duration>,
    site: Site,
) -> Woken {
    let (location, now) = with(|execution| {
        let (at, location) = (execution.at, execution.index(atomic));
        execution.memory.catch_up(at, location);
        let value = execution
            .memory
            .value(location, execution.memory.newest(location));
        execution.note(value);
        let mut now = None;
        if value != u64::from(expected) {
            now = Some(Woken::Notified);
        } else if execution.is_spurious(Spurious::WakeUp) {
            execution.note(1);
            now = Some(Woken::Spurious);
        }
        execution.tell(site, |it| {
            let name = it.name(atomic);
            match now {
                None => format!("wait({name} == {expected}) sleeps"),
                Some(Woken::Spurious) => {
                    format!("wait({name} == {expected}) returns for no reason")
                }
                Some(_) => {
                    format!("wait({name} == {expected}) returns: it is {value}")
                }
            }
        });
        (location, now)
    });
    now.unwrap_or_else(|| {
        let woken = block(On::Futex(location, expected), deadline, site);
        with(|execution| execution.memory.catch_up(execution.at, location));
        woken
    })
}

/// Wakes up to `most` of those that sleep on the atomic, any of them; returns how many.
pub(crate) fn futex_wake(atomic: usize, most: usize, site: Site) -> usize {
    with(|execution| {
        let location = execution.index(atomic);
        let woken = execution.wake(On::Futex(location, 0), most);
        execution.tell(site, |it| {
            let name = it.name(atomic);
            if woken.is_empty() {
                format!("wake({name}): nobody sleeps")
            } else {
                format!("wake({name}) wakes {}", it.thread_names(&woken))
            }
        });
        woken.len()
    })
}
