//! The library that the course *threadbare* builds, chapter by chapter, from
//! `thread::spawn` to a pooled HTTP/1.1 server, on nothing but `libc`.
//!
//! One folder per subject, in the order of the chapters. No module imports a later one; only
//! [`locks::bounded_queue`] has a second version, which stands on the locks of chapter 05.
//!
//! | chapter | module | example | stands on |
//! |---|---|---|---|
//! | 00 measuring | [`measure`] | `00_measuring` | |
//! | 01 threads | [`thread`] | `01_threads` | |
//! | 02 locks | [`locks`] | `02_locks` | `thread` |
//! | 03 atomics | [`atomic`] | `03_atomics` | |
//! | 05 futex locks | [`futex`], [`sync`] | `05_futex_locks` | `thread`, `locks` |
//! | 06 work stealing | [`pool`] | `06_work_stealing` | `sync` |
//! | 07 event loop | `event` (Linux, macOS, FreeBSD) | `07_event_loop` | `sync` |
//! | 08 completions | `completion` (Linux, macOS, FreeBSD) | `08_completions` | `pool`, `event` |
//! | 09 HTTP parser | [`http`] | `09_http_parser` | |
//! | 10 HTTP server | [`http`] (the server: Linux, macOS, FreeBSD) | `10_http_server` | `event` |
//!
//! Two modules belong to no chapter: [`ground`] is the door through which exercises reach
//! atomics, threads and clocks, and [`testkit`] turns a test that hangs into one that fails.

pub mod atomic;
// The systems that have epoll or kqueue. The others have everything else.
#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
pub mod completion;
#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
pub mod event;
pub mod futex;
#[cfg(not(test))]
pub mod ground;
pub mod http;
pub mod locks;
pub mod measure;
pub mod pool;
pub mod sync;
pub mod testkit;
pub mod thread;

// The unit tests stand on the model checker's ground: inside a model it decides who takes
// the next step, and outside it is as the real one. What is in `tests/` sees the real one.
#[cfg(test)]
pub use explorer::ground;

#[cfg(test)]
mod modelled;

#[cfg(doctest)]
mod book;
