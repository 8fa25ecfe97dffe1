//! The kernel's wait queue, as in [`threadbare::futex`](crate::futex).

pub use crate::futex::{wait, wait_timeout, wake_all, wake_one};
