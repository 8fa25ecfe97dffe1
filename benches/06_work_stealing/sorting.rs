//! Quicksort of ten million integers, divided down to 32: the workload of zap's bench, which
//! Bun's pool was measured with. Every division is a fork, or a job.

#![allow(
    unsafe_code,
    reason = "jobs of pools without scopes must own what they sort, or point to it"
)]

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use benches::raw;
use threadbare::pool::{ThreadPool, v1_one_queue, v2_queue_per_worker};

use crate::pools::{Fork, LEFT, Spawn};
use crate::{Table, alone, minimal, row};

const NUMBERS: usize = 10_000_000;
const TRIAL_NUMBERS: usize = 10_000;
/// So few numbers are sorted by insertion.
const SMALL: usize = 32;

/// Sorts with so many threads.
type Sort = fn(usize, &mut [u32]);

/// Sorts the same numbers again and again, and times it.
struct Sorted {
    input: Vec<u32>,
    numbers: Vec<u32>,
    sum: u64,
}

impl Sorted {
    fn new(len: usize) -> Self {
        // Marsaglia's xorshift: the same numbers in every run.
        let mut state = 0x9E37_79B9_u32;
        let next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let input: Vec<u32> = std::iter::repeat_with(next).take(len).collect();
        Self {
            numbers: input.clone(),
            sum: sum(&input),
            input,
        }
    }

    fn time(&mut self, sort: impl FnOnce(&mut [u32])) -> Duration {
        self.numbers.copy_from_slice(&self.input);
        let start = Instant::now();
        sort(&mut self.numbers);
        let time = start.elapsed();
        assert!(self.numbers.is_sorted(), "that is what it was called for");
        assert_eq!(sum(&self.numbers), self.sum, "none lost, none doubled");
        time
    }
}

fn sum(numbers: &[u32]) -> u64 {
    numbers.iter().map(|&number| u64::from(number)).sum()
}

pub(crate) fn quicksort() {
    if !raw::wanted("quicksort") {
        return;
    }
    let len = if raw::trial() { TRIAL_NUMBERS } else { NUMBERS };
    let sorted = Rc::new(RefCell::new(Sorted::new(len)));
    let table = Table {
        group: "quicksort",
        title: "Ten million integers, divided down to 32",
        note: "All of them: some 600,000 divisions, each a fork or a job. `std_threads` \
               forks until it has so many threads and goes on without; `direct` is one \
               thread that never forks.",
        rounds: 5,
        pieces: 1,
    };
    let sorts: [(&str, Sort); 7] = [
        ("rayon", fork_in::<rayon::ThreadPool>),
        ("v1_one_queue", jobs::<v1_one_queue::ThreadPool>),
        (
            "v2_queue_per_worker",
            jobs::<v2_queue_per_worker::ThreadPool>,
        ),
        ("pool", fork_in::<ThreadPool>),
        ("threadpool", jobs::<threadpool::ThreadPool>),
        ("crossbeam_deque", jobs::<minimal::Pool>),
        ("std_threads", threads),
    ];
    let mut rows = Vec::new();
    for (name, sort) in sorts {
        let sorted = Rc::clone(&sorted);
        rows.push(row(name, move |n| sorted.borrow_mut().time(|v| sort(n, v))));
    }
    rows.push(alone("direct", move |_| sorted.borrow_mut().time(direct)));
    table.measure(rows);
}

/// Divides at the middle one of three: none of the first part is larger than any of the
/// second.
fn divide(v: &mut [u32]) -> (&mut [u32], &mut [u32]) {
    let (middle, last) = (v.len() / 2, v.len() - 1);
    for (a, b) in [(0, middle), (0, last), (middle, last)] {
        if v[b] < v[a] {
            v.swap(a, b);
        }
    }
    let pivot = v[middle];
    let (mut low, mut high) = (0, last);
    loop {
        while v[low] < pivot {
            low += 1;
        }
        while pivot < v[high] {
            high -= 1;
        }
        if low >= high {
            return v.split_at_mut(high + 1);
        }
        v.swap(low, high);
        low += 1;
        high -= 1;
    }
}

fn insert(v: &mut [u32]) {
    for end in 1..v.len() {
        let number = v[end];
        let mut place = end;
        while place > 0 && number < v[place - 1] {
            v[place] = v[place - 1];
            place -= 1;
        }
        v[place] = number;
    }
}

fn direct(v: &mut [u32]) {
    if v.len() <= SMALL {
        return insert(v);
    }
    let (a, b) = divide(v);
    direct(a);
    direct(b);
}

fn fork_in<P: Fork>(threads: usize, v: &mut [u32]) {
    P::shared(threads).install(|| fork::<P>(v));
}

fn fork<P: Fork>(v: &mut [u32]) {
    if v.len() <= SMALL {
        return insert(v);
    }
    let (a, b) = divide(v);
    P::join(|| fork::<P>(a), || fork::<P>(b));
}

fn threads(count: usize, v: &mut [u32]) {
    if count == 1 || v.len() <= SMALL {
        return direct(v);
    }
    let (a, b) = divide(v);
    thread::scope(|scope| {
        scope.spawn(|| threads(count / 2, a));
        threads(count / 2, b);
    });
}

/// A part of the numbers, that no other job has.
struct Part(*mut u32, usize);

// SAFETY: a Part stands for the exclusive borrow that it was made from. `jobs` makes one of
// all numbers and waits for the last job; `sort_part` only divides them into disjoint ones.
unsafe impl Send for Part {}

fn jobs<S: Spawn>(threads: usize, v: &mut [u32]) {
    let pool = S::shared(threads);
    let part = Part(v.as_mut_ptr(), v.len());
    LEFT.begin(1);
    pool.spawn(move || sort_part(pool, part));
    LEFT.wait();
}

fn sort_part<S: Spawn>(pool: &'static S, part: Part) {
    // SAFETY: see `Send` above: this job alone has the part, and the numbers outlive it,
    // because `jobs` waits until `LEFT` says that the last job is done.
    let mut v = unsafe { std::slice::from_raw_parts_mut(part.0, part.1) };
    while v.len() > SMALL {
        let (a, b) = divide(v);
        let other = Part(b.as_mut_ptr(), b.len());
        LEFT.one_more();
        pool.spawn(move || sort_part(pool, other));
        v = a;
    }
    insert(v);
    LEFT.done();
}
