//! Property: an id is handed out once, and after the last there is none.

use std::collections::HashSet;
use std::thread;
use threadbare::atomic::{Exhausted, Id, IdGenerator};

const THREADS: usize = 4;

/// What each of several threads got, which asked `times` times.
fn ask(ids: &IdGenerator, times: usize) -> Vec<Vec<Result<Id, Exhausted>>> {
    thread::scope(|scope| {
        let all = [(); THREADS].map(|()| {
            scope.spawn(|| (0..times).map(|_| ids.next()).collect::<Vec<_>>())
        });
        all.map(|thread| thread.join().unwrap()).into()
    })
}

#[test]
fn all_differ_and_each_thread_sees_them_grow() {
    let answers = ask(&IdGenerator::new(), 10_000);
    for mine in &answers {
        assert!(mine.is_sorted_by(|a, b| a.unwrap() < b.unwrap()));
    }
    let all: HashSet<_> = answers.concat().into_iter().map(Result::unwrap).collect();
    assert_eq!(all.len(), THREADS * 10_000);
}

#[test]
fn the_last_is_handed_out_once_and_then_none() {
    const LEFT: usize = 1000;
    let ids = IdGenerator::after(u64::MAX - LEFT as u64);
    let answers = ask(&ids, LEFT).concat();
    let all: HashSet<_> = answers.into_iter().flatten().collect();
    assert_eq!(all.len(), LEFT);
    assert_eq!(all.iter().map(|id| id.get()).max(), Some(u64::MAX));
    assert!(ask(&ids, 1000).concat().iter().all(Result::is_err));
}
