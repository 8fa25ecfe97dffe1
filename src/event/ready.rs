//! What a kernel's entry says, in words that both kernels have.

/// One entry, before anybody has looked whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ready {
    /// What was given with the registration.
    pub(super) token: u64,
    /// A read would not wait.
    pub(super) read: bool,
    /// A write would not wait.
    pub(super) write: bool,
    /// The other end sends no more: told to who reads.
    pub(super) half_closed: bool,
    /// The other end is gone: told to everybody.
    pub(super) hung_up: bool,
    /// The descriptor is broken.
    pub(super) err: bool,
    /// How much, if the kernel says so.
    pub(super) nbytes: usize,
}
