//! Memory for jobs, for 64 of them at a time.
//!
//! A job that nobody waits for in a frame of its own has to lie somewhere until a worker has
//! run it. A box for each would be an allocation for each. So each thread has one [`Chunk`]
//! into which it puts job behind job, of whatever size, and takes the next when that one is
//! full. What a job belongs to does not matter here.
//!
//! The jobs end in any order and on any thread. Each takes itself off `left`, and whoever
//! brings `left` to zero frees the chunk. While a thread still puts jobs in, `left` cannot
//! become zero: it starts at `OPEN`, more than there can ever be jobs, and only when the
//! thread is through with the chunk does it take off what it had put there too much. So
//! putting a job in costs no atomic operation at all, and ending one costs one.
//!
//! A thread whose chunk is full, or about to be, and whose jobs have all ended, starts again
//! at the beginning of the same chunk: a program that has few jobs at a time goes on in one
//! chunk for ever. The price is that a job that does not end keeps the chunk from being used
//! again; those of scopes end their use of it before they run.
#![allow(unsafe_code, reason = "jobs of many types lie in one piece of memory")]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::mem;
use std::ptr::{self, NonNull};

use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::thread_local;

/// So many jobs at least have room in a chunk, if none is larger than [`LARGE`].
pub(super) const JOBS: usize = if cfg!(test) { 2 } else { 64 };
/// What a job takes at least, in bytes, and where it may begin: a cache line, so that the
/// thread that writes the next job and the one that reads this one don't get in each other's
/// way.
const LINE: usize = 64;
/// A larger job than this does not make the next chunk larger still. So there may be fewer
/// than 64 of them in one, rather than megabytes of memory that nobody uses.
const LARGE: usize = 16 << 10;
/// `left` while a thread puts jobs in.
const OPEN: usize = usize::MAX / 2;

/// How much of a chunk its own fields take.
const BEGIN: usize = mem::size_of::<Chunk>().next_multiple_of(LINE);

/// The beginning of a chunk; the jobs lie behind it.
pub(super) struct Chunk {
    /// How many jobs have not ended; [`OPEN`] minus those that have while a thread still
    /// puts some in.
    left: AtomicUsize,
    /// What was allocated.
    layout: Layout,
    /// The memory behind: read by jobs that run, written by whoever uses it for others, or
    /// frees it. On the real ground this is nothing; the model checker sees who does so at
    /// the same time.
    memory: UnsafeCell<()>,
}

impl Chunk {
    /// A chunk with room for `JOBS` jobs such as `job`, into which the caller puts some.
    fn new(job: Layout) -> NonNull<Self> {
        let align = job.align().max(LINE);
        let one = job.size().next_multiple_of(align);
        let jobs = if one <= LARGE {
            one * JOBS
        } else {
            one.max(LARGE * JOBS)
        };
        // The first job begins at a multiple of `align` behind the chunk's own fields.
        let layout = Layout::from_size_align(jobs + BEGIN.max(align), align)
            .expect("a closure is smaller than memory");
        let chunk = spare::take(layout).unwrap_or_else(|| {
            // SAFETY: the layout is not empty, for a `Chunk` isn't.
            let memory = NonNull::new(unsafe { alloc(layout) }.cast::<Self>());
            memory.unwrap_or_else(|| handle_alloc_error(layout))
        });
        let begin = Self {
            left: AtomicUsize::new(OPEN),
            layout,
            memory: UnsafeCell::new(()),
        };
        // SAFETY: just allocated, or spare, for a `Chunk` and what comes after it.
        unsafe { chunk.write(begin) };
        chunk
    }

    /// One of its jobs reads what was put in for it.
    ///
    /// # Safety
    /// `this` is a chunk in which a job of the caller has not ended.
    pub(super) unsafe fn read(this: NonNull<Self>) {
        // SAFETY: by the caller, the chunk is there.
        unsafe { this.as_ref() }.memory.with(|_| ());
    }

    /// One of its jobs has ended: nobody reads it any more.
    ///
    /// # Safety
    /// `this` is a chunk in which a job of the caller has not ended. It now has.
    pub(super) unsafe fn end(this: NonNull<Self>) {
        // SAFETY: by the caller.
        unsafe { Self::take_off(this, 1) };
    }

    /// The caller puts no more jobs in; `jobs` are in.
    ///
    /// # Safety
    /// `this` is a chunk of the caller's, who doesn't use it any more.
    unsafe fn close(this: NonNull<Self>, jobs: usize) {
        // SAFETY: by the caller.
        unsafe { Self::take_off(this, OPEN - jobs) };
    }

    /// # Safety
    /// So much of `left` belongs to the caller.
    // ANCHOR: chunk_end
    unsafe fn take_off(this: NonNull<Self>, count: usize) {
        // SAFETY: nobody frees the chunk while there is something left, as the caller says.
        let left = unsafe { &this.as_ref().left };
        // ORDERING: Release: this job has read its memory before; Acquire: and so have all
        // others, if this is the last. Both pair with each other in `take_off`, and Release
        // with the Acquire in `all_ended`.
        if left.fetch_sub(count, AcqRel) == count {
            // SAFETY: no job is left and nobody puts one in, so nobody has the pointer.
            unsafe { Self::free(this) };
        }
    }
    // ANCHOR_END: chunk_end

    /// # Safety
    /// Nobody else has the pointer.
    unsafe fn free(this: NonNull<Self>) {
        // SAFETY: by the caller, the chunk is there and this is the only use of it.
        let layout = unsafe {
            this.as_ref().memory.with_mut(|_| ());
            let layout = this.as_ref().layout;
            ptr::drop_in_place(this.as_ptr());
            layout
        };
        if spare::keep(this, layout) {
            return;
        }
        // SAFETY: allocated in `new`, with this layout.
        unsafe { dealloc(this.as_ptr().cast(), layout) };
    }

    /// Whether all of the `jobs` that the caller has put in have ended, so that it may put
    /// others there.
    fn all_ended(&self, jobs: usize) -> bool {
        // ORDERING: Acquire pairs with the Release in `take_off`: each job has read what it
        // wanted before another is written there.
        let ended = self.left.load(Acquire) == OPEN - jobs;
        if ended {
            self.memory.with_mut(|_| ());
            // ORDERING: Relaxed. Who takes off from it has found its job later, and that was
            // published after this.
            self.left.store(OPEN, Relaxed);
        }
        ended
    }
}

/// Room for a job, and the chunk that it is in: the job ends with [`Chunk::end`].
pub(super) struct Room {
    pub(super) chunk: NonNull<Chunk>,
    pub(super) memory: NonNull<u8>,
}

/// Takes room for such a job.
#[inline]
pub(super) fn take(job: Layout) -> Room {
    // A thread that ends has no chunk any more: there the job has one for itself.
    let here = OPEN_HERE.try_with(|open| open.take(job));
    here.unwrap_or_else(|_| Open::new().take(job))
}

/// The chunk into which this thread puts jobs.
struct Open {
    chunk: Cell<Option<NonNull<Chunk>>>,
    /// Where the free part of it begins, and ends.
    free: Cell<(usize, usize)>,
    /// How many jobs are in it.
    jobs: Cell<usize>,
    /// The largest size and alignment of them: the next chunk is to have room for 64 such.
    largest: Cell<(usize, usize)>,
}

thread_local! {
    static OPEN_HERE: Open = const { Open::new() };
}

impl Open {
    const fn new() -> Self {
        Self {
            chunk: Cell::new(None),
            free: Cell::new((0, 0)),
            jobs: Cell::new(0),
            largest: Cell::new((0, 1)),
        }
    }

    /// Room for such a job, and the chunk in which it is.
    #[inline]
    fn take(&self, job: Layout) -> Room {
        loop {
            let (begin, end) = self.free.get();
            let at = begin.next_multiple_of(job.align().max(LINE));
            if let Some(chunk) = self.chunk.get()
                && at + job.size() <= end
            {
                self.free.set((at + job.size(), end));
                self.jobs.set(self.jobs.get() + 1);
                // SAFETY: inside of what was allocated for the chunk, for `end` is its end.
                let memory =
                    unsafe { chunk.cast::<u8>().add(at - chunk.addr().get()) };
                return Room { chunk, memory };
            }
            self.next(job);
        }
    }

    /// The chunk is full, or there is none: begins again, or takes another.
    #[cold]
    fn next(&self, job: Layout) {
        let jobs = self.jobs.replace(0);
        let (size, align) = self.largest.get();
        let grown = (size.max(job.size().min(LARGE)), align.max(job.align()));
        if let Some(chunk) = self.chunk.get() {
            // SAFETY: this thread has not closed it, so it is there.
            let begin = unsafe { chunk.as_ref() };
            if grown == (size, align) && jobs > 0 && begin.all_ended(jobs) {
                self.restart(chunk);
                return;
            }
            self.chunk.set(None);
            // SAFETY: it is this thread's, and it has just forgotten it.
            unsafe { Chunk::close(chunk, jobs) };
        }
        self.largest.set(grown);
        let room = Layout::from_size_align(grown.0.max(job.size()), grown.1);
        let chunk = Chunk::new(room.expect("of two layouts that are fine"));
        self.chunk.set(Some(chunk));
        self.restart(chunk);
    }

    /// Puts no more jobs into the chunk that there is.
    fn close(&self) {
        if let Some(chunk) = self.chunk.take() {
            self.free.set((0, 0));
            // SAFETY: it is this thread's, and it has just forgotten it.
            unsafe { Chunk::close(chunk, self.jobs.replace(0)) };
        }
    }

    fn restart(&self, chunk: NonNull<Chunk>) {
        // SAFETY: this thread has not closed it, so it is there.
        let size = unsafe { chunk.as_ref() }.layout.size();
        let begin = chunk.addr().get();
        self.free.set((begin + BEGIN, begin + size));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.close();
    }
}

/// In a model the first thread ends after the last look for what is left over. So it closes
/// its chunk itself.
#[cfg(test)]
pub(super) fn close_here() {
    OPEN_HERE.with(Open::close);
}

/// Chunks that nobody uses, so that those who put jobs in need not ask for memory that those
/// who run them have just given back.
///
/// An allocator that frees on one thread what another has allocated takes its time, and may
/// hand pages back to the system that are wanted again at once: in a flood of empty jobs
/// that cost more than all the rest.
#[cfg(not(test))]
mod spare {
    use std::alloc::Layout;
    use std::ptr::NonNull;

    use super::Chunk;
    use crate::ground::sync::{Mutex, PoisonError};

    /// The most chunks that are kept, and the largest: two megabytes at the worst.
    const MOST: usize = 128;
    const LARGEST: usize = 16 << 10;

    struct Chunks {
        count: usize,
        them: [Option<(NonNull<Chunk>, Layout)>; MOST],
    }

    // SAFETY: whoever puts a chunk in is the only one who has it.
    unsafe impl Send for Chunks {}

    static SPARE: Mutex<Chunks> = Mutex::new(Chunks {
        count: 0,
        them: [None; MOST],
    });

    /// A chunk that was allocated with this layout, and is the caller's.
    pub(super) fn take(layout: Layout) -> Option<NonNull<Chunk>> {
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        let count = spare.count;
        let of_its_size = |place: &Option<(_, Layout)>| {
            place.is_some_and(|(_, its)| its == layout)
        };
        // The last that came is the likeliest to be in somebody's cache.
        let found = spare.them[..count].iter().rposition(of_its_size)?;
        spare.them.swap(found, count - 1);
        let (chunk, _) = spare.them[count - 1].take()?;
        spare.count = count - 1;
        Some(chunk)
    }

    /// Keeps a chunk of the caller's, if there is room.
    pub(super) fn keep(chunk: NonNull<Chunk>, layout: Layout) -> bool {
        if layout.size() > LARGEST {
            return false;
        }
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        let count = spare.count;
        let Some(place) = spare.them.get_mut(count) else {
            return false;
        };
        *place = Some((chunk, layout));
        spare.count += 1;
        true
    }
}

/// In the unit tests no chunk is spare: a model begins with nothing, every time.
#[cfg(test)]
mod spare {
    use std::alloc::Layout;
    use std::ptr::NonNull;

    use super::Chunk;

    pub(super) fn take(_: Layout) -> Option<NonNull<Chunk>> {
        None
    }

    pub(super) fn keep(_: NonNull<Chunk>, _: Layout) -> bool {
        false
    }
}

#[cfg(test)]
mod models;
