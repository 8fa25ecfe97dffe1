//! The protocol of the sleep under the model checker. Versions that are wrong by a line are
//! in `wrong`.

use super::*;
use crate::ground::sync::Arc;
use crate::ground::thread;
use crate::modelled::{holds, holds_for_reasons, needs_its_orderings};

mod wrong;

/// The beds, or what somebody took for them: the right ones with something else in the place
/// of a step.
trait Beds: Send + Sync + Sized + 'static {
    fn of(right: Sleep) -> Self;

    fn right(&self) -> &Sleep;

    fn notify(&self, pool: &Pool<Self>) {
        self.right().notify(pool);
    }

    fn hand_on(&self, pool: &Pool<Self>) {
        self.right().hand_on(pool);
    }

    fn sleep(
        &self,
        me: usize,
        waking: bool,
        awaited: &dyn Fn() -> bool,
        pool: &Pool<Self>,
    ) -> Up {
        self.right().sleep(me, waking, None, awaited, pool)
    }

    fn wake(&self, me: usize) {
        self.right().wake(me);
    }

    /// What a worker does that was called for work, and need not look any more.
    fn leave(&self, waking: bool, pool: &Pool<Self>) {
        if waking {
            self.hand_on(pool);
        }
    }

    /// What a worker does that has found work: `run` it, and see that others come.
    fn found(&self, waking: bool, pool: &Pool<Self>, run: &dyn Fn()) {
        if waking {
            self.hand_on(pool);
        }
        run();
    }
}

impl Beds for Sleep {
    fn of(right: Self) -> Self {
        right
    }

    fn right(&self) -> &Self {
        self
    }
}

/// Beds, and queues that only count: pushed by one, taken by anybody.
struct Pool<B> {
    beds: B,
    jobs: AtomicU32,
    /// How many have come where they are to meet.
    met: AtomicU32,
    /// What the latch of the worker in bed 0 says.
    latch: AtomicU32,
}

impl<B: Beds> Pool<B> {
    /// Beds for `most` threads, of which there are `workers`.
    fn new(workers: usize, most: usize) -> Arc<Self> {
        let sleep = Sleep::new(most);
        sleep.state.has_begun();
        (0..workers).for_each(|_| assert!(sleep.state.reserve(most)));
        Arc::new(Self {
            beds: B::of(sleep),
            jobs: AtomicU32::new(0).named("jobs"),
            met: AtomicU32::new(0).named("met"),
            latch: AtomicU32::new(0).named("latch"),
        })
    }

    /// Brings jobs, all at once.
    fn push(&self, jobs: u32) {
        // ORDERING: Relaxed, here and in the two below. The number is all that there is to a
        // job, and the fences do the rest.
        self.jobs.fetch_add(jobs, Relaxed);
        self.beds.notify(self);
    }

    /// Takes one, if there is one.
    fn take(&self) -> bool {
        loop {
            // ORDERING: as in `push`. An exchange reads what is newest: to take late is for
            // the models of the queues.
            let jobs = self.jobs.fetch_add(0, Relaxed);
            if jobs == 0 {
                return false;
            }
            // ORDERING: as above.
            let taken = self.jobs.compare_exchange(jobs, jobs - 1, Relaxed, Relaxed);
            if taken.is_ok() {
                return true;
            }
        }
    }

    /// Waits until two threads are here.
    fn meet(&self) {
        // ORDERING: Relaxed, both. Only the number matters.
        if self.met.fetch_add(1, Relaxed) == 1 {
            futex::wake_one(&self.met);
        }
        // ORDERING: as above.
        while self.met.load(Relaxed) < 2 {
            futex::wait(&self.met, 1);
        }
    }

    /// When all threads have ended: nobody sleeps beside a job, unless another was called.
    fn check(&self) {
        let sleep = self.beds.right();
        // ORDERING: Relaxed. The others have ended.
        let called = sleep.beds.iter().any(|bed| bed.load(Relaxed) == CALLED);
        let forgotten = self.has_work() && !called && sleep.is_anyone_asleep();
        assert!(!forgotten, "asleep beside a job");
    }

    /// Worker `me` until it has run one job. It has looked in vain, and goes to sleep.
    fn work(&self, me: usize, waking: bool, run: &dyn Fn()) {
        let mut up = self.beds.sleep(me, waking, &|| false, self);
        while !self.take() {
            up = self.beds.sleep(me, up.waking, &|| false, self);
        }
        self.beds.found(up.waking, self, run);
    }

    /// Puts a worker into its bed, before it begins with [`was_asleep`](Self::was_asleep).
    fn put_to_bed(&self, me: usize) {
        let sleep = self.beds.right();
        sleep.state.lie_down(false);
        // ORDERING: Relaxed. There is one thread so far.
        sleep.beds[me].store(ASLEEP, Relaxed);
    }

    /// Worker `me`, who sleeps, until it has run one job.
    fn was_asleep(&self, me: usize, run: &dyn Fn()) {
        let mut up = self.beds.right().lie(me, None);
        while !self.take() {
            up = self.beds.sleep(me, up.waking, &|| false, self);
        }
        self.beds.found(up.waking, self, run);
    }

    /// Worker `me` until its latch is set. Takes jobs meanwhile.
    fn wait(&self, me: usize, mut waking: bool) {
        let is_set = || {
            // ORDERING: Relaxed. Only whether it is set matters.
            self.latch.load(Relaxed) == 1
        };
        while !is_set() {
            waking = self.beds.sleep(me, waking, &is_set, self).waking;
        }
        self.beds.leave(waking, self);
    }

    /// Sets the latch of worker 0.
    fn set(&self) {
        // ORDERING: Relaxed, as in `wait`.
        self.latch.store(1, Relaxed);
        self.beds.wake(0);
    }
}

impl<B: Beds> Surroundings for Pool<B> {
    fn has_work(&self) -> bool {
        // ORDERING: as in `push`.
        self.jobs.load(Relaxed) > 0
    }

    /// The system has no thread for it. (In a model whose seats are taken it isn't asked.)
    fn start_thread(&self) -> bool {
        let sleep = self.beds.right();
        if sleep.state.reserve(sleep.beds.len()) {
            assert!(sleep.state.retire(false));
        }
        false
    }
}

fn start<B: Beds>(
    pool: &Arc<Pool<B>>,
    run: impl FnOnce(&Pool<B>) + Send + 'static,
) -> thread::JoinHandle<()> {
    crate::modelled::start(pool, run)
}

/// A job comes while a worker goes to sleep.
fn push_and_park<B: Beds>() {
    let pool = Pool::<B>::new(1, 1);
    let worker = start(&pool, |pool| pool.work(0, false, &|| {}));
    pool.push(1);
    worker.join().unwrap();
    assert_eq!(pool.beds.right().look().idle(), 0, "nobody sleeps");
}

/// The waking thread has found nothing and goes to sleep. A job comes, whose pusher may see
/// that there is a waking thread.
fn called_in_vain<B: Beds>() {
    let pool = Pool::<B>::new(1, 1);
    assert!(pool.beds.right().state.notify());
    let worker = start(&pool, |pool| pool.work(0, true, &|| {}));
    pool.push(1);
    worker.join().unwrap();
}

/// The waking thread runs one of two jobs, and the other one waits for it. Another worker
/// sleeps.
fn one_calls_the_next<B: Beds>() {
    let pool = Pool::<B>::new(2, 2);
    pool.put_to_bed(1);
    // ORDERING: Relaxed. There is one thread so far.
    pool.jobs.store(1, Relaxed);
    assert!(pool.beds.right().state.notify());
    let asleep = start(&pool, |pool| pool.was_asleep(1, &|| pool.meet()));
    pool.beds.found(true, &pool, &|| pool.meet());
    asleep.join().unwrap();
}

/// The waking thread has its job. Another one comes, whose pusher may see that there is a
/// waking thread. Another worker sleeps.
fn pushed_beside_the_waking<B: Beds>() {
    let pool = Pool::<B>::new(2, 2);
    pool.put_to_bed(1);
    assert!(pool.beds.right().state.notify());
    let waking = start(&pool, |pool| pool.beds.found(true, pool, &|| {}));
    pool.push(1);
    waking.join().unwrap();
    pool.check();
}

/// The waking thread goes to sleep, another sleeps already. Two jobs come at once.
fn found_at_the_last_moment<B: Beds>() {
    let pool = Pool::<B>::new(2, 2);
    pool.put_to_bed(1);
    assert!(pool.beds.right().state.notify());
    let waking = start(&pool, |pool| pool.work(0, true, &|| {}));
    pool.push(2);
    waking.join().unwrap();
    pool.check();
}

/// A batch of two, which wait for each other, for two workers that sleep.
fn a_batch<B: Beds>() {
    let pool = Pool::<B>::new(2, 2);
    let workers = [0, 1].map(|me| {
        pool.put_to_bed(me);
        start(&pool, move |pool| pool.was_asleep(me, &|| pool.meet()))
    });
    pool.push(2);
    for worker in workers {
        worker.join().unwrap();
    }
}

/// The worker's latch is set while it goes to sleep.
fn a_latch<B: Beds>() {
    let pool = Pool::<B>::new(1, 1);
    let worker = start(&pool, |pool| pool.wait(0, false));
    pool.set();
    worker.join().unwrap();
    assert_eq!(pool.beds.right().look().idle(), 0, "nobody sleeps");
}

/// A worker that sleeps is called for work, and its latch is set: it goes where it is waited
/// for, and another must come.
fn called_and_gone<B: Beds>() {
    let pool = Pool::<B>::new(2, 2);
    pool.put_to_bed(0);
    pool.put_to_bed(1);
    let waits = start(&pool, |pool| {
        let up = pool.beds.right().lie(0, None);
        // It leaves, whatever it was woken for.
        pool.beds.leave(up.waking, pool);
    });
    pool.push(1);
    pool.set();
    waits.join().unwrap();
    pool.check();
}

/// The waking thread has found nothing and goes to sleep, just when its latch is set. A job
/// comes, whose pusher may see that there is a waking thread. Another worker sleeps.
fn gone_at_the_last_moment<B: Beds>() {
    let pool = Pool::<B>::new(2, 2);
    pool.put_to_bed(1);
    assert!(pool.beds.right().state.notify());
    let waits = start(&pool, |pool| pool.wait(0, true));
    pool.set();
    pool.push(1);
    waits.join().unwrap();
    pool.check();
}

/// Somebody finds all awake, and no thread to be had. Meanwhile a worker goes to sleep, and a
/// job comes.
fn no_thread_to_be_had<B: Beds>() {
    let pool = Pool::<B>::new(1, 2);
    let other = start(&pool, |pool| {
        pool.put_to_bed(0);
        pool.push(1);
    });
    pool.push(0);
    other.join().unwrap();
    pool.check();
}

/// Who sees that the pool is shut down sees what was done before: the injector is closed.
fn closed_before_shut_down<B: Beds>() {
    let pool = Pool::<B>::new(1, 1);
    let other = start(&pool, |pool| {
        // ORDERING: Relaxed. What follows publishes it.
        pool.latch.store(1, Relaxed);
        pool.beds.right().state.shut_down();
    });
    if pool.beds.right().look().is_shut_down() {
        // ORDERING: Relaxed. What comes before has acquired it.
        assert_eq!(pool.latch.load(Relaxed), 1, "closed before");
    }
    other.join().unwrap();
}

#[test]
fn no_wake_up_is_lost() {
    holds("closed before shut down", closed_before_shut_down::<Sleep>);
    holds("push and park", push_and_park::<Sleep>);
    holds("called in vain", called_in_vain::<Sleep>);
    holds("a latch", a_latch::<Sleep>);
    holds(
        "pushed beside the waking",
        pushed_beside_the_waking::<Sleep>,
    );
    holds(
        "found at the last moment",
        found_at_the_last_moment::<Sleep>,
    );
    holds("called and gone", called_and_gone::<Sleep>);
    holds("gone at the last moment", gone_at_the_last_moment::<Sleep>);
    holds("no thread to be had", no_thread_to_be_had::<Sleep>);
    holds_for_reasons("one calls the next", one_calls_the_next::<Sleep>);
    holds_for_reasons("a batch", a_batch::<Sleep>);
}

#[test]
fn each_ordering_is_needed() {
    let models: [(_, fn()); 6] = [
        ("closed before shut down", closed_before_shut_down::<Sleep>),
        ("push and park", push_and_park::<Sleep>),
        ("a latch", a_latch::<Sleep>),
        (
            "pushed beside the waking",
            pushed_beside_the_waking::<Sleep>,
        ),
        (
            "found at the last moment",
            found_at_the_last_moment::<Sleep>,
        ),
        ("no thread to be had", no_thread_to_be_had::<Sleep>),
    ];
    // Who takes a worker off its bed must find it in `idle`. In the explorer an update is never
    // late; on hardware the count could be, behind the bed.
    let counted = [
        // ORDERING: text, no operations. They pair in `sleep` and `take_off`.
        "bed.store: Release -> Relaxed",
        // ORDERING: as above.
        "bed.compare_exchange: Acquire -> Relaxed",
    ];
    needs_its_orderings("sleep", &models, &counted);
}
