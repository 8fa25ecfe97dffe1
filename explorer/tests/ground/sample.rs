//! A program that uses all of what std's own ground has, in the ways in which exercises do.
//! It is compiled over std's, the real ground, and the modelled one: `super::ground`.

use super::ground::atomic::{
    AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence,
};
use super::ground::sync::mpsc::{
    self, RecvTimeoutError, TryRecvError, TrySendError,
};
use super::ground::sync::{
    Arc, Barrier, Condvar, LazyLock, LockResult, Mutex, MutexGuard, Once, OnceLock,
    PoisonError, RwLock, TryLockError, Weak,
};
use super::ground::thread::{self, Builder, JoinHandle, Thread};
use super::ground::time::{Duration, Instant};
use super::ground::{hint, thread_local};

const MOMENT: Duration = Duration::from_millis(1);

#[derive(Debug, Default)]
struct Shared {
    count: Mutex<u32>,
    changed: Condvar,
    names: RwLock<Vec<String>>,
}

/// Every part, one after the other.
pub(crate) fn all() {
    for part in PARTS {
        part();
    }
}

/// Small enough to be explored one by one.
pub(crate) const PARTS: [fn(); 15] = [
    condition_variables,
    time_limits,
    poison,
    read_locks,
    barriers,
    once,
    lazy,
    channels,
    bounded_channels,
    rendezvous,
    parking,
    scopes,
    panics,
    locals,
    owners,
];

fn condition_variables() {
    let shared = Arc::new(Shared::default());
    let other = Arc::clone(&shared);
    let handle: JoinHandle<&str> = thread::spawn(move || {
        *other.count.lock().unwrap() += 1;
        other.changed.notify_all();
        "counted"
    });
    let mut count: MutexGuard<'_, u32> = shared.count.lock().unwrap();
    while *count == 0 {
        count = shared.changed.wait(count).unwrap();
    }
    drop(count);
    assert_eq!(handle.join().unwrap(), "counted");
    let none = shared
        .changed
        .wait_while(shared.count.lock().unwrap(), |n| *n == 0);
    assert_eq!(*none.unwrap(), 1);
    shared.changed.notify_one();
    assert_eq!(
        Arc::try_unwrap(shared).unwrap().count.into_inner().unwrap(),
        1
    );
}

fn time_limits() {
    let shared = Shared::default();
    let start = Instant::now();
    let (count, result) = shared
        .changed
        .wait_timeout_while(shared.count.lock().unwrap(), MOMENT, |n| *n == 0)
        .unwrap();
    assert!(result.timed_out());
    drop(count);
    assert!(start.elapsed() >= MOMENT);
    thread::sleep(MOMENT);
    thread::park_timeout(MOMENT);
    let deadline = start.checked_add(MOMENT).unwrap();
    assert!(deadline <= Instant::now() && deadline - start == MOMENT);
    let (_count, _) = shared
        .changed
        .wait_timeout(shared.count.lock().unwrap(), MOMENT)
        .unwrap();
}

fn poison() {
    fn get<G>(result: LockResult<G>) -> G {
        result.unwrap_or_else(PoisonError::into_inner)
    }
    let lock = Arc::new(Mutex::new(1));
    let table = Arc::new(RwLock::new(1));
    let (theirs, their_table) = (Arc::clone(&lock), Arc::clone(&table));
    let handle = thread::spawn(move || {
        let _one = theirs.lock();
        let _other = their_table.write();
        std::panic::resume_unwind(Box::new("planned"));
    });
    let payload = handle.join().unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"planned"));
    assert!(lock.is_poisoned() && lock.lock().is_err());
    assert!(matches!(lock.try_lock(), Err(TryLockError::Poisoned(_))));
    assert!(table.is_poisoned() && table.read().is_err() && table.write().is_err());
    *get(lock.lock()) += 1;
    lock.clear_poison();
    assert_eq!(*lock.lock().unwrap(), 2);
    table.clear_poison();
    assert_eq!(*table.read().unwrap(), 1);
}

fn read_locks() {
    let shared = Arc::new(Shared::default());
    let writer = Arc::clone(&shared);
    let handle =
        thread::spawn(move || writer.names.write().unwrap().push("a".into()));
    let (one, other) = (shared.names.read().unwrap(), shared.names.try_read());
    assert_eq!(one.len(), other.unwrap().len());
    assert!(matches!(
        shared.names.try_write(),
        Err(TryLockError::WouldBlock)
    ));
    drop(one);
    handle.join().unwrap();
    assert_eq!(*shared.names.read().unwrap(), ["a"]);
    let held = shared.names.write().unwrap();
    assert!(matches!(
        shared.names.try_read(),
        Err(TryLockError::WouldBlock)
    ));
    drop(held);
    let held = shared.count.lock().unwrap();
    assert!(matches!(
        shared.count.try_lock(),
        Err(TryLockError::WouldBlock)
    ));
    drop(held);
}

fn barriers() {
    let barrier = Arc::new(Barrier::new(2));
    let flag = Arc::new(AtomicU32::new(0));
    let (theirs, their_flag) = (Arc::clone(&barrier), Arc::clone(&flag));
    let handle = thread::spawn(move || {
        // ORDERING: Relaxed. The barrier orders it.
        their_flag.store(1, Ordering::Relaxed);
        theirs.wait().is_leader()
    });
    let mine = barrier.wait().is_leader();
    // ORDERING: Relaxed, as above.
    assert_eq!(flag.load(Ordering::Relaxed), 1);
    assert!(mine != handle.join().unwrap());
}

fn once() {
    let once = Arc::new(Once::new());
    let cell = Arc::new(OnceLock::new());
    let (theirs, their_cell) = (Arc::clone(&once), Arc::clone(&cell));
    let handle = thread::spawn(move || {
        let mut calls = 0;
        theirs.call_once(|| calls += 1);
        (calls, *their_cell.get_or_init(|| 2))
    });
    let mut calls = 0;
    once.call_once(|| calls += 1);
    let value = *cell.get_or_init(|| 1);
    let (theirs, other) = handle.join().unwrap();
    assert!(once.is_completed());
    assert_eq!((calls + theirs, value), (1, other));
    assert_eq!(cell.set(3), Err(3));
    assert_eq!(cell.get(), Some(&value));
    assert_eq!(Arc::into_inner(cell).unwrap().into_inner(), Some(value));
}

fn lazy() {
    let lazy = Arc::new(LazyLock::new(|| String::from("built")));
    let theirs = Arc::clone(&lazy);
    let handle = thread::spawn(move || theirs.len());
    assert_eq!(lazy.as_str(), "built");
    assert_eq!(handle.join().unwrap(), 5);
}

fn channels() {
    let (sender, receiver) = mpsc::channel();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(
        receiver.recv_timeout(MOMENT),
        Err(RecvTimeoutError::Timeout)
    );
    let other = sender.clone();
    let handle = thread::spawn(move || other.send(1).unwrap());
    sender.send(2).unwrap();
    drop(sender);
    let mut got: Vec<i32> = receiver.iter().collect();
    got.sort_unstable();
    assert_eq!(got, [1, 2]);
    handle.join().unwrap();
    assert!(receiver.recv().is_err());
    let (sender, receiver) = mpsc::channel();
    drop(receiver);
    assert_eq!(sender.send(7).unwrap_err().0, 7);
}

fn bounded_channels() {
    let (sender, receiver) = mpsc::sync_channel(1);
    let handle = thread::spawn(move || {
        sender.send(1).unwrap();
        sender.send(2).unwrap();
    });
    assert_eq!((receiver.recv(), receiver.recv()), (Ok(1), Ok(2)));
    assert!(receiver.recv().is_err());
    handle.join().unwrap();
}

fn rendezvous() {
    let (sender, receiver) = mpsc::sync_channel(0);
    assert!(matches!(sender.try_send(1), Err(TrySendError::Full(1))));
    let handle = thread::spawn(move || receiver.recv().unwrap());
    sender.send(3).unwrap();
    assert_eq!(handle.join().unwrap(), 3);
    assert!(sender.send(4).is_err());
}

fn parking() {
    let ready = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&ready);
    let owner: Thread = thread::current();
    assert_eq!(owner.id(), thread::current().id());
    let builder = Builder::new()
        .name("unparker".to_owned())
        .stack_size(64 * 1024);
    let handle = builder.spawn(move || {
        assert_eq!(thread::current().name(), Some("unparker"));
        // ORDERING: Release. Pairs with the load in `parking`.
        theirs.store(true, Ordering::Release);
        owner.unpark();
    });
    let handle = handle.unwrap();
    assert_eq!(handle.thread().name(), Some("unparker"));
    // ORDERING: Acquire. Pairs with the store in `parking`.
    while !ready.load(Ordering::Acquire) {
        thread::park();
    }
    handle.join().unwrap();
}

fn scopes() {
    let total = AtomicUsize::new(0);
    let items = [1, 2];
    let shares = thread::scope(|scope| {
        let handles: Vec<_> = items
            .iter()
            .map(|item| {
                let total = &total;
                scope.spawn(move || {
                    // ORDERING: Relaxed. The scope's end orders it before the read.
                    total.fetch_add(*item, Ordering::Relaxed);
                    item * 10
                })
            })
            .collect();
        scope.spawn(|| {
            // ORDERING: Relaxed, as above.
            scope.spawn(|| total.fetch_add(0, Ordering::Relaxed));
        });
        let named = Builder::new().name("extra".to_owned());
        named
            .spawn_scoped(scope, || fence(Ordering::SeqCst))
            .unwrap();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap())
            .sum::<usize>()
    });
    assert_eq!((shares, total.into_inner()), (30, 3));
}

fn panics() {
    let handle = thread::spawn(|| {
        let _said = Says;
        std::panic::resume_unwind(Box::new(7_u32));
    });
    while !handle.is_finished() {
        thread::yield_now();
    }
    assert_eq!(*handle.join().unwrap_err().downcast::<u32>().unwrap(), 7);
    let scoped = thread::scope(|scope| {
        let handle = scope.spawn(|| {
            std::panic::resume_unwind(Box::new(8_u32));
        });
        handle.join().is_err()
    });
    assert!(scoped && !thread::panicking());
}

struct Says;

impl Drop for Says {
    fn drop(&mut self) {
        assert!(thread::panicking());
    }
}

thread_local! {
    static MINE: std::cell::Cell<u32> = const { std::cell::Cell::new(1) };
    /// With a destructor.
    static LIST: std::cell::RefCell<Vec<u32>> = std::cell::RefCell::new(vec![1]);
}

fn locals() {
    MINE.set(1);
    let handle = thread::spawn(|| {
        MINE.set(MINE.get() + 1);
        LIST.with_borrow_mut(|list| list.push(2));
        (MINE.get(), LIST.take())
    });
    MINE.set(5);
    assert_eq!(handle.join().unwrap(), (2, vec![1, 2]));
    assert_eq!(
        (MINE.replace(9), LIST.with(|list| list.borrow().len())),
        (5, 1)
    );
}

fn owners() {
    let mut owner = Arc::new(AtomicI64::new(4));
    let weak: Weak<AtomicI64> = Arc::downgrade(&owner);
    let other = Arc::clone(&owner);
    assert!(Arc::ptr_eq(&owner, &other) && Arc::get_mut(&mut owner).is_none());
    assert_eq!(Arc::strong_count(&owner), 2);
    let handle = thread::spawn(move || {
        // ORDERING: Relaxed. The join orders it before what follows.
        other.fetch_max(6, Ordering::Relaxed);
        hint::spin_loop();
    });
    handle.join().unwrap();
    assert!(weak.upgrade().is_some());
    drop(weak);
    assert_eq!(*Arc::get_mut(&mut owner).unwrap().get_mut(), 6);
    let weak = Arc::downgrade(&owner);
    let raw = Arc::into_raw(owner);
    // SAFETY: the pointer comes from `into_raw`, and is used once.
    let owner = unsafe { Arc::from_raw(raw) };
    assert_eq!(Arc::into_inner(owner).unwrap().into_inner(), 6);
    assert!(weak.upgrade().is_none());
    let count = AtomicI64::new(6);
    let below = |end| move |count| (count < end).then_some(count + 1);
    // ORDERING: Relaxed, all. No other thread has it.
    let taken = [7, 7].map(|end| {
        count.try_update(Ordering::Relaxed, Ordering::Relaxed, below(end))
    });
    assert_eq!(taken, [Ok(6), Err(7)]);
    // ORDERING: as above.
    let before = count.update(Ordering::Relaxed, Ordering::Relaxed, |it| it * 2);
    assert_eq!((before, count.into_inner()), (7, 14));
    let mut node = 3;
    let pointer = AtomicPtr::new(&raw mut node);
    // ORDERING: Relaxed. No other thread has it.
    assert_eq!(pointer.load(Ordering::Relaxed), &raw mut node);
}
