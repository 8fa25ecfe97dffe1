//! Graders of 03.7 under the model checker: one thread takes, or gives, while the other
//! takes and gives.

#![allow(unsafe_code, reason = "what a buffer holds is plain memory")]

use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use ::explorer::{Kind, Model};

use super::on_model::answer::Buffers;

grading::graders![
    all_are_given_once,
    two_threads_take,
    taken_and_given_back,
    taken_and_given_back_with_more_in_between,
    taken_and_given_back_twice,
    two_threads_give,
    whoever_takes_sees_what_was_done,
];

fn check(name: &str, root: fn()) {
    let stats = Model::new(name)
        .hint(
            Kind::Livelock,
            "whoever was too late must look at the head again: what would make the next \
             attempt succeed?",
        )
        .check(root);
    assert!(stats.complete, "{name}: the model is small");
}

/// In the end each of the three is with somebody, or free.
fn judge(buffers: &Buffers, theirs: &[u32], mine: &[u32]) {
    let mut free = vec![];
    while let Some(buffer) = buffers.take() {
        free.push(buffer);
        if free.len() > 3 {
            break;
        }
    }
    let all = [theirs, mine, &free].concat();
    let held = format!(
        "thread 1 has {theirs:?}, main has {mine:?}, and {} free",
        match &free[..] {
            [] => "none is".to_owned(),
            [one] => format!("{one} is"),
            more => {
                let names: Vec<_> = more.iter().map(u32::to_string).collect();
                format!("{} are", names.join(", "))
            }
        }
    );
    let taken = [theirs, mine].concat();
    for buffer in 0..3 {
        let times = |list: &[u32]| list.iter().filter(|&&it| it == buffer).count();
        match (times(&taken), times(&free)) {
            (0, 0) => panic!("buffer {buffer} was lost: {held}"),
            (1, 0) | (0, 1) => {}
            (0, _) => panic!("buffer {buffer} is free twice: {held}"),
            (1, _) => panic!("buffer {buffer} is in use and free at once: {held}"),
            _ => panic!("buffer {buffer} was given to two: {held}"),
        }
    }
    if let Some(other) = all.iter().find(|&&buffer| buffer > 2) {
        panic!("there is no buffer {other}: {held}");
    }
}

/// What `theirs` does at the same time as `mine`; each returns what it holds in the end.
fn at_the_same_time(
    theirs: fn(&Buffers) -> Vec<u32>,
    mine: fn(&Buffers) -> Vec<u32>,
) {
    let buffers = Arc::new(Buffers::new());
    let other = thread::spawn({
        let buffers = Arc::clone(&buffers);
        move || theirs(&buffers)
    });
    let mine = mine(&buffers);
    let theirs = other.join().unwrap();
    judge(&buffers, &theirs, &mine);
}

/// Takes one. At most two others are held at that time.
fn take(buffers: &Buffers) -> u32 {
    let taken = buffers.take();
    assert!(
        taken.is_some(),
        "take said None, although a buffer was free"
    );
    taken.unwrap()
}

fn take_one(buffers: &Buffers) -> Vec<u32> {
    vec![take(buffers)]
}

fn all_are_given_once() {
    check("one thread takes all", || {
        let buffers = Buffers::new();
        let mine = [(); 3].map(|()| take(&buffers));
        let more = buffers.take();
        assert!(more.is_none(), "all were taken, and take said {more:?}");
        judge(&buffers, &[], &mine);
        mine.iter().for_each(|&buffer| buffers.give(buffer));
        judge(&buffers, &[], &[]);
    });
}

fn two_threads_take() {
    check("two threads take at once", || {
        at_the_same_time(take_one, |buffers| vec![take(buffers), take(buffers)]);
    });
}

fn taken_and_given_back() {
    check("one takes while the other takes two and gives one", || {
        at_the_same_time(take_one, |buffers| {
            let (first, second) = (take(buffers), take(buffers));
            buffers.give(first);
            vec![second]
        });
    });
}

fn taken_and_given_back_with_more_in_between() {
    check("one takes while the other takes all and gives one", || {
        at_the_same_time(
            |buffers| buffers.take().into_iter().collect(),
            |buffers| {
                let mine: Vec<u32> =
                    [(); 3].iter().filter_map(|()| buffers.take()).collect();
                buffers.give(mine[0]);
                mine[1..].to_vec()
            },
        );
    });
}

fn taken_and_given_back_twice() {
    check("one takes while the other gives one back twice", || {
        at_the_same_time(take_one, |buffers| {
            buffers.give(take(buffers));
            let (first, second) = (take(buffers), take(buffers));
            buffers.give(first);
            vec![second]
        });
    });
}

fn two_threads_give() {
    check("two threads take and give back", || {
        let back = |buffers: &Buffers| {
            buffers.give(take(buffers));
            vec![]
        };
        at_the_same_time(back, back);
    });
}

/// Three buffers, and what they hold.
struct Filled {
    buffers: Buffers,
    contents: [UnsafeCell<u32>; 3],
}

// SAFETY: whoever has taken a buffer is the only one who uses it. If that is not so, the
// model says so.
unsafe impl Sync for Filled {}

fn whoever_takes_sees_what_was_done() {
    check("what is in a buffer is handed over with it", || {
        let filled = Arc::new(Filled {
            buffers: Buffers::new(),
            contents: [(); 3].map(|()| UnsafeCell::new(0)),
        });
        let use_one = |filled: &Filled| {
            let buffer = take(&filled.buffers);
            // SAFETY: see `Sync`.
            filled.contents[buffer as usize].with_mut(|it| unsafe { *it += 1 });
            filled.buffers.give(buffer);
        };
        let other = thread::spawn({
            let filled = Arc::clone(&filled);
            move || use_one(&filled)
        });
        use_one(&filled);
        other.join().unwrap();
    });
}
