//! Stress for the one-shot channel: questions and answers, and either side gone too soon.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/atomic/one_shot/models.rs` try them all.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use threadbare::atomic::one_shot::{self, Closed, Sender, TryRecvError, Unsent};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const QUESTIONS: u64 = 10_000;

#[test]
fn each_question_is_answered_or_told_that_it_is_not() {
    let seed = seed("each_question_is_answered_or_told_that_it_is_not");
    within(LIMIT, || {
        let (ask, asked) = mpsc::channel::<(u64, Sender<Box<u64>>)>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut random = Random::new(!seed);
                for (number, answer) in asked {
                    step(format!("answering {number}"));
                    (0..random.below(100)).for_each(|_| std::hint::spin_loop());
                    // Every eighth is not answered.
                    if number % 8 == 7 {
                        drop(answer);
                    } else if let Err(Unsent(back)) = answer.send(Box::new(number)) {
                        assert_eq!(*back, number);
                    }
                }
            });
            let mut random = Random::new(seed);
            for number in 0..QUESTIONS {
                step(format!("question {number}"));
                let (sender, mut receiver) = one_shot::channel();
                ask.send((number, sender)).unwrap();
                (0..random.below(100)).for_each(|_| std::hint::spin_loop());
                let expected = if number % 8 == 7 {
                    Err(Closed)
                } else {
                    Ok(Box::new(number))
                };
                match random.below(4) {
                    0 => drop(receiver),
                    1 => loop {
                        match receiver.try_recv() {
                            Err(TryRecvError::Empty) => thread::yield_now(),
                            other => {
                                assert_eq!(other.map_err(|_| Closed), expected);
                                break;
                            }
                        }
                    },
                    _ => assert_eq!(receiver.recv(), expected),
                }
            }
            drop(ask);
        });
    });
}
