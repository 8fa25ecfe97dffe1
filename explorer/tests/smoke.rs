//! The shortest programs of each kind.
#![allow(unsafe_code)]
use explorer::ground::atomic::{AtomicBool, AtomicU32, Ordering::*};
use explorer::ground::cell::UnsafeCell;
use explorer::ground::{futex, hint, sync::Arc, thread};
use explorer::{Kind, Model};

struct Lock {
    locked: AtomicBool,
    data: UnsafeCell<u32>,
}
unsafe impl Sync for Lock {}
unsafe impl Send for Lock {}

fn spin_lock(unlock: std::sync::atomic::Ordering, threads: usize) -> impl Fn() {
    move || {
        let lock = Arc::new(Lock {
            locked: AtomicBool::new(false),
            data: UnsafeCell::new(0),
        });
        let run = move |lock: Arc<Lock>| {
            while lock.locked.swap(true, Acquire) {
                hint::spin_loop();
            }
            lock.data.with_mut(|d| unsafe { *d += 1 });
            lock.locked.store(false, unlock);
        };
        let hs: Vec<_> = (0..threads)
            .map(|_| {
                let l = lock.clone();
                thread::spawn(move || run(l))
            })
            .collect();
        for h in hs {
            h.join().unwrap();
        }
        assert_eq!(lock.data.with(|d| unsafe { *d }), threads as u32);
    }
}

#[test]
fn spin() {
    for n in 2..=3 {
        let s = Model::new("spin").explore(spin_lock(Release, n)).unwrap();
        println!("spin {n}: {:?}", s);
    }
    let f = Model::new("spin relaxed")
        .explore(spin_lock(Relaxed, 2))
        .unwrap_err();
    println!("{f}");
    assert_eq!(f.kind, Kind::DataRace);
}

#[test]
fn futex_lost() {
    let f = Model::new("lost")
        .explore(|| {
            let a = Arc::new(AtomicU32::new(0));
            let b = a.clone();
            let t = thread::spawn(move || {
                b.store(1, Release);
            });
            while a.load(Acquire) == 0 {
                futex::wait(&a, 0);
            }
            t.join().unwrap();
        })
        .unwrap_err();
    println!("{f}");
    assert_eq!(f.kind, Kind::LostWakeUp);
    let s = Model::new("found")
        .explore(|| {
            let a = Arc::new(AtomicU32::new(0));
            let b = a.clone();
            let t = thread::spawn(move || {
                b.store(1, Release);
                futex::wake_one(&b);
            });
            while a.load(Acquire) == 0 {
                futex::wait(&a, 0);
            }
            t.join().unwrap();
        })
        .unwrap();
    println!("{s:?}");
}

#[test]
fn update_lost() {
    let f = Model::new("lost update")
        .explore(|| {
            let a = Arc::new(AtomicU32::new(0));
            let b = a.clone();
            let t = thread::spawn(move || {
                b.store(b.load(Relaxed) + 1, Relaxed);
            });
            a.store(a.load(Relaxed) + 1, Relaxed);
            t.join().unwrap();
            assert_eq!(a.load(Relaxed), 2, "an update is lost");
        })
        .unwrap_err();
    println!("{f}");
    assert_eq!(f.kind, Kind::Assertion);
    let (o, s) = Model::new("sb")
        .outcomes(|| {
            let a = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
            let b = a.clone();
            let t = thread::spawn(move || {
                b.0.store(1, Relaxed);
                b.1.load(Relaxed)
            });
            a.1.store(1, Relaxed);
            let r = a.0.load(Relaxed);
            (t.join().unwrap(), r)
        })
        .unwrap();
    println!("{o:?} {s:?}");
    assert_eq!(o.len(), 4);
}

#[test]
fn forever() {
    let f = Model::new("forever")
        .explore(|| {
            let a = AtomicU32::new(0);
            while a.load(Relaxed) == 0 {
                hint::spin_loop();
            }
        })
        .unwrap_err();
    println!("{f}");
    assert_eq!(f.kind, Kind::Livelock);
    let f = Model::new("forever, silently")
        .explore(|| {
            let a = AtomicU32::new(0);
            while a.load(Relaxed) == 0 {}
        })
        .unwrap_err();
    println!("{f}");
    assert_eq!(f.kind, Kind::Livelock);
    let f = Model::new("leak")
        .explore(|| {
            std::mem::forget(Arc::new(3));
        })
        .unwrap_err();
    println!("{f}");
}
