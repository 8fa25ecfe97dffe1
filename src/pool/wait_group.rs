//! Waits until every member of a group is done, and works while it waits.

pub use crate::thread::{Member, WaitGroup};
