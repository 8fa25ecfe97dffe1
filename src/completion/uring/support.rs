//! Whether this kernel lets us, and if not: what it says, and what to do about it.
//!
//! The only way to know is to try. A version number says what a kernel could do; distributors
//! carry features back, administrators switch io_uring off, and sandboxes hide it.

use std::error::Error;
use std::{fmt, fs, io};

use super::buffers::Pool;
use super::calls::Refused;
use super::ring::Ring;

/// Since when a kernel can do all that is asked for here.
const SINCE: &str = "6.1";

/// Whether there is an io_uring for a loop, found out by making one.
///
/// # Errors
/// [`Unsupported`], which reads as a sentence: what the kernel has said, since when it can,
/// and what to do.
/// # Cost
/// A dozen system calls. Ask once.
///
/// ```
/// use threadbare::completion::uring;
///
/// match uring::support() {
///     Ok(support) => println!("{support}"),
///     Err(unsupported) => println!("{unsupported}"),
/// }
/// ```
pub fn support() -> Result<Support, Unsupported> {
    let kernel = kernel();
    let tried = Ring::new(4).and_then(|ring| {
        // The ring is closed before the pool goes: nothing was ever asked of it.
        #[allow(unsafe_code, reason = "a pool for a ring that does nothing")]
        // SAFETY: no receive is ever submitted, so no buffer is ever written to, and the
        // pool is still here when the ring is dropped.
        let pool = unsafe { Pool::new(&ring, 1, 1) }?;
        drop(ring);
        drop(pool);
        Ok(())
    });
    match tried {
        Ok(()) => Ok(Support { kernel }),
        Err(cause) => Err(Unsupported { kernel, cause }),
    }
}

/// Why there is none for a loop: as [`Unsupported`], in an [`io::Error`] of that kind. That
/// there are no descriptors is not about io_uring.
#[cold]
pub(super) fn unsupported(cause: io::Error) -> io::Error {
    let short = [libc::EMFILE, libc::ENFILE];
    if Refused::code_of(&cause).is_some_and(|code| short.contains(&code)) {
        return cause;
    }
    let kernel = kernel();
    Unsupported { kernel, cause }.into()
}

/// There is an io_uring that can do what is needed.
///
/// ```
/// use threadbare::completion::uring;
///
/// if let Ok(support) = uring::support() {
///     assert!(support.to_string().starts_with("io_uring: Linux "));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Support {
    kernel: String,
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "io_uring: {} has all that is used here (it is there since {SINCE})",
            self.kernel
        )
    }
}

/// There is none, or it can't do what is needed.
///
/// It is what a loop that asks for io_uring fails with:
///
/// ```
/// use threadbare::completion::{Backend, Config, Loop, uring};
///
/// let config = Config { backend: Backend::Uring, ..Config::default() };
/// if let Err(unsupported) = uring::support() {
///     let error = Loop::<()>::with_config(config).unwrap_err();
///     assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
///     assert!(unsupported.to_string().starts_with("no io_uring: "));
/// }
/// ```
#[derive(Debug)]
pub struct Unsupported {
    kernel: String,
    cause: io::Error,
}

impl Unsupported {
    /// What the kernel has said.
    #[must_use]
    pub fn cause(&self) -> &io::Error {
        &self.cause
    }
}

impl From<Unsupported> for io::Error {
    fn from(unsupported: Unsupported) -> Self {
        Self::new(io::ErrorKind::Unsupported, unsupported)
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kernel, cause } = self;
        let code = Refused::code_of(cause);
        write!(f, "no io_uring: {cause}. {}", advice(code, kernel))
    }
}

impl Error for Unsupported {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

/// What such an answer means, and what to do.
fn advice(code: Option<i32>, kernel: &str) -> String {
    let instead = "`Backend::Auto` takes epoll instead, and does the same";
    match code {
        Some(libc::ENOSYS) => format!(
            "{kernel} has no such call: it was built without, or a sandbox hides it. \
             What is used here is in Linux since {SINCE}; {instead}."
        ),
        Some(libc::EPERM | libc::EACCES) => format!(
            "{kernel} forbids it: see the sysctl kernel.io_uring_disabled (0 allows it), \
             or what the container's seccomp profile lets through; {instead}."
        ),
        Some(libc::EINVAL) => format!(
            "{kernel} has an io_uring that can't do all that is used here: that is in \
             Linux since {SINCE}; {instead}."
        ),
        Some(libc::ENOMEM) => format!(
            "{kernel} gives no memory for it: raise the limit of locked memory \
             (`ulimit -l`), or ask for fewer entries and buffers; {instead}."
        ),
        Some(libc::EMFILE | libc::ENFILE) => {
            "There are no descriptors left: close some, or raise the limit (`ulimit -n`)."
                .to_owned()
        }
        _ => format!("That is not known of {kernel}; {instead}."),
    }
}

/// "Linux 6.18.1".
fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease");
    format!(
        "Linux {}",
        release.as_deref().map_or("(unknown)", str::trim)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_to_do() {
        let says = |code| {
            let cause = Refused {
                call: "io_uring_setup",
                code,
            };
            let unsupported = Unsupported {
                kernel: "Linux 5.4.0".to_owned(),
                cause: cause.into(),
            };
            unsupported.to_string()
        };
        assert!(says(libc::ENOSYS).contains("Linux 5.4.0 has no such call"));
        assert!(says(libc::EPERM).contains("kernel.io_uring_disabled"));
        assert!(says(libc::EINVAL).contains("since 6.1"));
        assert!(says(libc::ENOMEM).contains("ulimit -l"));
        assert!(says(libc::EMFILE).contains("ulimit -n"));
        assert!(says(libc::EIO).contains("not known of Linux 5.4.0"));
        for code in [libc::ENOSYS, libc::EPERM, libc::EINVAL, libc::EIO] {
            let said = says(code);
            assert!(said.starts_with("no io_uring: io_uring_setup: "), "{said}");
            assert!(said.contains("Backend::Auto"), "{said}");
        }
    }

    #[test]
    fn this_kernel_answers_one_way_or_the_other() {
        match support() {
            Ok(support) => {
                assert!(support.to_string().starts_with("io_uring: Linux"))
            }
            Err(unsupported) => {
                assert!(unsupported.source().is_some());
                println!("SKIPPED, {unsupported}");
            }
        }
    }
}
