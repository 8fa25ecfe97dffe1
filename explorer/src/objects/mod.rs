//! What the threads of a model share: atomics, cells, locks, queues. Each is registered in
//! the run in which it is made, so that a run knows what nobody dropped, what was used after
//! it was dropped, and who touched what without an order.
//!
//! `register`, `retire` and `leave` here are steps of the run, and say whether they succeed.
//! Those of the same names in `waits` are what the ground calls: they end the run if not.
//! A *parcel* is knowledge that is handed over by something other than an atomic.

mod races;

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::digest::Digest;
use crate::execution::{Execution, Site};
use crate::failure::{Found, Kind};
use crate::memory::{Clock, LOCATIONS_MAX, Parcel, THREADS_MAX};
use crate::report::names;
use crate::waits::{LockState, QueueState};

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
pub(crate) struct Objects {
    all: Vec<Object>,
    cells: Vec<Plain>,
    pub(crate) locks: Vec<LockState>,
    pub(crate) queues: Vec<QueueState>,
    /// What those owners knew that have gone.
    pub(crate) owners: Vec<Parcel>,
    /// For each location whether it holds pointers.
    pointers: u64,
    /// A number for each pointer, that is the same in every run.
    numbers: HashMap<u64, u64>,
    /// How many makings of a `static` the run is inside of.
    statics: u32,
}

impl Objects {
    /// The number of a pointer, if it has one.
    pub(crate) fn number_of(&self, pointer: u64) -> Option<u64> {
        self.numbers.get(&pointer).copied()
    }

    /// What is hashed for a value of `location`.
    pub(crate) fn shown(&self, location: usize, value: u64) -> u64 {
        if self.pointers >> location & 1 == 0 {
            return value;
        }
        self.number_of(value).unwrap_or(value)
    }

    pub(crate) fn digest(&self, digest: &mut Digest, threads: usize) {
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
        if let Some(site) = site
            && self.objects.statics == 0
        {
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

    /// Something that was made in this run and is still there at its end.
    pub(crate) fn leaked(&mut self) -> Option<Found> {
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
            sentence.push_str(&match count {
                2 => ", nor was another".to_owned(),
                _ => format!(", nor were {} others", count - 1),
            });
        }
        Some(Found::new(
            Kind::Leak,
            sentence,
            self.objects.all[first].made_at,
        ))
    }

    /// From `true` on until `false`, what is made is as old as the run and lives as long.
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
        let all = &self.objects.all;
        let base = |index: usize| {
            let object = &all[index];
            let given = object.name.map(str::to_owned);
            let same = |other: &&Object| other.made_at == object.made_at;
            let nth = all[..index].iter().filter(same).count();
            given
                .or_else(|| {
                    let made_at = object.made_at.filter(|_| self.is_read);
                    made_at.and_then(|at| names::name_at(at, nth))
                })
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
        let mine = base(object);
        // The lock and the queue of one channel share its name.
        let other = |index: &usize| {
            let (mine, other) = (&all[object], &all[*index]);
            let apart = discriminant(&mine.what) != discriminant(&other.what);
            mine.made_at.is_none() || !(apart && mine.made_at == other.made_at)
        };
        let earlier = (0..object)
            .filter(other)
            .filter(|&it| base(it) == mine)
            .count();
        if earlier == 0 {
            mine
        } else {
            format!("{mine}#{}", earlier + 1)
        }
    }

    /// The object that has `index` in the table of its kind.
    pub(crate) fn object_at(
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
    pub(crate) fn location_name(&self, location: usize) -> String {
        self.name(self.object_at(location, |what| matches!(what, What::Atomic(..))))
    }

    /// How a value of a location is written by the reader; known once it was used.
    pub(crate) fn show(&self, location: usize) -> fn(u64) -> String {
        let object =
            self.object_at(location, |what| matches!(what, What::Atomic(..)));
        self.objects.all[object].show
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
