//! Property: a wait on a word ends when the word is another, when it is woken, when its
//! time is up and never before, and when a signal comes; and what a thread asks of the
//! kernel is counted for that thread.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::thread;
use std::time::{Duration, Instant};
use threadbare::futex::{self, Calls};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn calls_are_counted_where_they_are_made() {
    within(LIMIT, || {
        let word = AtomicU32::new(0);
        let start = futex::calls();
        futex::wait(&word, 1);
        futex::wait_timeout(&word, 1, Duration::MAX);
        futex::wake_one(&word);
        futex::wake_all(&word);
        futex::wake_all(&word);
        let of_another = thread::spawn(|| {
            let word = AtomicU32::new(0);
            futex::wake_one(&word);
            futex::calls()
        });
        let of_another = of_another.join().unwrap();
        assert_eq!(of_another, Calls { waits: 0, wakes: 1 });
        let now = futex::calls();
        assert_eq!((now.waits - start.waits, now.wakes - start.wakes), (2, 3));
    });
}

/// Rounded up, if at all: whoever works out what is left waits for what is left.
#[test]
fn no_limit_ends_early() {
    within(LIMIT, || {
        let word = AtomicU32::new(0);
        for nanoseconds in [0, 1, 999, 1_000, 300_000, 1_000_001, 2_500_000] {
            let limit = Duration::from_nanos(nanoseconds);
            let start = Instant::now();
            // Until the time is up; a return for no reason is another matter.
            while futex::wait_timeout(&word, 0, limit) {}
            assert!(start.elapsed() >= limit, "{limit:?}");
        }
    });
}

/// Longer than the clock can express, in one of several ways: as good as none.
#[test]
fn a_limit_beyond_the_clock_is_none() {
    within(LIMIT, || {
        let limits = [
            Duration::MAX,
            Duration::new(u64::MAX, 0),
            Duration::new(i64::MAX as u64, 999_999_999),
            Duration::new(i64::MAX as u64 + 1, 0),
            Duration::new(i64::MAX as u64 / 1_000_000_000 + 1, 0),
            Duration::new(u64::from(u32::MAX), 0),
        ];
        for limit in limits {
            let word = AtomicU32::new(0);
            thread::scope(|scope| {
                scope.spawn(|| {
                    step(format!("waiting for {limit:?}"));
                    // ORDERING: Acquire. Pairs with the store in
                    // `a_limit_beyond_the_clock_is_none`.
                    while word.load(Acquire) == 0 {
                        assert!(futex::wait_timeout(&word, 0, limit), "{limit:?}");
                    }
                });
                // ORDERING: Release. Pairs with the load in
                // `a_limit_beyond_the_clock_is_none`.
                word.store(1, Release);
                futex::wake_one(&word);
            });
        }
    });
}

/// Two words that are neighbours, or far apart, are two words.
#[test]
fn a_wake_up_is_for_one_word() {
    within(LIMIT, || {
        let words: [AtomicU32; 64] = std::array::from_fn(|_| AtomicU32::new(0));
        thread::scope(|scope| {
            for word in &words {
                scope.spawn(|| {
                    step("waiting");
                    // ORDERING: Relaxed. The word is all there is.
                    while word.load(Relaxed) == 0 {
                        futex::wait(word, 0);
                    }
                });
            }
            for word in words.iter().rev() {
                // ORDERING: Relaxed. As above.
                word.store(1, Relaxed);
                futex::wake_one(word);
            }
        });
    });
}

/// A signal whose handler runs on the thread ends the wait, which says nothing of it.
#[cfg(target_os = "linux")]
#[test]
#[allow(unsafe_code, reason = "signals")]
fn a_signal_ends_a_wait() {
    use std::os::unix::thread::JoinHandleExt;
    use std::ptr;

    extern "C" fn nothing(_signal: libc::c_int) {}

    within(LIMIT, || {
        // SAFETY: an action without flags, so without SA_RESTART; the handler does nothing,
        // and nobody else in this process uses SIGUSR1.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as usize;
            assert_eq!(libc::sigaction(libc::SIGUSR1, &action, ptr::null_mut()), 0);
        }
        static WORD: AtomicU32 = AtomicU32::new(0);
        for limit in [None, Some(Duration::from_secs(3600))] {
            let waiter = thread::spawn(move || match limit {
                None => {
                    futex::wait(&WORD, 0);
                    true
                }
                Some(limit) => futex::wait_timeout(&WORD, 0, limit),
            });
            while !waiter.is_finished() {
                // SAFETY: the thread is not joined yet, so its handle is valid.
                unsafe { libc::pthread_kill(waiter.as_pthread_t(), libc::SIGUSR1) };
                thread::yield_now();
            }
            assert!(waiter.join().unwrap(), "its time was not up");
        }
    });
}
