//! Property: what is received is lent in the order in which it came, all of it, also if there
//! are fewer buffers than connections; and who says nothing has none.

use crate::rig::{Rig, TheLoop, World, answered, came, moved, pattern, reset, room};
use std::io::{ErrorKind, Write as _};
use std::net::TcpStream;
use std::thread;
use threadbare::completion::{Answer, Config, Next, Received};
use threadbare::testkit::step;

of_both! {
    what_comes_is_lent
    the_end_is_no_bytes
    a_reset_is_told
    one_that_is_not_rearmed_gets_once
    nothing_is_lost_in_between
    nothing_is_lost_between_a_receive_and_a_read
    more_than_there_are_buffers
    more_connections_than_buffers
    those_who_say_nothing_have_no_buffer
    a_long_stream
    cancelled_it_loses_nothing
    several_that_wait_are_served_in_turn
    a_callback_may_answer_and_go_on
    a_callback_may_close_what_it_receives_from
    after_the_end_it_is_the_end_again
    from_a_pipe
    who_is_received_from_may_be_let_go
    what_nobody_takes_holds_no_buffer
}

fn what_comes_is_lent(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let receive = rig.the_loop.receive(ours, 5, came);
    rig.world.again.insert(5, u32::MAX);
    rig.hand_over();
    for text in ["hello", ", ", "world"] {
        theirs.write_all(text.as_bytes()).unwrap();
        let before = rig.world.told.len();
        rig.until(|world| world.told.len() > before);
    }
    assert_eq!(rig.world.bytes[&5], b"hello, world");
    let told = &rig.world.told;
    assert!(
        told.iter()
            .all(|it| it.completion == receive && it.user == 5)
    );
    assert_eq!(rig.the_loop.active(), 1);
}

fn the_end_is_no_bytes(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.receive(ours, 5, came);
    rig.world.again.insert(5, 10);
    theirs.write_all(b"hello").unwrap();
    drop(theirs);
    rig.until(|world| world.told.iter().any(|it| it.count() == 0));
    assert_eq!(rig.world.bytes[&5], b"hello");
}

fn after_the_end_it_is_the_end_again(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    drop(theirs);
    for _ in 0..3 {
        let receive = rig.the_loop.receive(ours, 5, came);
        assert_eq!(rig.end_of(receive).count(), 0);
    }
    rig.the_loop.receive(ours, 6, came);
    rig.world.again.insert(6, 2);
    assert_eq!(rig.finish(), 3);
}

fn a_reset_is_told(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let receive = rig.the_loop.receive(ours, 5, came);
    rig.hand_over();
    reset(theirs);
    let told = rig.end_of(receive);
    assert_eq!(told.error().kind(), ErrorKind::ConnectionReset);
}

fn one_that_is_not_rearmed_gets_once(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.receive(ours, 5, came);
    rig.hand_over();
    theirs.write_all(b"one").unwrap();
    assert_eq!(rig.finish(), 1);
    theirs.write_all(b"two").unwrap();
    for _ in 0..5 {
        assert_eq!(rig.look(), 0);
    }
    assert_eq!(rig.world.bytes[&5], b"one");
}

/// Each of them gets what is next, however much the kernel has taken meanwhile.
fn nothing_is_lost_in_between(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let sent = pattern(3_000);
    let mut rest = &sent[..];
    let mut round = 0;
    while rig.world.bytes.get(&5).map_or(0, Vec::len) < sent.len() {
        round += 1;
        let piece = rest.len().min(1 + round * 7 % 50);
        theirs.write_all(&rest[..piece]).unwrap();
        rest = &rest[piece..];
        let receive = rig.the_loop.receive(ours, 5, came);
        for _ in 0..round % 4 {
            rig.look();
            let piece = rest.len().min(10);
            theirs.write_all(&rest[..piece]).unwrap();
            rest = &rest[piece..];
        }
        rig.until(|world| world.told.iter().any(|it| it.completion == receive));
    }
    assert!(rig.world.bytes[&5] == sent);
    assert!(rig.world.told.iter().all(|it| it.count() > 0));
}

/// What the kernel has put into the loop's buffers belongs to whoever reads next, however.
fn nothing_is_lost_between_a_receive_and_a_read(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let sent = pattern(2_000);
    let (mut rest, mut all) = (&sent[..], Vec::new());
    let mut round = 0;
    while all.len() < sent.len() {
        round += 1;
        for _ in 0..3 {
            let piece = rest.len().min(1 + round % 20);
            theirs.write_all(&rest[..piece]).unwrap();
            rest = &rest[piece..];
            rig.look();
        }
        let next = match round % 5 {
            0 | 1 | 3 => rig.the_loop.receive(ours, 5, came),
            _ => rig.the_loop.read(ours, room(1 + round % 30), 6, moved),
        };
        if round % 2 == 0 {
            rig.look();
            let piece = rest.len().min(3);
            theirs.write_all(&rest[..piece]).unwrap();
            rest = &rest[piece..];
            rig.look();
        }
        let told = rig.end_of(next);
        assert_ne!(told.count(), 0);
        all.extend(told.buffer);
    }
    assert!(all == sent, "{} of {} bytes", all.len(), sent.len());
}

/// Few, and small.
fn few(mut config: Config) -> Config {
    config.buffers = (2, 16);
    config
}

fn more_than_there_are_buffers(config: Config) {
    let mut rig = Rig::new(few(config));
    let (ours, mut theirs) = rig.pair();
    let sent = pattern(100_000);
    rig.the_loop.receive(ours, 5, came);
    rig.world.again.insert(5, u32::MAX);
    rig.hand_over();
    theirs.write_all(&sent).unwrap();
    rig.until(|world| {
        world
            .bytes
            .get(&5)
            .is_some_and(|bytes| bytes.len() == sent.len())
    });
    assert!(rig.world.bytes[&5] == sent);
    assert!(rig.world.told.iter().all(|it| it.count() > 0));
}

fn more_connections_than_buffers(config: Config) {
    let mut rig = Rig::new(few(config));
    let pairs: Vec<_> = (0..40).map(|_| rig.pair()).collect();
    for (user, (ours, _)) in (0..).zip(&pairs) {
        rig.the_loop.receive(*ours, user, came);
        rig.world.again.insert(user, u32::MAX);
    }
    rig.hand_over();
    let sent = pattern(1_000);
    for round in 0..3 {
        for (_, theirs) in &pairs {
            (&mut &*theirs).write_all(&sent).unwrap();
        }
        step(format!("round {round}"));
        let wanted = sent.len() * (round + 1);
        rig.until(|world| {
            let all = world.bytes.values().map(Vec::len).sum::<usize>();
            all == 40 * wanted
        });
        for user in 0..40 {
            assert!(rig.world.bytes[&user] == sent.repeat(round + 1), "{user}");
        }
    }
    assert!(rig.world.told.iter().all(|it| it.result.is_ok()));
}

/// All the buffers are there for those who speak, though many more wait.
fn those_who_say_nothing_have_no_buffer(config: Config) {
    let mut rig = Rig::new(few(config));
    let silent: Vec<_> = (0..100).map(|_| rig.pair()).collect();
    for (ours, _) in &silent {
        rig.the_loop.receive(*ours, 1, came);
    }
    rig.hand_over();
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.receive(ours, 2, came);
    rig.world.again.insert(2, u32::MAX);
    let sent = pattern(500);
    theirs.write_all(&sent).unwrap();
    rig.until(|world| {
        world
            .bytes
            .get(&2)
            .is_some_and(|bytes| bytes.len() == sent.len())
    });
    assert!(rig.world.bytes[&2] == sent && !rig.world.users().contains(&1));
}

fn a_long_stream(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let sent = pattern(16 << 20);
    let expected = sent.clone();
    let writer = thread::spawn(move || {
        let mut theirs: TcpStream = theirs;
        theirs.write_all(&sent).unwrap();
    });
    rig.the_loop.receive(ours, 5, came);
    rig.world.again.insert(5, u32::MAX);
    rig.until(|world| world.told.last().is_some_and(|it| it.count() == 0));
    writer.join().unwrap();
    assert!(rig.world.bytes[&5] == expected);
}

fn cancelled_it_loses_nothing(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let sent = pattern(1_000);
    let mut all = Vec::new();
    for (round, piece) in sent.chunks(10).enumerate() {
        let receive = rig.the_loop.receive(ours, 5, came);
        rig.looks(round % 3);
        theirs.write_all(piece).unwrap();
        let cancel = rig.the_loop.cancel(receive, 6, answered);
        let answer = rig.end_of(cancel).answer.unwrap();
        let told = rig.world.told.drain(..).collect::<Vec<_>>();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].is_cancelled(), answer == Answer::Cancelled);
        all.extend(&told[0].buffer);
    }
    while all.len() < sent.len() {
        let receive = rig.the_loop.receive(ours, 5, came);
        all.extend(rig.end_of(receive).buffer);
    }
    assert!(all == sent);
}

fn several_that_wait_are_served_in_turn(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    for user in 0..10 {
        rig.the_loop.receive(ours, user, came);
    }
    rig.hand_over();
    let mut all: Vec<u8> = Vec::new();
    for user in 0..10 {
        theirs.write_all(&[user as u8; 20]).unwrap();
        rig.until(|world| world.told.len() > user as usize);
        assert_eq!(rig.world.told[user as usize].user, user);
        all.extend(&rig.world.told[user as usize].buffer);
    }
    assert_eq!(rig.the_loop.active(), 0);
    let sent: Vec<_> = (0..10_u8).flat_map(|user| [user; 20]).collect();
    assert_eq!(all, sent);
}

fn a_callback_may_answer_and_go_on(config: Config) {
    fn echo(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Received<'_>,
    ) -> Next {
        let bytes = it.result.as_ref().unwrap();
        if bytes.is_empty() {
            return Next::Disarm;
        }
        let ours = world.told[0].descriptor.unwrap();
        the_loop.write(ours, bytes.to_vec(), 6, moved);
        Next::Rearm
    }
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let mut client = TcpStream::connect(address).unwrap();
    rig.the_loop.accept(listener, 1, crate::rig::opened);
    rig.finish();
    let ours = rig.world.told[0].descriptor.unwrap();
    rig.the_loop.receive(ours, 5, echo);
    let sent = pattern(200_000);
    let expected = sent.clone();
    let client = thread::spawn(move || {
        let mut back = vec![0; 1_000];
        for piece in sent.chunks(1_000) {
            client.write_all(piece).unwrap();
            std::io::Read::read_exact(&mut client, &mut back[..piece.len()])
                .unwrap();
            assert!(back[..piece.len()] == *piece);
        }
    });
    rig.finish();
    client.join().unwrap();
    let written = rig.world.told[1..]
        .iter()
        .map(|it| it.count())
        .sum::<usize>();
    assert_eq!(written, expected.len());
}

fn a_callback_may_close_what_it_receives_from(config: Config) {
    fn close(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Received<'_>,
    ) -> Next {
        let before = it.result.as_ref().unwrap().to_vec();
        let ours = world.told[0].descriptor.unwrap();
        the_loop.close(ours).unwrap();
        // What is lent is there until the callback returns.
        assert_eq!(it.result.as_ref().unwrap(), &before);
        world.bytes.insert(5, before);
        Next::Rearm
    }
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let mut client = TcpStream::connect(address).unwrap();
    rig.the_loop.accept(listener, 1, crate::rig::opened);
    rig.finish();
    let ours = rig.world.told[0].descriptor.unwrap();
    rig.the_loop
        .receive(ours, 5, |the_loop, world, it| match it.result {
            Ok(_) => close(the_loop, world, it),
            Err(_) => came(the_loop, world, it),
        });
    rig.hand_over();
    client.write_all(b"hello").unwrap();
    rig.finish();
    // Re-armed on what has been closed: told once more, and only that.
    assert_eq!(rig.world.told.len(), 2);
    assert!(rig.world.told[1].result.is_err());
    step("waiting for the end");
    assert!(matches!(
        std::io::Read::read(&mut client, &mut [0; 8]),
        Ok(0) | Err(_)
    ));
}

fn from_a_pipe(config: Config) {
    let mut rig = Rig::new(few(config));
    let (reads, mut writes) = std::io::pipe().unwrap();
    let ours = rig.the_loop.adopt(reads).unwrap();
    rig.the_loop.receive(ours, 5, came);
    rig.world.again.insert(5, u32::MAX);
    rig.hand_over();
    let sent = pattern(1_000);
    writes.write_all(&sent).unwrap();
    drop(writes);
    rig.until(|world| world.told.last().is_some_and(|it| it.count() == 0));
    assert!(rig.world.bytes[&5] == sent);
}

/// What was not taken is there for the next owner.
fn who_is_received_from_may_be_let_go(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.receive(ours, 5, came);
    rig.hand_over();
    theirs.write_all(b"hello").unwrap();
    rig.finish();
    let mut stream = TcpStream::from(rig.the_loop.release(ours).unwrap());
    stream.set_nonblocking(false).unwrap();
    theirs.write_all(b"again").unwrap();
    let mut next = [0; 5];
    std::io::Read::read_exact(&mut stream, &mut next).unwrap();
    assert_eq!(&next, b"again");
}

/// Each of them was received from once. What it says then, nobody asks for.
fn what_nobody_takes_holds_no_buffer(config: Config) {
    let mut rig = Rig::new(few(config));
    let mut silent: Vec<_> = (0..5).map(|_| rig.pair()).collect();
    for (ours, theirs) in &mut silent {
        let receive = rig.the_loop.receive(*ours, 1, came);
        rig.hand_over();
        theirs.write_all(b"first").unwrap();
        assert_eq!(rig.end_of(receive).buffer, b"first");
        theirs.write_all(b"second").unwrap();
    }
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.receive(ours, 2, came);
    rig.world.again.insert(2, u32::MAX);
    let sent = pattern(500);
    for piece in sent.chunks(50) {
        theirs.write_all(piece).unwrap();
        rig.looks(2);
    }
    rig.until(|world| {
        world
            .bytes
            .get(&2)
            .is_some_and(|bytes| bytes.len() == sent.len())
    });
    assert!(rig.world.bytes[&2] == sent);
    for (ours, _) in &silent {
        let receive = rig.the_loop.receive(*ours, 3, came);
        assert_eq!(rig.end_of(receive).buffer, b"second");
    }
}
