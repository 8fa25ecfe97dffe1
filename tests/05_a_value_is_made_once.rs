//! Property: what `std::sync::OnceLock` and `LazyLock` promise, of our own: one value, made
//! once, seen by all, dropped once.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use threadbare::sync::{LazyLock, OnceLock};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const THREADS: usize = 8;

fn fails<T>() -> T {
    panic::resume_unwind(Box::new("planned"));
}

#[test]
fn all_get_the_same_value() {
    within(LIMIT, || {
        for _ in 0..300 {
            let (cell, made) = (OnceLock::new(), AtomicUsize::new(0));
            let lazy = LazyLock::new(|| {
                // ORDERING: Relaxed. Read when the threads have been joined.
                made.fetch_add(1, Relaxed);
                String::from("lazy")
            });
            let meet = Barrier::new(THREADS);
            let values: Vec<usize> = thread::scope(|scope| {
                let threads: Vec<_> = (0..THREADS)
                    .map(|number| {
                        let (cell, lazy, meet) = (&cell, &lazy, &meet);
                        scope.spawn(move || {
                            meet.wait();
                            step(format!("{number} makes it, or waits for it"));
                            assert_eq!(**lazy, "lazy");
                            *cell.get_or_init(|| number)
                        })
                    })
                    .collect();
                threads.into_iter().map(|it| it.join().unwrap()).collect()
            });
            assert!(values.iter().all(|value| cell.get() == Some(value)));
            drop(lazy);
            assert_eq!(made.into_inner(), 1);
        }
    });
}

#[test]
fn it_is_set_once() {
    static CELL: OnceLock<u32> = OnceLock::new();
    assert_eq!(CELL.get(), None);
    assert_eq!(CELL.set(1), Ok(()));
    assert_eq!(CELL.set(2), Err(2));
    assert_eq!((CELL.get(), CELL.wait()), (Some(&1), &1));
    assert_eq!(CELL.get_or_init(|| unreachable!()), &1);
}

#[test]
fn one_waits_for_the_value() {
    within(LIMIT, || {
        for _ in 0..100 {
            let cell = OnceLock::new();
            thread::scope(|scope| {
                let waiters = [0, 1].map(|_| scope.spawn(|| *cell.wait()));
                cell.set(7).unwrap();
                for waiter in waiters {
                    assert_eq!(waiter.join().unwrap(), 7);
                }
            });
        }
    });
}

#[test]
fn after_a_panic_the_next_one_makes_it() {
    let cell = OnceLock::new();
    let fails = || *cell.get_or_init(fails::<u32>);
    assert!(panic::catch_unwind(AssertUnwindSafe(fails)).is_err());
    assert_eq!(cell.get(), None);
    assert_eq!(*cell.get_or_init(|| 3), 3);
}

#[test]
fn after_a_panic_a_lazy_one_is_lost() {
    let mut lazy = LazyLock::<u32>::new(fails);
    for said in [None, Some("LazyLock instance has previously been poisoned")] {
        let thrown = panic::catch_unwind(AssertUnwindSafe(|| *lazy)).unwrap_err();
        let text = thrown.downcast_ref::<&str>().copied();
        let text = text.or_else(|| thrown.downcast_ref::<String>().map(|it| &**it));
        match said {
            None => assert_eq!(text, Some("planned")),
            Some(said) => assert_eq!(text, Some(said)),
        }
        assert_eq!(LazyLock::get(&lazy), None);
    }
    let force = AssertUnwindSafe(|| *LazyLock::force_mut(&mut lazy));
    assert!(panic::catch_unwind(force).is_err());
}

#[test]
fn who_has_it_alone_takes_and_changes_it() {
    let mut cell = OnceLock::from(String::from("a"));
    cell.get_mut().unwrap().push('b');
    assert_eq!(cell.take().as_deref(), Some("ab"));
    assert_eq!((cell.take(), cell.get_mut()), (None, None));
    cell.set("again".into()).unwrap();
    assert_eq!(cell.into_inner().as_deref(), Some("again"));
    assert_eq!(OnceLock::<u32>::new().into_inner(), None);

    let mut lazy = LazyLock::new(|| 7);
    assert_eq!(LazyLock::get_mut(&mut lazy), None);
    *LazyLock::force_mut(&mut lazy) += 1;
    *lazy += 1;
    assert_eq!((LazyLock::get(&lazy), *lazy), (Some(&9), 9));
}

/// Dropped with the cell, and not if it was taken out; and the function of a lazy value is
/// dropped, whether or not it was called.
#[test]
fn what_is_in_it_is_dropped_once() {
    let value = Arc::new(());
    let cell = OnceLock::from(Arc::clone(&value));
    drop((cell.clone(), OnceLock::<Arc<()>>::new()));
    assert_eq!(Arc::strong_count(&value), 2);
    let taken = cell.into_inner().unwrap();
    assert_eq!(Arc::strong_count(&value), 2);
    drop(taken);

    let mine = Arc::clone(&value);
    let unused = LazyLock::new(move || drop(mine));
    let mine = Arc::clone(&value);
    let used = LazyLock::new(move || mine);
    let seen = Arc::clone(&used);
    assert_eq!(Arc::strong_count(&value), 4);
    drop((unused, used, seen));
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn they_look_like_stds() {
    let (empty, full) = (OnceLock::new(), OnceLock::from(3));
    assert_eq!(
        format!("{empty:?} {full:?}"),
        "OnceLock(<uninit>) OnceLock(3)"
    );
    assert!(
        empty != full && full == OnceLock::from(3) && empty == OnceLock::default()
    );
    assert_eq!(full.clone().get(), Some(&3));
    let lazy = LazyLock::<u32>::default();
    let before = format!("{lazy:?}");
    assert_eq!(*lazy, 0);
    assert_eq!(
        format!("{before} {lazy:?}"),
        "LazyLock(<uninit>) LazyLock(0)"
    );
    assert_eq!(
        size_of::<OnceLock<u32>>(),
        size_of::<std::sync::OnceLock<u32>>()
    );
}

#[test]
fn they_go_where_stds_go() {
    fn sent<T: Send>() {}
    fn shared<T: Send + Sync + UnwindSafe + RefUnwindSafe>() {}
    shared::<OnceLock<String>>();
    shared::<LazyLock<String>>();
    // Only who shares one has to be able to share what is in it.
    sent::<OnceLock<Cell<u32>>>();
    // The function is called by one thread, so it need not be shared.
    fn lazy<F: FnOnce() -> u32 + Send>(f: F) -> impl Send + Sync {
        LazyLock::new(f)
    }
    let cell = Cell::new(7);
    drop(lazy(move || cell.get()));
}

/// A value that makes itself would wait for itself; in a debug build it is told so.
#[test]
#[cfg(debug_assertions)]
fn a_value_that_needs_itself_is_told() {
    static EGG: LazyLock<u32> = LazyLock::new(|| *HEN + 1);
    static HEN: LazyLock<u32> = LazyLock::new(|| *EGG + 1);
    let said = panic::catch_unwind(|| *EGG).unwrap_err();
    let said = said.downcast_ref::<String>().expect("a message");
    assert!(said.starts_with("deadlock: "), "{said}");
}
