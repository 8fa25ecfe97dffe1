//! Graders of 11.2 on real threads: sleepers that the kernel knows, and loops that push.

use std::sync::{Arc, Barrier};
use std::thread;

use super::on_real::answer::Dispatch;

grading::graders![a_batch_for_all_who_sleep, loops_and_handlers];

fn start<T: Send + 'static>(
    name: impl Into<String>,
    run: impl FnOnce() -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let thread = thread::Builder::new().name(name.into());
    thread.spawn(run).expect("a grader may start a thread")
}

fn a_batch_for_all_who_sleep() {
    const NAMES: [&str; 4] = ["h-0", "h-1", "h-2", "h-3"];
    let dispatch = Arc::new(Dispatch::new(0, NAMES.len()));
    let all = Arc::new(Barrier::new(NAMES.len()));
    let handlers = NAMES.map(|name| {
        let (dispatch, all) = (Arc::clone(&dispatch), Arc::clone(&all));
        start(name, move || {
            grading::step("waiting in take() for one of 4 jobs");
            let job = dispatch.take();
            grading::step("running a job that ends when all 4 run");
            all.wait();
            dispatch.done();
            grading::step("waiting in take() for the end");
            (job, dispatch.take())
        })
    });
    grading::step("waiting until 4 threads sleep");
    grading::until_asleep(&NAMES);
    let mut batch = Vec::from_iter(0..6);
    dispatch.push(&mut batch);
    assert!(
        batch == [4, 5],
        "cap 0, 4 threads sleep in take(): push([0, 1, 2, 3, 4, 5]) has left {batch:?} in \
         the batch, and it has to be [4, 5]"
    );
    grading::step("waiting until 4 threads sleep again");
    grading::until_asleep(&NAMES);
    dispatch.close();
    let mut got = Vec::new();
    for handler in handlers {
        let (job, after) = handler.join().expect("it did not panic");
        assert!(after.is_none(), "after close() take() returned {after:?}");
        got.extend(job);
    }
    got.sort_unstable();
    assert!(
        got == [0, 1, 2, 3],
        "0 to 3 were accepted, and run were {got:?}"
    );
}

/// Nothing is lost, nothing is run twice, and never are there too many.
fn loops_and_handlers() {
    const LOOPS: usize = 2;
    const THREADS: usize = 3;
    const CAP: usize = 4;
    const EACH: usize = 10_000;
    let dispatch = Arc::new(Dispatch::new(CAP, THREADS));
    let handlers = Vec::from_iter((0..THREADS).map(|number| {
        let dispatch = Arc::clone(&dispatch);
        start(format!("handler {number}"), move || {
            grading::step("working until the end: was a wake-up lost?");
            let mut got = Vec::new();
            while let Some(job) = dispatch.take() {
                got.push(job);
                dispatch.done();
            }
            got
        })
    }));
    let loops = Vec::from_iter((0..LOOPS).map(|number| {
        let dispatch = Arc::clone(&dispatch);
        start(format!("loop {number}"), move || {
            grading::step("pushing batches of five");
            let mut accepted = Vec::new();
            for batch in 0..EACH / 5 {
                let first = number * EACH + batch * 5;
                let mut jobs = Vec::from_iter(first..first + 5);
                dispatch.push(&mut jobs);
                let refused = jobs.len();
                assert!(
                    jobs.iter().copied().eq(first + 5 - refused..first + 5),
                    "push({:?}) has left {jobs:?} in the batch: from the front it accepts, \
                     and the others stay in their order",
                    first..first + 5
                );
                accepted.extend(first..first + 5 - refused);
                if refused == 5 {
                    thread::yield_now();
                }
            }
            accepted
        })
    }));
    let mut accepted = Vec::new();
    for one in loops {
        accepted.extend(one.join().expect("a panic would have ended the grader"));
    }
    dispatch.close();
    grading::step("waiting for the handlers to end: it is closed");
    let mut got = Vec::new();
    for handler in handlers {
        got.extend(handler.join().expect("a panic would have ended the grader"));
    }
    got.sort_unstable();
    accepted.sort_unstable();
    let mut expected = accepted.iter();
    for job in &got {
        match expected.next() {
            Some(must) if must == job => {}
            Some(must) if must < job => {
                panic!("job {must} was accepted, and nobody has got it")
            }
            _ => panic!(
                "job {job} was refused, or given away already, and somebody got it"
            ),
        }
    }
    if let Some(lost) = expected.next() {
        panic!("job {lost} was accepted, and nobody has got it");
    }
}
