//! The modelled ground: the names and signatures of std, under a scheduler that decides
//! which thread takes the next step and which old value it sees.

pub mod atomic;
pub mod cell;
mod construct;
pub mod futex;
pub mod hint;
pub mod os;
pub mod sync;
pub mod thread;
pub mod time;

pub use crate::{const_new, thread_local};
pub use construct::{Named, Static};

/// The real ground has two sets of locks, std's and those of chapter 05. In a model there
/// is one.
pub mod on_std {
    pub use super::*;
}
