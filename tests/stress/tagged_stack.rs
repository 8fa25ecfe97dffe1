//! Stress for `TaggedStack`: threads that take several things and put them back, in a stack
//! so small that indices come back all the time.
//!
//! Blind spot, and a wide one: without its generation the stack passes this test, too, on
//! nearly every run. For ABA a thread must be held up between two instructions while others
//! do three operations. The models in `src/atomic/tagged_stack/models.rs` meet that at once.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use threadbare::atomic::TaggedStack;
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const OPERATIONS: u64 = 100_000;
const THINGS: u64 = 4;

#[test]
fn things_go_round_and_none_is_lost_or_doubled() {
    let seed = seed("things_go_round_and_none_is_lost_or_doubled");
    within(LIMIT, || {
        let stack = TaggedStack::with_capacity(THINGS as usize);
        for thing in 0..THINGS {
            stack.push(Box::new((thing, 0_u64))).unwrap();
        }
        let meet = Barrier::new(3);
        let uses: u64 = thread::scope(|scope| {
            let threads = [0, 1, 2].map(|number| {
                let mut random = Random::new(seed ^ number);
                let (stack, meet) = (&stack, &meet);
                scope.spawn(move || {
                    let (mut held, mut uses) = (Vec::new(), 0);
                    meet.wait();
                    for n in 0..OPERATIONS {
                        if n % 1024 == 0 {
                            step(format!("operation {n}"));
                        }
                        if random.below(2) == 0 {
                            held.extend(stack.pop());
                        } else if !held.is_empty() {
                            let which = random.below(held.len() as u64) as usize;
                            let mut thing: Box<(u64, u64)> = held.swap_remove(which);
                            // Plain memory: a thing that two threads had would show here.
                            thing.1 += 1;
                            uses += 1;
                            put_back(stack, thing);
                        }
                    }
                    held.into_iter().for_each(|thing| put_back(stack, thing));
                    uses
                })
            });
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        let mut left: Vec<_> = std::iter::from_fn(|| stack.pop()).collect();
        left.sort_unstable();
        let names: Vec<_> = left.iter().map(|thing| thing.0).collect();
        assert_eq!(names, [0, 1, 2, 3]);
        assert_eq!(left.iter().map(|thing| thing.1).sum::<u64>(), uses);
    });
}

/// There are as many slots as things, but one may be on its way from list to list.
fn put_back<T>(stack: &TaggedStack<T>, mut thing: T) {
    while let Err(full) = stack.push(thing) {
        thing = full.into_inner();
        thread::yield_now();
    }
}
