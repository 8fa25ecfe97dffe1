use super::*;
use crate::completion::driver::Waker;
use crate::event;

/// Something that can be notified, and the loop that its waker wakes.
fn notices() -> (Notices, event::Loop) {
    let event_loop = event::Loop::new().unwrap();
    let waker = Waker::Readiness(event_loop.waker());
    (Notices::new(waker), event_loop)
}

fn taken(notices: &mut Notices) -> Vec<u32> {
    let mut numbers = Vec::new();
    notices.take(&mut numbers);
    numbers
}

#[test]
fn each_is_told_of_once_under_its_number() {
    let (mut notices, _event_loop) = notices();
    let bells: Vec<_> = (0..130).map(|_| notices.create(|_| true)).collect();
    assert_eq!(notices.lines.len(), 3);
    for (number, bell) in (0..).zip(&bells) {
        assert_eq!(notices.number(bell), Some(number));
    }
    for number in [129, 64, 63, 0, 64] {
        bells[number].notify().unwrap();
        bells[number].clone().notify().unwrap();
    }
    assert_eq!(taken(&mut notices), [0, 63, 64, 129]);
    assert_eq!(taken(&mut notices), []);
}

#[test]
fn a_number_is_used_again_when_nobody_has_it_or_waits_for_it() {
    let (mut notices, _event_loop) = notices();
    let mut bells: Vec<_> = (0..64).map(|_| notices.create(|_| true)).collect();
    let copy = bells[7].clone();
    bells[7].notify().unwrap();
    bells[9].notify().unwrap();
    bells.drain(7..10); // 7 has a copy, 8 is waited for
    let next = notices.create(|number| number != 8);
    assert_eq!(notices.number(&next), Some(9));
    assert_eq!(taken(&mut notices), [7], "9 is somebody else");
    let other = notices.create(|number| number != 8);
    assert_eq!(notices.number(&other), Some(127 - 63), "a new line");
    drop(copy);
}

#[test]
fn others_have_no_number_here() {
    let (mut notices, _event_loop) = notices();
    let (mut others, _other_loop) = self::notices();
    let (mine, theirs) = (notices.create(|_| true), others.create(|_| true));
    assert_eq!(notices.number(&mine), Some(0));
    assert_eq!(notices.number(&theirs), None);
}

#[test]
fn it_may_outlive_its_loop() {
    let (mut notices, event_loop) = notices();
    let bell = notices.create(|_| true);
    drop((notices, event_loop));
    bell.notify().unwrap();
    bell.notify().unwrap();
}
