//! The injector under the model checker: each job comes out once, in order, or goes back to
//! whoever brought it. Versions that are wrong by a line are in `wrong`.
#![allow(unsafe_code, reason = "jobs are pointers, whose types are erased")]

use std::ptr::NonNull;

use super::super::job::{Header, Job, Kind, List, Table};
use super::super::worker::Worker;
use super::Injector;
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::modelled::{holds, holds_for_reasons, needs_its_orderings, start};

mod wrong;

/// A job that says who it is. Its number is plain memory, of which the explorer sees each
/// access.
#[repr(C)]
struct Numbered {
    header: Header,
    number: UnsafeCell<usize>,
}

static TABLE: Table = Table {
    run,
    cancel: nothing,
    kind: Kind::Spawned,
};

unsafe fn run(header: NonNull<Header>, _: Option<&Worker>) {
    // SAFETY: made by `job`, and run once.
    drop(unsafe { Box::from_raw(header.cast::<Numbered>().as_ptr()) });
}

unsafe fn nothing(_: NonNull<Header>) {}

fn job(number: usize) -> Job {
    let job = Box::leak(Box::new(Numbered {
        header: Header::new(&TABLE),
        number: UnsafeCell::new(number),
    }));
    // SAFETY: whoever has the job runs it: once, anywhere.
    unsafe { Job::new(NonNull::from(job).cast()) }
}

/// A list of jobs with these numbers.
fn jobs(numbers: &[usize]) -> List {
    let mut list = List::new();
    for number in numbers {
        list.push_back(job(*number));
    }
    list
}

/// Runs all jobs of a list, and says which they were.
fn numbers(mut list: List) -> Vec<usize> {
    std::iter::from_fn(|| list.pop_front())
        .map(|job| {
            // SAFETY: it lives until it is run below, and nobody else has it.
            let number = unsafe { &(*job.as_ptr().cast::<Numbered>()).number }
                .with(|number| unsafe { *number });
            job.run(None);
            number
        })
        .collect()
}

/// An injector, or what somebody took for one.
trait Queue: Send + Sync + 'static {
    fn new() -> Self;
    fn push(&self, jobs: List) -> Result<(), List>;
    fn push_inside(&self, jobs: List);
    /// Takes some.
    fn take(&self) -> List;
    fn take_all(&self) -> List;
    fn close(&self);
}

impl Queue for Injector {
    fn new() -> Self {
        Self::new()
    }

    fn push(&self, jobs: List) -> Result<(), List> {
        self.push(jobs)
    }

    fn push_inside(&self, jobs: List) {
        self.push_inside(jobs);
    }

    fn take(&self) -> List {
        self.take_share(2, 8)
    }

    fn take_all(&self) -> List {
        self.take_all()
    }

    fn close(&self) {
        self.close();
    }
}

/// Two bring jobs, and one takes meanwhile: none is lost, none comes twice, and those of each
/// come in their order.
fn two_bring<Q: Queue>() {
    let injector = Arc::new(Q::new());
    let other = start(&injector, |injector: &Q| {
        assert!(injector.push(jobs(&[10, 11])).is_ok());
    });
    assert!(injector.push(jobs(&[20])).is_ok());
    let mut all = numbers(injector.take());
    other.join().unwrap();
    all.extend(numbers(injector.take_all()));
    let place = |number| all.iter().position(|one| *one == number);
    assert!(all.len() == 3 && place(20).is_some(), "{all:?}");
    assert!(
        place(10).expect("it was brought") < place(11).unwrap(),
        "{all:?}"
    );
}

/// Two take at the same time.
fn two_take() {
    let injector = Arc::new(Injector::new());
    assert!(injector.push(jobs(&[1, 2, 3])).is_ok());
    let other = start(&injector, |injector| numbers(injector.take_share(2, 8)));
    let mut all = numbers(injector.take_share(2, 8));
    all.extend(other.join().unwrap());
    all.extend(numbers(injector.take_all()));
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3]);
}

/// Two bring jobs while the queue is closed: each job is there, or comes back to whoever
/// brought it, and nobody gets another's. Who is inside is not refused.
fn closed_meanwhile<Q: Queue>() {
    let injector = Arc::new(Q::new());
    let other = start(&injector, |injector: &Q| {
        let back = injector.push(jobs(&[10])).err().map_or(vec![], numbers);
        assert!(back.is_empty() || back == [10], "{back:?}");
        back.len()
    });
    let closer = start(&injector, |injector: &Q| injector.close());
    let back = injector.push(jobs(&[20])).err().map_or(vec![], numbers);
    assert!(back.is_empty() || back == [20], "{back:?}");
    injector.push_inside(jobs(&[30]));
    closer.join().unwrap();
    let refused = back.len() + other.join().unwrap();
    assert_eq!(numbers(injector.take_all()).len() + refused, 3);
    assert_eq!(injector.push(jobs(&[40])).map_err(numbers), Err(vec![40]));
}

/// Whoever sees the queue closed sees what was accepted.
fn closed_and_looked<Q: Queue>() {
    let injector = Arc::new(Q::new());
    let other = start(&injector, |injector: &Q| {
        injector
            .push(jobs(&[1]))
            .err()
            .map_or(vec![], numbers)
            .len()
    });
    injector.close();
    let found = numbers(injector.take_all()).len();
    assert_eq!(found + other.join().unwrap(), 1);
}

/// Somebody counts, and somebody takes: what is in hand is not lost.
fn counted_meanwhile() {
    let injector = Arc::new(Injector::new());
    assert!(injector.push(jobs(&[1, 2])).is_ok());
    let other = start(&injector, Injector::len);
    let mut all = numbers(injector.take_share(2, 1));
    assert!(other.join().unwrap() <= 2);
    all.extend(numbers(injector.take_all()));
    assert_eq!(all, [1, 2]);
    assert!(injector.is_empty());
    assert_eq!(Injector::len(&injector), 0);
}

#[test]
fn the_injector_keeps_its_promises_in_every_order() {
    holds_for_reasons("two bring", two_bring::<Injector>);
    holds_for_reasons("two take", two_take);
    holds("closed and looked", closed_and_looked::<Injector>);
    holds_for_reasons("counted meanwhile", counted_meanwhile);
    holds_for_reasons("closed meanwhile", closed_meanwhile::<Injector>);
}

#[test]
fn each_ordering_of_the_injector_is_needed() {
    let models: [(_, fn()); 2] = [
        ("two bring", two_bring::<Injector>),
        ("closed and looked", closed_and_looked::<Injector>),
    ];
    needs_its_orderings("injector", &models, &[]);
}
