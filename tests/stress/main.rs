//! Many operations, little at a time: what a unit test is too polite to meet.
//!
//! One module for each type. The number of operations is fixed, never the time. Each test
//! prints its seed; `THREADBARE_SEED=N cargo test --test stress NAME` repeats its choices
//! (not the scheduler's).

mod barrier;
mod bounded_queue;
#[cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd"))]
mod completions;
mod condvar;
mod event;
#[cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd"))]
mod event_loop;
mod locker;
mod mutex;
mod once;
mod one_shot;
mod ordered;
mod parker;
mod permits;
mod pool;
mod pool_deque;
#[cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd"))]
mod pooled_server;
mod rwlock;
mod semaphore;
mod seqlock;
mod signal;
mod spin_lock;
mod spsc_ring;
mod tagged_stack;
mod wait_group;
