//! Graders of 02.1 on real threads: who waits sleeps, and many threads at once lose
//! nothing.

use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use grading::until_asleep;

use super::on_real::answer::BoundedQueue;

grading::graders![
    who_finds_it_full_sleeps,
    who_finds_it_empty_sleeps,
    many_push_and_many_pop,
];

const SLEEPERS: [&str; 2] = ["sleeper 1", "sleeper 2"];

/// Starts threads that push or pop, and waits until they sleep.
fn asleep<T: Send + 'static>(
    queue: &Arc<BoundedQueue<u64>>,
    what: fn(&BoundedQueue<u64>) -> T,
    doing: &'static str,
) -> [JoinHandle<T>; 2] {
    let sleepers = SLEEPERS.map(|name| {
        let queue = Arc::clone(queue);
        let (begin, begun) = mpsc::channel();
        let thread = thread::Builder::new().name(name.to_owned());
        let run = move || {
            grading::step(doing);
            begin.send(()).expect("the grader listens");
            what(&queue)
        };
        let thread = thread.spawn(run).expect("a grader may start a thread");
        begun.recv().expect("the sleeper speaks first");
        thread
    });
    grading::step("waiting until both threads sleep: does one of them spin?");
    until_asleep(&SLEEPERS);
    sleepers
}

fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("a panic would have ended the grader")
}

fn who_finds_it_full_sleeps() {
    let queue = Arc::new(BoundedQueue::new(2));
    for item in [1, 2] {
        grading::step(format!(
            "pushing item {item} of 2 into a queue with 2 places"
        ));
        let pushed = queue.push(item);
        assert!(
            pushed.is_ok(),
            "item {item} came back from a queue with 2 places that nobody has closed"
        );
    }
    let pushers = asleep(&queue, |queue| queue.push(3), "pushing into a full queue");
    for right in [1, 2, 3, 3] {
        grading::step(format!("popping {right}, while others wait for room"));
        let got = queue.pop();
        assert!(
            got == Some(right),
            "pop gave {got:?}, where {right} was the oldest item"
        );
    }
    for pusher in pushers {
        grading::step("waiting for a push that has found room");
        let pushed = join(pusher);
        assert!(pushed.is_ok(), "a push that waited for room came back");
    }
}

fn who_finds_it_empty_sleeps() {
    let queue = Arc::new(BoundedQueue::new(2));
    let poppers = asleep(&queue, BoundedQueue::pop, "popping from an empty queue");
    for item in [1, 2] {
        grading::step(format!("pushing {item}, while others wait for items"));
        let pushed = queue.push(item);
        assert!(pushed.is_ok(), "item {item} came back from an empty queue");
    }
    grading::step("waiting for two pops that have found an item");
    let mut got = poppers.map(join);
    got.sort_unstable();
    assert!(
        got == [Some(1), Some(2)],
        "1 and 2 were pushed while two threads slept in pop, and they gave {got:?}"
    );
}

/// Three that push and three that pop, through two places.
fn many_push_and_many_pop() {
    const THREADS: u64 = 3;
    const ITEMS: u64 = 4_000;
    let queue = Arc::new(BoundedQueue::new(2));
    let poppers: Vec<_> = (1..=THREADS)
        .map(|number| {
            let queue = Arc::clone(&queue);
            spawn(format!("popper {number}"), move || {
                grading::step(
                    "popping until the queue is closed: was a wake-up lost?",
                );
                let mut got = Vec::new();
                while let Some(item) = queue.pop() {
                    got.push(item);
                }
                got
            })
        })
        .collect();
    let pushers: Vec<_> = (0..THREADS)
        .map(|number| {
            let queue = Arc::clone(&queue);
            spawn(format!("pusher {}", number + 1), move || {
                grading::step("pushing thousands of items: was a wake-up lost?");
                for item in 0..ITEMS {
                    let pushed = queue.push(item * THREADS + number);
                    assert!(
                        pushed.is_ok(),
                        "item {item} came back, and nobody has closed the queue"
                    );
                }
            })
        })
        .collect();
    grading::step("waiting for three threads that push");
    pushers.into_iter().for_each(join);
    grading::step("closing the queue when all has been pushed");
    queue.close();
    grading::step("waiting for three threads that pop, the queue being closed");
    let mut all = Vec::new();
    for popper in poppers {
        let got = join(popper);
        for pusher in 0..THREADS {
            let of_one = got.iter().filter(|item| **item % THREADS == pusher);
            assert!(
                of_one.is_sorted(),
                "a thread got items of one and the same other thread in another order \
                 than they were pushed in"
            );
        }
        all.extend(got);
    }
    all.sort_unstable();
    let pushed = THREADS * ITEMS;
    assert!(
        all.iter().copied().eq(0..pushed),
        "{pushed} items were pushed, and {} came out: they were lost, or doubled",
        all.len()
    );
}

fn spawn<T: Send + 'static>(
    name: String,
    run: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let thread = thread::Builder::new().name(name);
    thread.spawn(run).expect("a grader may start a thread")
}
