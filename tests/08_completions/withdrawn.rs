//! Property: timers in flight that are cancelled, few or many at once, have ended when the call
//! is back: for whoever asks, for another cancel, and for a wait.

use crate::rig::{NEVER, Rig, TheLoop, Told, World, answered, done, moved, room};
use std::collections::HashMap;
use std::time::Duration;
use threadbare::completion::{
    Answer, Completion, Config, Descriptor, Finished, Life, Next,
};

of_both! {
    each_has_its_answer_and_in_order
    who_asks_is_told
    who_was_cancelled_is_not_reset
    a_cancel_of_its_cancel
    the_loop_does_not_sleep_on_it
    a_loop_that_is_dropped_forgets_it
    a_hundred_thousand_cancels_of_one
}

/// So many timers in flight: their user words are their places.
fn set(rig: &mut Rig, number: u64) -> Vec<Completion> {
    let timers = (0..number).map(|user| rig.the_loop.timer(NEVER, user, done));
    let timers = timers.collect();
    rig.hand_over();
    timers
}

fn each_has_its_answer_and_in_order(config: Config) {
    for number in [1, 2, 63, 64, 65, 127, 128, 129, 300] {
        let mut rig = Rig::new(config.clone());
        let timers = set(&mut rig, number);
        // From the last to the first, every third twice.
        let mut cancels = HashMap::new();
        for (user, timer) in timers.iter().enumerate().rev() {
            for _ in 0..1 + usize::from(user % 3 == 0) {
                let cancel = rig.the_loop.cancel(*timer, 1_000, answered);
                cancels.insert(cancel, *timer);
            }
        }
        let all = timers.len() + cancels.len();
        assert_eq!(rig.the_loop.active(), all);
        assert_eq!(rig.finish(), all);
        let told = &rig.world.told;
        let at = |key| told.iter().position(|it| it.completion == key).unwrap();
        for timer in &timers {
            assert!(told[at(*timer)].is_cancelled());
        }
        for (cancel, timer) in cancels {
            assert_eq!(told[at(cancel)].answer, Some(Answer::Cancelled));
            assert!(at(cancel) > at(timer), "the answer is the last word");
        }
        let ends = told.iter().filter(|it| it.user < 1_000).map(|it| it.user);
        assert!(ends.eq((0..number).rev()), "in the order of the cancels");
    }
}

fn who_asks_is_told(config: Config) {
    let mut rig = Rig::new(config);
    let timers = set(&mut rig, 200);
    for (nth, timer) in timers.iter().enumerate() {
        assert_eq!(rig.the_loop.life(*timer), Life::InFlight);
        let cancel = rig.the_loop.cancel(*timer, 0, answered);
        assert_ne!(rig.the_loop.life(cancel), Life::Dead);
        for (other, timer) in timers.iter().enumerate() {
            let is = rig.the_loop.life(*timer);
            let cancelled = other <= nth;
            let expected = [Life::InFlight, Life::Done][usize::from(cancelled)];
            assert_eq!(is, expected, "timer {other} after {nth}");
        }
    }
    rig.finish();
    assert!(timers.iter().all(|it| rig.the_loop.life(*it) == Life::Dead));
}

fn who_was_cancelled_is_not_reset(config: Config) {
    let mut rig = Rig::new(config);
    let timers = set(&mut rig, 3);
    for timer in &timers {
        let cancel = rig.the_loop.cancel(*timer, 9, answered);
        assert!(!rig.the_loop.reset_timer(*timer, Duration::ZERO));
        assert!(!rig.the_loop.reset_timer(cancel, Duration::ZERO));
        assert_eq!(rig.the_loop.life(*timer), Life::Done);
    }
    assert_eq!(rig.finish(), 6);
    let cancelled = rig.world.told.iter().filter(|it| it.is_cancelled());
    assert_eq!(cancelled.count(), 3);
}

fn a_cancel_of_its_cancel(config: Config) {
    let mut rig = Rig::new(config);
    let timers = set(&mut rig, 2);
    let first = rig.the_loop.cancel(timers[0], 10, answered);
    let second = rig.the_loop.cancel(first, 11, answered);
    let third = rig.the_loop.cancel(timers[0], 12, answered);
    assert_eq!(rig.end_of(second).answer, Some(Answer::TooLate));
    assert_eq!(rig.end_of(first).answer, Some(Answer::Cancelled));
    assert_eq!(rig.end_of(third).answer, Some(Answer::Cancelled));
    // Whoever has its slot now is somebody else.
    let tenant = rig.the_loop.timer(NEVER, 20, done);
    let others = set(&mut rig, 8);
    for old in [timers[0], first, second] {
        let cancel = rig.the_loop.cancel(old, 13, answered);
        assert_eq!(rig.end_of(cancel).answer, Some(Answer::Dead));
    }
    for alive in others.iter().chain([&tenant, &timers[1]]) {
        assert_eq!(rig.the_loop.life(*alive), Life::InFlight);
        rig.the_loop.cancel(*alive, 14, answered);
    }
    rig.finish();
}

/// A chain of operations that are done at once, of any length; its last callback cancels. What
/// is to be called after that is called, whatever the loop has just been at.
fn the_loop_does_not_sleep_on_it(config: Config) {
    fn next(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<usize, Vec<u8>>,
    ) -> Next {
        if it.user > 0 {
            let nobody = Descriptor::from_word(0);
            the_loop.read(nobody, room(1), it.user - 1, next);
        } else {
            the_loop.cancel(world.others[0], 1_000, answered);
        }
        moved(the_loop, world, it)
    }
    let mut rig = Rig::new(config);
    for length in 0..140 {
        let timer = set(&mut rig, 1)[0];
        rig.world.others = vec![timer];
        rig.the_loop
            .read(Descriptor::from_word(0), room(1), length, next);
        assert_eq!(rig.finish() as u64, length + 3);
        let answer = rig.world.told.pop().unwrap().answer;
        assert_eq!(answer, Some(Answer::Cancelled));
        assert!(rig.world.told.pop().unwrap().is_cancelled());
        rig.world.told.clear();
    }
}

fn a_loop_that_is_dropped_forgets_it(config: Config) {
    for number in [1, 64, 100] {
        let mut rig = Rig::new(config.clone());
        for timer in set(&mut rig, number) {
            rig.the_loop.cancel(timer, 0, answered);
        }
        drop(rig.the_loop);
        assert!(rig.world.told.is_empty(), "nobody is called any more");
    }
}

/// If each had to pass all that came before, this would take minutes.
fn a_hundred_thousand_cancels_of_one(config: Config) {
    let mut rig = Rig::new(config);
    let timer = set(&mut rig, 1)[0];
    for user in 1..=100_000 {
        rig.the_loop.cancel(timer, user, answered);
    }
    rig.finish();
    assert!(rig.world.users().into_iter().eq(0..=100_000), "in order");
    let cancelled = |it: &&Told| it.answer == Some(Answer::Cancelled);
    assert_eq!(rig.world.told.iter().filter(cancelled).count(), 100_000);
}
