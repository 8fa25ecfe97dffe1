//! One program, compiled over four grounds: std's own, the real one, the real one with std's
//! locks, and the modelled one, outside a model and inside.

#![allow(missing_docs, reason = "a test")]
#![allow(
    unsafe_code,
    reason = "the sample has a lock of its own, and a raw Arc"
)]

use explorer::Model;

#[path = "ground"]
mod on_std {
    /// What std has, by the names of the ground.
    pub(crate) mod ground {
        pub(crate) use std::sync::atomic;
        pub(crate) use std::{hint, sync, thread, thread_local, time};
    }
    #[path = "sample.rs"]
    pub(crate) mod sample;
}

#[path = "ground"]
mod on_real {
    pub(crate) use threadbare::ground;

    #[path = "own.rs"]
    pub(crate) mod own;
    #[allow(clippy::duplicate_mod, reason = "that is what this test is about")]
    #[path = "sample.rs"]
    pub(crate) mod sample;
}

/// The same for the chapters that stand on the locks of std.
#[path = "ground"]
mod on_real_with_std {
    pub(crate) use threadbare::ground::on_std as ground;

    #[allow(clippy::duplicate_mod, reason = "that is what this test is about")]
    #[path = "own.rs"]
    pub(crate) mod own;
    #[allow(clippy::duplicate_mod, reason = "that is what this test is about")]
    #[path = "sample.rs"]
    pub(crate) mod sample;
}

#[path = "ground"]
mod on_model {
    pub(crate) use explorer::ground;

    #[allow(clippy::duplicate_mod, reason = "that is what this test is about")]
    #[path = "own.rs"]
    pub(crate) mod own;
    #[allow(clippy::duplicate_mod, reason = "that is what this test is about")]
    #[path = "sample.rs"]
    pub(crate) mod sample;
}

/// Whatever an answer can import from the one ground it can import from the other.
macro_rules! has_all_names {
    ($($module:ident of $($ground:ident)::+),*) => {$(
        #[allow(unused_imports, reason = "that they are there is the test")]
        mod $module {
            use $(::$ground)+::atomic::{
                AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize,
                AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
                Ordering, compiler_fence, fence,
            };
            use $(::$ground)+::cell::UnsafeCell;
            use $(::$ground)+::futex::{wait, wait_timeout, wake_all, wake_one};
            use $(::$ground)+::hint::{Backoff, black_box, spin_loop};
            use $(::$ground)+::os::WakeCell;
            use $(::$ground)+::sync::{
                Arc, Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex,
                MutexGuard, Once, OnceLock, OnceState, PoisonError, RwLock,
                RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult,
                WaitTimeoutResult, Weak, mpsc,
            };
            use $(::$ground)+::thread::{
                AccessError, Builder, JoinHandle, LocalKey, Result, Scope,
                ScopedJoinHandle, Thread, ThreadId, available_parallelism, current,
                panicking, park, park_timeout, scope, sleep, spawn, yield_now,
            };
            use $(::$ground)+::time::{Duration, Instant};
            use $(::$ground)+::{Named, Static, const_new, thread_local};

            /// What std's types promise to threads and to unwinding.
            const _: () = {
                const fn shared<T: Send + Sync + std::panic::RefUnwindSafe>() {}
                shared::<Mutex<u8>>();
                shared::<RwLock<u8>>();
                shared::<Condvar>();
                shared::<Barrier>();
                shared::<Once>();
                shared::<OnceLock<u8>>();
                shared::<LazyLock<u8>>();
                shared::<Arc<u8>>();
                shared::<mpsc::Sender<u8>>();
                shared::<AtomicPtr<u8>>();
                shared::<WakeCell>();
                shared::<Static<u8>>();
                shared::<Thread>();
                shared::<Instant>();
            };
        }
    )*};
}

has_all_names!(
    real_names of threadbare::ground,
    real_names_with_std of threadbare::ground::on_std,
    modelled_names of explorer::ground
);

#[test]
fn over_std() {
    on_std::sample::all();
}

#[test]
fn over_the_real_ground() {
    on_real::sample::all();
    on_real::own::all();
}

#[test]
fn over_the_real_ground_with_std() {
    on_real_with_std::sample::all();
    on_real_with_std::own::all();
}

#[test]
fn over_the_modelled_ground_outside_a_model() {
    on_model::sample::all();
    on_model::own::all();
}

#[test]
fn over_the_modelled_ground_inside_a_model() {
    let parts = on_model::sample::PARTS;
    for (number, part) in parts.into_iter().chain(on_model::own::PARTS).enumerate() {
        let result = Model::new(format!("part {number}")).explore(part);
        match result {
            Ok(stats) => {
                println!(
                    "part {number}: {} executions, {} states, {:?}",
                    stats.executions, stats.states, stats.time
                );
                assert!(stats.complete, "part {number} is too large");
            }
            Err(failure) => panic!("{failure}"),
        }
    }
}

/// A thread of the model that unwinds is the only one that is told so.
#[test]
fn who_unwinds_is_told_and_nobody_else() {
    use explorer::Kind;
    use explorer::ground::sync::{Arc, Mutex};
    use explorer::ground::thread;

    struct Leaves(Arc<Mutex<u32>>);
    impl Drop for Leaves {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += 1;
            assert!(thread::panicking(), "this one unwinds");
        }
    }

    let program = |hold: bool| {
        move || {
            let count = Arc::new(Mutex::new(0));
            let leaves = Leaves(Arc::clone(&count));
            let handle = thread::spawn(move || {
                let _leaves = leaves;
                std::panic::resume_unwind(Box::new("planned"));
            });
            let held = count.lock().unwrap();
            assert!(!thread::panicking(), "this one does not");
            if !hold {
                drop(held);
                assert!(handle.join().is_err());
                assert!(!count.is_poisoned());
                return;
            }
            // Nobody ever gets the lock, so this run ends while the other one unwinds.
            let _ = handle.join();
            drop(held);
        }
    };
    let stats = Model::new("unwinds").explore(program(false)).unwrap();
    assert!(stats.complete);
    let failure = Model::new("unwinds for ever")
        .explore(program(true))
        .unwrap_err();
    assert_eq!(failure.kind, Kind::Deadlock, "{failure}");
    // And the next model is not told of it.
    let stats = Model::new("unwinds again").explore(program(false)).unwrap();
    assert!(stats.complete);
}

/// A report names the reader's own lines, whatever a thread waits for and lets go of.
#[test]
fn every_step_is_on_a_line_of_the_program() {
    let own = on_model::own::PARTS;
    for (number, part) in on_model::sample::PARTS.into_iter().chain(own).enumerate()
    {
        let model = Model::new(format!("part {number}"));
        let failure = model.explore(move || {
            part();
            panic!("only to see the steps");
        });
        let failure = failure.unwrap_err();
        assert_eq!(failure.sentence, "only to see the steps", "{failure}");
        for event in &failure.events {
            assert!(event.file.contains("tests/ground"), "{event:?}\n{failure}");
        }
    }
}
