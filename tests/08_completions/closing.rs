//! Property: what waits on a descriptor that is closed is told, its buffer comes back, and
//! then the descriptor is closed, once.

use crate::rig::{
    Rig, TheLoop, World, answered, came, listen, moved, opened, pattern, room,
};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::AsRawFd as _;
use threadbare::completion::{Answer, Config, Finished, Life, Next};
use threadbare::testkit::step;

of_both! {
    all_that_waits_is_told
    what_was_only_submitted_is_told
    the_other_side_sees_the_end
    a_listener_is_closed
    what_has_been_read_before_is_told
    a_callback_may_close_its_own
    a_callback_may_close_anothers
    a_number_is_not_mixed_up_with_the_next_one
    what_was_adopted_comes_back
    what_is_busy_does_not_come_back
    a_cancel_after_a_close_gets_its_answer
    a_write_that_waits_is_told
}

fn all_that_waits_is_told(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, _theirs) = rig.pair();
    let mut all = Vec::new();
    for user in 0..5 {
        all.push(rig.the_loop.read(ours, room(10), user, moved));
    }
    all.push(rig.the_loop.receive(ours, 5, came));
    rig.hand_over();
    rig.the_loop.close(ours).unwrap();
    assert!(rig.world.told.is_empty(), "no callback in the call");
    assert_eq!(rig.finish(), 6);
    for told in &rig.world.told {
        assert!(told.is_cancelled(), "{told:?}");
        assert!(told.user == 5 || told.buffer.capacity() == 10);
    }
    assert_eq!(rig.world.users(), [0, 1, 2, 3, 4, 5]);
    assert!(all.iter().all(|it| rig.the_loop.life(*it) == Life::Dead));
}

fn what_was_only_submitted_is_told(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    rig.the_loop.read(ours, room(10), 0, moved);
    rig.the_loop.write(ours, b"hello".to_vec(), 1, moved);
    rig.the_loop.close(ours).unwrap();
    assert_eq!(rig.finish(), 2);
    let mut came = Vec::new();
    (&theirs).read_to_end(&mut came).unwrap();
    let write = rig.world.told.iter().find(|it| it.user == 1).unwrap();
    assert_eq!(write.buffer, b"hello");
    // Which of both is not said; but what it says is true.
    match write.is_cancelled() {
        true => assert!(came.is_empty()),
        false => assert_eq!((write.count(), &came[..]), (5, &b"hello"[..])),
    }
}

fn the_other_side_sees_the_end(config: Config) {
    let mut rig = Rig::new(config);
    for waits in [false, true] {
        let (ours, mut theirs) = rig.pair();
        if waits {
            rig.the_loop.read(ours, room(10), 0, moved);
            rig.hand_over();
        }
        rig.the_loop.close(ours).unwrap();
        rig.finish();
        step("waiting for the end");
        assert_eq!(theirs.read(&mut [0; 8]).unwrap(), 0);
    }
}

fn a_listener_is_closed(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    for user in 0..3 {
        rig.the_loop.accept(listener, user, opened);
    }
    rig.hand_over();
    rig.the_loop.close(listener).unwrap();
    assert_eq!(rig.finish(), 3);
    assert!(rig.world.told.iter().all(|it| it.is_cancelled()));
    // Nobody is there any more.
    let error = TcpStream::connect(address).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}

/// It is there when the close comes: either told, or still in the kernel, never told in part.
fn what_has_been_read_before_is_told(config: Config) {
    let mut rig = Rig::new(config);
    for looks in 0..3 {
        let (ours, mut theirs) = rig.pair();
        let read = rig.the_loop.read(ours, room(10), 0, moved);
        rig.looks(looks);
        theirs.write_all(b"hello").unwrap();
        rig.the_loop.close(ours).unwrap();
        let told = rig.end_of(read);
        match told.is_cancelled() {
            true => assert!(told.buffer.is_empty()),
            false => assert_eq!(told.buffer, b"hello"),
        }
        rig.finish();
    }
}

fn a_callback_may_close_its_own(config: Config) {
    fn close(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<usize, Vec<u8>>,
    ) -> Next {
        if it.result.is_ok() {
            the_loop.close(world.ours[0]).unwrap();
        }
        moved(the_loop, world, it);
        it.buffer = room(10);
        Next::Rearm
    }
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.world.ours = vec![ours];
    rig.the_loop.read(ours, room(10), 0, close);
    rig.hand_over();
    theirs.write_all(b"hello").unwrap();
    rig.finish();
    // Re-armed on what has been closed: once more, and no more.
    assert_eq!(rig.world.told.len(), 2, "{:?}", rig.world.told);
    assert_eq!(rig.world.told[0].buffer, b"hello");
    assert!(rig.world.told[1].result.is_err());
    assert!(matches!(theirs.read(&mut [0; 8]), Ok(0) | Err(_)));
}

/// Both have something in the same turn. Whoever is first closes the other one.
fn a_callback_may_close_anothers(config: Config) {
    fn close(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<usize, Vec<u8>>,
    ) -> Next {
        if world.told.is_empty() {
            let other = world.ours[1 - it.user as usize];
            the_loop.close(other).unwrap();
        }
        moved(the_loop, world, it)
    }
    let mut rig = Rig::new(config);
    let pairs = [rig.pair(), rig.pair()];
    for (user, (ours, _)) in (0..).zip(&pairs) {
        rig.world.ours.push(*ours);
        rig.the_loop.read(*ours, room(10), user, close);
    }
    rig.hand_over();
    for (_, theirs) in &pairs {
        (&mut &*theirs).write_all(b"hello").unwrap();
    }
    rig.finish();
    let [first, second] = &rig.world.told[..] else {
        panic!("{:?}", rig.world.told);
    };
    assert_eq!(first.buffer, b"hello");
    assert!(
        second.is_cancelled() || second.buffer == b"hello",
        "{second:?}"
    );
}

/// The kernel gives the number of a closed descriptor to the next one that is opened.
fn a_number_is_not_mixed_up_with_the_next_one(config: Config) {
    let mut rig = Rig::new(config);
    for _ in 0..50 {
        let (ours, theirs) = rig.pair();
        let waits = rig.the_loop.read(ours, room(10), 1, moved);
        rig.hand_over();
        rig.the_loop.close(ours).unwrap();
        // Before the loop has had a turn, and after it.
        let (next, next_theirs) = rig.pair();
        let read = rig.the_loop.read(next, room(10), 2, moved);
        (&mut &theirs).write_all(b"late").unwrap();
        (&mut &next_theirs).write_all(b"right").unwrap();
        assert_eq!(rig.end_of(read).buffer, b"right");
        assert!(rig.end_of(waits).is_cancelled());
        rig.the_loop.close(next).unwrap();
        rig.finish();
        assert!(rig.world.told.is_empty());
    }
}

fn what_was_adopted_comes_back(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = listen();
    let number = listener.as_raw_fd();
    let ours = rig.the_loop.adopt(listener).unwrap();
    let accept = rig.the_loop.accept(ours, 0, opened);
    let mut client = TcpStream::connect(address).unwrap();
    let connection = rig.end_of(accept).descriptor.unwrap();
    let listener = rig.the_loop.release(ours).unwrap();
    assert_eq!(listener.as_raw_fd(), number);
    drop(rig.the_loop.release(ours).unwrap_err());
    // Both work without the loop.
    let mut server = TcpStream::from(rig.the_loop.release(connection).unwrap());
    client.write_all(b"hello").unwrap();
    server.set_nonblocking(false).unwrap();
    let mut came = [0; 5];
    server.read_exact(&mut came).unwrap();
    assert_eq!(&came, b"hello");
    // And with it again.
    let ours = rig.the_loop.adopt(server).unwrap();
    client.write_all(b"again").unwrap();
    let read = rig.the_loop.read(ours, room(10), 0, moved);
    assert_eq!(rig.end_of(read).buffer, b"again");
}

fn what_is_busy_does_not_come_back(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let read = rig.the_loop.read(ours, room(10), 0, moved);
    drop(rig.the_loop.release(ours).unwrap_err());
    rig.hand_over();
    drop(rig.the_loop.release(ours).unwrap_err());
    theirs.write_all(b"hello").unwrap();
    assert_eq!(rig.end_of(read).buffer, b"hello");
    drop(rig.the_loop.release(ours).unwrap());
    assert_eq!(theirs.read(&mut [0; 8]).unwrap(), 0);
}

fn a_cancel_after_a_close_gets_its_answer(config: Config) {
    let mut rig = Rig::new(config);
    for looks in 0..3 {
        let (ours, _theirs) = rig.pair();
        let read = rig.the_loop.read(ours, room(10), 0, moved);
        (0..looks).for_each(|_| rig.hand_over());
        rig.the_loop.close(ours).unwrap();
        let cancel = rig.the_loop.cancel(read, 1, answered);
        rig.finish();
        assert_eq!(rig.world.users(), [0, 1]);
        assert!(rig.end_of(read).is_cancelled());
        let answer = rig.end_of(cancel).answer.unwrap();
        assert_ne!(answer, Answer::Dead, "it was there");
    }
}

fn a_write_that_waits_is_told(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let sent = pattern(8 << 20);
    let long = rig.the_loop.write(ours, sent.clone(), 0, moved);
    let behind = rig.the_loop.write(ours, b"behind".to_vec(), 1, moved);
    rig.hand_over();
    rig.the_loop.close(ours).unwrap();
    assert_eq!(rig.finish(), 2);
    let long = rig.end_of(long);
    assert!(long.is_cancelled() && long.buffer == sent);
    let behind = rig.end_of(behind);
    assert!(behind.is_cancelled() && behind.buffer == b"behind");
    // What the kernel had taken is there, and then the end.
    let mut came = Vec::new();
    (&theirs).read_to_end(&mut came).unwrap();
    assert!(came[..] == sent[..came.len()] && came.len() < sent.len());
}
