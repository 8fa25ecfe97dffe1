//! Handing over under the model checker, and versions that are wrong by a line.
//!
//! There is no ordering to weaken: what is not under the lock is Relaxed. What can go wrong
//! is who is woken, and when, and what is counted as room.

use super::*;
use crate::ground::sync::{Arc, Barrier};
use crate::modelled::{caught, holds, slips, start};

/// A dispatch, or what somebody took for one.
trait Queue: Send + Sync + 'static {
    fn push(&self, batch: &mut Vec<u32>);
    fn next(&self, thread: &mut Thread) -> Option<u32>;
    fn done(&self, thread: &mut Thread);
    fn close(&self);
}

/// What a thread knows.
#[derive(Default)]
struct Thread {
    has_job: bool,
    /// The jobs that it keeps for itself: a right one has none.
    own: VecDeque<u32>,
}

impl Queue for Dispatch<u32> {
    fn push(&self, batch: &mut Vec<u32>) {
        self.push(batch, false);
    }

    fn next(&self, thread: &mut Thread) -> Option<u32> {
        let mut taker = Taker {
            dispatch: self,
            has_job: thread.has_job,
        };
        let job = taker.next();
        thread.has_job = taker.has_job;
        job
    }

    fn done(&self, thread: &mut Thread) {
        let mut taker = Taker {
            dispatch: self,
            has_job: thread.has_job,
        };
        taker.done();
        thread.has_job = taker.has_job;
    }

    fn close(&self) {
        self.close();
    }
}

/// One whose batches are watched.
struct Watched(Dispatch<u32>);

fn watched(cap: usize, threads: usize) -> Watched {
    Watched(Dispatch::new(cap, threads))
}

impl Queue for Watched {
    fn push(&self, batch: &mut Vec<u32>) {
        self.0.push(batch, true);
        self.0.look();
    }

    fn next(&self, thread: &mut Thread) -> Option<u32> {
        Queue::next(&self.0, thread)
    }

    fn done(&self, thread: &mut Thread) {
        Queue::done(&self.0, thread);
    }

    fn close(&self) {
        self.0.close();
    }
}

/// What a version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// Leaves the batch, and calls nobody.
    CallsNobody,
    /// Looks whether somebody sleeps before it has the lock.
    LooksBeforeTheLock,
    /// Calls one for a batch, who calls nobody.
    NoChain,
    /// Watches the batch, and does not look.
    NeverLooks,
    /// Looks, and thinks that this was enough.
    LooksOnce,
    /// A thread takes all that is there.
    TakesAll,
    /// Who was called says that it is up when it has found a job, and else not.
    UpWithAJob,
    /// Who was called never says that it is up.
    NeverUp,
    /// Looks, gives the lock back, and takes it again to sleep.
    LetsGoBetween,
    /// Does not look again after it was woken.
    IfForWhile,
    /// Takes what was brought last.
    LastFirst,
    /// Wakes one of those who sleep when it closes.
    ClosesForOne,
    /// There is no next when it is closed, whatever waits.
    ForgetsAtTheEnd,
    /// Takes jobs when it is closed.
    NeverCloses,
    /// Room is for `cap` jobs, whoever is free.
    CapOnly,
    /// Only those threads are free that sleep.
    SleepersOnly,
    /// All threads are free, whatever they do.
    AlwaysFree,
    /// A thread is free when it asks for its next job, and not before.
    FreeWhenItAsks,
}

struct Wrong {
    slip: Slip,
    right: Dispatch<u32>,
}

fn wrong(slip: Slip) -> impl Fn(usize, usize) -> Wrong {
    move |cap, threads| Wrong {
        slip,
        right: Dispatch::new(cap, threads),
    }
}

impl Queue for Wrong {
    fn push(&self, batch: &mut Vec<u32>) {
        let asleep = match self.slip {
            Slip::LooksBeforeTheLock => Some(self.right.lock().asleep),
            _ => None,
        };
        let mut inside = self.right.lock();
        if inside.closed && self.slip != Slip::NeverCloses {
            return;
        }
        let free = match self.slip {
            Slip::CapOnly => 0,
            Slip::SleepersOnly => inside.asleep,
            Slip::AlwaysFree => self.right.threads,
            _ => self.right.free(&inside),
        };
        let room = (self.right.cap + free).saturating_sub(inside.jobs.len());
        inside.jobs.extend(batch.drain(..room.min(batch.len())));
        inside.watched = matches!(self.slip, Slip::NeverLooks | Slip::LooksOnce);
        match (self.slip, asleep) {
            (Slip::CallsNobody, _) | (_, Some(0)) => {}
            _ => self.right.call_one(inside),
        }
        if self.slip == Slip::LooksOnce {
            self.right.call_one(self.right.lock());
        }
    }

    fn next(&self, thread: &mut Thread) -> Option<u32> {
        if let Some(job) = thread.own.pop_front() {
            return Some(job);
        }
        Queue::done(&self.right, thread);
        let mut inside = self.right.lock();
        let mut was_woken = false;
        loop {
            if inside.closed && self.slip == Slip::ForgetsAtTheEnd {
                return None;
            }
            let job = match self.slip {
                Slip::LastFirst => inside.jobs.pop_back(),
                _ => inside.jobs.pop_front(),
            };
            if let Some(job) = job {
                inside.taken += 1;
                thread.has_job = true;
                match self.slip {
                    Slip::TakesAll => thread.own.append(&mut inside.jobs),
                    Slip::UpWithAJob if was_woken => inside.called = false,
                    _ => {}
                }
                if self.slip != Slip::NoChain && !inside.watched {
                    self.right.call_one(inside);
                }
                return Some(job);
            }
            if inside.closed || was_woken && self.slip == Slip::IfForWhile {
                return None;
            }
            if self.slip == Slip::LetsGoBetween {
                drop(inside);
                inside = self.right.lock();
            }
            inside.asleep += 1;
            inside = self.right.jobs_or_end.wait(inside).unwrap();
            inside.asleep -= 1;
            was_woken = true;
            if !matches!(self.slip, Slip::UpWithAJob | Slip::NeverUp) {
                inside.called = false;
            }
        }
    }

    fn done(&self, thread: &mut Thread) {
        if self.slip != Slip::FreeWhenItAsks {
            Queue::done(&self.right, thread);
        }
    }

    fn close(&self) {
        match self.slip {
            Slip::ClosesForOne => {
                self.right.lock().closed = true;
                self.right.jobs_or_end.notify_one();
            }
            _ => self.right.close(),
        }
    }
}

/// A queue, and where two jobs meet.
struct All<Q> {
    queue: Q,
    met: Barrier,
}

impl<Q: Queue> All<Q> {
    fn new(queue: Q) -> Arc<Self> {
        Arc::new(Self {
            queue,
            met: Barrier::new(2),
        })
    }

    /// Brings `batch`. How many are refused.
    fn push(&self, batch: &[u32]) -> usize {
        let mut batch = batch.to_vec();
        self.queue.push(&mut batch);
        batch.len()
    }

    /// A thread that runs so many jobs. Which they were.
    fn run_some(&self, some: usize, run: fn(&Self)) -> Vec<u32> {
        let mut thread = Thread::default();
        let next = |_| {
            let job = self.queue.next(&mut thread);
            run(self);
            job.expect("it is not closed")
        };
        (0..some).map(next).collect()
    }

    /// A thread that runs jobs until there are none any more. Which they were.
    fn run_all(&self) -> Vec<u32> {
        let mut thread = Thread::default();
        std::iter::from_fn(|| self.queue.next(&mut thread)).collect()
    }
}

// ANCHOR: models
/// A job comes while a thread goes to sleep, and then another one.
fn push_and_sleep<Q: Queue>(new: impl Fn(usize, usize) -> Q) {
    let all = All::new(new(1, 1));
    let thread = start(&all, |all| all.run_some(2, |_| {}));
    assert_eq!(all.push(&[1]) + all.push(&[2]), 0, "there was room");
    assert_eq!(thread.join().unwrap(), [1, 2], "in order");
}

/// A batch of two jobs, which wait for each other.
fn a_batch<Q: Queue>(new: impl Fn(usize, usize) -> Q) {
    let all = All::new(new(0, 2));
    let threads = [(); 2].map(|()| {
        start(&all, |all| {
            all.run_some(1, |all| {
                all.met.wait();
            })
        })
    });
    assert_eq!(all.push(&[1, 2]), 0, "two are free");
    for thread in threads {
        thread.join().unwrap();
    }
}

/// One job, and then another one: who is called for the first may find it taken.
fn taken_by_another<Q: Queue>(new: impl Fn(usize, usize) -> Q) {
    let all = All::new(new(0, 2));
    let threads = [(); 2].map(|()| start(&all, |all| all.run_some(1, |_| {})));
    assert_eq!(all.push(&[1]) + all.push(&[2]), 0, "two are free");
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Two loops bring four jobs, of which one thread has one, another has yet to start, and one
/// may wait. However quick the thread is, one too many is one too many.
fn the_excess<Q: Queue>(new: impl Fn(usize, usize) -> Q) {
    let all = All::new(new(1, 2));
    let thread = start(&all, |all| all.run_some(1, |_| {}));
    let other = start(&all, |all| all.push(&[1, 2]));
    let refused = all.push(&[3, 4]) + other.join().unwrap();
    assert_eq!(refused, 1, "refused");
    thread.join().unwrap();
}

/// A thread answers, and who has the answer asks again at once.
fn asked_again<Q: Queue>(new: impl Fn(usize, usize) -> Q) {
    let all = All::new(new(0, 1));
    let thread = start(&all, |all| {
        let mut thread = Thread::default();
        let first = all.queue.next(&mut thread);
        all.queue.done(&mut thread);
        all.met.wait();
        (first, all.queue.next(&mut thread))
    });
    assert_eq!(all.push(&[1]), 0, "one is free");
    all.met.wait();
    assert_eq!(all.push(&[2]), 0, "it is free again");
    assert_eq!(thread.join().unwrap(), (Some(1), Some(2)));
}

/// The end comes while two threads go to sleep, or take what there is.
fn the_end<Q: Queue>(new: impl Fn(usize, usize) -> Q) {
    let all = All::new(new(1, 2));
    let threads = [(); 2].map(|()| start(&all, All::run_all));
    assert_eq!(all.push(&[1]), 0, "there was room");
    all.queue.close();
    assert_eq!(all.push(&[2]), 1, "it is closed");
    let ran = threads.map(|thread| thread.join().unwrap()).concat();
    assert_eq!(ran, [1], "what was accepted is run");
}

const MODELS: [(&str, fn()); 6] = [
    ("push and sleep", || push_and_sleep(Dispatch::new)),
    ("a batch", || a_batch(Dispatch::new)),
    ("taken by another", || taken_by_another(Dispatch::new)),
    ("the excess", || the_excess(Dispatch::new)),
    ("asked again", || asked_again(Dispatch::new)),
    ("the end", || the_end(Dispatch::new)),
];
// ANCHOR_END: models

#[test]
fn no_job_is_lost_and_none_waits_beside_a_sleeper() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    let copies: [fn(); 6] = [
        || push_and_sleep(wrong(Slip::Right)),
        || a_batch(wrong(Slip::Right)),
        || taken_by_another(wrong(Slip::Right)),
        || the_excess(wrong(Slip::Right)),
        || asked_again(wrong(Slip::Right)),
        || the_end(wrong(Slip::Right)),
    ];
    let watched: [fn(); 2] = [|| push_and_sleep(watched), || a_batch(watched)];
    for program in watched {
        holds("a watched batch", program);
    }
    for program in copies {
        holds("the copy", program);
    }
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "dispatch",
        // ANCHOR: caught
        &slips! { for wrong,
            CallsNobody: push_and_sleep, LostWakeUp;
            LooksBeforeTheLock: push_and_sleep, LostWakeUp;
            NoChain: a_batch, LostWakeUp;
            NeverLooks: a_batch, LostWakeUp;
            LooksOnce: a_batch, LostWakeUp;
            TakesAll: a_batch, LostWakeUp;
            UpWithAJob: taken_by_another, LostWakeUp;
            NeverUp: push_and_sleep, LostWakeUp;
            LetsGoBetween: push_and_sleep, LostWakeUp;
            IfForWhile: push_and_sleep, Assertion;
            LastFirst: push_and_sleep, Assertion;
            ClosesForOne: the_end, LostWakeUp;
            ForgetsAtTheEnd: the_end, Assertion;
            NeverCloses: the_end, Assertion;
            CapOnly: a_batch, Assertion;
            SleepersOnly: a_batch, Assertion;
            AlwaysFree: the_excess, Assertion;
            FreeWhenItAsks: asked_again, Assertion;
        },
        // ANCHOR_END: caught
    );
}
