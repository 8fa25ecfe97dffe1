//! The three operations on an atomic, as steps: load, store, read-modify-write.
//!
//! `written` is the ordering in the source. `in_force` gives a weaker one in its place while
//! `weaken` tries whether it is needed; what is recorded as used is the written one.

use std::sync::atomic::Ordering;

use crate::execution::{
    Execution, Site, Spurious, Tag, Used, What, abandon, abandon_if_failed, glance,
    point, spin_in_silence, turn, with,
};
use crate::weaken::in_force;

/// An operation on an atomic: where, and how it is to be told.
pub(super) struct Access<'a> {
    pub(super) tag: &'a Tag,
    /// Its kind and first value, for the run to register it at its first use.
    pub(super) what: What,
    pub(super) site: Site,
    /// A value as the reader writes it.
    pub(super) show: fn(u64) -> String,
}

/// What a read-modify-write is called, and what it does.
pub(super) struct Update<'a> {
    pub(super) name: &'static str,
    /// Its arguments, without the ordering.
    pub(super) arguments: &'a dyn Fn() -> String,
    pub(super) success: Ordering,
    pub(super) failure: Option<Ordering>,
    pub(super) weak: bool,
    /// The new value; `None` leaves the old one.
    pub(super) next: &'a dyn Fn(u64) -> Option<u64>,
}

impl Access<'_> {
    /// The atomic, once it is the caller's turn.
    pub(super) fn object(&self, execution: &mut Execution) -> Option<usize> {
        let object = execution.object(self.tag, self.what, self.site)?;
        if execution.is_watched() {
            execution.set_show(object, self.show);
        }
        execution.touch(object, self.site).then_some(object)
    }

    pub(super) fn load(&self, written: Ordering) -> u64 {
        let site = self.site;
        let [order] = in_force(site, "load", [written]);
        self.spin_if_again();
        glance(site);
        let value = with(|execution| {
            let object = self.object(execution)?;
            let (me, location) = (execution.me(), execution.index(object));
            let newest = execution.memory.newest(location);
            let oldest = execution.memory.readable(me, location, order);
            let back = execution.choose_message(newest - oldest + 1);
            let value = execution.memory.read(me, location, newest - back, order);
            execution.note(execution.shown(location, value));
            execution.looked(location, value, back > 0, site);
            execution.tell_old(site, back > 0, |it| {
                format!(
                    "{}.load({order:?}) -> {}",
                    it.name(object),
                    (self.show)(value)
                )
            });
            self.used(execution, object, "load", [Some(written), None]);
            Some(value)
        });
        value.unwrap_or_else(|| abandon())
    }

    pub(super) fn store(&self, value: u64, written: Ordering) {
        let site = self.site;
        let [order] = in_force(site, "store", [written]);
        point(site);
        let done = with(|execution| {
            let object = self.object(execution)?;
            let (me, location) = (execution.me(), execution.index(object));
            let slots = execution.memory.slots(me, location, order).count();
            let which = execution.choose_message(slots);
            let slot = execution.memory.slots(me, location, order).nth(which)?;
            let newest = execution.memory.newest(location);
            let changes = execution.memory.value(location, newest) != value;
            if matches!(self.what, What::Atomic(_, true)) {
                execution.number_pointer(value);
            }
            execution.memory.store(me, location, slot, value, order);
            if slot > newest && changes {
                execution.changed(location);
            }
            execution.tell(site, |it| {
                let late = if slot > newest {
                    ""
                } else {
                    ", behind a newer value"
                };
                let (name, value) = (it.name(object), (self.show)(value));
                format!("{name}.store({value}, {order:?}){late}")
            });
            self.used(execution, object, "store", [Some(written), None]);
            Some(())
        });
        done.unwrap_or_else(|| abandon());
    }

    /// Reads and, unless `next` says no, replaces in one step. `Err` if it left the value.
    pub(super) fn update(&self, update: &Update<'_>) -> Result<u64, u64> {
        let site = self.site;
        self.spin_if_again();
        // Whoever goes round a loop alone stops doing so when it changes something.
        let alone = with(|execution| {
            let (me, object) = (execution.is_alone(), self.object(execution)?);
            let location = execution.index(object);
            let newest = execution.memory.newest(location);
            let value = execution.memory.value(location, newest);
            let changes = (update.next)(value).is_some_and(|next| next != value);
            Some(me && !changes)
        });
        if alone.unwrap_or_else(|| abandon()) {
            glance(site);
        } else {
            turn(site);
        }
        let result = with(|execution| {
            let object = self.object(execution)?;
            Some(self.update_now(execution, object, update))
        });
        abandon_if_failed();
        result.unwrap_or_else(|| abandon())
    }

    fn update_now(
        &self,
        execution: &mut Execution,
        object: usize,
        update: &Update<'_>,
    ) -> Result<u64, u64> {
        let site = self.site;
        let (me, location) = (execution.me(), execution.index(object));
        let newest = execution.memory.newest(location);
        let written = [update.success, update.failure.unwrap_or(update.success)];
        let [success, failure] = in_force(site, update.name, written);
        // A success takes the slot behind what it reads; a failure is only a load.
        let can = |execution: &Execution, message: usize| {
            let memory = &execution.memory;
            match (update.next)(memory.value(location, message)) {
                Some(_) => {
                    message >= memory.readable(me, location, success)
                        && memory.is_updatable(location, message)
                }
                None => message >= memory.readable(me, location, failure),
            }
        };
        let count = (0..=newest)
            .filter(|&message| can(execution, message))
            .count();
        let back = execution.choose_message(count);
        let mut messages = (0..=newest)
            .rev()
            .filter(|&message| can(execution, message));
        let message = messages.nth(back).unwrap_or(newest);
        let old = execution.memory.value(location, message);
        let mut next = (update.next)(old);
        let mut spurious = false;
        if next.is_some() && update.weak && execution.is_spurious(Spurious::Failure)
        {
            (next, spurious) = (None, true);
        }
        execution.note(execution.shown(location, old));
        execution.note(u64::from(next.is_some()));
        let outdated = message < newest;
        match next {
            Some(new) => {
                if matches!(self.what, What::Atomic(_, true)) {
                    execution.number_pointer(new);
                }
                let slot = message + 1;
                execution.memory.update(me, location, message, new, success);
                if new == old {
                    execution.looked(location, old, outdated, site);
                } else {
                    execution.acted();
                    if slot > newest {
                        execution.changed(location);
                    }
                }
            }
            None => {
                execution.memory.read(me, location, message, failure);
                execution.looked(location, old, outdated || spurious, site);
            }
        }
        execution.tell_old(site, outdated, |it| {
            let (name, arguments) = (it.name(object), (update.arguments)());
            let comma = if arguments.is_empty() { "" } else { ", " };
            let call =
                format!("{name}.{}({arguments}{comma}{:?})", update.name, success);
            match (next, spurious, update.failure) {
                (_, true, _) => format!("{call} fails for no reason"),
                (None, ..) => format!("{call} fails: {}", (self.show)(old)),
                (Some(_), _, Some(_)) => format!("{call} ok"),
                (Some(new), ..) => {
                    format!("{call}: {} -> {}", (self.show)(old), (self.show)(new))
                }
            }
        });
        self.used(
            execution,
            object,
            update.name,
            [Some(update.success), update.failure],
        );
        if next.is_some() { Ok(old) } else { Err(old) }
    }

    /// A loop of this one operation says nothing about being one.
    fn spin_if_again(&self) {
        let again = with(|execution| {
            let object = execution.object(self.tag, self.what, self.site)?;
            Some(execution.is_echo(execution.index(object), self.site))
        });
        if again.unwrap_or_else(|| abandon()) {
            spin_in_silence(self.site);
        }
    }

    fn used(
        &self,
        execution: &mut Execution,
        object: usize,
        operation: &'static str,
        orderings: [Option<Ordering>; 2],
    ) {
        execution.used(|it| Used {
            location: it.name(object),
            site: self.site,
            operation,
            orderings,
        });
    }
}

impl Execution {
    /// Takes one of `count` messages to read, or of slots to store into; 0 is the newest.
    fn choose_message(&mut self, count: usize) -> usize {
        if self.is_alone() {
            return 0;
        }
        if self.limits.newest_only {
            return self.do_without(count);
        }
        let back = self.choose(count);
        self.trouble.old |= back > 0;
        back
    }
}
