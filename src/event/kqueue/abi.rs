//! `struct kevent` and its constants, by hand, as three systems have them.
//!
//! One system call carries everything that a kqueue can do: `kevent` takes a list of changes
//! and gives back a list of events, and both are lists of this one struct. Three systems
//! agree on its name, on its first six fields and on nearly every constant. They do not
//! agree on how wide it is, nor on the number of one filter:
//!
//! | | Darwin | FreeBSD | libkqueue on Linux |
//! |---|---|---|---|
//! | size, 64 bits | 32 bytes | 64 bytes | 32 bytes |
//! | aligned to | 4 bytes | 8 bytes | 8 bytes |
//! | after `udata` | nothing | `ext`, four words | nothing |
//! | `data` is | `intptr_t` | `int64_t` | `intptr_t` |
//! | `EVFILT_USER` | -10 | -11 | -11 |
//!
//! A wrong size is not an error that a kernel reports. It reads the first change right, and
//! the second from the middle of it; it writes events twice as long as the list has room
//! for. So the layouts of all three are compiled on every system, checked below while they
//! are compiled, checked once more against the crate `libc` where that knows them, and,
//! by `cargo course ci abi`, against the headers of macOS and FreeBSD themselves. That step
//! compiles this very file; that is why it uses nothing of the crate around it.

#![allow(
    dead_code,
    unused_imports,
    reason = "a kernel needs one of the three, and the check of the headers no function"
)]

use std::mem::offset_of;

// ANCHOR: constants
/// Declares the constants that all three have in common, and lists them for the check.
macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
        $($(#[$doc])* pub(super) const $name: $type = $value;)*

        /// Every constant above: its name in C, and what it is here.
        pub(super) const CONSTANTS: &[(&str, i64)] =
            &[$((stringify!($name), $name as i64)),*];
    };
}

constants! {
    /// There is something to read, or nothing will ever be again.
    EVFILT_READ: i16 = -1;
    /// There is room to write, or nobody reads any more.
    EVFILT_WRITE: i16 = -2;
    /// A time has passed. `data` is how long, in milliseconds unless `fflags` says.
    EVFILT_TIMER: i16 = -7;
    /// Change: watch this. What is watched already gets the new settings.
    EV_ADD: u16 = 0x0001;
    /// Change: watch it no longer.
    EV_DELETE: u16 = 0x0002;
    /// Change: forget it once it has been reported.
    EV_ONESHOT: u16 = 0x0010;
    /// Change: once reported, say nothing until it happens again.
    EV_CLEAR: u16 = 0x0020;
    /// Change: answer with an `EV_ERROR` whose `data` is 0 if all went well.
    EV_RECEIPT: u16 = 0x0040;
    /// Event: it answers a change; `data` is an errno.
    EV_ERROR: u16 = 0x4000;
    /// Event: this direction has ended. `fflags` is the errno, or 0.
    EV_EOF: u16 = 0x8000;
    /// Fire this user event.
    NOTE_TRIGGER: u32 = 0x0100_0000;
}
// ANCHOR_END: constants

// ANCHOR: layouts
/// macOS, iOS and their kin.
pub(super) mod darwin {
    /// Fires when a program says so.
    pub(crate) const EVFILT_USER: i16 = -10;

    /// Packed to four bytes by a `#pragma`, which changes nothing but the alignment.
    #[derive(Clone, Copy, Debug)]
    #[repr(C, packed(4))]
    pub(crate) struct Kevent {
        pub(crate) ident: usize,
        pub(crate) filter: i16,
        pub(crate) flags: u16,
        pub(crate) fflags: u32,
        pub(crate) data: isize,
        pub(crate) udata: usize,
    }

    impl Kevent {
        /// Nothing, to build changes from.
        pub(crate) const ZERO: Self = Self {
            ident: 0,
            filter: 0,
            flags: 0,
            fflags: 0,
            data: 0,
            udata: 0,
        };
    }
}

/// FreeBSD from 12 on. Before that it had 32 bytes, and a program that was linked then still
/// gets them: the old call is another version of the symbol.
pub(super) mod freebsd {
    /// Fires when a program says so.
    pub(crate) const EVFILT_USER: i16 = -11;

    /// Twice as long as the others.
    #[derive(Clone, Copy, Debug)]
    #[repr(C)]
    pub(crate) struct Kevent {
        pub(crate) ident: usize,
        pub(crate) filter: i16,
        pub(crate) flags: u16,
        pub(crate) fflags: u32,
        pub(crate) data: i64,
        pub(crate) udata: usize,
        pub(crate) ext: [u64; 4],
    }

    impl Kevent {
        /// Nothing, to build changes from.
        pub(crate) const ZERO: Self = Self {
            ident: 0,
            filter: 0,
            flags: 0,
            fflags: 0,
            data: 0,
            udata: 0,
            ext: [0; 4],
        };
    }
}

/// The library that imitates FreeBSD's calls of old on top of Linux.
pub(super) mod libkqueue {
    /// Fires when a program says so.
    pub(crate) const EVFILT_USER: i16 = -11;

    /// As long as Darwin's, but aligned as its fields are.
    #[derive(Clone, Copy, Debug)]
    #[repr(C)]
    pub(crate) struct Kevent {
        pub(crate) ident: usize,
        pub(crate) filter: i16,
        pub(crate) flags: u16,
        pub(crate) fflags: u32,
        pub(crate) data: isize,
        pub(crate) udata: usize,
    }

    impl Kevent {
        /// Nothing, to build changes from.
        pub(crate) const ZERO: Self = Self {
            ident: 0,
            filter: 0,
            flags: 0,
            fflags: 0,
            data: 0,
            udata: 0,
        };
    }
}
// ANCHOR_END: layouts

#[cfg(target_vendor = "apple")]
pub(super) use darwin as here;
#[cfg(target_os = "freebsd")]
pub(super) use freebsd as here;
#[cfg(not(any(target_vendor = "apple", target_os = "freebsd")))]
pub(super) use libkqueue as here;

pub(super) use here::{EVFILT_USER, Kevent};

/// What a C compiler can be asked about one system: its struct, and the constant that is
/// not the same everywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Abi {
    pub(super) size: usize,
    pub(super) align: usize,
    /// The name, offset and size of each field.
    pub(super) fields: [(&'static str, usize, usize); 6],
    pub(super) evfilt_user: i16,
}

/// Asks Rust's compiler.
macro_rules! abi {
    ($system:ident) => {{
        use $system::{EVFILT_USER, Kevent};
        const KEVENT: Kevent = Kevent::ZERO;
        // Read out by value: a packed field may not be borrowed.
        Abi {
            size: size_of::<Kevent>(),
            align: align_of::<Kevent>(),
            fields: [
                (
                    "ident",
                    offset_of!(Kevent, ident),
                    size_of_val(&{ KEVENT.ident }),
                ),
                (
                    "filter",
                    offset_of!(Kevent, filter),
                    size_of_val(&{ KEVENT.filter }),
                ),
                (
                    "flags",
                    offset_of!(Kevent, flags),
                    size_of_val(&{ KEVENT.flags }),
                ),
                (
                    "fflags",
                    offset_of!(Kevent, fflags),
                    size_of_val(&{ KEVENT.fflags }),
                ),
                (
                    "data",
                    offset_of!(Kevent, data),
                    size_of_val(&{ KEVENT.data }),
                ),
                (
                    "udata",
                    offset_of!(Kevent, udata),
                    size_of_val(&{ KEVENT.udata }),
                ),
            ],
            evfilt_user: EVFILT_USER,
        }
    }};
}

pub(super) const DARWIN: Abi = abi!(darwin);
pub(super) const FREEBSD: Abi = abi!(freebsd);
pub(super) const LIBKQUEUE: Abi = abi!(libkqueue);

// ANCHOR: asserts
#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(DARWIN.size == 32 && DARWIN.align == 4 && DARWIN.evfilt_user == -10);
    assert!(FREEBSD.size == 64 && FREEBSD.align == 8 && FREEBSD.evfilt_user == -11);
    assert!(LIBKQUEUE.size == 32 && LIBKQUEUE.evfilt_user == -11);
    // A user word is 64 bits. A kqueue keeps 32 of ours and the descriptor beside them.
    assert!(DARWIN.fields[5].1 == 24 && FREEBSD.fields[5].1 == 24);
};
// ANCHOR_END: asserts

/// What the crate `libc` says of the system that this is compiled for.
#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
const _: () = {
    assert!(size_of::<Kevent>() == size_of::<libc::kevent>());
    assert!(align_of::<Kevent>() == align_of::<libc::kevent>());
    assert!(offset_of!(Kevent, filter) == offset_of!(libc::kevent, filter));
    assert!(offset_of!(Kevent, flags) == offset_of!(libc::kevent, flags));
    assert!(offset_of!(Kevent, fflags) == offset_of!(libc::kevent, fflags));
    assert!(offset_of!(Kevent, data) == offset_of!(libc::kevent, data));
    assert!(offset_of!(Kevent, udata) == offset_of!(libc::kevent, udata));
    assert!(EVFILT_READ == libc::EVFILT_READ);
    assert!(EVFILT_WRITE == libc::EVFILT_WRITE);
    assert!(EVFILT_TIMER == libc::EVFILT_TIMER);
    assert!(EVFILT_USER == libc::EVFILT_USER);
    assert!(EV_ADD == libc::EV_ADD);
    assert!(EV_DELETE == libc::EV_DELETE);
    assert!(EV_ONESHOT == libc::EV_ONESHOT);
    assert!(EV_CLEAR == libc::EV_CLEAR);
    assert!(EV_RECEIPT == libc::EV_RECEIPT);
    assert!(EV_ERROR == libc::EV_ERROR);
    assert!(EV_EOF == libc::EV_EOF);
    assert!(NOTE_TRIGGER == libc::NOTE_TRIGGER);
};
