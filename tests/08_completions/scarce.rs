//! Property: buffers that are fewer than those who want them go round.

use crate::rig::{NEVER, Rig, TheLoop, World, came, done, moved, pattern, room};
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use threadbare::completion::{Config, Next, Received};

of_both! {
    what_is_kept_when_buffers_run_out_is_not_all
    each_of_the_loud_has_its_turn
    a_pipe_has_its_turn_too
    a_rest_holds_no_buffer
    who_is_not_received_from_is_held_up
}

/// One receive at a time, and more comes than there are buffers: what follows what was kept
/// comes too.
fn what_is_kept_when_buffers_run_out_is_not_all(config: Config) {
    let mut rig = Rig::new(Config {
        buffers: (2, 1),
        ..config
    });
    let (ours, mut theirs) = rig.pair();
    theirs.write_all(b"abcdefgh").unwrap();
    for byte in b"abcdefgh" {
        let receive = rig.the_loop.receive(ours, 5, came);
        assert_eq!(rig.end_of(receive).buffer, [*byte]);
        rig.looks(3);
    }
}

/// Fewer buffers than connections which always have something.
fn each_of_the_loud_has_its_turn(config: Config) {
    for buffers in [(1, 1), (1, 64), (2, 64)] {
        let mut rig = Rig::new(Config {
            buffers,
            ..config.clone()
        });
        let mut all = Vec::new();
        for user in 0..8 {
            let (ours, mut theirs) = rig.pair();
            theirs.write_all(&pattern(20_000)).unwrap();
            rig.the_loop.receive(ours, user, came);
            rig.world.again.insert(user, u32::MAX);
            all.push(theirs);
        }
        rig.until(|world| world.told.len() >= 200);
        for user in 0..8 {
            let times = rig.world.users().iter().filter(|it| **it == user).count();
            assert!(times >= 10, "{user}: {times} of 200, {buffers:?}");
        }
    }
}

/// Each asks anew, so nobody's request goes on; and one of them is a pipe.
fn a_pipe_has_its_turn_too(config: Config) {
    let mut rig = Rig::new(Config {
        buffers: (1, 64),
        ..config
    });
    let (reads, mut writes) = std::io::pipe().unwrap();
    writes.write_all(&pattern(20_000)).unwrap();
    let pipe = rig.the_loop.adopt(reads).unwrap();
    rig.world.ours.push(pipe);
    let mut all = Vec::new();
    for _ in 1..4 {
        let (ours, mut theirs) = rig.pair();
        theirs.write_all(&pattern(20_000)).unwrap();
        rig.world.ours.push(ours);
        all.push(theirs);
    }
    fn once_more(
        it: &mut TheLoop,
        world: &mut World,
        got: &mut Received<'_>,
    ) -> Next {
        came(it, world, got);
        let ours = world.ours[got.user as usize];
        it.receive(ours, got.user, once_more);
        Next::Disarm
    }
    for (user, ours) in rig.world.ours.clone().into_iter().enumerate() {
        rig.the_loop.receive(ours, user as u64, once_more);
    }
    rig.until(|world| world.told.len() >= 100);
    for user in 0..4 {
        let times = rig.world.users().iter().filter(|it| **it == user).count();
        assert!(times >= 10, "{user}: {times} of 100");
    }
}

/// What a read with little room has left of a buffer is kept, and the buffer is there for
/// others.
fn a_rest_holds_no_buffer(config: Config) {
    let mut rig = Rig::new(Config {
        buffers: (1, 64),
        ..config
    });
    let (ours, mut theirs) = rig.pair();
    let (others, mut another) = rig.pair();
    let receive = rig.the_loop.receive(ours, 0, came);
    let read = rig.the_loop.read(ours, room(1), 1, moved);
    rig.hand_over();
    theirs.write_all(b"a").unwrap();
    assert_eq!(rig.end_of(receive).buffer, b"a");
    theirs.write_all(b"bcd").unwrap();
    assert_eq!(rig.end_of(read).buffer, b"b");
    another.write_all(b"hello").unwrap();
    let receive = rig.the_loop.receive(others, 2, came);
    assert_eq!(rig.end_of(receive).buffer, b"hello");
    let read = rig.the_loop.read(ours, room(8), 1, moved);
    assert_eq!(rig.end_of(read).buffer, b"cd");
}

/// The loop does not gather what nobody asks for.
fn who_is_not_received_from_is_held_up(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let ours = rig.the_loop.adopt(ours).unwrap();
    rig.the_loop.timer(NEVER, 1, done); // so that there are ticks
    rig.the_loop.receive(ours, 0, came);
    let (bytes, mut taken) = (vec![0; 1 << 16], 0);
    for _ in 0..500 {
        taken += theirs.write(&bytes).unwrap_or(0);
        rig.look();
    }
    assert_eq!(rig.world.told.len(), 1);
    assert!(taken < 8 << 20, "{taken} bytes");
}
