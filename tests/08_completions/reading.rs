//! Property: a read gives back the buffer that it was given, with what has come added to it,
//! in the order in which it came and in which was asked.

use crate::rig::{Rig, answered, done, moved, pattern, reset, room};
use std::io::{ErrorKind, Write as _, pipe};
use std::net::Shutdown;
use std::time::Duration;
use threadbare::completion::{Answer, Config, Finished, Next};

of_both! {
    what_is_there_is_read
    what_comes_later_is_waited_for
    a_read_adds_to_what_is_there
    a_read_needs_room
    the_end_is_zero_bytes
    what_came_before_the_end_comes_first
    a_reset_is_told
    reads_are_served_in_turn
    a_read_goes_on_until_its_buffer_is_full
    the_buffer_may_be_another_one
    a_pipe_is_read
    more_than_fits_stays_where_it_is
    data_in_small_pieces_is_all_there
    both_directions_at_once
    with_a_deadline_of_ones_own
}

fn what_is_there_is_read(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    theirs.write_all(b"hello").unwrap();
    let buffer = room(100);
    let place = buffer.as_ptr();
    let read = rig.the_loop.read(ours, buffer, 5, moved);
    assert!(rig.world.told.is_empty(), "no callback in the call");
    let told = rig.end_of(read);
    assert_eq!((told.count(), &told.buffer[..]), (5, &b"hello"[..]));
    assert_eq!((told.user, told.completion), (5, read));
    assert_eq!((told.buffer.as_ptr(), told.buffer.capacity()), (place, 100));
}

fn what_comes_later_is_waited_for(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let read = rig.the_loop.read(ours, room(100), 5, moved);
    rig.hand_over();
    rig.hand_over();
    theirs.write_all(b"hello").unwrap();
    assert_eq!(rig.end_of(read).buffer, b"hello");
    assert_eq!(rig.the_loop.active(), 0);
}

fn a_read_adds_to_what_is_there(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    theirs.write_all(b" world, and more").unwrap();
    let mut buffer = room(11);
    buffer.extend(b"hello");
    let space = buffer.capacity() - buffer.len();
    let read = rig.the_loop.read(ours, buffer, 5, moved);
    let told = rig.end_of(read);
    assert_eq!(told.count(), space);
    assert_eq!(told.buffer[..11], *b"hello world");
}

fn a_read_needs_room(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    theirs.write_all(b"hello").unwrap();
    for full in [Vec::new(), vec![7; 16]] {
        let read = rig.the_loop.read(ours, full.clone(), 5, moved);
        assert!(rig.world.told.is_empty(), "no callback in the call");
        let told = rig.end_of(read);
        assert_eq!(told.error().kind(), ErrorKind::InvalidInput);
        assert!(told.error().to_string().contains("a read needs room"));
        assert_eq!(told.buffer, full);
    }
    // And nothing is lost.
    let read = rig.the_loop.read(ours, room(8), 5, moved);
    assert_eq!(rig.end_of(read).buffer, b"hello");
}

fn the_end_is_zero_bytes(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let waits = rig.the_loop.read(ours, room(8), 5, moved);
    rig.hand_over();
    drop(theirs);
    assert_eq!(rig.end_of(waits).count(), 0);
    let once_more = rig.the_loop.read(ours, room(8), 5, moved);
    assert_eq!(rig.end_of(once_more).count(), 0);
}

fn what_came_before_the_end_comes_first(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.read(ours, room(3), 5, moved);
    rig.world.again.insert(5, 2);
    rig.the_loop.read(ours, room(100), 6, moved);
    rig.hand_over();
    theirs.write_all(b"hello").unwrap();
    theirs.shutdown(Shutdown::Write).unwrap();
    rig.finish();
    let of = |user| {
        let told = rig.world.told.iter().filter(move |told| told.user == user);
        told.map(|told| told.result.as_ref().ok().copied())
            .collect::<Vec<_>>()
    };
    // The first has taken its three and has no room for more; the other one, the rest.
    assert_eq!(of(5)[0], Some(3));
    assert_eq!(of(5)[1], None);
    assert_eq!(of(6), [Some(2)]);
    let read = rig.the_loop.read(ours, room(8), 7, moved);
    assert_eq!(rig.end_of(read).count(), 0);
}

fn a_reset_is_told(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let waits = rig.the_loop.read(ours, room(8), 5, moved);
    rig.hand_over();
    reset(theirs);
    let told = rig.end_of(waits);
    assert_eq!(told.error().kind(), ErrorKind::ConnectionReset);
    assert_eq!((told.buffer.len(), told.buffer.capacity()), (0, 8));
}

fn reads_are_served_in_turn(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    for user in 0..20 {
        rig.the_loop.read(ours, room(2), user, moved);
        if user == 5 {
            rig.hand_over();
        }
    }
    rig.hand_over();
    let sent = pattern(40);
    theirs.write_all(&sent).unwrap();
    rig.finish();
    assert_eq!(rig.world.users(), (0..20).collect::<Vec<_>>());
    let came: Vec<_> = rig.world.told.iter().flat_map(|it| &it.buffer).collect();
    assert!(came.iter().copied().eq(&sent), "{came:?}");
}

fn a_read_goes_on_until_its_buffer_is_full(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let sent = pattern(64);
    let pieces = sent.chunks(7);
    rig.the_loop.read(ours, room(64), 5, moved);
    rig.world.again.insert(5, pieces.len() as u32);
    for (calls, piece) in (1..).zip(pieces) {
        theirs.write_all(piece).unwrap();
        rig.until(|world| world.told.len() >= calls);
        assert_eq!(rig.world.told[calls - 1].count(), piece.len());
    }
    // The buffer has none left: that is what a re-armed read is told.
    rig.finish();
    let told = rig.world.told.last().unwrap();
    assert_eq!(told.error().kind(), ErrorKind::InvalidInput);
    assert_eq!(told.buffer, sent);
}

fn the_buffer_may_be_another_one(config: Config) {
    fn swaps(
        _: &mut crate::rig::TheLoop,
        world: &mut crate::rig::World,
        it: &mut Finished<usize, Vec<u8>>,
    ) -> Next {
        let came = std::mem::replace(&mut it.buffer, room(4));
        world.bytes.entry(1).or_default().extend(came);
        match it.result {
            Ok(count) if count > 0 => Next::Rearm,
            _ => Next::Disarm,
        }
    }
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.read(ours, room(4), 1, swaps);
    let sent = pattern(1_000);
    for piece in sent.chunks(100) {
        theirs.write_all(piece).unwrap();
        rig.look();
    }
    drop(theirs);
    rig.finish();
    assert_eq!(rig.world.bytes[&1], sent);
}

fn a_pipe_is_read(config: Config) {
    let mut rig = Rig::new(config);
    let (reads, mut writes) = pipe().unwrap();
    let ours = rig.the_loop.adopt(reads).unwrap();
    let waits = rig.the_loop.read(ours, room(8), 5, moved);
    rig.hand_over();
    writes.write_all(b"hello").unwrap();
    assert_eq!(rig.end_of(waits).buffer, b"hello");
    let waits = rig.the_loop.read(ours, room(8), 5, moved);
    rig.hand_over();
    drop(writes);
    assert_eq!(rig.end_of(waits).count(), 0);

    let (mut reads, writes) = pipe().unwrap();
    let ours = rig.the_loop.adopt(writes).unwrap();
    // More than a pipe holds.
    let sent = pattern(1 << 20);
    let write = rig.the_loop.write(ours, sent.clone(), 5, moved);
    let other = std::thread::spawn(move || {
        let mut came = Vec::new();
        std::io::Read::read_to_end(&mut reads, &mut came).unwrap();
        came
    });
    assert_eq!(rig.end_of(write).count(), 1 << 20);
    rig.the_loop.close(ours).unwrap();
    rig.finish();
    assert!(other.join().unwrap() == sent);
}

fn more_than_fits_stays_where_it_is(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    theirs.write_all(b"hello").unwrap();
    let mut came = Vec::new();
    for _ in 0..5 {
        let read = rig.the_loop.read(ours, room(1), 5, moved);
        came.extend(rig.end_of(read).buffer);
    }
    assert_eq!(came, b"hello");
    let read = rig.the_loop.read(ours, room(1), 5, moved);
    rig.hand_over();
    theirs.write_all(b"!").unwrap();
    assert_eq!(rig.end_of(read).buffer, b"!");
}

/// Each piece comes before, while or after it is asked for.
fn data_in_small_pieces_is_all_there(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let sent = pattern(3_000);
    let (mut rest, mut came) = (&sent[..], Vec::new());
    let mut round = 0;
    while came.len() < sent.len() {
        round += 1;
        if round % 3 != 0 && !rest.is_empty() {
            let piece = rest.len().min(1 + round * 7 % 50);
            theirs.write_all(&rest[..piece]).unwrap();
            rest = &rest[piece..];
        }
        let read = rig.the_loop.read(ours, room(1 + round * 5 % 60), 5, moved);
        rig.looks(round % 4);
        if !rest.is_empty() {
            theirs.write_all(&rest[..1]).unwrap();
            rest = &rest[1..];
        }
        came.extend(rig.end_of(read).buffer);
    }
    assert!(came == sent && rest.is_empty());
}

fn both_directions_at_once(config: Config) {
    let mut rig = Rig::new(config);
    let (one, theirs) = crate::rig::pair();
    let one = rig.the_loop.adopt(one).unwrap();
    let two = rig.the_loop.adopt(theirs).unwrap();
    let sent = pattern(1 << 20);
    rig.the_loop.write(one, sent.clone(), 1, moved);
    rig.the_loop.write(two, sent.clone(), 2, moved);
    for (ours, user) in [(one, 3), (two, 4)] {
        rig.the_loop.read(ours, room(sent.len()), user, moved);
        rig.world.again.insert(user, u32::MAX);
    }
    let all = |world: &crate::rig::World, user| {
        let told = world.told.iter().filter(|it| it.user == user);
        told.filter_map(|it| it.result.as_ref().ok()).sum::<usize>()
    };
    rig.until(|world| (1..=4).all(|user| all(world, user) == sent.len()));
    rig.world.again.clear();
    rig.finish();
    for user in [3, 4] {
        let told = rig.world.told.iter().filter(|it| it.user == user);
        // It had no room for more, and then it ended.
        let told: Vec<_> = told.map(|it| &it.buffer[..]).collect();
        assert!(told.concat() == sent);
    }
}

/// A timer that cancels, and a read that cancels the timer: whoever is first ends the other.
fn with_a_deadline_of_ones_own(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    for round in 0..50 {
        let read = rig.the_loop.read(ours, room(8), 1, |the_loop, world, it| {
            the_loop.cancel(world.others[1], 3, answered);
            moved(the_loop, world, it)
        });
        let after = Duration::from_micros(round * 20);
        let timer = rig.the_loop.timer(after, 2, |the_loop, world, it| {
            the_loop.cancel(world.others[0], 4, answered);
            done(the_loop, world, it)
        });
        rig.world.others = vec![read, timer];
        if round % 2 == 0 {
            rig.looks(1);
        }
        theirs.write_all(b"x").unwrap();
        rig.finish();
        let told = std::mem::take(&mut rig.world.told);
        assert_eq!(told.len(), 4, "{told:?}");
        let of = |user| told.iter().find(|it| it.user == user).unwrap();
        let answers = (of(3).answer.unwrap(), of(4).answer.unwrap());
        assert_eq!(of(1).is_cancelled(), answers.1 == Answer::Cancelled);
        assert_eq!(of(2).is_cancelled(), answers.0 == Answer::Cancelled);
        if of(1).is_cancelled() {
            // The byte is for the next.
            let read = rig.the_loop.read(ours, room(8), 5, moved);
            assert_eq!(rig.end_of(read).buffer, b"x");
        }
    }
}
