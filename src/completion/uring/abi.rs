//! What io_uring looks like in memory, by hand: numbers, structures, and where their fields
//! are.
//!
//! `libc` knows the numbers of the three system calls and nothing else, so everything that
//! goes through the two rings is written down here. A field in the wrong place is not an
//! error that a kernel reports: it reads the length where the flags are, and does something
//! else. So sizes and offsets are asserted while this is compiled.
//!
//! | structure | bytes | what it is | who writes it | source |
//! |---|---|---|---|---|
//! | [`Params`] | 120 | what is asked for, and where everything is | both | io_uring_setup(2) |
//! | [`Sqe`] | 64 | one request: a *submission queue entry* | we | io_uring_enter(2) |
//! | [`Cqe`] | 16 | one result: a *completion queue entry* | the kernel | io_uring_enter(2) |
//! | [`WaitArg`] | 24 | how long to wait | we | io_uring_enter(2), `IORING_ENTER_EXT_ARG` |
//! | [`Buffer`] | 16 | a piece of memory that is lent to the kernel | we | io_uring_register(2), `IORING_REGISTER_PBUF_RING` |
//! | [`BufferRing`] | 40 | where a ring of such pieces is | we | as above |
//!
//! They are the same on all machines and for all widths of a pointer: each address is 64
//! bits. Only the byte order is the machine's own.

use std::mem::offset_of;

// ANCHOR: constants
/// `sqe.opcode`: what to do. The numbers are those of an `enum` in C, in order.
pub(super) mod op {
    pub(in super::super) const POLL_ADD: u8 = 6;
    pub(in super::super) const ACCEPT: u8 = 13;
    pub(in super::super) const ASYNC_CANCEL: u8 = 14;
    pub(in super::super) const CONNECT: u8 = 16;
    pub(in super::super) const READ: u8 = 22;
    pub(in super::super) const WRITE: u8 = 23;
    pub(in super::super) const SEND: u8 = 26;
    pub(in super::super) const RECV: u8 = 27;
}

/// `sqe.flags`: the kernel picks the buffer, from the group that is named.
pub(super) const BUFFER_SELECT: u8 = 1 << 5;
/// `sqe.flags`: no result if all goes well.
pub(super) const SKIP_SUCCESS: u8 = 1 << 6;

/// `sqe.ioprio` of an accept: go on accepting.
pub(super) const ACCEPT_MULTISHOT: u16 = 1 << 0;
/// `sqe.ioprio` of a receive: don't try, there is nothing yet; wait at once.
pub(super) const POLL_FIRST: u16 = 1 << 0;
/// `sqe.ioprio` of a receive: go on receiving.
pub(super) const RECV_MULTISHOT: u16 = 1 << 1;
/// `sqe.len` of a poll: go on telling, once each time that it happens.
pub(super) const POLL_MULTISHOT: u32 = 1 << 0;
/// `sqe.op_flags` of a cancel: all that match, not only the first.
pub(super) const CANCEL_ALL: u32 = 1 << 0;
/// `sqe.op_flags` of a cancel: everything matches.
pub(super) const CANCEL_ANY: u32 = 1 << 2;

/// `cqe.flags`: the number of a buffer is in the upper half.
pub(super) const CQE_BUFFER: u32 = 1 << 0;
/// `cqe.flags`: the request goes on; there will be more.
pub(super) const CQE_MORE: u32 = 1 << 1;
/// `cqe.flags` of a receive: there was more to read.
pub(super) const CQE_NONEMPTY: u32 = 1 << 2;

/// `params.flags`: `cq_entries` says how many results have room.
pub(super) const SETUP_CQSIZE: u32 = 1 << 3;
/// `params.flags`: what is too much is made less.
pub(super) const SETUP_CLAMP: u32 = 1 << 4;
/// `params.flags`: a request that fails at once does not keep back those behind it (5.18).
pub(super) const SETUP_SUBMIT_ALL: u32 = 1 << 7;
/// `params.flags`: [`SQ_TASKRUN`] says whether there is work to be fetched (5.19).
pub(super) const SETUP_TASKRUN_FLAG: u32 = 1 << 9;
/// `params.flags`: one thread alone submits (6.0).
pub(super) const SETUP_SINGLE_ISSUER: u32 = 1 << 12;
/// `params.flags`: results are worked out when this thread asks for them, and not whenever
/// it is in the kernel (6.1).
pub(super) const SETUP_DEFER_TASKRUN: u32 = 1 << 13;

/// The word `flags` of the submission ring: there are results for which there was no room.
pub(super) const SQ_CQ_OVERFLOW: u32 = 1 << 1;
/// The word `flags` of the submission ring: a call would find something to do.
pub(super) const SQ_TASKRUN: u32 = 1 << 2;

/// `io_uring_enter`: look for results, and wait for as many as `min_complete`.
pub(super) const ENTER_GETEVENTS: u32 = 1 << 0;
/// `io_uring_enter`: the last argument is a [`WaitArg`].
pub(super) const ENTER_EXT_ARG: u32 = 1 << 3;

/// `params.features`: both rings are one mapping (5.4).
pub(super) const FEAT_SINGLE_MMAP: u32 = 1 << 0;
/// `params.features`: results without room are kept (5.5).
pub(super) const FEAT_NODROP: u32 = 1 << 1;
/// `params.features`: what a request points to is read while it is submitted (5.5).
pub(super) const FEAT_SUBMIT_STABLE: u32 = 1 << 2;
/// `params.features`: [`ENTER_EXT_ARG`] is there (5.11).
pub(super) const FEAT_EXT_ARG: u32 = 1 << 8;

/// `mmap`: where the mapping of the rings begins.
pub(super) const OFF_SQ_RING: i64 = 0;
/// `mmap`: where that of the submission entries begins.
pub(super) const OFF_SQES: i64 = 0x1000_0000;

/// `io_uring_register`: lend a ring of buffers (5.19).
pub(super) const REGISTER_PBUF_RING: u32 = 22;
// ANCHOR_END: constants

// ANCHOR: sqe
/// One request. What the fields mean depends on `opcode`: C has unions here.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Sqe {
    pub(super) opcode: u8,
    pub(super) flags: u8,
    /// The priority, or flags of an accept, a send or a receive.
    pub(super) ioprio: u16,
    pub(super) fd: i32,
    /// An offset, or a second address.
    pub(super) off: u64,
    /// An address, or the user word of what is to be cancelled.
    pub(super) addr: u64,
    pub(super) len: u32,
    /// `msg_flags`, `accept_flags`, `poll32_events`, `cancel_flags`, `rw_flags`.
    pub(super) op_flags: u32,
    /// Comes back with each result.
    pub(super) user_data: u64,
    /// The number of a buffer, or of the group from which the kernel picks one.
    pub(super) buf_group: u16,
    pub(super) personality: u16,
    pub(super) splice_fd_in: i32,
    pub(super) addr3: u64,
    pub(super) pad: u64,
}

/// One result.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Cqe {
    pub(super) user_data: u64,
    /// What the system call of that name would have returned; less than 0 is an errno.
    pub(super) res: i32,
    pub(super) flags: u32,
}
// ANCHOR_END: sqe

/// What is asked for, and what there is.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Params {
    pub(super) sq_entries: u32,
    pub(super) cq_entries: u32,
    pub(super) flags: u32,
    pub(super) sq_thread_cpu: u32,
    pub(super) sq_thread_idle: u32,
    pub(super) features: u32,
    pub(super) wq_fd: u32,
    pub(super) resv: [u32; 3],
    pub(super) sq_off: SqOffsets,
    pub(super) cq_off: CqOffsets,
}

/// Where in the mapping the parts of the submission ring are, in bytes.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct SqOffsets {
    pub(super) head: u32,
    pub(super) tail: u32,
    pub(super) ring_mask: u32,
    pub(super) ring_entries: u32,
    pub(super) flags: u32,
    pub(super) dropped: u32,
    /// Which entry stands at which place of the ring.
    pub(super) array: u32,
    pub(super) resv1: u32,
    pub(super) user_addr: u64,
}

/// Where in the mapping the parts of the completion ring are, in bytes.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct CqOffsets {
    pub(super) head: u32,
    pub(super) tail: u32,
    pub(super) ring_mask: u32,
    pub(super) ring_entries: u32,
    pub(super) overflow: u32,
    pub(super) cqes: u32,
    pub(super) flags: u32,
    pub(super) resv1: u32,
    pub(super) user_addr: u64,
}

/// The last argument of `io_uring_enter`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct WaitArg {
    pub(super) sigmask: u64,
    pub(super) sigmask_size: u32,
    pub(super) min_wait_us: u32,
    /// The address of a [`Timespec`]; 0 is no limit.
    pub(super) timespec: u64,
}

/// `struct __kernel_timespec`: 64 bits each, also where `libc::timespec` has 32.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Timespec {
    pub(super) seconds: i64,
    pub(super) nanoseconds: i64,
}

/// A piece of memory that is lent to the kernel. In the first of a ring, `resv` is not the
/// entry's: it is the ring's tail.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Buffer {
    pub(super) addr: u64,
    pub(super) len: u32,
    pub(super) id: u16,
    pub(super) resv: u16,
}

/// Where a ring of [`Buffer`]s is, and the number of its group.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct BufferRing {
    pub(super) ring_addr: u64,
    pub(super) ring_entries: u32,
    pub(super) group: u16,
    pub(super) flags: u16,
    pub(super) resv: [u64; 3],
}

/// Where in a ring of buffers its tail is.
pub(super) const BUFFER_RING_TAIL: usize = offset_of!(Buffer, resv);

/// `op_flags` of a poll, which are two halves of a word, the wrong way round where the
/// larger byte comes first.
pub(super) const fn poll_events(events: i16) -> u32 {
    let events = events as u16 as u32;
    if cfg!(target_endian = "big") {
        events.rotate_left(16)
    } else {
        events
    }
}

// ANCHOR: asserts
const _: () = {
    assert!(size_of::<Sqe>() == 64 && align_of::<Sqe>() == 8);
    assert!(offset_of!(Sqe, ioprio) == 2 && offset_of!(Sqe, fd) == 4);
    assert!(offset_of!(Sqe, off) == 8 && offset_of!(Sqe, addr) == 16);
    assert!(offset_of!(Sqe, len) == 24 && offset_of!(Sqe, op_flags) == 28);
    assert!(offset_of!(Sqe, user_data) == 32 && offset_of!(Sqe, buf_group) == 40);
    assert!(offset_of!(Sqe, splice_fd_in) == 44 && offset_of!(Sqe, addr3) == 48);
    assert!(size_of::<Cqe>() == 16 && align_of::<Cqe>() == 8);
    assert!(offset_of!(Cqe, res) == 8 && offset_of!(Cqe, flags) == 12);
    assert!(size_of::<Params>() == 120 && offset_of!(Params, features) == 20);
    assert!(offset_of!(Params, sq_off) == 40 && offset_of!(Params, cq_off) == 80);
    assert!(size_of::<SqOffsets>() == 40 && size_of::<CqOffsets>() == 40);
    assert!(
        offset_of!(SqOffsets, flags) == 16 && offset_of!(SqOffsets, array) == 24
    );
    assert!(
        offset_of!(CqOffsets, overflow) == 16 && offset_of!(CqOffsets, cqes) == 20
    );
    assert!(size_of::<WaitArg>() == 24 && offset_of!(WaitArg, timespec) == 16);
    assert!(size_of::<Timespec>() == 16);
    assert!(size_of::<Buffer>() == 16 && BUFFER_RING_TAIL == 14);
    assert!(size_of::<BufferRing>() == 40 && offset_of!(BufferRing, group) == 12);
};
// ANCHOR_END: asserts
