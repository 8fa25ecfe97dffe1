//! Property: a mapped guard has the whole lock, gives it back once, and poisons it as the
//! whole guard would.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use threadbare::sync::{MappedMutexGuard, Mutex, MutexGuard};

#[test]
fn the_lock_is_taken_until_the_part_is_dropped() {
    let lock = Mutex::new((1, [2, 3]));
    let pair = MutexGuard::map(lock.lock().unwrap(), |all| &mut all.1);
    assert!(lock.try_lock().is_err());
    let mut last = MappedMutexGuard::map(pair, |pair| &mut pair[1]);
    assert!(lock.try_lock().is_err());
    *last += 1;
    assert_eq!(format!("{last} {last:?}"), "4 4");
    drop(last);
    assert_eq!(*lock.lock().unwrap(), (1, [2, 4]));
}

#[test]
fn a_part_that_is_missing_gives_the_guard_back() {
    let lock = Mutex::new(vec![Some(1), None]);
    let get = |at: usize| {
        let all = lock.lock().unwrap();
        MutexGuard::filter_map(all, |all| all.get_mut(at))
    };
    let none = get(1).unwrap();
    assert!(lock.try_lock().is_err());
    let mut none = MappedMutexGuard::filter_map(none, Option::as_mut).unwrap_err();
    *none = Some(2);
    drop(none);
    let mut one =
        MappedMutexGuard::filter_map(get(0).unwrap(), Option::as_mut).unwrap();
    *one += 4;
    drop(one);
    let mut all = get(2).unwrap_err();
    all.push(None);
    drop(all);
    assert_eq!(*lock.lock().unwrap(), [Some(5), Some(2), None]);
}

/// A part can be smaller than sized: a slice, a trait object.
#[test]
fn a_part_may_be_unsized() {
    let lock = Mutex::new(vec![3, 1, 2]);
    let mut two = MutexGuard::map(lock.lock().unwrap(), |all| &mut all[..2]);
    two.sort_unstable();
    drop(two);
    assert_eq!(*lock.lock().unwrap(), [1, 3, 2]);
}

fn panics(work: impl FnOnce()) {
    let result = catch_unwind(AssertUnwindSafe(|| {
        work();
        resume_unwind(Box::new("planned"));
    }));
    assert!(result.is_err());
}

#[test]
fn a_panic_with_a_part_is_told() {
    let lock = Mutex::new((1, 2));
    panics(|| {
        let _part = MutexGuard::map(lock.lock().unwrap(), |pair| &mut pair.1);
        resume_unwind(Box::new("planned"));
    });
    assert!(lock.is_poisoned());
    lock.clear_poison();
    panics(|| drop(MutexGuard::map(lock.lock().unwrap(), |pair| &mut pair.1)));
    assert!(!lock.is_poisoned(), "it was given back before");
}

/// Who panics while the part is sought gives the lock back, poisoned.
#[test]
fn a_panic_on_the_way_to_the_part_is_told() {
    let lock = Mutex::new((1, 2));
    let result = catch_unwind(AssertUnwindSafe(|| {
        let guard = lock.lock().unwrap();
        let _part = MutexGuard::map(guard, |_| -> &mut u32 {
            resume_unwind(Box::new("planned"))
        });
    }));
    assert!(result.is_err() && lock.is_poisoned());
    lock.clear_poison();
    let result = catch_unwind(AssertUnwindSafe(|| {
        let part = MutexGuard::map(lock.lock().unwrap(), |pair| &mut pair.1);
        let _part = MappedMutexGuard::map(part, |_| -> &mut u32 {
            resume_unwind(Box::new("planned"))
        });
    }));
    assert!(result.is_err() && lock.is_poisoned());
    assert!(
        lock.try_lock()
            .is_err_and(|it| it.to_string().contains("poison"))
    );
}
