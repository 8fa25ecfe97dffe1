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

// The Rust in the book's pages is compiled and run as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../book/src/00_measuring.md")]
mod book_00_measuring {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/01_threads.md")]
mod book_01_threads {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/02_locks.md")]
mod book_02_locks {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/03_atomics.md")]
mod book_03_atomics {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/memory_ordering.md")]
mod book_memory_ordering {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/04_explorer.md")]
mod book_04_explorer {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/05_futex_locks.md")]
mod book_05_futex_locks {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/05_futex_locks/kernel.md")]
mod book_05_kernel {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/05_futex_locks/condvar.md")]
mod book_05_condvar {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/05_futex_locks/rwlock.md")]
mod book_05_rwlock {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/05_futex_locks/more.md")]
mod book_05_more {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/pitfalls.md")]
mod book_pitfalls {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/05_futex_locks/detectors.md")]
mod book_05_detectors {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/05_futex_locks/disassembly.md")]
mod book_05_disassembly {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/06_work_stealing.md")]
mod book_06_work_stealing {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/06_work_stealing/sleep.md")]
mod book_06_sleep {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/06_work_stealing/deque.md")]
mod book_06_deque {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/06_work_stealing/fork_join.md")]
mod book_06_fork_join {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/06_work_stealing/real_ones.md")]
mod book_06_real_ones {}

#[cfg(all(
    doctest,
    any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    )
))]
#[doc = include_str!("../book/src/07_event_loop.md")]
mod book_07_event_loop {}

#[cfg(all(
    doctest,
    any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    )
))]
#[doc = include_str!("../book/src/07_event_loop/accept.md")]
mod book_07_accept {}

#[cfg(all(
    doctest,
    any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    )
))]
#[doc = include_str!("../book/src/07_event_loop/edge.md")]
mod book_07_edge {}

#[cfg(all(
    doctest,
    any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    )
))]
#[doc = include_str!("../book/src/07_event_loop/twins.md")]
mod book_07_twins {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/09_http_parser.md")]
mod book_09_http_parser {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/09_http_parser/words.md")]
mod book_09_words {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/09_http_parser/framing.md")]
mod book_09_framing {}

#[cfg(doctest)]
#[doc = include_str!("../book/src/09_http_parser/smuggling.md")]
mod book_09_smuggling {}

#[cfg(all(
    doctest,
    any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    )
))]
#[doc = include_str!("../book/src/10_http_server.md")]
mod book_10_http_server {}

#[cfg(all(
    doctest,
    any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    )
))]
#[doc = include_str!("../book/src/10_http_server/limits.md")]
mod book_10_limits {}

#[cfg(all(
    doctest,
    any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    )
))]
#[doc = include_str!("../book/src/10_http_server/api.md")]
mod book_10_api {}
