//! Property: however often and from wherever a build file is invalidated, at most one job
//! runs for it, and when none is active what was found is of the last change.

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;
use threadbare::locks::build::{Builder, State};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn the_last_change_is_found_by_one_job_at_a_time() {
    const CHANGES: u32 = 50;
    within(LIMIT, || {
        let builder = Builder::new();
        for _ in 0..50 {
            let disk = Arc::new(Mutex::new(0));
            let met = Arc::new(Mutex::new(false));
            let at_work = Mutex::new(());
            let file = builder.file({
                let (disk, met) = (Arc::clone(&disk), Arc::clone(&met));
                move || {
                    // Noted and not asserted: a panic would end with the job.
                    let alone = at_work.try_lock();
                    *met.lock().unwrap() |= alone.is_err();
                    *disk.lock().unwrap()
                }
            });
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        for _ in 0..CHANGES {
                            *disk.lock().unwrap() += 1;
                            file.invalidate();
                        }
                    });
                }
            });
            step("waiting for the builder");
            builder.wait();
            assert_eq!(file.found().as_deref(), Some(&(2 * CHANGES)));
            assert_eq!((file.state(), builder.active()), (State::Idle, 0));
            assert!(!*met.lock().unwrap(), "two jobs ran at the same time");
        }
    });
}

/// The job is held in the middle while the file changes.
#[test]
fn a_change_during_a_run_is_run_again_once() {
    within(LIMIT, || {
        let (begun, begins) = mpsc::channel();
        let (go_on, goes_on) = mpsc::channel::<u32>();
        let goes_on = Mutex::new(goes_on);
        let builder = Builder::new();
        let file = builder.file(move || {
            begun.send(()).unwrap();
            goes_on.lock().unwrap().recv().unwrap()
        });
        file.invalidate();
        step("waiting for the first run to begin");
        begins.recv().unwrap();
        assert_eq!((file.state(), builder.active()), (State::Running, 1));
        for _ in 0..3 {
            file.invalidate();
            assert_eq!((file.state(), builder.active()), (State::RunningStale, 1));
        }
        go_on.send(1).unwrap();
        step("waiting for the second run to begin");
        begins.recv().unwrap();
        assert_eq!(file.state(), State::Running);
        assert_eq!(file.found(), None, "out of date before it was there");
        go_on.send(2).unwrap();
        builder.wait();
        assert_eq!(file.found().as_deref(), Some(&2));
        assert!(begins.try_recv().is_err(), "run once more than needed");
    });
}

#[test]
fn a_run_that_panics_is_not_the_last() {
    within(LIMIT, || {
        let answers = Mutex::new(vec![Some(2), None, Some(1)]);
        let builder = Builder::new();
        let file = builder.file(move || {
            let answer = answers.lock().unwrap().pop().expect("three runs");
            // Not `panic!`: its message would be printed.
            answer.unwrap_or_else(|| std::panic::resume_unwind(Box::new("planned")))
        });
        for (expected, has_failed) in [(1, false), (1, true), (2, false)] {
            file.invalidate();
            builder.wait();
            assert_eq!(file.found().as_deref(), Some(&expected));
            assert_eq!((file.state(), file.has_failed()), (State::Idle, has_failed));
        }
    });
}
