//! Property: where an operation is in its life can be asked for at any time, and the answer is
//! that of the table.

use crate::rig::{NEVER, Rig, answered, done, file, moved, room};
use std::io::Write as _;
use std::time::Duration;
use threadbare::completion::{Completion, Config, Life, Next};

of_both! {
    queued_then_in_flight_then_done_then_dead
    while_its_callback_runs_it_is_done
    rearmed_it_is_alive
    how_many_are_active
    a_slot_that_is_used_again_is_another_one
    a_word_is_as_good_as_a_handle
    the_clock_stands_still_during_callbacks
}

fn queued_then_in_flight_then_done_then_dead(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let read = rig.the_loop.read(ours, room(8), 0, moved);
    let timer = rig.the_loop.timer(NEVER, 0, done);
    assert_eq!(rig.the_loop.life(read), Life::Queued);
    assert_eq!(rig.the_loop.life(timer), Life::Queued);
    rig.hand_over();
    assert_eq!(rig.the_loop.life(read), Life::InFlight);
    assert_eq!(rig.the_loop.life(timer), Life::InFlight);
    theirs.write_all(b"x").unwrap();
    rig.until(|world| world.told.len() == 1);
    assert_eq!(rig.the_loop.life(read), Life::Dead);
    let cancel = rig.the_loop.cancel(timer, 0, answered);
    // Nobody else had it, so it has its result at once; the callback does not know it yet.
    assert_eq!(rig.the_loop.life(timer), Life::Done);
    assert_ne!(rig.the_loop.life(cancel), Life::Dead);
    rig.finish();
    assert_eq!(rig.the_loop.life(timer), Life::Dead);
    assert_eq!(rig.the_loop.life(cancel), Life::Dead);
}

fn while_its_callback_runs_it_is_done(config: Config) {
    let mut rig = Rig::new(config);
    rig.the_loop
        .timer(Duration::ZERO, 0, |the_loop, world, it| {
            assert_eq!(the_loop.life(it.completion), Life::Done);
            done(the_loop, world, it)
        });
    rig.finish();
    assert_eq!(rig.world.told.len(), 1);
}

fn rearmed_it_is_alive(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let read = rig.the_loop.read(ours, room(8), 0, moved);
    rig.world.again.insert(0, 2);
    for round in 1..=3 {
        theirs.write_all(b"x").unwrap();
        rig.until(|world| world.told.len() == round);
        let is_alive = rig.the_loop.life(read) != Life::Dead;
        assert_eq!(is_alive, round < 3);
        assert_eq!(rig.the_loop.active(), usize::from(is_alive));
    }
}

fn how_many_are_active(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    assert_eq!(rig.the_loop.active(), 0);
    let timer = rig.the_loop.timer(NEVER, 0, done);
    rig.the_loop.read(ours, room(8), 1, moved);
    assert_eq!(rig.the_loop.active(), 2);
    rig.hand_over();
    assert_eq!(rig.the_loop.active(), 2);
    theirs.write_all(b"x").unwrap();
    rig.until(|world| world.told.len() == 1);
    assert_eq!(rig.the_loop.active(), 1);
    rig.the_loop.cancel(timer, 2, answered);
    assert_eq!(rig.the_loop.active(), 2);
    rig.finish();
    assert_eq!(rig.the_loop.active(), 0);
}

fn a_slot_that_is_used_again_is_another_one(config: Config) {
    let mut rig = Rig::new(config);
    let mut old: Vec<Completion> = Vec::new();
    for _ in 0..1_000 {
        let timer = rig.the_loop.timer(Duration::ZERO, 0, done);
        assert!(!old.contains(&timer));
        assert!(old.iter().all(|it| rig.the_loop.life(*it) == Life::Dead));
        rig.end_of(timer);
        old.push(timer);
        old.truncate(50);
    }
}

fn a_word_is_as_good_as_a_handle(config: Config) {
    let mut rig = Rig::new(config);
    let timer = rig.the_loop.timer(NEVER, 0, done);
    let word = timer.to_word();
    assert_ne!(word, 0);
    assert_eq!(Completion::from_word(word), timer);
    let cancel = rig
        .the_loop
        .cancel(Completion::from_word(word), 1, answered);
    assert_ne!(cancel.to_word(), word);
    rig.finish();
    assert_eq!(rig.the_loop.life(Completion::from_word(word)), Life::Dead);
}

fn the_clock_stands_still_during_callbacks(config: Config) {
    let mut rig = Rig::new(config);
    let ours = rig.the_loop.adopt(file(b"x")).unwrap();
    rig.world.ours = vec![ours];
    for user in 0..2 {
        rig.the_loop
            .timer(Duration::ZERO, user, |the_loop, world, it| {
                let now = the_loop.now();
                let begin = std::time::Instant::now();
                while begin.elapsed() < Duration::from_millis(2) {
                    std::hint::spin_loop();
                }
                assert_eq!(the_loop.now(), now);
                done(the_loop, world, it);
                Next::Disarm
            });
    }
    let before = rig.the_loop.now();
    rig.finish();
    // And goes on between the turns.
    let timer = rig.the_loop.timer(Duration::from_millis(1), 2, done);
    rig.end_of(timer);
    assert!(rig.the_loop.now() > before);
}
