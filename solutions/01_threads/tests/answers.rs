//! Judges answers of chapter 01_threads.
fn main() {}
