//! Property: timers end in the order of their times, never before them, each once for each
//! time that it was armed; and never keep others waiting.

use crate::rig::{NEVER, Rig, TheLoop, World, answered, came, done};
use std::io::Write as _;
use std::time::{Duration, Instant};
use threadbare::completion::{Answer, Completion, Config, Finished, Life, Next};
use threadbare::testkit::{Random, seed};

of_both! {
    they_end_in_the_order_of_their_times
    never_before_their_time
    those_of_one_moment_end_in_the_order_they_were_set
    no_time_at_all_is_the_next_turn
    a_zero_timer_ends_once_a_turn
    a_zero_timer_keeps_nobody_waiting
    no_time_is_too_long
    a_period_does_not_drift
    what_was_missed_is_skipped
    reset_to_later
    reset_to_sooner
    a_reset_in_its_own_callback
    who_has_ended_is_not_reset
    a_cancelled_one_does_not_end
    many_are_cancelled
    a_callback_may_cancel_those_that_are_due
    who_spoke_in_time_is_heard_first
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn they_end_in_the_order_of_their_times(config: Config) {
    let mut rig = Rig::new(config);
    let mut random = Random::new(seed("they_end_in_the_order_of_their_times"));
    let mut due = Vec::new();
    for user in 0..500 {
        let after = Duration::from_micros(random.below(20_000));
        due.push((after, user));
        rig.the_loop.timer(after, user, done);
    }
    // They are counted from one moment, since there was no turn in between.
    due.sort_unstable();
    assert_eq!(rig.finish(), 500);
    assert_eq!(
        rig.world.users(),
        due.iter().map(|it| it.1).collect::<Vec<_>>()
    );
}

fn never_before_their_time(config: Config) {
    let mut rig = Rig::new(config);
    for nanos in [0, 1, 999, 300_000, 1_000_001, 2_700_000, 20_000_000] {
        let after = Duration::from_nanos(nanos);
        for _ in 0..3 {
            // The loop counts from when its turn began, which was before.
            let begin = rig.the_loop.now();
            let timer = rig.the_loop.timer(after, 0, done);
            rig.end_of(timer);
            assert!(begin.elapsed() >= after, "{after:?}");
            assert!(rig.the_loop.now() >= begin + after, "{after:?}");
        }
    }
}

fn those_of_one_moment_end_in_the_order_they_were_set(config: Config) {
    let mut rig = Rig::new(config);
    for user in 0..1_000 {
        rig.the_loop.timer(ms(2), user, done);
    }
    rig.finish();
    assert!(rig.world.users().into_iter().eq(0..1_000));
}

fn no_time_at_all_is_the_next_turn(config: Config) {
    let mut rig = Rig::new(config);
    for user in 0..10 {
        rig.the_loop.timer(Duration::ZERO, user, done);
    }
    assert!(rig.world.told.is_empty(), "no callback in the call");
    assert_eq!(rig.look(), 10);
    assert!(rig.world.users().into_iter().eq(0..10));
}

/// Also if it is re-armed, and if its callback sets another one.
fn a_zero_timer_ends_once_a_turn(config: Config) {
    fn sets_another(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<()>,
    ) -> Next {
        the_loop.timer(Duration::ZERO, 2, sets_another);
        done(the_loop, world, it)
    }
    let mut rig = Rig::new(config);
    rig.the_loop.timer(Duration::ZERO, 1, done);
    rig.world.again.insert(1, u32::MAX);
    rig.the_loop.timer(Duration::ZERO, 2, sets_another);
    for turn in 1..=10 {
        assert_eq!(rig.look(), 2, "turn {turn}");
        assert_eq!(rig.world.told.len(), 2 * turn);
    }
}

/// Work in slices: the sockets are looked at in each turn.
fn a_zero_timer_keeps_nobody_waiting(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.timer(Duration::ZERO, 1, done);
    rig.world.again.insert(1, u32::MAX);
    rig.the_loop.receive(ours, 2, came);
    rig.world.again.insert(2, u32::MAX);
    rig.the_loop.timer(ms(1), 3, done);
    for round in 0..10 {
        theirs.write_all(b"x").unwrap();
        let before = rig.world.told.len();
        rig.until(|world| world.bytes.get(&2).map_or(0, Vec::len) > round);
        // What the kernel has by now, it says at once; it is the loopback.
        let turns = rig.world.told.len() - before;
        assert!(turns < 10_000, "{turns} slices before a byte");
    }
    rig.until(|world| world.users().contains(&3));
}

fn no_time_is_too_long(config: Config) {
    let mut rig = Rig::new(config);
    let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    let long = [
        days(24),
        days(25),
        days(300 * 366),
        days(1 << 40),
        Duration::MAX,
    ];
    let timers = long.map(|after| rig.the_loop.timer(after, 1, done));
    let soon = rig.the_loop.timer(ms(1), 2, done);
    rig.end_of(soon);
    rig.hand_over();
    for timer in timers {
        assert!(rig.the_loop.reset_timer(timer, Duration::MAX));
        let cancel = rig.the_loop.cancel(timer, 3, answered);
        assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
        assert!(rig.end_of(timer).is_cancelled());
    }
    assert_eq!(rig.finish(), 0);
}

/// The next time is counted from the last one, not from when somebody looked.
fn a_period_does_not_drift(config: Config) {
    let mut rig = Rig::new(config);
    let begin = rig.the_loop.now();
    rig.the_loop.timer(ms(2), 1, done);
    rig.world.again.insert(1, 9);
    rig.finish();
    assert_eq!(rig.world.told.len(), 10);
    // Each is due at a multiple of its period, so the tenth is not before that.
    assert!(begin.elapsed() >= ms(20));
}

fn what_was_missed_is_skipped(config: Config) {
    let mut rig = Rig::new(config);
    rig.the_loop.timer(ms(1), 1, done);
    rig.world.again.insert(1, u32::MAX);
    rig.until(|world| !world.told.is_empty());
    for _ in 0..3 {
        // Somebody blocks the loop.
        let begin = Instant::now();
        while begin.elapsed() < ms(10) {
            std::hint::spin_loop();
        }
        let before = rig.world.told.len();
        rig.look();
        assert_eq!(rig.world.told.len() - before, 1, "once for all ten");
    }
}

fn reset_to_later(config: Config) {
    let mut rig = Rig::new(config);
    let timer = rig.the_loop.timer(ms(200), 1, done);
    rig.hand_over();
    assert!(rig.the_loop.reset_timer(timer, NEVER));
    rig.the_loop.timer(ms(220), 2, done);
    rig.until(|world| !world.told.is_empty());
    assert_eq!(rig.world.users(), [2]);
    assert_eq!(rig.the_loop.life(timer), Life::InFlight);
    assert_eq!(rig.the_loop.active(), 1);
}

fn reset_to_sooner(config: Config) {
    let mut rig = Rig::new(config);
    let timers: Vec<Completion> = (0..10)
        .map(|user| rig.the_loop.timer(NEVER, user, done))
        .collect();
    rig.hand_over();
    assert!(rig.the_loop.reset_timer(timers[7], ms(1)));
    assert!(rig.the_loop.reset_timer(timers[3], ms(2)));
    rig.until(|world| world.told.len() == 2);
    assert_eq!(rig.world.users(), [7, 3]);
}

/// Re-armed after it, it is the new period that counts.
fn a_reset_in_its_own_callback(config: Config) {
    fn once_more(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<()>,
    ) -> Next {
        let first = world.told.is_empty();
        let reset = first && the_loop.reset_timer(it.completion, ms(1));
        done(the_loop, world, it);
        match first && reset {
            true => Next::Rearm,
            false => Next::Disarm,
        }
    }
    let mut rig = Rig::new(config);
    rig.the_loop.timer(ms(1), 1, once_more);
    rig.finish();
    // Whether there is something to reset while it is called is the loop's to say. If so, it
    // ends twice; it never hangs, and is never called a third time.
    assert!((1..=2).contains(&rig.world.told.len()));
    assert_eq!(rig.the_loop.active(), 0);
}

fn who_has_ended_is_not_reset(config: Config) {
    let mut rig = Rig::new(config);
    let timer = rig.the_loop.timer(ms(1), 1, done);
    rig.end_of(timer);
    assert!(!rig.the_loop.reset_timer(timer, ms(1)));
    // Nor whoever has its place now, nor what is no timer.
    let other = rig.the_loop.timer(NEVER, 2, done);
    assert!(!rig.the_loop.reset_timer(timer, Duration::ZERO));
    let (listener, _) = rig.listen();
    let accept = rig.the_loop.accept(listener, 3, crate::rig::opened);
    assert!(!rig.the_loop.reset_timer(accept, Duration::ZERO));
    for _ in 0..3 {
        assert_eq!(rig.look(), 0, "{:?}", rig.world.told);
    }
    let cancel = rig.the_loop.cancel(other, 4, answered);
    assert!(
        !rig.the_loop.reset_timer(other, Duration::ZERO),
        "it has ended"
    );
    assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
    assert!(rig.end_of(other).is_cancelled());
}

fn a_cancelled_one_does_not_end(config: Config) {
    let mut rig = Rig::new(config);
    let timer = rig.the_loop.timer(ms(1), 1, done);
    let cancel = rig.the_loop.cancel(timer, 2, answered);
    assert!(rig.world.told.is_empty(), "no callback in the call");
    rig.the_loop.timer(ms(5), 3, done);
    rig.finish();
    assert_eq!(rig.world.users(), [1, 2, 3]);
    assert!(rig.world.told[0].is_cancelled());
    assert_eq!(rig.world.told[1].completion, cancel);
    assert_eq!(rig.world.told[1].answer, Some(Answer::Cancelled));
}

fn many_are_cancelled(config: Config) {
    let mut rig = Rig::new(config);
    let mut random = Random::new(seed("many_are_cancelled"));
    let timers: Vec<_> = (0..2_000_u64)
        .map(|user| {
            let after = Duration::from_micros(random.below(5_000));
            (after, user, rig.the_loop.timer(after, user, done))
        })
        .collect();
    let mut left = Vec::new();
    for (after, user, timer) in timers {
        match random.below(2) {
            0 => drop(rig.the_loop.cancel(timer, user + 10_000, answered)),
            _ => left.push((after, user)),
        }
    }
    left.sort_unstable();
    rig.finish();
    let ended = rig.world.told.iter().filter(|it| it.result.is_ok());
    let ended: Vec<_> = ended.map(|it| it.user).filter(|it| *it < 10_000).collect();
    assert!(ended.iter().eq(left.iter().map(|it| &it.1)));
    for told in rig.world.told.iter().filter(|it| it.user >= 10_000) {
        assert_eq!(told.answer, Some(Answer::Cancelled));
    }
    let answers = rig
        .world
        .told
        .iter()
        .filter(|it| it.answer.is_some())
        .count();
    assert_eq!(rig.world.told.len(), 2_000 + answers);
    assert_eq!(answers, 2_000 - ended.len());
}

/// Both are due in one turn: the first to be called ends the second.
fn a_callback_may_cancel_those_that_are_due(config: Config) {
    fn cancels(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<()>,
    ) -> Next {
        for timer in std::mem::take(&mut world.others) {
            the_loop.cancel(timer, 9, answered);
        }
        done(the_loop, world, it)
    }
    let mut rig = Rig::new(config);
    rig.the_loop.timer(ms(1), 0, cancels);
    let others = (1..=3).map(|user| rig.the_loop.timer(ms(1), user, done));
    rig.world.others = others.collect();
    let begin = Instant::now();
    while begin.elapsed() < ms(2) {
        std::hint::spin_loop();
    }
    rig.finish();
    let told = &rig.world.told;
    assert_eq!(told.len(), 7, "{told:?}");
    assert_eq!(told[0].user, 0);
    let position = |user| told.iter().position(|it| it.user == user).unwrap();
    let answers: Vec<_> = told.iter().filter_map(|it| it.answer).collect();
    assert_eq!(answers.len(), 3);
    for (answer, user) in answers.into_iter().zip(1..) {
        let told = &told[position(user)];
        assert_eq!(told.is_cancelled(), answer == Answer::Cancelled);
    }
    let last = (1..=3).map(position).max().unwrap();
    assert!(last < 6, "an answer comes after what it is about");
}

/// Both are there when the loop has its next turn. A deadline that ends what has come is
/// too late.
fn who_spoke_in_time_is_heard_first(config: Config) {
    let mut rig = Rig::new(config);
    for receives in [false, true] {
        let (ours, mut theirs) = rig.pair();
        rig.world.others = vec![match receives {
            true => rig.the_loop.receive(ours, 1, came),
            false => {
                rig.the_loop
                    .read(ours, crate::rig::room(8), 1, crate::rig::moved)
            }
        }];
        let timer = rig.the_loop.timer(NEVER, 2, |the_loop, world, it| {
            the_loop.cancel(world.others[0], 3, answered);
            done(the_loop, world, it)
        });
        rig.hand_over();
        theirs.write_all(b"in time").unwrap();
        assert!(rig.the_loop.reset_timer(timer, Duration::ZERO));
        rig.finish();
        assert_eq!(rig.world.users(), [1, 2, 3]);
        assert_eq!(rig.world.told[0].buffer, b"in time");
        assert_eq!(rig.world.told[2].answer, Some(Answer::Dead));
        rig.world.told.clear();
    }
}
