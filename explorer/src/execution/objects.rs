//! What the threads of a model share: atomics, cells, locks, queues. Each is registered in
//! the run in which it is made, so that a run knows what nobody dropped, what was used after
//! it was dropped, and who touched what without an order.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::waiting::{LockState, QueueState};
use super::{Execution, Site};
use crate::failure::{Found, Kind};
use crate::memory::{
    Clock, Digest, LOCATIONS_MAX, MESSAGES_MAX, Parcel, THREADS_MAX,
};
use crate::report::names;

/// Bits of a [`Tag`] that number the object; those above number the run.
const OBJECT_BITS: u32 = 20;

/// What an object carries so that the run recognises it: its number, and that of the run
/// that gave it. It moves with the object, unlike an address.
#[derive(Debug, Default)]
pub(crate) struct Tag(AtomicU64);

impl Tag {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }
}

/// What kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// With its first value, and whether that is a pointer.
    Atomic(u64, bool),
    Cell,
    Lock,
    Queue,
    /// A shared owner: an `Arc`.
    Owner,
}

#[derive(Debug)]
struct Object {
    what: What,
    /// In the table of its kind.
    index: usize,
    /// The line of its `new`.
    made_at: Option<Site>,
    /// By which thread, and when; `None` if it is older than the run.
    made_by: Option<(usize, u16)>,
    name: Option<&'static str>,
    dropped: bool,
    /// Lives as long as the run.
    is_static: bool,
    /// An atomic whose value somebody may have changed through `get_mut`.
    is_loose: bool,
    /// Who touched it, and how late.
    touched: Clock,
    touched_at: [Option<Site>; THREADS_MAX],
    /// An atomic's value as the reader writes it.
    show: fn(u64) -> String,
}

/// Plain memory that threads share.
#[derive(Clone, Copy, Debug, Default)]
struct Plain {
    written: Clock,
    read: Clock,
    written_at: [Option<Site>; THREADS_MAX],
    read_at: [Option<Site>; THREADS_MAX],
    /// A hash of what the last writer knew: its contents are a function of that.
    content: u64,
}

/// An ordering that was used somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) location: String,
    pub(crate) site: Site,
    pub(crate) operation: &'static str,
    pub(crate) orderings: [Option<std::sync::atomic::Ordering>; 2],
}

#[derive(Default)]
pub(super) struct Objects {
    all: Vec<Object>,
    cells: Vec<Plain>,
    pub(super) locks: Vec<LockState>,
    pub(super) queues: Vec<QueueState>,
    /// What those owners knew that have gone.
    owners: Vec<Parcel>,
    /// For each location whether it holds pointers.
    pointers: u64,
    /// A number for each pointer, that is the same in every run.
    numbers: HashMap<u64, u64>,
    statics: u32,
}

impl Objects {
    /// What is hashed for a value of `location`.
    pub(super) fn shown(&self, location: usize, value: u64) -> u64 {
        if self.pointers >> location & 1 == 0 {
            return value;
        }
        self.numbers.get(&value).copied().unwrap_or(value)
    }

    pub(super) fn digest(&self, digest: &mut Digest, threads: usize) {
        let clock = |digest: &mut Digest, clock: &Clock| {
            for &time in clock.used(threads) {
                digest.write_u16(time);
            }
        };
        for object in &self.all {
            clock(digest, &object.touched);
            digest.write_u8(u8::from(object.dropped));
        }
        for cell in &self.cells {
            clock(digest, &cell.written);
            clock(digest, &cell.read);
            digest.word(cell.content);
        }
        self.locks.hash(digest);
        self.queues.len().hash(digest);
    }
}

impl Execution {
    /// The number of the object that `tag` belongs to. One that is older than the run is
    /// registered at its first use.
    ///
    /// `None` if it was dropped: then the run has failed.
    pub(crate) fn object(
        &mut self,
        tag: &Tag,
        what: What,
        site: Site,
    ) -> Option<usize> {
        // ORDERING: Relaxed, here and in `register`. All threads of a model share one real
        // thread; the type is atomic only so that the object may be shared.
        let tagged = tag.0.load(Relaxed);
        let (run, object) =
            (tagged >> OBJECT_BITS, tagged & ((1 << OBJECT_BITS) - 1));
        let object = object as usize;
        if run < self.number {
            return self.register(tag, what, None);
        }
        let live = run == self.number
            && self
                .objects
                .all
                .get(object)
                .is_some_and(|known| !known.dropped);
        if live {
            return Some(object);
        }
        let who = self.thread_name(self.me());
        let (name, made) = match self.objects.all.get(object) {
            Some(_) if run == self.number => {
                (self.name(object), self.made_at(object))
            }
            _ => ("something".to_owned(), String::new()),
        };
        let sentence = format!("{who} uses {name}{made}, which has been dropped");
        self.fail(Kind::UseAfterFree, sentence, Some(site));
        None
    }

    /// Registers an object that is made at `site`, or was before the run if that is `None`.
    pub(crate) fn register(
        &mut self,
        tag: &Tag,
        what: What,
        site: Option<Site>,
    ) -> Option<usize> {
        let (table, most) = match what {
            What::Atomic(..) => (self.memory.locations(), LOCATIONS_MAX),
            What::Cell => (self.objects.cells.len(), usize::MAX),
            What::Lock => (self.objects.locks.len(), usize::MAX),
            What::Queue => (self.objects.queues.len(), usize::MAX),
            What::Owner => (self.objects.owners.len(), usize::MAX),
        };
        if table == most || self.objects.all.len() >> OBJECT_BITS > 0 {
            let sentence =
                format!("a model may have {most} atomics, and this has more");
            self.fail(Kind::Limit, sentence, site);
            return None;
        }
        let me = self.me();
        let mut made_by = None;
        let (mut touched, mut touched_at) = (Clock::default(), [None; THREADS_MAX]);
        if let Some(site) = site {
            let time = self.memory.time(me);
            made_by = Some((me, time));
            touched.set(me, time);
            touched_at[me] = Some(site);
        }
        match what {
            What::Atomic(value, pointer) => {
                let location = self.memory.add_location(value);
                self.objects.pointers |= u64::from(pointer) << location;
                if pointer {
                    self.number_pointer(value);
                }
            }
            What::Cell => self.objects.cells.push(Plain {
                written: touched,
                written_at: touched_at,
                content: self.threads[me].history,
                ..Plain::default()
            }),
            What::Lock => {
                let parcels = [self.memory.add_parcel(), self.memory.add_parcel()];
                let content = self.threads[me].history;
                self.objects.locks.push(LockState::new(parcels, content));
            }
            What::Queue => self.objects.queues.push(QueueState::default()),
            What::Owner => {
                let parcel = self.memory.add_parcel();
                self.objects.owners.push(parcel);
            }
        }
        let object = self.objects.all.len();
        self.objects.all.push(Object {
            what,
            index: table,
            made_at: site,
            made_by,
            name: None,
            dropped: false,
            is_static: self.objects.statics > 0,
            is_loose: false,
            show: |value| value.to_string(),
            touched,
            touched_at,
        });
        // ORDERING: Relaxed, as in `object`.
        tag.0
            .store(self.number << OBJECT_BITS | object as u64, Relaxed);
        Some(object)
    }

    /// Where an object is in the table of its kind.
    pub(crate) fn index(&self, object: usize) -> usize {
        self.objects.all[object].index
    }

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

    /// Something that was made in this run and is still there at its end.
    pub(super) fn leaked(&mut self) -> Option<Found> {
        let leaked =
            |it: &Object| it.made_by.is_some() && !it.dropped && !it.is_static;
        let count = self.objects.all.iter().filter(|it| leaked(it)).count();
        let first = self.objects.all.iter().position(leaked)?;
        let mut sentence = format!(
            "{}{} was never dropped",
            self.name(first),
            self.made_at(first)
        );
        if count > 1 {
            sentence.push_str(&format!(", nor were {} others", count - 1));
        }
        Some(Found::new(
            Kind::Leak,
            sentence,
            self.objects.all[first].made_at,
        ))
    }

    /// While `make` runs, what is made lives as long as the run.
    pub(crate) fn enter_static(&mut self, enter: bool) {
        let depth = &mut self.objects.statics;
        *depth = if enter { *depth + 1 } else { *depth - 1 };
    }

    /// Gives a pointer its number, by who first stored it and how many it had stored.
    pub(crate) fn number_pointer(&mut self, value: u64) {
        if value == 0 || self.objects.numbers.contains_key(&value) {
            return;
        }
        let me = self.me();
        let number = Digest::mix(me as u64 + 1, self.threads[me].history);
        self.objects.numbers.insert(value, number);
    }

    /// What is hashed for a value of `location`.
    pub(crate) fn shown(&self, location: usize, value: u64) -> u64 {
        self.objects.shown(location, value)
    }

    /// Calls an object by `name` in reports.
    pub(crate) fn set_name(&mut self, object: usize, name: &'static str) {
        self.objects.all[object].name = Some(name);
    }

    /// What reports call an object.
    pub(crate) fn name(&self, object: usize) -> String {
        let base = |object: &Object| {
            let given = object.name.map(str::to_owned);
            given
                .or_else(|| object.made_at.and_then(names::name_at))
                .unwrap_or_else(|| {
                    match object.what {
                        What::Atomic(..) => "atomic",
                        What::Cell => "cell",
                        What::Lock => "lock",
                        What::Queue => "queue",
                        What::Owner => "Arc",
                    }
                    .to_owned()
                })
        };
        let all = &self.objects.all;
        let mine = base(&all[object]);
        let earlier = all[..object]
            .iter()
            .filter(|other| base(other) == mine)
            .count();
        if earlier == 0 {
            mine
        } else {
            format!("{mine}#{}", earlier + 1)
        }
    }

    /// The object that has `index` in the table of its kind.
    pub(super) fn object_at(
        &self,
        index: usize,
        is: impl Fn(&What) -> bool,
    ) -> usize {
        let found = self
            .objects
            .all
            .iter()
            .position(|it| it.index == index && is(&it.what));
        found.expect("every entry of a table belongs to an object")
    }

    /// What reports call the atomic at a location.
    pub(super) fn location_name(&self, location: usize) -> String {
        self.name(self.object_at(location, |what| matches!(what, What::Atomic(..))))
    }

    /// A value of a location as the reader writes it.
    pub(super) fn show(&self, location: usize, value: u64) -> String {
        let object =
            self.object_at(location, |what| matches!(what, What::Atomic(..)));
        (self.objects.all[object].show)(value)
    }

    /// How the values of an atomic are to be shown.
    pub(crate) fn set_show(&mut self, object: usize, show: fn(u64) -> String) {
        self.objects.all[object].show = show;
    }

    fn made_at(&self, object: usize) -> String {
        let at = self.objects.all[object].made_at;
        at.map(|at| format!(" (made at {})", place(Some(at))))
            .unwrap_or_default()
    }

    /// Remembers that an ordering was used.
    pub(crate) fn used(&mut self, used: impl FnOnce(&Self) -> Used) {
        if self.limits.orderings {
            let used = used(self);
            if !self.orderings.contains(&used) {
                self.orderings.push(used);
            }
        }
    }
}

/// `file:line`, with the file's own name only.
pub(crate) fn place(site: Option<Site>) -> String {
    site.map_or_else(
        || "its start".to_owned(),
        |site| {
            let file = site.file().rsplit(['/', '\\']).next().unwrap_or_default();
            format!("{file}:{}", site.line())
        },
    )
}
