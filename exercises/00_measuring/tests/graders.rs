//! Grades chapter 00_measuring.
fn main() {}
