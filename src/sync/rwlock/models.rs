//! The read-write locks under the model checker, and versions that are wrong by a line.

use std::array;
use std::ops::{Deref, DerefMut};

use explorer::{Kind, Model};

use super::{v1_readers_first as v1, v2_writers_first as v2};
use crate::ground::atomic::{AtomicU32, Ordering::Relaxed};
use crate::ground::sync::Arc;
use crate::ground::{hint, thread};
use crate::modelled::{caught, slips, start, these_need_their_orderings};

mod wrong;

use wrong::{Slip, Wrong};

/// A lock around a number, or what somebody took for one.
trait Lock: Send + Sync + 'static {
    type Read<'a>: Deref<Target = u32>;
    type Write<'a>: DerefMut<Target = u32>;
    fn read(&self) -> Self::Read<'_>;
    fn try_read(&self) -> Option<Self::Read<'_>>;
    fn write(&self) -> Self::Write<'_>;
    fn try_write(&self) -> Option<Self::Write<'_>>;
    fn downgrade(writer: Self::Write<'_>) -> Self::Read<'_>;
}

impl Lock for v1::RwLock<u32> {
    type Read<'a> = v1::RwLockReadGuard<'a, u32>;
    type Write<'a> = v1::RwLockWriteGuard<'a, u32>;

    fn read(&self) -> Self::Read<'_> {
        self.read()
    }

    fn try_read(&self) -> Option<Self::Read<'_>> {
        self.try_read()
    }

    fn write(&self) -> Self::Write<'_> {
        self.write()
    }

    fn try_write(&self) -> Option<Self::Write<'_>> {
        self.try_write()
    }

    fn downgrade(_: Self::Write<'_>) -> Self::Read<'_> {
        unimplemented!("not in this version")
    }
}

impl Lock for v2::RwLock<u32> {
    type Read<'a> = v2::RwLockReadGuard<'a, u32>;
    type Write<'a> = v2::RwLockWriteGuard<'a, u32>;

    fn read(&self) -> Self::Read<'_> {
        self.read().unwrap()
    }

    fn try_read(&self) -> Option<Self::Read<'_>> {
        self.try_read().ok()
    }

    fn write(&self) -> Self::Write<'_> {
        self.write().unwrap()
    }

    fn try_write(&self) -> Option<Self::Write<'_>> {
        self.try_write().ok()
    }

    fn downgrade(writer: Self::Write<'_>) -> Self::Read<'_> {
        v2::RwLockWriteGuard::downgrade(writer)
    }
}

fn v1() -> v1::RwLock<u32> {
    v1::RwLock::new(0)
}

fn v2() -> v2::RwLock<u32> {
    v2::RwLock::new(0)
}

/// Two threads, each of which writes and reads.
fn reads_and_writes(lock: impl Lock) {
    let lock = Arc::new(lock);
    let other = start(&lock, |lock| {
        drop(lock.read());
        *lock.write() += 1;
    });
    *lock.write() += 1;
    assert!(*lock.read() >= 1, "a write is lost");
    other.join().unwrap();
    assert_eq!(*lock.read(), 2, "a write is lost");
}

/// Two readers and a writer.
fn two_readers(lock: impl Lock) {
    let lock = Arc::new(lock);
    let readers = [(); 2].map(|()| start(&lock, |lock| assert!(*lock.read() <= 1)));
    *lock.write() += 1;
    for reader in readers {
        reader.join().unwrap();
    }
    assert_eq!(*lock.read(), 1, "a write is lost");
}

/// Two writers come while a reader is in.
fn two_writers(lock: impl Lock) {
    let lock = Arc::new(lock);
    let reader = lock.read();
    let writers = [(); 2].map(|()| start(&lock, |lock| *lock.write() += 1));
    assert_eq!(*reader, 0, "a writer is in");
    drop(reader);
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(*lock.read(), 2, "a write is lost");
}

/// Two writers come while a writer is in.
fn three_writers(lock: impl Lock) {
    let lock = Arc::new(lock);
    let mut writer = lock.write();
    let others = [(); 2].map(|()| start(&lock, |lock| *lock.write() += 1));
    *writer += 1;
    drop(writer);
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(*lock.read(), 3, "a write is lost");
}

/// A writer and a reader come while a writer is in.
fn one_of_each(lock: impl Lock) {
    let lock = Arc::new(lock);
    let mut writer = lock.write();
    let late = start(&lock, |lock| *lock.write() += 1);
    let reader = start(&lock, |lock| *lock.read());
    *writer += 1;
    drop(writer);
    assert!(reader.join().unwrap() >= 1, "a write is lost");
    late.join().unwrap();
    assert_eq!(*lock.read(), 2, "a write is lost");
}

/// Readers that come while a writer is in stay until both are in.
fn readers_meet(lock: impl Lock) {
    let both = Arc::new((lock, AtomicU32::new(0)));
    let (lock, inside) = &*both;
    let writer = lock.write();
    let other = start(&both, |(lock, inside)| {
        let _reader = lock.read();
        meet(inside);
    });
    drop(writer);
    let reader = lock.read();
    meet(inside);
    drop(reader);
    other.join().unwrap();
}

/// Waits until two are here.
fn meet(inside: &AtomicU32) {
    // ORDERING: Relaxed. A count; nothing else is looked at on the strength of it.
    inside.fetch_add(1, Relaxed);
    // ORDERING: Relaxed. As above.
    while inside.load(Relaxed) < 2 {
        hint::spin_loop();
    }
}

/// Who tries gets in or not, and never waits.
fn who_tries(lock: impl Lock) {
    let lock = Arc::new(lock);
    let other = start(&lock, |lock| {
        if let Some(mut writer) = lock.try_write() {
            *writer += 1;
        }
        drop(lock.read());
    });
    let mut wrote = false;
    if let Some(reader) = lock.try_read() {
        assert!(*reader <= 1);
        assert!(lock.try_write().is_none(), "a reader is in");
    }
    if let Some(mut writer) = lock.try_write() {
        assert!(lock.try_read().is_none(), "a writer is in");
        assert!(lock.try_write().is_none(), "a writer is in");
        *writer += 1;
        wrote = true;
    }
    other.join().unwrap();
    assert!(*lock.read() >= u32::from(wrote), "a write is lost");
    assert!(lock.try_write().is_some(), "nobody is in");
    assert!(lock.try_read().is_some(), "nobody is in");
}

// ANCHOR: starvation
/// Readers hand over to each other: the next one is in before the last one leaves, as long
/// as it is let in. A writer waits.
fn overlapping_readers(lock: impl Lock) {
    let lock = Arc::new(lock);
    let mut reader = lock.read();
    let writer = start(&lock, |lock| *lock.write() += 1);
    while let Some(next) = lock.try_read() {
        reader = next;
        thread::yield_now();
    }
    drop(reader);
    writer.join().unwrap();
}
// ANCHOR_END: starvation

// ANCHOR: no_passing
/// When a writer waits already, a reader leaves and comes back.
fn a_late_reader(lock: impl Lock) {
    let lock = Arc::new(lock);
    let early = lock.read();
    let writer = start(&lock, |lock| *lock.write() += 1);
    while lock.try_read().is_some() {
        thread::yield_now();
    }
    // From here on the writer waits.
    drop(early);
    assert_eq!(*lock.read(), 1, "a reader has passed the writer");
    writer.join().unwrap();
}
// ANCHOR_END: no_passing

/// A writer becomes a reader while another writer comes.
fn a_writer_stays<L: Lock>(lock: L) {
    let lock = Arc::new(lock);
    let mut writer = lock.write();
    let other = start(&lock, |lock| *lock.write() += 1);
    *writer += 1;
    let reader = L::downgrade(writer);
    assert_eq!(*reader, 1, "another writer was in between");
    drop(reader);
    other.join().unwrap();
    assert_eq!(*lock.read(), 2, "a write is lost");
}

/// A writer becomes a reader while readers wait, and stays until one is in.
fn a_writer_stays_and_readers_join<L: Lock>(lock: L) {
    let both = Arc::new((lock, AtomicU32::new(0)));
    let (lock, inside) = &*both;
    let mut writer = lock.write();
    let other = start(&both, |(lock, inside)| {
        let reader = lock.read();
        assert_eq!(*reader, 1, "a write is lost");
        meet(inside);
    });
    *writer += 1;
    let reader = L::downgrade(writer);
    meet(inside);
    drop(reader);
    other.join().unwrap();
    *lock.write() += 1;
}

/// A writer becomes a reader while a reader and a writer wait.
fn a_writer_stays_and_both_come<L: Lock>(lock: L) {
    let lock = Arc::new(lock);
    let writer = lock.write();
    let late = start(&lock, |lock| *lock.write() += 1);
    let reader = start(&lock, |lock| assert!(*lock.read() <= 1));
    drop(L::downgrade(writer));
    late.join().unwrap();
    reader.join().unwrap();
    assert_eq!(*lock.read(), 1, "a write is lost");
}

/// What both versions have for a limit in a model.
const MOST_READERS: usize = 3;

/// As many readers are in as there can be, and two more come. Each of these is refused, by
/// a panic; what it must not do is to come in, or to wait.
fn too_many_readers(lock: impl Lock) {
    let lock = Arc::new(lock);
    let in_it: [_; MOST_READERS] = array::from_fn(|_| lock.read());
    let more = [(); 2].map(|()| start(&lock, |lock| drop(lock.read())));
    for one in more {
        let _refused = one.join();
    }
    drop(in_it);
    *lock.write() += 1;
}

type Program = (Model, fn());

/// The models that a version must pass, each complete within its bounds.
macro_rules! models {
    ($version:literal, $lock:expr) => {{
        let of = |name: &str, program: fn()| {
            (Model::new(format!("{}, {name}", $version)), program)
        };
        all(
            vec![
                of("readers meet", || readers_meet($lock)),
                of("who tries", || who_tries($lock)),
                of("too many readers", || too_many_readers($lock)),
            ],
            vec![
                of("reads and writes", || reads_and_writes($lock)),
                of("two readers", || two_readers($lock)),
            ],
            vec![
                of("one of each", || one_of_each($lock)),
                of("two writers", || two_writers($lock)),
                of("three writers", || three_writers($lock)),
            ],
        )
    }};
}

/// Those that only the second version can pass.
macro_rules! models_of_writers_first {
    ($version:literal, $lock:expr) => {{
        let of = |name: &str, program: fn()| {
            (Model::new(format!("{}, {name}", $version)), program)
        };
        all(
            vec![
                of("a writer stays", || a_writer_stays($lock)),
                of("readers join", || a_writer_stays_and_readers_join($lock)),
            ],
            vec![of("overlapping readers", || overlapping_readers($lock))],
            vec![
                of("a late reader", || a_late_reader($lock)),
                of("both come", || a_writer_stays_and_both_come($lock)),
            ],
        )
    }};
}

/// How often a thread that could go on is interrupted, at most, in the largest models.
const INTERRUPTIONS: usize = 2;

/// A wait that ends for no reason is met in the small models only.
fn all(
    small: Vec<Program>,
    larger: Vec<Program>,
    largest: Vec<Program>,
) -> Vec<Program> {
    let mut all = small;
    let larger = larger.into_iter();
    all.extend(larger.map(|(model, program)| (model.spurious(false), program)));
    all.extend(largest.into_iter().map(|(model, program)| {
        let model = model.spurious(false).preemptions(INTERRUPTIONS);
        (model, program)
    }));
    all
}

#[track_caller]
fn pass(models: &[Program]) {
    for (model, program) in models {
        match model.explore(*program) {
            Ok(stats) => assert!(stats.complete, "{model:?}: {stats:?}"),
            Err(failure) => panic!("{failure}"),
        }
    }
}

#[test]
fn readers_share_it_and_writers_have_it_alone() {
    pass(&models!("v1", v1()));
    pass(&models!("v2", v2()));
}

#[test]
fn no_reader_passes_a_writer_that_waits() {
    pass(&models_of_writers_first!("v2", v2()));
}

#[test]
fn each_ordering_is_needed() {
    these_need_their_orderings("rwlock v1", &models!("v1", v1()), &[]);
    // Those that are enough.
    let of = |name, program: fn()| {
        let model = Model::new(format!("v2, {name}"));
        (model.spurious(false), program)
    };
    let of_v2 = [
        of("readers meet", || readers_meet(v2())),
        of("reads and writes", || reads_and_writes(v2())),
    ];
    // ORDERING: Release pairs with the Acquire in `write_waited`, and is kept. Without it a
    // writer's mark could be seen before its count; but by read-modify-writes alone, and
    // for these to change places one would have to see what comes of it later (load
    // buffering). The explorer, as all of its kind, knows no such runs.
    let kept = ["atomic.fetch_or: Release -> Relaxed"];
    these_need_their_orderings("rwlock v2", &of_v2, &kept);
}

/// What is wrong with v1, though no value is ever torn: the readers go on for ever, and the
/// writer that waits is never let in. The same with a mark that readers do not look at.
#[test]
fn readers_pass_the_writer_of_v1_for_ever() {
    let starving: [(_, fn()); 2] = [
        ("v1", || overlapping_readers(v1())),
        ("ReadersPass", || {
            overlapping_readers(Wrong::new(Slip::ReadersPass))
        }),
    ];
    for (version, program) in starving {
        let model = Model::new(version).steps(200);
        let failure = model.explore(program).expect_err("they are let in");
        assert_eq!(failure.kind, Kind::Livelock, "{failure}");
        println!("{failure}");
        let again = model.replay(&failure.schedule, program);
        assert_eq!(again.expect_err("the same").kind, Kind::Livelock);
    }
    println!("rwlock: writers starved: 2/2");
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    // The copy that they are made from is right without a slip.
    pass(&models!("copy", Wrong::new(Right)));
    pass(&models_of_writers_first!("copy", Wrong::new(Right)));
    caught(
        "rwlock",
        &slips! { for Wrong::new,
            UnmarksEarly: a_late_reader, Assertion;
            NeverUnmarks: reads_and_writes, LostWakeUp;
            ForgetsTheOthers: three_writers, LostWakeUp;
            CountsLate: three_writers, LostWakeUp;
            LastReaderIsQuiet: two_readers, LostWakeUp;
            WriterWakesNoReader: two_readers, LostWakeUp;
            WriterWakesOneReader: two_readers, LostWakeUp;
            WakesWithoutANumber: reads_and_writes, LostWakeUp;
            WakesEarly: reads_and_writes, LostWakeUp;
            NumberAfterTheLook: reads_and_writes, LostWakeUp;
            StoresZero: reads_and_writes, LostWakeUp;
            SleepsUnmarked: reads_and_writes, LostWakeUp;
            LeavesInTwoSteps: two_readers, Assertion;
            ToleratesOne: reads_and_writes, DataRace;
            GoesInAfterASleep: reads_and_writes, LostWakeUp;
            CountsTooFar: too_many_readers, LostWakeUp;
            LeavesAndComesBack: a_writer_stays, Assertion;
            StaysQuietly: a_writer_stays_and_readers_join, Livelock;
        },
    );
}
