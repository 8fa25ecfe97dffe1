//! Property: a thousand connections are served by one loop, all of them, and who talks most
//! does not keep the others waiting.

use crate::rig::{Rig, TheLoop, World, moved, pattern, room};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use threadbare::completion::{Config, Descriptor, Finished, Next, Received};
use threadbare::testkit::step;

of_both! {
    a_thousand_echo
    a_thousand_come_and_go
    the_loud_do_not_drown_the_quiet
    one_that_never_waits_does_not_stop_the_others
}

const CROWD: usize = 1_000;

fn accepted(
    the_loop: &mut TheLoop,
    _: &mut World,
    it: &mut Finished<Descriptor>,
) -> Next {
    let ours = *it.result.as_ref().unwrap();
    the_loop.receive(ours, ours.to_word(), echo);
    Next::Rearm
}

fn echo(the_loop: &mut TheLoop, world: &mut World, it: &mut Received<'_>) -> Next {
    let ours = Descriptor::from_word(it.user);
    match it.result {
        Ok(bytes) if !bytes.is_empty() => {
            // It may have gone meanwhile, or be closed with this on its way.
            the_loop.write(ours, bytes.to_vec(), 0, |_, _, _| Next::Disarm);
            Next::Rearm
        }
        _ => {
            the_loop.close(ours).unwrap();
            world.ours.push(ours);
            Next::Disarm
        }
    }
}

fn a_thousand_echo(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    rig.the_loop.accept(listener, 0, accepted);
    let clients = thread::spawn(move || {
        let connect = |_| TcpStream::connect(address).unwrap();
        let mut clients: Vec<_> = (0..CROWD).map(connect).collect();
        for round in 0..3 {
            for (number, client) in clients.iter_mut().enumerate() {
                client.write_all(&[number as u8, round, 7]).unwrap();
            }
            for (number, client) in clients.iter_mut().enumerate() {
                let mut back = [0; 3];
                client.read_exact(&mut back).unwrap();
                assert_eq!(back, [number as u8, round, 7]);
            }
        }
    });
    while rig.world.ours.len() < CROWD {
        step(format!("{} have gone", rig.world.ours.len()));
        rig.once();
    }
    clients.join().unwrap();
    assert_eq!(rig.the_loop.active(), 1);
}

fn a_thousand_come_and_go(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    rig.the_loop.accept(listener, 0, accepted);
    let clients = thread::spawn(move || {
        for number in 0..CROWD {
            let mut client = TcpStream::connect(address).unwrap();
            let sent = [number as u8; 10];
            client.write_all(&sent).unwrap();
            // Some are too impatient to hear the answer.
            if number % 4 != 0 {
                let mut back = [0; 10];
                client.read_exact(&mut back).unwrap();
                assert_eq!(back, sent);
            }
        }
    });
    while rig.world.ours.len() < CROWD {
        rig.once();
    }
    clients.join().unwrap();
}

/// Each byte that goes to and fro must not cost as much as the loud have to say.
fn the_loud_do_not_drown_the_quiet(config: Config) {
    let mut rig = Rig::new(config);
    let (quiet, mut theirs) = rig.pair();
    let loud: Vec<_> = (0..3).map(|_| rig.pair()).collect();
    let mut threads = Vec::new();
    for (ours, stream) in loud {
        rig.the_loop
            .read(ours, room(16 << 10), 1, |_, world, it| match it.result {
                Ok(count) if count > 0 => {
                    world.bytes.entry(1).or_default().resize(1, 0);
                    it.buffer.clear();
                    Next::Rearm
                }
                _ => Next::Disarm,
            });
        threads.push(thread::spawn(move || {
            let mut stream = stream;
            let bytes = pattern(64 << 10);
            // Until the loop is dropped.
            while stream.write_all(&bytes).is_ok() {}
        }));
    }
    rig.until(|world| world.bytes.contains_key(&1));
    for round in 0..50 {
        step(format!("quiet round {round}"));
        theirs.write_all(b"x").unwrap();
        let read = rig.the_loop.read(quiet, room(8), 2, moved);
        let told = rig.end_of(read);
        let write = rig.the_loop.write(quiet, told.buffer, 3, moved);
        assert_eq!(rig.end_of(write).count(), 1);
        theirs.read_exact(&mut [0]).unwrap();
    }
    drop(rig);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// A read of what is always there, and never waits: a turn ends all the same.
fn one_that_never_waits_does_not_stop_the_others(config: Config) {
    let mut rig = Rig::new(config);
    let zero = std::fs::File::open("/dev/zero").unwrap();
    let zero = rig.the_loop.adopt(zero).unwrap();
    rig.the_loop.read(zero, room(16), 1, |_, _, it| {
        it.buffer.clear();
        match it.result {
            Ok(16) => Next::Rearm,
            _ => panic!("{it:?}"),
        }
    });
    let (ours, mut theirs) = rig.pair();
    for _ in 0..100 {
        let read = rig.the_loop.read(ours, room(8), 2, moved);
        theirs.write_all(b"x").unwrap();
        assert_eq!(rig.end_of(read).buffer, b"x");
    }
}
