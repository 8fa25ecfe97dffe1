//! Property: what is written for `std::sync::RwLock` compiles with `threadbare::sync::RwLock`
//! and does the same. Each test here is run with both.

use std::panic::{
    AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind, resume_unwind,
};

/// It panics, without a message on the terminal.
fn panics(run: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
}

fn is_unwind_safe<T: UnwindSafe + RefUnwindSafe + ?Sized>() {}
fn is_send_and_sync<T: Send + Sync + ?Sized>() {}
fn is_sync<T: Sync + ?Sized>() {}

macro_rules! with_both {
    ($($module:ident: $($sync:ident)::+;)*) => { $(
        mod $module {
            use super::*;
            use $($sync)::+::{
                PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError,
            };

            static GLOBAL: RwLock<u32> = RwLock::new(1);

            #[test]
            fn it_is_read_by_many_and_written_by_one() {
                let (one, other) = (GLOBAL.read().unwrap(), GLOBAL.try_read().unwrap());
                assert_eq!(*one + *other, 2);
                assert!(matches!(GLOBAL.try_write(), Err(TryLockError::WouldBlock)));
                drop((one, other));
                let mut writer = GLOBAL.write().unwrap();
                *writer += 1;
                assert!(matches!(GLOBAL.try_read(), Err(TryLockError::WouldBlock)));
                assert!(matches!(GLOBAL.try_write(), Err(TryLockError::WouldBlock)));
                drop(writer);
                *GLOBAL.try_write().unwrap() += 1;
                assert_eq!(*GLOBAL.read().unwrap(), 3);
            }

            #[test]
            fn it_is_made_and_taken_apart() {
                let mut lock = RwLock::from(String::from("a"));
                lock.get_mut().unwrap().push('b');
                assert_eq!(lock.into_inner().unwrap(), "ab");
                assert_eq!(RwLock::<u32>::default().into_inner().unwrap(), 0);
            }

            #[test]
            fn its_value_may_be_without_a_size() {
                let lock: Box<RwLock<[u32]>> = Box::new(RwLock::new([1, 2, 3]));
                lock.write().unwrap()[0] = 7;
                assert_eq!(*lock.read().unwrap(), [7, 2, 3]);
                let lock: &RwLock<dyn Fn() -> u32> = &RwLock::new(|| 5);
                assert_eq!(lock.read().unwrap()(), 5);
            }

            #[test]
            fn a_value_is_dropped_once() {
                let value = std::sync::Arc::new(());
                let lock = RwLock::new(value.clone());
                drop(lock.read());
                *lock.write().unwrap() = value.clone();
                let kept = lock.into_inner().unwrap();
                assert_eq!(std::sync::Arc::strong_count(&value), 2);
                drop((kept, RwLock::new(value.clone())));
                assert_eq!(std::sync::Arc::strong_count(&value), 1);
            }

            #[test]
            fn who_panics_while_writing_poisons_it() {
                let mut lock = RwLock::new(1);
                panics(|| {
                    let mut writer = lock.write().unwrap();
                    *writer = 2;
                    resume_unwind(Box::new("planned"));
                });
                assert!(lock.is_poisoned());
                assert_eq!(*lock.read().unwrap_err().into_inner(), 2);
                assert_eq!(**lock.write().unwrap_err().get_ref(), 2);
                let Err(TryLockError::Poisoned(error)) = lock.try_read() else {
                    panic!("it is free, and poisoned");
                };
                drop(error);
                let Err(TryLockError::Poisoned(mut error)) = lock.try_write() else {
                    panic!("it is free, and poisoned");
                };
                **error.get_mut() += 1;
                assert!(matches!(lock.try_read(), Err(TryLockError::WouldBlock)));
                drop(error);
                *lock.get_mut().unwrap_err().into_inner() += 1;
                lock.clear_poison();
                assert!(!lock.is_poisoned());
                assert_eq!(*lock.read().unwrap(), 4);
                panics(|| {
                    let _writer = lock.write().unwrap();
                    resume_unwind(Box::new("planned"));
                });
                let value = lock.into_inner();
                assert_eq!(value.unwrap_or_else(PoisonError::into_inner), 4);
            }

            #[test]
            fn who_panics_while_reading_does_not() {
                let lock = RwLock::new(1);
                panics(|| {
                    let _reader = lock.read().unwrap();
                    resume_unwind(Box::new("planned"));
                });
                assert!(!lock.is_poisoned());
                assert!(lock.try_write().is_ok(), "nobody is in");
            }

            /// A destructor that writes while a panic goes on finishes what it does.
            #[test]
            fn who_writes_during_a_panic_does_not() {
                struct Writes<'a>(&'a RwLock<u32>);
                impl Drop for Writes<'_> {
                    fn drop(&mut self) {
                        *self.0.write().unwrap() += 1;
                    }
                }
                let lock = RwLock::new(1);
                panics(|| {
                    let _writes = Writes(&lock);
                    resume_unwind(Box::new("planned"));
                });
                assert_eq!(*lock.read().unwrap(), 2);
            }

            #[test]
            fn a_writer_that_became_a_reader_does_not() {
                let lock = RwLock::new(1);
                panics(|| {
                    let writer = lock.write().unwrap();
                    let _reader = RwLockWriteGuard::downgrade(writer);
                    resume_unwind(Box::new("planned"));
                });
                assert!(!lock.is_poisoned());
            }

            #[test]
            fn a_writer_becomes_a_reader() {
                let lock = RwLock::new(1);
                let mut writer = lock.write().unwrap();
                *writer += 1;
                let reader: RwLockReadGuard<'_, _> = RwLockWriteGuard::downgrade(writer);
                assert_eq!(*reader + *lock.read().unwrap(), 4);
                assert!(lock.try_write().is_err(), "a reader is in");
                drop(reader);
                assert!(lock.try_write().is_ok(), "nobody is in");
            }

            #[test]
            fn it_is_shown() {
                let lock = RwLock::new("text");
                let free = r#"RwLock { data: "text", poisoned: false, .. }"#;
                assert_eq!(format!("{lock:?}"), free);
                let reader = lock.read().unwrap();
                assert_eq!(format!("{reader:?} {reader}"), r#""text" text"#);
                assert_eq!(format!("{lock:?}"), free);
                drop(reader);
                let writer = lock.write().unwrap();
                assert_eq!(format!("{writer:?} {writer}"), r#""text" text"#);
                let locked = "RwLock { data: <locked>, poisoned: false, .. }";
                assert_eq!(format!("{lock:?}"), locked);
                drop(writer);
                panics(|| {
                    let _writer = lock.write();
                    resume_unwind(Box::new("planned"));
                });
                let poisoned = r#"RwLock { data: "text", poisoned: true, .. }"#;
                assert_eq!(format!("{lock:?}"), poisoned);
            }

            #[test]
            fn it_goes_where_it_should() {
                is_unwind_safe::<RwLock<std::cell::Cell<u32>>>();
                is_send_and_sync::<RwLock<u32>>();
                is_sync::<RwLockReadGuard<'_, u32>>();
                is_sync::<RwLockWriteGuard<'_, u32>>();
            }
        }
    )* };
}
with_both! {
    stds: std::sync;
    ours: threadbare::sync;
}
