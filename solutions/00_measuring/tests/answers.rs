//! Judges answers of chapter 00_measuring.
fn main() {}
