//! What a system call gives back, as an [`io::Error`] that names the call.
//!
//! Every call in this module goes through [`check`]. Nothing that the kernel may answer is
//! "impossible" here and none of it is a panic: it is handed up, with the name of the call.
//! Only `EINTR` needs a rule, because a signal is not a failure of what was asked for. There
//! are three, and each call site says which is its own: *retry* (`retry`), *report* (`check`
//! alone, where the caller knows how long it may still wait), *impossible* (`check` alone,
//! for calls that never sleep).

use std::error::Error;
use std::{fmt, io};

/// A system call that failed: which, and the kernel's number for why.
///
/// It is what the [`io::Error`]s of this chapter carry: their kind is that of the number, and
/// their text names the call.
///
/// ```
/// use std::fs::File;
/// use std::io::ErrorKind;
/// use std::os::fd::AsFd;
/// use threadbare::event::{Failed, Loop};
///
/// let mut event_loop = Loop::new()?;
/// let pipe = std::io::pipe()?;
/// event_loop.add_read(pipe.0.as_fd(), 1)?;
/// let error = event_loop.del_write(pipe.0.as_fd()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotFound);
/// assert_eq!(Failed::of(&error), None, "the kernel was not asked");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The name of the call, as in its manual page.
    pub call: &'static str,
    /// The kernel's number, `errno`.
    pub code: i32,
}

impl Failed {
    /// What failed, if `error` comes from a system call of this chapter.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, code } = self;
        write!(f, "{call}: {}", io::Error::from_raw_os_error(*code))
    }
}

impl Error for Failed {}

/// The result of `call`, or why it failed if that is -1.
pub(super) fn check(call: &'static str, result: i32) -> io::Result<i32> {
    if result == -1 {
        return Err(error(call, errno()));
    }
    Ok(result)
}

/// As [`check`], and makes the call again as often as a signal cuts it short.
#[allow(dead_code, reason = "kqueue needs it, epoll does not")]
pub(super) fn retry(
    call: &'static str,
    mut make: impl FnMut() -> i32,
) -> io::Result<i32> {
    loop {
        let result = make();
        if result != -1 || errno() != libc::EINTR {
            return check(call, result);
        }
    }
}

/// The kernel's number for why the last call of this thread failed.
pub(super) fn errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// The error that says that `call` failed, and the kernel's number for why.
#[cold]
pub(super) fn error(call: &'static str, code: i32) -> io::Error {
    let kind = io::Error::from_raw_os_error(code).kind();
    io::Error::new(kind, Failed { call, code })
}

/// The kernel's number for what happened, if it was the kernel that said so.
pub(super) fn code(error: &io::Error) -> Option<i32> {
    Failed::of(error).map_or(error.raw_os_error(), |failed| Some(failed.code))
}
