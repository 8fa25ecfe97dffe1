//! Graders of 06.1 on real threads: jobs that wait for jobs, and sleepers that the kernel
//! knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};

use super::on_real::answer::WaitGroup;
use super::on_real::answer::given::Pool;

grading::graders![
    one_thread_is_enough,
    four_threads_wait_for_each_other,
    who_waits_is_asleep,
];

/// One wait may be on top of many others.
const STACK: usize = 64 << 20;

fn start(name: String, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let thread = thread::Builder::new().name(name).stack_size(STACK);
    thread.spawn(run).expect("a grader may start a thread")
}

/// Fibonacci's numbers, with a job for each sum.
fn fib(pool: &Arc<Pool>, n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let group = WaitGroup::new(pool);
    let smaller = Arc::new(AtomicU64::new(0));
    let member = group.add();
    let (inside, result) = (Arc::clone(pool), Arc::clone(&smaller));
    pool.spawn(move || {
        let sum = fib(&inside, n - 2);
        // ORDERING: Relaxed. The group orders it: that is the question.
        result.store(sum, Relaxed);
        drop(member);
    });
    let sum = fib(pool, n - 1);
    grading::step("waiting for a job, in a job");
    group.wait();
    // ORDERING: Relaxed, as above.
    sum + smaller.load(Relaxed)
}

/// Works out a number on so many workers.
fn on(workers: u64, n: u64, right: u64) {
    let pool = Pool::new();
    let result = Arc::new(AtomicU64::new(0));
    let (inside, sum) = (Arc::clone(&pool), Arc::clone(&result));
    pool.spawn(move || {
        // ORDERING: Relaxed. The end of the threads orders it.
        sum.store(fib(&inside, n), Relaxed);
        inside.close();
    });
    let workers: Vec<_> = (0..workers)
        .map(|number| {
            let pool = Arc::clone(&pool);
            start(format!("worker {number}"), move || {
                grading::step("working");
                pool.work();
            })
        })
        .collect();
    let threads = workers.len();
    grading::step(format!(
        "waiting for a pool of {threads}, with jobs that wait"
    ));
    for worker in workers {
        worker.join().expect("a panic would have ended the grader");
    }
    // ORDERING: Relaxed. All others have ended.
    let result = result.load(Relaxed);
    assert!(
        result == right,
        "a pool of {threads} worked out fib({n}) with jobs that wait for jobs; it is \
         {right}, and they say {result}: a wait returned too early"
    );
}

fn one_thread_is_enough() {
    on(1, 10, 55);
}

fn four_threads_wait_for_each_other() {
    for _ in 0..20 {
        on(4, 12, 144);
    }
}

/// Two sleep; then the job comes for which they wait, and one of them runs it.
fn who_waits_is_asleep() {
    let pool = Pool::new();
    let group = Arc::new(WaitGroup::new(&pool));
    let member = group.add();
    let names = ["waits 1", "waits 2"];
    let waiters = names.map(|name| {
        let group = Arc::clone(&group);
        start(name.to_owned(), move || {
            grading::step("waiting for a member whose job has not come");
            group.wait();
        })
    });
    grading::step("waiting until two threads that have nothing to do sleep");
    grading::until_asleep(&names);
    pool.spawn(move || drop(member));
    grading::step("waiting for two threads that slept; their job has come");
    for waiter in waiters {
        waiter.join().expect("a panic would have ended the grader");
    }
    let left = pool.take();
    assert!(
        left.is_none(),
        "both waits are over, and the job is still there"
    );
}
