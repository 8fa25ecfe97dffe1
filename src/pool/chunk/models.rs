//! Chunks under the model checker: nobody reads a job where another one is written, or where
//! there is no chunk any more; and no chunk is left over. Here two jobs have room in one.
#![allow(unsafe_code, reason = "jobs lie in chunks that are freed")]

use std::alloc::Layout;
use std::ptr::NonNull;

use explorer::Kind::{self, DataRace, Leak, UseAfterFree};

use super::{Chunk, OPEN, Open};
use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::thread::{self, JoinHandle};
use crate::modelled::{caught, holds, needs_its_orderings};

/// What a thread does with its chunk.
trait Puts: Default + 'static {
    /// A job that has been put in. It is run on any thread.
    type Job: Send + 'static;

    fn put(&self) -> Self::Job;
    fn run(job: Self::Job);
}

struct Right(Open);

struct Put(NonNull<Chunk>);

// SAFETY: as jobs that are in a chunk.
unsafe impl Send for Put {}

impl Default for Right {
    fn default() -> Self {
        Self(Open::new())
    }
}

impl Puts for Right {
    type Job = Put;

    fn put(&self) -> Put {
        Put(self.0.take(Layout::new::<[u64; 8]>()).chunk)
    }

    fn run(Put(chunk): Put) {
        // SAFETY: the job has not ended, and here it does.
        unsafe {
            Chunk::read(chunk);
            Chunk::end(chunk);
        }
    }
}

fn start<P: Puts>(job: P::Job) -> JoinHandle<()> {
    thread::spawn(move || P::run(job))
}

/// One job is run elsewhere and one here; then there is a third, in the same chunk if both
/// have ended.
fn three_jobs<P: Puts>() {
    let open = P::default();
    let elsewhere = start::<P>(open.put());
    P::run(open.put());
    P::run(open.put());
    drop(open);
    elsewhere.join().unwrap();
}

/// The thread that has put jobs in ends before they do.
fn two_are_left<P: Puts>() {
    let open = P::default();
    let jobs = [start::<P>(open.put()), start::<P>(open.put())];
    drop(open);
    for job in jobs {
        job.join().unwrap();
    }
}

#[test]
fn a_chunk_lives_as_long_as_its_jobs() {
    holds("three jobs", three_jobs::<Right>);
    holds("two are left", two_are_left::<Right>);
    let models: [(_, fn()); 2] = [
        ("three jobs", three_jobs::<Right>),
        ("two are left", two_are_left::<Right>),
    ];
    needs_its_orderings("chunk", &models, &[]);
}

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// A job says that it has ended, and reads on.
    EndsFirst,
    /// Begins again without looking whether all have ended.
    BeginsAgain,
    /// While jobs are put in, only those that have been are counted.
    NotOpen,
    /// Forgets to take off what stood for those that were never put in.
    StaysOpen,
}
use Slip::{BeginsAgain, EndsFirst, None as Nothing, NotOpen, StaysOpen};

/// A chunk with room for two jobs, and those that came after it, with one slip.
struct Wrong<const SLIP: u8> {
    chunk: std::cell::Cell<*const Counted>,
    jobs: std::cell::Cell<usize>,
}

struct Counted {
    left: AtomicUsize,
    memory: UnsafeCell<()>,
}

struct InWrong<const SLIP: u8>(*const Counted);

// SAFETY: none. The explorer is to find that out.
unsafe impl<const SLIP: u8> Send for InWrong<SLIP> {}

const fn slips(slip: u8, this: Slip) -> bool {
    slip == this as u8
}

fn take_off(chunk: *const Counted, count: usize) {
    // SAFETY: it is there, if nothing is wrong.
    let left = unsafe { &(*chunk).left };
    // ORDERING: AcqRel, as in `Chunk::take_off`.
    if left.fetch_sub(count, AcqRel) == count {
        // SAFETY: made in `put`, and nobody has it any more, if nothing is wrong. The memory
        // itself stays, so that there is something for whoever comes too late.
        unsafe {
            (*chunk).memory.with_mut(|_| ());
            chunk.cast_mut().drop_in_place();
        }
    }
}

impl<const SLIP: u8> Default for Wrong<SLIP> {
    fn default() -> Self {
        Self {
            chunk: std::cell::Cell::new(std::ptr::null()),
            jobs: std::cell::Cell::new(0),
        }
    }
}

impl<const SLIP: u8> Wrong<SLIP> {
    fn close(&self) {
        let (chunk, jobs) = (self.chunk.get(), self.jobs.replace(0));
        if !chunk.is_null() && !slips(SLIP, NotOpen) && !slips(SLIP, StaysOpen) {
            take_off(chunk, OPEN - jobs);
        }
    }
}

impl<const SLIP: u8> Drop for Wrong<SLIP> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<const SLIP: u8> Puts for Wrong<SLIP> {
    type Job = InWrong<SLIP>;

    fn put(&self) -> InWrong<SLIP> {
        let open = if slips(SLIP, NotOpen) { 0 } else { OPEN };
        if self.chunk.get().is_null() || self.jobs.get() == super::JOBS {
            // SAFETY: this thread has not closed it.
            let old = unsafe { self.chunk.get().as_ref() };
            // ORDERING: Acquire, as in `Chunk::all_ended`.
            let all_ended =
                |old: &Counted| old.left.load(Acquire) == OPEN - super::JOBS;
            match old {
                Some(old) if slips(SLIP, BeginsAgain) || all_ended(old) => {
                    old.memory.with_mut(|_| ());
                    // ORDERING: Relaxed, as in `Chunk::all_ended`.
                    old.left.store(open, Relaxed);
                    self.jobs.set(0);
                }
                _ => {
                    self.close();
                    let chunk = Box::new(Counted {
                        left: AtomicUsize::new(open),
                        memory: UnsafeCell::new(()),
                    });
                    self.chunk.set(Box::leak(chunk));
                }
            }
        }
        self.jobs.set(self.jobs.get() + 1);
        if slips(SLIP, NotOpen) {
            // SAFETY: it is there, if nothing is wrong.
            let left = unsafe { &(*self.chunk.get()).left };
            // ORDERING: Relaxed, as in `Count::add` of a scope.
            left.fetch_add(1, Relaxed);
        }
        InWrong(self.chunk.get())
    }

    fn run(InWrong(chunk): InWrong<SLIP>) {
        // SAFETY: it is there, if nothing is wrong.
        let read = || unsafe { &(*chunk).memory }.with(|_| ());
        if slips(SLIP, EndsFirst) {
            take_off(chunk, 1);
            read();
        } else {
            read();
            take_off(chunk, 1);
        }
    }
}

#[test]
fn chunks_that_are_wrong_by_a_line_are_caught() {
    // With nothing wrong, it holds.
    holds("as it is", three_jobs::<Wrong<{ Nothing as u8 }>>);
    let wrong: [(_, fn(), Kind); 4] = [
        (
            "a job reads when it has ended",
            two_are_left::<Wrong<{ EndsFirst as u8 }>>,
            DataRace,
        ),
        (
            "it begins again and does not look",
            three_jobs::<Wrong<{ BeginsAgain as u8 }>>,
            UseAfterFree,
        ),
        (
            "only what was put in is counted",
            two_are_left::<Wrong<{ NotOpen as u8 }>>,
            DataRace,
        ),
        (
            "it is never closed",
            two_are_left::<Wrong<{ StaysOpen as u8 }>>,
            Leak,
        ),
    ];
    caught("chunk", &wrong);
}

/// Whatever they are, jobs don't overlap, and begin where they may.
#[test]
fn jobs_of_all_sizes_have_room() {
    let open = Open::new();
    let mut ends = Vec::new();
    for round in 0..200_usize {
        let (size, align) =
            ([1, 64, 100, 5000, 0, 70_000][round % 6], 1 << (round % 9));
        let layout = Layout::from_size_align(size, align).unwrap();
        let room = open.take(layout);
        assert_eq!(room.memory.addr().get() % align, 0);
        // SAFETY: so much was asked for.
        unsafe { room.memory.write_bytes(round as u8, size) };
        ends.push((room, round, size));
    }
    drop(open);
    for (room, round, size) in ends {
        // SAFETY: written above, and this job has not ended.
        unsafe {
            let bytes = std::slice::from_raw_parts(room.memory.as_ptr(), size);
            assert!(bytes.iter().all(|byte| *byte == round as u8));
            Chunk::end(room.chunk);
        }
    }
}
