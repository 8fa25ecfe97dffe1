//! What a loop is made with.

use std::fmt;

/// Who tells the loop that something is done.
///
/// | backend | an operation is tried | files |
/// |---|---|---|
/// | `Readiness` | by the loop, and again when the kernel says that it is ready | by a thread of a pool |
/// | `Uring` | by the kernel, which says when it is done | as everything else |
///
/// ```
/// use threadbare::completion::{Backend, Loop};
///
/// let completions: Loop<()> = Loop::new()?;
/// assert_ne!(completions.backend(), Backend::Auto, "it says what it became");
/// println!("{}", completions.backend()); // io_uring, epoll or kqueue
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backend {
    /// io_uring if the kernel has all that is needed and lets us have it; readiness if it does
    /// not, whatever the reason.
    #[default]
    Auto,
    /// epoll or kqueue, through [`event::Loop`](crate::event::Loop).
    Readiness,
    /// io_uring; there is none but on Linux.
    Uring,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "automatic",
            Self::Readiness => crate::event::BACKEND,
            Self::Uring => "io_uring",
        })
    }
}

/// How a loop is made.
///
/// ```
/// use threadbare::completion::{Backend, Config, Loop};
///
/// let config = Config {
///     backend: Backend::Readiness,
///     ..Config::default()
/// };
/// let completions: Loop<()> = Loop::with_config(config)?;
/// assert_eq!(completions.backend(), Backend::Readiness);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which backend. [`Backend::Auto`].
    pub backend: Backend,
    /// How many events one wait takes; with io_uring, how many operations can be handed over
    /// at once, rounded up to a power of two. If there are more, none is lost: it takes more
    /// system calls. 256; 0 counts as 1.
    pub entries: u32,
    /// How many buffers there are for [`receive`](super::Loop::receive), and how long each
    /// is. If all are lent, what comes waits in the kernel. Readiness needs only one of them,
    /// since it reads when it is about to call back. 256 of 4,096 bytes; io_uring rounds the
    /// number up to a power of two, of 32,768 at most.
    pub buffers: (u32, u32),
    /// How many threads work on files at a time, where the kernel has no completions for
    /// them. They are started by the first operation on a file. 4; 0 counts as 1.
    pub file_threads: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            backend: Backend::Auto,
            entries: 256,
            buffers: (256, 4096),
            file_threads: 4,
        }
    }
}
