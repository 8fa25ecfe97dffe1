//! Property: what is written for std's mutex works with this one: one program for both.

use std::cell::Cell;
use std::fmt::{Debug, Display};
use std::mem::size_of;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe};

fn goes<T: Send>() {}
fn is_shared<T: Sync>() {}
fn survives_panics<T: UnwindSafe + RefUnwindSafe + ?Sized>() {}
fn is_shown<T: Debug + Display>(_: &T) {}

/// `Send` and not `Sync`.
type OnlySend = Cell<u32>;

macro_rules! as_std {
    ($name:ident, $($sync:tt)*) => {
        mod $name {
            use super::*;
            use std::panic::{catch_unwind, resume_unwind};
            use std::thread;
            use $($sync)*::{
                LockResult, Mutex, MutexGuard, PoisonError, TryLockError, TryLockResult,
            };

            #[test]
            fn it_goes_where_it_should() {
                is_shared::<Mutex<OnlySend>>();
                goes::<Mutex<OnlySend>>();
                is_shared::<MutexGuard<'_, u32>>();
                survives_panics::<Mutex<OnlySend>>();
                survives_panics::<Mutex<[u32]>>();
            }

            #[test]
            fn it_is_made_in_every_way() {
                static ONE: Mutex<Vec<u32>> = Mutex::new(Vec::new());
                ONE.lock().unwrap().push(1);
                assert_eq!(*ONE.lock().unwrap(), [1]);
                assert_eq!(*Mutex::<u32>::default().get_mut().unwrap(), 0);
                assert_eq!(Mutex::from("a").into_inner().unwrap(), "a");
                let unsized_value: Box<Mutex<[u32]>> = Box::new(Mutex::new([1, 2]));
                unsized_value.lock().unwrap()[1] = 3;
                assert_eq!(unsized_value.lock().unwrap().len(), 2);
                let object: &Mutex<dyn Debug + Send> = &Mutex::new(5);
                assert_eq!(format!("{:?}", object.lock().unwrap()), "5");
            }

            /// Under the names and signatures that a reader's program has.
            #[test]
            fn it_is_locked() {
                let mut lock = Mutex::new(1);
                let guard: LockResult<MutexGuard<'_, u32>> = lock.lock();
                let mut guard = guard.unwrap();
                is_shown(&guard);
                *guard += 1;
                let tried: TryLockResult<MutexGuard<'_, u32>> = lock.try_lock();
                assert!(matches!(tried, Err(TryLockError::WouldBlock)));
                assert_eq!(
                    tried.unwrap_err().to_string(),
                    "try_lock failed because the operation would block"
                );
                drop(guard);
                *lock.try_lock().unwrap() += 1;
                *lock.get_mut().unwrap() += 1;
                assert_eq!(lock.into_inner().unwrap(), 4);
            }

            #[test]
            fn it_is_shown() {
                let lock = Mutex::new("a");
                let free = r#"Mutex { data: "a", poisoned: false, .. }"#;
                assert_eq!(format!("{lock:?}"), free);
                let guard = lock.lock().unwrap();
                assert_eq!(format!("{guard} {guard:?}"), r#"a "a""#);
                let taken = r#"Mutex { data: "<locked>", poisoned: false, .. }"#;
                assert_eq!(format!("{lock:?}"), taken);
                drop(guard);
                poison(&lock);
                let poisoned = r#"Mutex { data: "a", poisoned: true, .. }"#;
                assert_eq!(format!("{lock:?}"), poisoned);
            }

            fn poison<T>(lock: &Mutex<T>) {
                let result = catch_unwind(AssertUnwindSafe(|| {
                    let _guard = lock.lock();
                    resume_unwind(Box::new("planned"));
                }));
                assert!(result.is_err());
            }

            #[test]
            fn a_panic_under_it_is_told() {
                let mut lock = Mutex::new(1);
                assert!(!lock.is_poisoned());
                poison(&lock);
                assert!(lock.is_poisoned());
                let error: PoisonError<MutexGuard<'_, u32>> = lock.lock().unwrap_err();
                assert_eq!(**error.get_ref(), 1);
                *error.into_inner() = 2;
                let tried = lock.try_lock();
                assert!(matches!(&tried, Err(TryLockError::Poisoned(it)) if **it.get_ref() == 2));
                drop(tried);
                assert_eq!(*lock.get_mut().unwrap_err().into_inner(), 2);
                lock.clear_poison();
                assert!(!lock.is_poisoned() && lock.lock().is_ok());
                poison(&lock);
                assert_eq!(lock.into_inner().unwrap_err().into_inner(), 2);
            }

            /// A lock that is taken in a destructor, while a panic that began outside goes
            /// by, is not poisoned.
            #[test]
            fn a_panic_around_it_is_not_told() {
                struct Counts<'a>(&'a Mutex<u32>);
                impl Drop for Counts<'_> {
                    fn drop(&mut self) {
                        *self.0.lock().unwrap() += 1;
                    }
                }
                let lock = Mutex::new(0);
                let result = catch_unwind(AssertUnwindSafe(|| {
                    let _counts = Counts(&lock);
                    resume_unwind(Box::new("planned"));
                }));
                assert!(result.is_err() && !lock.is_poisoned());
                assert_eq!(*lock.lock().unwrap(), 1);
            }

            /// It is the panicking thread's lock that is poisoned, not those of others.
            #[test]
            fn a_panic_elsewhere_is_not_told() {
                let (mine, its) = (Mutex::new(0), Mutex::new(0));
                let guard = mine.lock().unwrap();
                thread::scope(|scope| {
                    let thread = scope.spawn(|| {
                        let _guard = its.lock().unwrap();
                        resume_unwind(Box::new("planned"));
                    });
                    assert!(thread.join().is_err());
                });
                drop(guard);
                assert!(its.is_poisoned() && !mine.is_poisoned());
            }

            /// What is under the lock is dropped with it, once.
            #[test]
            fn it_drops_what_it_has() {
                struct Counted<'a>(&'a Cell<u32>);
                impl Drop for Counted<'_> {
                    fn drop(&mut self) {
                        self.0.set(self.0.get() + 1);
                    }
                }
                let drops = Cell::new(0);
                drop(Mutex::new(Counted(&drops)));
                assert_eq!(drops.get(), 1);
                let lock = Mutex::new(Counted(&drops));
                let value = lock.into_inner().unwrap();
                assert_eq!(drops.get(), 1);
                drop(value);
                assert_eq!(drops.get(), 2);
                let lock = Mutex::new(Counted(&drops));
                *lock.lock().unwrap() = Counted(&drops);
                assert_eq!(drops.get(), 3);
            }
        }
    };
}

as_std!(stds, std::sync);
as_std!(ours, threadbare::sync);

#[test]
fn it_is_no_larger() {
    use threadbare::sync::Mutex;
    assert_eq!(size_of::<Mutex<()>>(), size_of::<std::sync::Mutex<()>>());
    assert_eq!(size_of::<Mutex<u8>>(), size_of::<std::sync::Mutex<u8>>());
    assert_eq!(size_of::<Mutex<u64>>(), size_of::<std::sync::Mutex<u64>>());
}
