//! How long does it take? Clocks, timers, percentiles, load: chapter 00.
//!
//! Everything later in the course is judged with what is here, so each part says what it
//! leaves out. In the order of the chapter:
//!
//! | part | answers |
//! |---|---|
//! | [`Clock`], [`Monotonic`], [`Manual`] | what time is it, and who decides |
//! | [`Timer`] | how long since |
//! | [`Samples`], [`Summary`], [`Throughput`] | what many readings say together |
//! | [`hash`] | something worth timing |
//! | [`pauses`] | for how long was this thread not running |
//! | [`Schedule`], [`Load`], [`Trace`] | when a request should have started, and what it met |
//! | [`StallingServer`] | a server that stands still once, to be measured |
//!
//! The text is in the book's chapter *Measuring*; `cargo run --example 00_measuring` tells
//! it as one program.

mod clock;
pub mod hash;
mod load;
mod pause;
mod samples;
mod server;
mod timer;

pub use clock::{Clock, Manual, Monotonic};
pub use load::{Load, Request, Schedule, Trace};
pub use pause::pauses;
pub use samples::{Samples, Summary, Throughput};
pub use server::StallingServer;
pub use timer::Timer;
