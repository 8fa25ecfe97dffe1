//! Jobs that a pool does not take, and why.

use std::error::Error;
use std::fmt;
use std::io;

/// Why a pool has refused a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It has been shut down.
    ShutDown,
    /// As many jobs wait as may wait.
    Full,
    /// It has no thread yet, and the system gives it none.
    NoThread(io::ErrorKind),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShutDown => f.write_str("the pool has been shut down"),
            Self::Full => f.write_str("as many jobs wait as may wait"),
            Self::NoThread(kind) => write!(f, "no thread could be started: {kind}"),
        }
    }
}

/// A job that the pool has refused, and the reason.
pub struct Refused<F> {
    job: F,
    reason: Reason,
}

impl<F> Refused<F> {
    pub(super) fn new(job: F, reason: Reason) -> Self {
        Self { job, reason }
    }

    /// The job, as it was.
    pub fn into_job(self) -> F {
        self.job
    }

    /// Why it was refused.
    pub fn reason(&self) -> Reason {
        self.reason
    }
}

impl<F> fmt::Debug for Refused<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused")
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl<F> fmt::Display for Refused<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the job was refused: {}", self.reason)
    }
}

impl<F> Error for Refused<F> {}
