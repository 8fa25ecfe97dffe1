//! Who touched what without an order: data races, and drops that come too early.

use std::sync::atomic::Ordering::Relaxed;

use super::{OBJECT_BITS, Tag, What, place};
use crate::execution::{Execution, Site};
use crate::failure::Kind;
use crate::memory::MESSAGES_MAX;

impl Execution {
    /// The thread that runs uses an atomic. `false` if it has no right to know of it: then
    /// the run has failed.
    pub(crate) fn touch(&mut self, object: usize, site: Site) -> bool {
        let me = self.me();
        let clock = *self.memory.clock(me);
        let it = &mut self.objects.all[object];
        if let Some((maker, time)) = it.made_by
            && clock.get(maker) < time
        {
            let (who, maker) = (self.thread_name(me), self.thread_name(maker));
            let (name, made) = (self.name(object), self.made_at(object));
            let sentence = format!(
                "{who} uses {name}, which {maker} made{made}, and nothing orders the making \
                 before the use"
            );
            self.fail(Kind::DataRace, sentence, Some(site));
            return false;
        }
        it.touched.set(me, clock.get(me));
        it.touched_at[me] = Some(site);
        let full =
            self.memory.newest(self.objects.all[object].index) + 1 >= MESSAGES_MAX;
        if full && matches!(self.objects.all[object].what, What::Atomic(..)) {
            let name = self.name(object);
            let sentence = format!(
                "{name} was written more than {MESSAGES_MAX} times while somebody may still \
                 read its first value: make the model smaller"
            );
            self.fail(Kind::Limit, sentence, Some(site));
        }
        !full
    }

    /// The thread that runs reads or writes plain memory. `false` if another's access is
    /// not ordered with this one: then the run has failed.
    pub(crate) fn access(&mut self, object: usize, write: bool, site: Site) -> bool {
        let me = self.me();
        let time = self.memory.time(me);
        let clock = *self.memory.clock(me);
        let index = self.index(object);
        let cell = &self.objects.cells[index];
        let other = cell.written.ahead_of(&clock).map(|who| (who, true));
        let other = other.or_else(|| {
            let reader = cell.read.ahead_of(&clock).filter(|_| write);
            reader.map(|who| (who, false))
        });
        self.tell(site, |it| {
            let name = it.name(object);
            format!("{} {name}", if write { "writes" } else { "reads" })
        });
        if let Some((who, wrote)) = other {
            let cell = &self.objects.cells[index];
            let at = if wrote {
                cell.written_at[who]
            } else {
                cell.read_at[who]
            };
            let sentence = format!(
                "{} {} {} at {}, {} {} it{}, and nothing orders the two",
                self.thread_name(me),
                if write { "writes" } else { "reads" },
                self.name(object),
                place(Some(site)),
                self.thread_name(who),
                if wrote { "wrote" } else { "read" },
                at.map(|at| format!(" at {}", place(Some(at))))
                    .unwrap_or_default(),
            );
            self.fail(Kind::DataRace, sentence, Some(site));
            return false;
        }
        let content = self.objects.cells[index].content;
        self.note(content);
        let history = self.threads[me].history;
        let cell = &mut self.objects.cells[index];
        if write {
            cell.written.set(me, time);
            cell.written_at[me] = Some(site);
            cell.content = history;
        } else {
            cell.read.set(me, time);
            cell.read_at[me] = Some(site);
        }
        true
    }

    /// The object is dropped by the thread that runs; whatever others did with it must be
    /// behind that. `false` if it is not: then the run has failed.
    pub(crate) fn retire(&mut self, tag: &Tag, what: What) -> bool {
        // ORDERING: Relaxed, as in `object`.
        if tag.0.load(Relaxed) >> OBJECT_BITS < self.number {
            // Older than the run, and never used in it.
            return true;
        }
        let me = self.me();
        let last = self.threads[me].site;
        let site = last.unwrap_or(std::panic::Location::caller());
        let Some(object) = self.object(tag, what, site) else {
            return false;
        };
        let clock = *self.memory.clock(me);
        let it = &self.objects.all[object];
        let mut user = it
            .touched
            .ahead_of(&clock)
            .map(|who| (who, it.touched_at[who]));
        if what == What::Cell {
            let cell = &self.objects.cells[it.index];
            let writer = cell.written.ahead_of(&clock);
            user = writer.map(|who| (who, cell.written_at[who])).or_else(|| {
                let reader = cell.read.ahead_of(&clock);
                reader.map(|who| (who, cell.read_at[who]))
            });
        }
        if let Some((who, at)) = user {
            let sentence = format!(
                "{} drops {} after {}, {} used it at {}, and nothing orders the use before \
                 the drop",
                self.thread_name(me),
                self.name(object),
                place(last),
                self.thread_name(who),
                place(at),
            );
            self.fail(Kind::DataRace, sentence, last);
            return false;
        }
        self.objects.all[object].dropped = true;
        true
    }

    /// One of several owners goes, and leaves what it knows to the last of them.
    pub(crate) fn leave(&mut self, tag: &Tag, last: bool) -> bool {
        // ORDERING: Relaxed, as in `object`.
        if tag.0.load(Relaxed) >> OBJECT_BITS < self.number {
            return true;
        }
        let me = self.me();
        let site = self.threads[me]
            .site
            .unwrap_or(std::panic::Location::caller());
        let Some(object) = self.object(tag, What::Owner, site) else {
            return false;
        };
        let parcel = self.objects.owners[self.index(object)];
        self.changed_else();
        self.memory.deposit(me, parcel);
        self.note(u64::from(last));
        if last {
            self.memory.collect(me, parcel);
            self.objects.all[object].dropped = true;
        }
        true
    }

    /// Somebody has an exclusive borrow of the atomic: nobody else can be using it, and its
    /// value is no longer known.
    pub(crate) fn let_loose(&mut self, tag: &Tag, site: Site) {
        let value = What::Atomic(0, false);
        if self.retire(tag, value)
            && let Some(object) = self.register(tag, value, Some(site))
        {
            self.objects.all[object].is_loose = true;
        }
    }

    /// Whether the atomic's value has to be looked up.
    pub(crate) fn is_loose(&self, tag: &Tag) -> bool {
        // ORDERING: Relaxed, as in `object`.
        let tagged = tag.0.load(Relaxed);
        let object = (tagged & ((1 << OBJECT_BITS) - 1)) as usize;
        tagged >> OBJECT_BITS == self.number
            && self.objects.all.get(object).is_some_and(|it| it.is_loose)
    }

    /// The atomic's value is known again.
    pub(crate) fn tie_up(&mut self, tag: &Tag, what: What) {
        // ORDERING: Relaxed, as in `object`.
        let object = (tag.0.load(Relaxed) & ((1 << OBJECT_BITS) - 1)) as usize;
        if let What::Atomic(value, pointer) = what {
            let location = self.index(object);
            self.memory.set_first(location, value);
            self.objects.pointers |= u64::from(pointer) << location;
            self.objects.all[object].is_loose = false;
            self.objects.all[object].what = what;
        }
    }
}
