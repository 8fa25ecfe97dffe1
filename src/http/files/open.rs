//! Opening what is below a directory, and nothing else.
//!
//! A path without `..` is not enough: any name in it may be a symbolic link, and a link leads
//! where it likes. Looking first and opening then is no answer either, for in between
//! somebody may put a link where a directory was. So the kernel has to look *while* it opens:
//!
//! | | how | links |
//! |---|---|---|
//! | Linux 5.6 and later | one `openat2` with `RESOLVE_BENEATH` | followed, if they stay below the root |
//! | else | `openat` for each name, from the directory before it, with `O_NOFOLLOW` | refused |
//!
//! Which of them is decided once, by trying the first. A container may forbid it, and
//! answers `EPERM` or `ENOSYS`. FreeBSD has a flag of the same meaning; a kernel that does
//! not know it would ignore it, and that is no way to ask for safety.
#![allow(unsafe_code, reason = "openat, openat2")]

use std::ffi::CStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd as _, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use libc::c_int;

use super::path::Way;

// What it is is looked at when it is open. So whoever puts a device below the root has it
// opened, though nothing is read from it; and who waits to write to a FIFO is let in, and told
// that nobody reads.

/// How a file is opened: for reading; not waiting for anybody, as opening a FIFO would; not
/// becoming the terminal of this process; and not inherited by its children.
const FILE: c_int =
    libc::O_RDONLY | libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC;

/// How a directory on the way is opened: only to go on from there.
#[cfg(target_os = "linux")]
const ON_THE_WAY: c_int =
    libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC;
#[cfg(not(target_os = "linux"))]
const ON_THE_WAY: c_int =
    libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC;

/// The directory below which everything is. It is open as long as this lives, so nobody can
/// put another one in its place.
#[derive(Debug)]
pub(super) struct Root {
    dir: OwnedFd,
    at_once: bool,
}

impl Root {
    /// Opens the directory.
    ///
    /// # Errors
    /// What the kernel says; it is missing, or no directory.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let options = options.read(true).custom_flags(libc::O_DIRECTORY);
        let dir = OwnedFd::from(options.open(path)?);
        let at_once = beneath(dir.as_fd(), c".").is_ok();
        Ok(Self { dir, at_once })
    }

    // ANCHOR: open
    /// Opens what is there, be it a file or not: look at it before you read.
    ///
    /// # Errors
    /// What the kernel says: also `EXDEV` or `ELOOP` (`EMLINK`) if a link led out.
    pub(super) fn file(&self, way: &Way) -> io::Result<File> {
        match self.at_once {
            true => beneath(self.dir.as_fd(), way.as_c_str()),
            false => self.step_by_step(way),
        }
    }

    /// Opens each directory from the one before, and follows no link.
    fn step_by_step(&self, way: &Way) -> io::Result<File> {
        let mut names = way.names();
        let mut before: Option<File> = None;
        while let Some((name, is_last)) = names.next() {
            let dir = before.as_ref().map_or(self.dir.as_fd(), |dir| dir.as_fd());
            let flags = match is_last {
                true => FILE | libc::O_NOFOLLOW,
                false => ON_THE_WAY,
            };
            let opened = open_at(dir, name, flags)?;
            if is_last {
                return Ok(opened);
            }
            before = Some(opened);
        }
        open_at(self.dir.as_fd(), c".", FILE)
    }
    // ANCHOR_END: open

    /// Goes step by step, wherever it is.
    #[cfg(test)]
    pub(super) fn forget_how(&mut self) {
        self.at_once = false;
    }

    #[cfg(test)]
    pub(super) fn at_once(&self) -> bool {
        self.at_once
    }
}

fn open_at(dir: BorrowedFd<'_>, name: &CStr, flags: c_int) -> io::Result<File> {
    // SAFETY: the kernel reads `name` up to its zero, and it outlives the call; without
    // O_CREAT there is no third argument.
    let result = unsafe { libc::openat(dir.as_raw_fd(), name.as_ptr(), flags) };
    opened(result.into())
}

/// The descriptor that the kernel has opened, or why not.
fn opened(result: i64) -> io::Result<File> {
    match c_int::try_from(result) {
        // SAFETY: the kernel has just opened it for us, and nobody else knows it.
        Ok(fd) if fd >= 0 => Ok(unsafe { File::from_raw_fd(fd) }),
        _ => Err(io::Error::last_os_error()),
    }
}

// ANCHOR: beneath
/// Opens what is below `dir` in one call; the kernel refuses to leave it, whatever links and
/// renames it meets.
///
/// Source: openat2(2).
#[cfg(target_os = "linux")]
fn beneath(dir: BorrowedFd<'_>, way: &CStr) -> io::Result<File> {
    /// `struct open_how`, and nothing behind it.
    #[repr(C)]
    struct How {
        flags: u64,
        mode: u64,
        resolve: u64,
    }
    const _: () = assert!(size_of::<How>() == size_of::<libc::open_how>());
    /// It says `EAGAIN` when something was renamed meanwhile, and it can't be sure.
    const TRIES: usize = 8;

    let how = How {
        flags: FILE as u64,
        mode: 0,
        resolve: libc::RESOLVE_BENEATH | libc::RESOLVE_NO_MAGICLINKS,
    };
    let mut tries = 0;
    loop {
        // SAFETY: the kernel reads `way` up to its zero, and as many bytes of `how` as it is
        // told there are; both outlive the call.
        let result = unsafe {
            libc::syscall(
                libc::SYS_openat2,
                dir.as_raw_fd(),
                way.as_ptr(),
                &raw const how,
                size_of::<How>(),
            )
        };
        let result = opened(result);
        tries += 1;
        match &result {
            Err(error) if tries < TRIES => match error.raw_os_error() {
                Some(libc::EAGAIN | libc::EINTR) => {}
                _ => return result,
            },
            _ => return result,
        }
    }
}
// ANCHOR_END: beneath

#[cfg(not(target_os = "linux"))]
fn beneath(_: BorrowedFd<'_>, _: &CStr) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
