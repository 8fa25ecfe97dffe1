//! Graders of 11.2 under the model checker: who is accepted, who is refused, and who sleeps.

#[path = "../../../06_work_stealing/tests/common/sleeps.rs"]
mod sleeps;

use std::collections::VecDeque;

use super::on_model::answer::Dispatch;
use super::on_model::ground::Named as _;
use super::on_model::ground::os::WakeCell;
use super::on_model::ground::sync::{Arc, Barrier};
use super::on_model::ground::thread;
use super::on_model::ground::time::Duration;
use ::explorer::{Kind, Model};

grading::graders![
    nobody_has_come_so_far,
    one_after_the_other,
    batch_after_batch,
    no_limit,
    closed,
    who_waits_sleeps,
    a_job_comes,
    a_batch_for_two_who_sleep,
    two_jobs_for_two_who_sleep,
    a_thread_on_its_way,
    two_push_at_once,
    who_has_answered_is_free,
    the_end_wakes_all,
    a_job_and_the_end,
];

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

type Numbers = Dispatch<u32>;

fn model(name: &str) -> Model {
    let asleep = "a job waits, or the end has come, and a thread sleeps beside it. Who should \
                  have woken it: whoever brought the job, or whoever took the one before it \
                  and saw that there are more? (Or it sleeps in push(), which waits for nobody: what \
                  does not fit stays in the batch.)";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .spurious(false)
        .hint(Kind::LostWakeUp, asleep)
        .hint(Kind::Deadlock, asleep)
        .hint(
            Kind::Assertion,
            "how many threads are free? Those that have no job: not only those that sleep, \
             and not those that were given one",
        )
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

/// What happens to one thread is checked without another: whoever sleeps sleeps for ever.
#[track_caller]
fn alone(name: &str, root: fn()) {
    check(&model(name), root);
}

/// An answer, and what it should know.
struct Checked {
    dispatch: Numbers,
    cap: usize,
    threads: usize,
    waiting: VecDeque<u32>,
    busy: usize,
    next: u32,
    log: Vec<String>,
}

impl Checked {
    fn new(cap: usize, threads: usize) -> Self {
        Self {
            dispatch: Dispatch::new(cap, threads),
            cap,
            threads,
            waiting: VecDeque::new(),
            busy: 0,
            next: 1,
            log: Vec::new(),
        }
    }

    /// What has happened, the end of it.
    fn story(&self) -> String {
        let from = self.log.len().saturating_sub(5);
        let gap = if from > 0 { "... " } else { "" };
        let s = if self.threads == 1 { "" } else { "s" };
        let so_far = match self.log.is_empty() {
            true => "nobody has called take() so far".to_owned(),
            false => format!("{gap}{}", self.log[from..].join(", ")),
        };
        format!("cap {}, {} thread{s}, {so_far}", self.cap, self.threads)
    }

    fn push(&mut self, count: usize) {
        let all = Vec::from_iter((0..count).map(|n| self.next + n as u32));
        self.next += count as u32;
        let mut batch = all.clone();
        grading::step(format!("in push({all:?})"));
        self.dispatch.push(&mut batch);
        let free = self.threads - self.busy;
        let room = (self.cap + free - self.waiting.len()).min(count);
        let refused = &all[room..];
        let accepted = &all[..room];
        if batch != refused {
            let got = Vec::from_iter(all.iter().filter(|it| !batch.contains(it)));
            let why = if Vec::from_iter(&all[..got.len()]) != got
                || all[got.len()..] != batch[..]
            {
                format!(
                    "left {batch:?} in the batch, and it has to be {refused:?}, in this order"
                )
            } else {
                format!("accepted {got:?}, and it has to be {accepted:?}")
            };
            panic!("{}: push({all:?}) {why}", self.story());
        }
        self.waiting.extend(accepted);
        self.log.push(format!("push({all:?})"));
    }

    /// A thread takes a job; there is one.
    fn take(&mut self) {
        grading::step("in take()");
        let got = self.dispatch.take();
        let must = self.waiting.pop_front();
        assert!(
            got == must,
            "{}: take() returned {got:?}, and it has to be {must:?}",
            self.story()
        );
        self.busy += 1;
        self.log.push("take".to_owned());
    }

    fn done(&mut self) {
        grading::step("in done()");
        self.dispatch.done();
        self.busy -= 1;
        self.log.push("done".to_owned());
    }
}

fn nobody_has_come_so_far() {
    alone("a batch, before any thread has come", || {
        for (cap, threads) in [(0, 2), (0, 1), (2, 1), (3, 2), (1, 4)] {
            let mut at = Checked::new(cap, threads);
            at.push(cap + threads + 1);
            at.push(1);
            at.push(0);
        }
    });
}

fn one_after_the_other() {
    alone(
        "jobs that come one by one, and threads that come and go",
        || {
            for (cap, threads) in [(0, 1), (1, 2), (2, 1)] {
                let mut at = Checked::new(cap, threads);
                for _ in 0..cap + threads + 1 {
                    at.push(1);
                }
                for _ in 0..3 {
                    for _ in 0..threads {
                        at.take();
                        at.push(1);
                    }
                    at.done();
                    at.push(2);
                    while at.busy > 0 {
                        at.done();
                    }
                    at.push(1);
                }
            }
        },
    );
}

fn batch_after_batch() {
    alone(
        "batches, with one thread more that is free each time",
        || {
            for (cap, threads) in [(0, 3), (2, 3), (5, 1)] {
                let mut at = Checked::new(cap, threads);
                let mut random = 0x9E37_79B9_7F4A_7C15_u64;
                for _ in 0..60 {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    match random >> 20 & 3 {
                        0 if !at.waiting.is_empty() && at.busy < threads => {
                            at.take()
                        }
                        1 | 2 if at.busy > 0 => at.done(),
                        _ => at.push((random >> 40 & 3) as usize),
                    }
                }
            }
        },
    );
}

fn no_limit() {
    alone("a capacity of usize::MAX", || {
        for threads in [1, 3] {
            let dispatch = Numbers::new(usize::MAX, threads);
            for round in 0..4 {
                let mut batch = Vec::from_iter(0..50);
                dispatch.push(&mut batch);
                assert!(
                    batch.is_empty(),
                    "cap is usize::MAX, {} jobs were accepted before, and push() has left {} \
                     of 50 in the batch",
                    round * 50,
                    batch.len()
                );
                dispatch.take();
                dispatch.done();
            }
        }
    });
}

fn closed() {
    alone("two jobs, the end, and one job more", || {
        for cap in [0, 5] {
            let dispatch = Numbers::new(cap, 2);
            dispatch.push(&mut vec![1, 2]);
            dispatch.close();
            let mut late = vec![3];
            dispatch.push(&mut late);
            assert!(
                late == [3],
                "after close() push([3]) has left {late:?} in the batch, and nothing is \
                 accepted any more"
            );
            for must in [Some(1), Some(2), None, None] {
                let got = dispatch.take();
                assert!(
                    got == must,
                    "1 and 2 were accepted before close(), and behind it take() returned \
                     {got:?}, where it has to be {must:?}"
                );
            }
        }
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a thread in take() without a job", || {
        Numbers::new(4, 2).take();
    });
    sleeps::must_sleep("a thread in take() that has had all jobs", || {
        let dispatch = Numbers::new(4, 2);
        dispatch.push(&mut vec![1]);
        dispatch.take();
        dispatch.done();
        dispatch.take();
    });
}

/// A thread that takes one job.
fn taker(dispatch: &Arc<Numbers>) -> thread::JoinHandle<Option<u32>> {
    let dispatch = Arc::clone(dispatch);
    thread::spawn(move || dispatch.take())
}

fn a_job_comes() {
    let model =
        model("a job comes, when its thread sleeps or is about to").spurious(true);
    check(&model, || {
        let dispatch = Arc::new(Numbers::new(0, 1));
        let takes = taker(&dispatch);
        dispatch.push(&mut vec![1]);
        let got = takes.join().unwrap();
        assert!(
            got == Some(1),
            "1 was pushed, nobody has closed anything, and take() returned {got:?}"
        );
    });
}

/// Each of two takes a job, and holds on to it until the other one has one, too.
fn both_at_once(batches: fn(&Numbers)) {
    let dispatch = Arc::new(Numbers::new(2, 2));
    let both = Arc::new(Barrier::new(2));
    let takers = [(); 2].map(|()| {
        let (dispatch, both) = (Arc::clone(&dispatch), Arc::clone(&both));
        thread::spawn(move || {
            let job = dispatch.take();
            both.wait();
            dispatch.done();
            job
        })
    });
    batches(&dispatch);
    let mut got = takers.map(|taker| taker.join().unwrap());
    got.sort_unstable();
    assert!(
        got == [Some(1), Some(2)],
        "1 and 2 were accepted, and two threads have got {got:?}"
    );
}

fn a_batch_for_two_who_sleep() {
    let model = model("a batch of two jobs, and each of two threads is to get one");
    check(&model, || {
        both_at_once(|dispatch| {
            let mut batch = vec![1, 2];
            dispatch.push(&mut batch);
            assert!(
                batch.is_empty(),
                "2 threads are free, and {batch:?} was refused"
            );
        });
    });
}

fn two_jobs_for_two_who_sleep() {
    let model = model(
        "two jobs, one after the other, and each of two threads is to get one",
    );
    check(&model, || {
        both_at_once(|dispatch| {
            for job in [1, 2] {
                let mut batch = vec![job];
                dispatch.push(&mut batch);
                assert!(
                    batch.is_empty(),
                    "a thread is free, and {batch:?} was refused"
                );
            }
        });
    });
}

/// It has not come, it is about to sleep, it sleeps, it was woken, it has its job.
fn a_thread_on_its_way() {
    let model =
        model("cap 0, a thread somewhere on its way to a job, and two jobs more");
    check(&model, || {
        let dispatch = Arc::new(Numbers::new(0, 1));
        let takes = taker(&dispatch);
        let mut first = vec![1, 2];
        dispatch.push(&mut first);
        assert!(
            first == [2],
            "cap 0, one thread, and it is free: push([1, 2]) has left {first:?} in the batch"
        );
        let mut second = vec![3];
        dispatch.push(&mut second);
        assert!(
            second == [3],
            "cap 0, and the only thread has job 1, or is about to take it: push([3]) has left \
             {second:?} in the batch"
        );
        let got = takes.join().unwrap();
        assert!(
            got == Some(1),
            "1 was accepted, and take() returned {got:?}"
        );
    });
}

fn two_push_at_once() {
    let model = model("cap 1, one thread, and two loops that push two jobs each");
    check(&model, || {
        let dispatch = Arc::new(Numbers::new(1, 1));
        let other = {
            let dispatch = Arc::clone(&dispatch);
            thread::spawn(move || {
                let mut batch = vec![3, 4];
                dispatch.push(&mut batch);
                batch
            })
        };
        let mut refused = vec![1, 2];
        dispatch.push(&mut refused);
        refused.extend(other.join().unwrap());
        assert!(
            refused.len() == 2,
            "cap 1, one thread: two loops have pushed [1, 2] and [3, 4] at once, and refused \
             were {refused:?}, where it has to be two"
        );
    });
}

/// Who has the answer asks again.
fn who_has_answered_is_free() {
    let model = model("cap 0, and a client that asks again when it has its answer");
    check(&model, || {
        let dispatch = Arc::new(Numbers::new(0, 1));
        let answer = Arc::new(WakeCell::new().named("answer"));
        let handler = {
            let (dispatch, answer) = (Arc::clone(&dispatch), Arc::clone(&answer));
            thread::spawn(move || {
                let one = dispatch.take();
                dispatch.done();
                answer.wake();
                (one, dispatch.take())
            })
        };
        dispatch.push(&mut vec![1]);
        answer.wait();
        let mut again = vec![2];
        dispatch.push(&mut again);
        assert!(
            again.is_empty(),
            "cap 0: the only thread was done with job 1 before its answer was sent, and \
             push([2]) was refused"
        );
        let got = handler.join().unwrap();
        assert!(
            got == (Some(1), Some(2)),
            "1 and 2 were accepted, and the thread has got {got:?}"
        );
    });
}

fn the_end_wakes_all() {
    let model = model("two threads without a job, and the end");
    check(&model, || {
        let dispatch = Arc::new(Numbers::new(4, 2));
        let takers = [(); 2].map(|()| taker(&dispatch));
        dispatch.close();
        for taker in takers {
            let got = taker.join().unwrap();
            assert!(
                got.is_none(),
                "nothing was pushed, and take() returned {got:?}"
            );
        }
    });
}

fn a_job_and_the_end() {
    let model =
        model("a job and the end, from two threads, and a handler that works on");
    check(&model, || {
        let dispatch = Arc::new(Numbers::new(0, 1));
        let handler = {
            let dispatch = Arc::clone(&dispatch);
            thread::spawn(move || {
                let mut got = Vec::new();
                while let Some(job) = dispatch.take() {
                    dispatch.done();
                    got.push(job);
                }
                got
            })
        };
        let closes = {
            let dispatch = Arc::clone(&dispatch);
            thread::spawn(move || dispatch.close())
        };
        let mut batch = vec![1];
        dispatch.push(&mut batch);
        closes.join().unwrap();
        let got = handler.join().unwrap();
        let (must, what): (&[u32], _) = match batch.is_empty() {
            true => (&[1], "accepted"),
            false => (&[], "refused"),
        };
        assert!(
            got == must,
            "push([1]) was {what}, and the handler has got {got:?}"
        );
    });
}
