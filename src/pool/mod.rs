//! Chapter 06: a pool of threads that steal work from each other.

pub mod deque;
