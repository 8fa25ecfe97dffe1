//! Memory that is lent to the kernel before anybody knows what for.
//!
//! A read that waits keeps its buffer. Ten thousand connections that say nothing would keep
//! ten thousand of them. With *provided buffers* a receive names a group instead, and the
//! kernel takes a buffer out of it when there are bytes to put there. The result says which.
//!
//! The group is a ring with one end of ours: we write an entry (address, length, number) and
//! move the tail, the kernel takes from the other end. Where its end is, it tells nobody. It
//! need not: there are as many places as buffers.
//!
//! | a buffer is | who may touch it | until |
//! |---|---|---|
//! | in the ring | the kernel | a result names it |
//! | lent out, a [`Loan`] | whoever has the `Loan` | it is dropped, and back in the ring |

#![allow(unsafe_code, reason = "memory that the kernel writes to")]

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;
use std::{fmt, io, slice};

use super::abi::{BUFFER_RING_TAIL, Buffer, BufferRing};
use super::calls::register_buffers;
use super::indices::Lender;
use super::mapping::{MappedHalf, Mapping};
use super::ring::Ring;

/// The one group that a loop has.
pub(super) const GROUP: u16 = 0;
/// The most that a kernel takes in a group.
const COUNT_MAX: u32 = 1 << 15;

/// The buffers of a loop. It lives as long as the loop does, or one of the [`Loan`].
pub(super) struct Pool {
    lender: RefCell<Lender<MappedHalf>>,
    /// INVARIANT: `count` entries; the places from the lender's on are ours, as many as
    /// buffers are lent out.
    ring: NonNull<Buffer>,
    /// INVARIANT: `count` times `size` bytes. Of those of one buffer the kernel is the only
    /// one to know while it is in the ring, and its `Loan` otherwise.
    memory: NonNull<u8>,
    count: u32,
    size: u32,
    /// How many are lent out.
    out: Cell<u32>,
    _mapping: Mapping,
}

impl Pool {
    /// Makes `count` buffers, rounded up to a power of two, and lends them to the kernel.
    ///
    /// # Safety
    /// The pool lives until `ring` is closed, and the kernel has ended all it had to do.
    pub(super) unsafe fn new(
        ring: &Ring,
        count: usize,
        size: usize,
    ) -> io::Result<Rc<Self>> {
        let count = u32::try_from(count)
            .unwrap_or(COUNT_MAX)
            .clamp(1, COUNT_MAX);
        let count = count.next_power_of_two();
        // What a result can say: it has 31 bits.
        let size = size.clamp(1, 1 << 30) as u32;
        let ring_len = count as usize * size_of::<Buffer>();
        let memory_len = (count as usize).checked_mul(size as usize);
        let len = memory_len.and_then(|len| len.checked_add(ring_len));
        // Nobody has so much memory, and the kernel says so.
        let mapping = Mapping::anonymous(len.unwrap_or(usize::MAX))?;
        // SAFETY: the word is in the mapping, which the pool keeps; the kernel only reads it.
        let tail = unsafe { MappedHalf::new(&mapping, BUFFER_RING_TAIL) };
        let pool = Self {
            lender: RefCell::new(Lender::new(tail, count)),
            ring: mapping.at(0, count as usize),
            memory: mapping.at(ring_len, count as usize * size as usize),
            count,
            size,
            out: Cell::new(count),
            _mapping: mapping,
        };
        let told = BufferRing {
            ring_addr: pool.ring.as_ptr().expose_provenance() as u64,
            ring_entries: count,
            group: GROUP,
            ..BufferRing::default()
        };
        // SAFETY: the ring has so many entries, and begins at a page; that all of it stays
        // is the caller's promise.
        unsafe { register_buffers(ring.fd(), &told) }?;
        for id in 0..count {
            // SAFETY: there is none yet, and nobody has it.
            unsafe { pool.put(id as u16) };
        }
        Ok(Rc::new(pool))
    }

    /// How many the kernel has.
    pub(super) fn left(&self) -> u32 {
        self.count - self.out.get()
    }

    /// How long each is.
    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// The bytes that a result has brought, in the buffer that it names.
    ///
    /// # Safety
    /// A result has named it, only this once, and said that it has `len` bytes.
    #[inline]
    pub(super) unsafe fn take(self: &Rc<Self>, id: u16, len: usize) -> Loan {
        self.out.set(self.out.get() + 1);
        Loan {
            pool: Rc::clone(self),
            id,
            from: 0,
            len: (len as u32).min(self.size),
        }
    }

    /// Puts a buffer into the ring: the kernel's from now on.
    ///
    /// # Safety
    /// It is not in the ring, and nobody touches it any more.
    #[inline]
    unsafe fn put(&self, id: u16) {
        let mut lender = self.lender.borrow_mut();
        let place = lender.place() as usize;
        let memory = self.begin(id);
        // SAFETY: one of the entries, and ours, by the invariant of `ring`. The last two
        // bytes are left alone: those of the first entry are the tail.
        unsafe {
            let entry = self.ring.add(place).as_ptr();
            (&raw mut (*entry).addr)
                .write(memory.as_ptr().expose_provenance() as u64);
            (&raw mut (*entry).len).write(self.size);
            (&raw mut (*entry).id).write(id);
        }
        lender.publish();
        self.out.set(self.out.get() - 1);
    }

    /// Where a buffer begins.
    #[inline]
    fn begin(&self, id: u16) -> NonNull<u8> {
        let id = u32::from(id) & (self.count - 1);
        // SAFETY: inside, by the invariant of `memory`.
        unsafe { self.memory.add(id as usize * self.size as usize) }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("count", &self.count)
            .field("size", &self.size)
            .field("left", &self.left())
            .finish_non_exhaustive()
    }
}

// ANCHOR: loan
/// Bytes that have come, in a buffer that the kernel gets back when this is dropped.
pub(in super::super) struct Loan {
    pool: Rc<Pool>,
    id: u16,
    from: u32,
    len: u32,
}

impl Loan {
    /// Leaves the first `count` bytes out from now on.
    pub(super) fn skip(&mut self, count: usize) {
        let count = (count as u32).min(self.len);
        self.from += count;
        self.len -= count;
    }
}

impl Deref for Loan {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: inside of the buffer (`take` and `skip`), which lives as long as the pool
        // that is kept here, and of which nobody but this value knows.
        unsafe {
            let begin = self.pool.begin(self.id).add(self.from as usize);
            slice::from_raw_parts(begin.as_ptr(), self.len as usize)
        }
    }
}

impl Drop for Loan {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: a result has named it, so it is not in the ring, and this was the last who
        // knew of it.
        unsafe { self.pool.put(self.id) };
    }
}
// ANCHOR_END: loan

impl fmt::Debug for Loan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Loan({}, {} bytes)", self.id, self.len)
    }
}
