//! Memory that two sides see: a piece of it, and a word in it.

#![allow(unsafe_code, reason = "memory that the kernel writes to")]

use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use super::calls::mapped;
use super::indices::Word;

/// Pages that belong to this value, and are given back with it.
#[derive(Debug)]
pub(super) struct Mapping {
    begin: NonNull<u8>,
    len: usize,
}

impl Mapping {
    /// Memory of nobody's, all zeros: pages of our own.
    pub(super) fn anonymous(len: usize) -> std::io::Result<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: the kernel picks a place at which there is nothing.
        let result =
            unsafe { libc::mmap(ptr::null_mut(), len, PROTECTION, flags, -1, 0) };
        let begin = mapped(result)?;
        Ok(Self { begin, len })
    }

    /// What `fd` has at `offset`.
    pub(super) fn shared(
        fd: BorrowedFd<'_>,
        offset: i64,
        len: usize,
    ) -> std::io::Result<Self> {
        let flags = libc::MAP_SHARED | libc::MAP_POPULATE;
        let (nowhere, fd) = (ptr::null_mut(), fd.as_raw_fd());
        // SAFETY: as above.
        let result = unsafe {
            libc::mmap(nowhere, len, PROTECTION, flags, fd, offset as libc::off_t)
        };
        let begin = mapped(result)?;
        Ok(Self { begin, len })
    }

    /// Where `count` values begin, `offset` bytes from the beginning.
    ///
    /// # Panics
    /// If they are not inside, or if a `T` can't begin there.
    pub(super) fn at<T>(&self, offset: usize, count: usize) -> NonNull<T> {
        let end = count
            .checked_mul(size_of::<T>())
            .and_then(|bytes| bytes.checked_add(offset));
        assert!(end.is_some_and(|end| end <= self.len), "past the mapping");
        // SAFETY: `offset` is inside, as was just asserted.
        let begin = unsafe { self.begin.add(offset) }.cast::<T>();
        assert!(begin.is_aligned(), "a mapping with other offsets");
        begin
    }
}

const PROTECTION: libc::c_int = libc::PROT_READ | libc::PROT_WRITE;

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by us and in one piece; whoever has pointers into it keeps this
        // value. It can only fail for a range that is none.
        unsafe { libc::munmap(self.begin.as_ptr().cast(), self.len) };
    }
}

/// A word of 32 bits in a mapping. The kernel reads and writes it at any time, so it is only
/// reached atomically: by std's atomics, not by those of [`crate::ground`], whose layout
/// under the model checker is none that a kernel knows.
#[derive(Debug)]
pub(super) struct Mapped(NonNull<u32>);

impl Mapped {
    /// # Safety
    /// The mapping lives longer than this value, and everybody reaches the word atomically.
    pub(super) unsafe fn new(mapping: &Mapping, offset: u32) -> Self {
        Self(mapping.at(offset as usize, 1))
    }

    #[inline]
    fn atomic(&self) -> &AtomicU32 {
        // SAFETY: by `new`, the word is there, and nobody reaches it but atomically.
        unsafe { AtomicU32::from_ptr(self.0.as_ptr()) }
    }
}

impl Word for Mapped {
    #[inline]
    fn load(&self, order: Ordering) -> u32 {
        // ORDERING: the caller's; see `super::indices`.
        self.atomic().load(order)
    }

    #[inline]
    fn store(&self, value: u32, order: Ordering) {
        // ORDERING: the caller's; see `super::indices`.
        self.atomic().store(value, order);
    }
}

/// As [`Mapped`], with 16 bits: the tail of a ring of buffers.
#[derive(Debug)]
pub(super) struct MappedHalf(NonNull<u16>);

impl MappedHalf {
    /// # Safety
    /// As for [`Mapped::new`].
    pub(super) unsafe fn new(mapping: &Mapping, offset: usize) -> Self {
        Self(mapping.at(offset, 1))
    }

    #[inline]
    fn atomic(&self) -> &AtomicU16 {
        // SAFETY: as for `Mapped`.
        unsafe { AtomicU16::from_ptr(self.0.as_ptr()) }
    }
}

impl Word for MappedHalf {
    #[inline]
    fn load(&self, order: Ordering) -> u32 {
        // ORDERING: the caller's; see `super::indices`.
        self.atomic().load(order).into()
    }

    /// The upper half is left out: the kernel counts with 16 bits here.
    #[inline]
    fn store(&self, value: u32, order: Ordering) {
        // ORDERING: the caller's; see `super::indices`.
        self.atomic().store(value as u16, order);
    }
}
