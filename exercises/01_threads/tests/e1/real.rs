//! Graders of 01.1: `weigh` belongs to the grader, so it sees which thread weighs
//! what, and can make threads wait for each other.

use std::cell::Cell;
use std::collections::HashSet;
use std::hint;
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::on_real::answer::parallel_sum;

grading::graders![
    every_item_is_weighed_once,
    few_items_for_many_threads,
    threads_weigh_at_the_same_time,
    no_more_threads_than_asked_for,
    no_weight_is_lost_between_threads,
    large_weights_are_exact,
    a_panic_is_passed_on,
];

fn threads(count: usize) -> NonZero<usize> {
    NonZero::new(count).expect("the graders ask for at least one thread")
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// Sums `1, 2, 4 ...` or so, and counts how often each item is weighed.
fn check(len: usize, count: usize) {
    let what = format!(
        "with {} on {}",
        plural(len, "item"),
        plural(count, "thread")
    );
    grading::step(format!("asking for the sum {what}"));
    let items: Vec<usize> = (0..len).collect();
    let weighed: Vec<AtomicUsize> =
        items.iter().map(|_| AtomicUsize::new(0)).collect();
    let weight = |index: usize| (index as u64 + 1) * 1_000_003;
    let got = parallel_sum(&items, threads(count), |&index| {
        weighed[index].fetch_add(1, SeqCst);
        weight(index)
    });
    for (index, times) in weighed.iter().enumerate() {
        let times = times.load(SeqCst);
        let place = match index {
            0 => " (the first)",
            _ if index + 1 == len => " (the last)",
            _ => "",
        };
        assert!(
            times == 1,
            "{what}, item {index}{place} was weighed {times} times instead of once"
        );
    }
    let right: u64 = items.iter().map(|&index| weight(index)).sum();
    assert!(
        got == right,
        "{what}, every item was weighed once, but the sum of the weights is {right} \
         and the answer returned {got}: is a part of it lost, or counted twice, on \
         the way from a thread to the total?"
    );
}

/// Shares that come out even, and shares that do not.
fn every_item_is_weighed_once() {
    for (len, count) in [(10, 3), (12, 3), (1, 1), (7, 1), (100, 8), (9, 4)] {
        check(len, count);
    }
    for len in 1..=17 {
        for count in 1..=5 {
            check(len, count);
        }
    }
}

/// Threads without an item, and no items at all.
fn few_items_for_many_threads() {
    for (len, count) in [(3, 8), (1, 2), (2, 64), (0, 1), (0, 2), (0, 8)] {
        check(len, count);
    }
}

/// Where threads wait until a number of them is there.
struct MeetingPoint {
    wanted: usize,
    here: Mutex<HashSet<ThreadId>>,
    complete: Condvar,
}

impl MeetingPoint {
    fn new(wanted: usize) -> Self {
        Self {
            wanted,
            here: Mutex::default(),
            complete: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<ThreadId>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns once `wanted` different threads have called this; at once after that.
    fn wait(&self) {
        let mut here = self.lock();
        if here.insert(thread::current().id()) {
            self.complete.notify_all();
        }
        while here.len() < self.wanted {
            here = self
                .complete
                .wait(here)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// As `wait`, but a thread that is new here waits no longer than that, and
    /// another one not at all.
    fn wait_at_most(&self, limit: Duration) {
        let mut here = self.lock();
        if here.insert(thread::current().id()) {
            self.complete.notify_all();
            let missing = |here: &mut HashSet<ThreadId>| here.len() < self.wanted;
            let waited = self.complete.wait_timeout_while(here, limit, missing);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// As `wait`, without sleeping, so that all leave at the same moment.
    fn wait_awake(&self) {
        self.lock().insert(thread::current().id());
        while self.came() < self.wanted {
            thread::yield_now();
        }
    }

    fn came(&self) -> usize {
        self.lock().len()
    }
}

/// Nobody may go on before all threads are weighing: one after the other never ends.
fn threads_weigh_at_the_same_time() {
    for count in [2, 3, 5] {
        let meeting = MeetingPoint::new(count);
        let len = 4 * count;
        grading::step(format!(
            "asking for the sum of {len} items on {count} threads, where the first \
             weigh of each thread waits until {count} threads are weighing: is each \
             thread started before another one is waited for?"
        ));
        let caller = thread::current().id();
        let got = parallel_sum(&vec![7; len], threads(count), |&weight| {
            if thread::current().id() != caller {
                grading::step("waiting in weigh until all threads are weighing");
            }
            meeting.wait();
            weight
        });
        let came = meeting.came();
        assert!(
            came == count,
            "{count} threads were asked for, but {came} weighed the {len} items"
        );
        let right = 7 * len as u64;
        assert!(
            got == right,
            "{len} items of weight 7 add up to {right}, but the answer returned \
             {got}"
        );
    }
}

/// A thread is not an item: it costs far more.
fn no_more_threads_than_asked_for() {
    for (len, count) in [(64, 3), (10, 4), (9, 2), (50, 1)] {
        grading::step(format!(
            "asking for the sum of {len} items on {count} threads"
        ));
        // Each thread is held up once, so that one too many has the time to come.
        let seen = MeetingPoint::new(count + 1);
        parallel_sum(&vec![1; len], threads(count), |&weight| {
            seen.wait_at_most(Duration::from_millis(30));
            weight
        });
        let came = seen.came();
        assert!(
            came <= count,
            "at most {} may weigh {len} items, but {came} did",
            plural(count, "thread")
        );
    }
}

/// Brings threads together at each of their calls, as well as it can.
struct Aligner {
    /// How many threads have come to their first call, their second ...
    arrived: [AtomicUsize; 8],
}

impl Aligner {
    fn new() -> Self {
        Self {
            arrived: Default::default(),
        }
    }

    /// Spins until two threads are at the same call of theirs, but not for ever:
    /// shares may differ, cores may be few, and this is an occasion for a lost
    /// update, not a condition.
    fn align(&self, round: usize) {
        /// So often nobody else comes before it gives up for good.
        const IN_VAIN_MAX: usize = 500;
        static IN_VAIN: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static CALLS: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
        }
        let call = match CALLS.get() {
            (last_round, calls) if last_round == round => calls,
            _ => 0,
        };
        CALLS.set((round, call + 1));
        let arrived = &self.arrived[call % 8];
        arrived.fetch_add(1, SeqCst);
        if IN_VAIN.load(Relaxed) > IN_VAIN_MAX {
            return;
        }
        for _ in 0..4_000 {
            if arrived.load(SeqCst) >= 2 {
                return;
            }
            hint::spin_loop();
        }
        IN_VAIN.fetch_add(1, Relaxed);
    }
}

/// Threads that read, and only then write, overwrite each other.
fn no_weight_is_lost_between_threads() {
    let expect = |got: u64, right: u64, what: &str| {
        assert!(
            got == right,
            "{what} add up to {right}, but the answer returned {got}: some weights \
             were lost. If two threads read the same old total, the second to write \
             wipes out what the first had added"
        );
    };
    let items = [1, 2, 4, 8, 16, 32, 64, 128];
    let what = "eight items on two threads that weigh at the same time";
    // Two threads are in `weigh` at the same time. If they fetched the total before,
    // both add to the same old one, every time.
    let meeting = MeetingPoint::new(2);
    grading::step(
        "asking for the sum of 8 items on 2 threads, which wait for each other in \
         their first weigh",
    );
    let got = parallel_sum(&items, threads(2), |&weight| {
        meeting.wait_awake();
        weight
    });
    expect(got, 255, what);
    // If they fetch it afterwards, the moment is short: many occasions.
    for round in 1..=1_000 {
        grading::step(format!(
            "asking for the sum of 8 items on 2 threads, round {round}"
        ));
        let aligner = Aligner::new();
        let got = parallel_sum(&items, threads(2), |&weight| {
            aligner.align(round);
            weight
        });
        expect(got, 255, what);
    }
    let count = 4;
    let len = 1_000_000;
    grading::step(format!(
        "asking for the sum of {len} items on {count} threads"
    ));
    let meeting = MeetingPoint::new(count);
    let met = AtomicBool::new(false);
    let got = parallel_sum(&vec![(); len], threads(count), |()| {
        if !met.load(Relaxed) {
            meeting.wait();
            met.store(true, Relaxed);
        }
        1
    });
    expect(
        got,
        len as u64,
        &format!("{len} items of weight 1 on {count} threads"),
    );
}

/// Neither 32 bits nor the 53 of an `f64` are enough.
fn large_weights_are_exact() {
    let items = [u64::MAX - (1 << 53) - 8, 1, 1, 1 << 53, 1, 1, 1, 1, 1];
    for count in [1, 2, 3, 4] {
        grading::step("asking for a sum just below u64::MAX");
        let got = parallel_sum(&items, threads(count), |&weight| weight);
        let right = u64::MAX - 1;
        assert!(
            got == right,
            "on {}, the sum of {items:?} is {right}, which fits into a u64, but the \
             answer returned {got}",
            plural(count, "thread")
        );
    }
}

/// A panic in `weigh` reaches the caller, whatever the thread.
fn a_panic_is_passed_on() {
    for (broken, count) in [(5, 3), (0, 3), (11, 3), (6, 1)] {
        let items: Vec<usize> = (0..12).collect();
        grading::step(format!(
            "asking for the sum of 12 items on {}, where weigh panics for item \
             {broken}",
            plural(count, "thread")
        ));
        // The answer may pass the panic on by a panic of its own: that is no failure
        // here.
        let ends_the_grader = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let result = panic::catch_unwind(AssertUnwindSafe(|| {
            parallel_sum(&items, threads(count), |&index| {
                if index == broken {
                    grading::planned_panic("this item cannot be weighed");
                }
                1
            })
        }));
        panic::set_hook(ends_the_grader);
        if let Ok(got) = result {
            panic!(
                "weigh panicked for item {broken} of 12, but the answer returned \
                 {got}, as if all were well: a sum that lacks an item must not look \
                 like a sum"
            );
        }
    }
}
