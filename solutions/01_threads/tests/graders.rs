//! Grades chapter 01_threads.
fn main() {}
