//! The modelled ground: the names and signatures of std, under a scheduler that decides
//! which thread takes the next step and which old value it sees.

pub mod atomic;
pub mod cell;
pub mod futex;
pub mod hint;
pub mod sync;
pub mod thread;
