//! The Rust in the book's pages: compiled and run as doc tests, and there for nothing else.

#[doc = include_str!("../book/src/00_measuring.md")]
mod book_00_measuring {}

#[doc = include_str!("../book/src/01_threads.md")]
mod book_01_threads {}

#[doc = include_str!("../book/src/02_locks.md")]
mod book_02_locks {}

#[doc = include_str!("../book/src/03_atomics.md")]
mod book_03_atomics {}

#[doc = include_str!("../book/src/memory_ordering.md")]
mod book_memory_ordering {}

#[doc = include_str!("../book/src/04_explorer.md")]
mod book_04_explorer {}

#[doc = include_str!("../book/src/05_futex_locks.md")]
mod book_05_futex_locks {}

#[doc = include_str!("../book/src/05_futex_locks/kernel.md")]
mod book_05_kernel {}

#[doc = include_str!("../book/src/05_futex_locks/condvar.md")]
mod book_05_condvar {}

#[doc = include_str!("../book/src/05_futex_locks/rwlock.md")]
mod book_05_rwlock {}

#[doc = include_str!("../book/src/05_futex_locks/more.md")]
mod book_05_more {}

#[doc = include_str!("../book/src/pitfalls.md")]
mod book_pitfalls {}

#[doc = include_str!("../book/src/05_futex_locks/detectors.md")]
mod book_05_detectors {}

#[doc = include_str!("../book/src/05_futex_locks/disassembly.md")]
mod book_05_disassembly {}

#[doc = include_str!("../book/src/06_work_stealing.md")]
mod book_06_work_stealing {}

#[doc = include_str!("../book/src/06_work_stealing/sleep.md")]
mod book_06_sleep {}

#[doc = include_str!("../book/src/06_work_stealing/deque.md")]
mod book_06_deque {}

#[doc = include_str!("../book/src/06_work_stealing/fork_join.md")]
mod book_06_fork_join {}

#[doc = include_str!("../book/src/06_work_stealing/real_ones.md")]
mod book_06_real_ones {}

#[doc = include_str!("../book/src/09_http_parser.md")]
mod book_09_http_parser {}

#[doc = include_str!("../book/src/09_http_parser/words.md")]
mod book_09_words {}

#[doc = include_str!("../book/src/09_http_parser/framing.md")]
mod book_09_framing {}

#[doc = include_str!("../book/src/09_http_parser/smuggling.md")]
mod book_09_smuggling {}

// What needs an event loop.
#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
mod on_a_loop {
    #[doc = include_str!("../book/src/07_event_loop.md")]
    mod book_07_event_loop {}

    #[doc = include_str!("../book/src/07_event_loop/accept.md")]
    mod book_07_accept {}

    #[doc = include_str!("../book/src/07_event_loop/edge.md")]
    mod book_07_edge {}

    #[doc = include_str!("../book/src/07_event_loop/twins.md")]
    mod book_07_twins {}

    #[doc = include_str!("../book/src/08_completions.md")]
    mod book_08_completions {}

    #[doc = include_str!("../book/src/08_completions/life.md")]
    mod book_08_life {}

    #[doc = include_str!("../book/src/08_completions/uring.md")]
    mod book_08_uring {}

    #[doc = include_str!("../book/src/08_completions/async_and_files.md")]
    mod book_08_async_and_files {}

    #[doc = include_str!("../book/src/08_completions/blocking.md")]
    mod book_08_blocking {}

    #[doc = include_str!("../book/src/10_http_server.md")]
    mod book_10_http_server {}

    #[doc = include_str!("../book/src/10_http_server/limits.md")]
    mod book_10_limits {}

    #[doc = include_str!("../book/src/10_http_server/api.md")]
    mod book_10_api {}

    #[doc = include_str!("../book/src/11_pooled_server.md")]
    mod book_11_pooled_server {}

    #[doc = include_str!("../book/src/11_pooled_server/files.md")]
    mod book_11_files {}

    #[doc = include_str!("../book/src/11_pooled_server/events.md")]
    mod book_11_events {}
}
