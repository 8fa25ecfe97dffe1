//! Property: a guard of an `RwLock` can be narrowed to a part of the value, and the lock
//! stays taken, in the same way, until that part is given back.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use threadbare::sync::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard,
    RwLockWriteGuard,
};

#[test]
fn readers_share_parts() {
    let lock = RwLock::new((vec![1, 2, 3], "text"));
    let text = RwLockReadGuard::map(lock.read().unwrap(), |page| page.1);
    let list = RwLockReadGuard::map(lock.read().unwrap(), |page| &page.0);
    let last = MappedRwLockReadGuard::map(list, |list| &list[2]);
    assert_eq!((&*text, *last), ("text", 3));
    assert_eq!(format!("{text} {last:?}"), "text 3");
    drop(text);
    assert!(lock.try_write().is_err(), "a part is read");
    drop(last);
    assert!(lock.try_write().is_ok());
}

#[test]
fn a_writer_keeps_a_part() {
    let lock = RwLock::new((vec![1, 2, 3], "text"));
    let list = RwLockWriteGuard::map(lock.write().unwrap(), |page| &mut page.0);
    let mut last = MappedRwLockWriteGuard::map(list, |list| &mut list[2]);
    *last += 1;
    assert_eq!(format!("{last} {last:?}"), "4 4");
    assert!(lock.try_read().is_err(), "a part is written");
    drop(last);
    assert_eq!(lock.into_inner().unwrap().0, [1, 2, 4]);
}

#[test]
fn a_part_that_is_not_there_leaves_the_guard() {
    let lock = RwLock::new(vec![5]);
    let whole =
        RwLockReadGuard::filter_map(lock.read().unwrap(), |list| list.get(1));
    let whole = whole.expect_err("there is no second");
    let first = RwLockReadGuard::filter_map(whole, |list| list.first());
    let first = first.expect("there is a first");
    let odd = |number: &u32| number % 2 == 1;
    let no = MappedRwLockReadGuard::filter_map(first, |it| {
        Some(it).filter(|it| !odd(it))
    });
    let yes = MappedRwLockReadGuard::filter_map(no.unwrap_err(), |it| {
        Some(it).filter(|it| odd(it))
    });
    assert_eq!(*yes.unwrap(), 5);

    let whole =
        RwLockWriteGuard::filter_map(lock.write().unwrap(), |list| list.get_mut(1));
    let whole = whole.expect_err("there is no second");
    let first = RwLockWriteGuard::filter_map(whole, |list| list.first_mut());
    let none =
        MappedRwLockWriteGuard::filter_map(first.unwrap(), |_| None::<&mut u32>);
    let mut same =
        MappedRwLockWriteGuard::filter_map(none.unwrap_err(), |it| Some(it))
            .unwrap();
    *same += 1;
    drop(same);
    assert_eq!(*lock.read().unwrap(), [6]);
}

/// Whoever panics while it writes a part poisons the lock, also while it chooses the part.
#[test]
fn a_panic_poisons_only_who_writes() {
    let lock = RwLock::new(1);
    let panics = |run: &dyn Fn()| {
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
        let was = lock.is_poisoned();
        lock.clear_poison();
        assert!(lock.try_write().is_ok(), "nobody is in");
        was
    };
    let planned = || -> ! { resume_unwind(Box::new("planned")) };
    assert!(!panics(&|| {
        let _part = RwLockReadGuard::map(lock.read().unwrap(), |it| it);
        planned();
    }));
    assert!(!panics(&|| {
        drop(RwLockReadGuard::map(lock.read().unwrap(), |_| -> &u32 {
            planned()
        }));
    }));
    assert!(panics(&|| {
        let _part = RwLockWriteGuard::map(lock.write().unwrap(), |it| it);
        planned();
    }));
    assert!(panics(&|| {
        drop(RwLockWriteGuard::map(
            lock.write().unwrap(),
            |_| -> &mut u32 { planned() },
        ));
    }));
    assert!(panics(&|| {
        let part = RwLockWriteGuard::map(lock.write().unwrap(), |it| it);
        drop(MappedRwLockWriteGuard::map(part, |_| -> &mut u32 {
            planned()
        }));
    }));
}
