//! Property: a loop that has nothing to do uses no processor time, however many wait.

use crate::processor_time::used;
use crate::rig::{NEVER, Rig, alone, came, done, moved, opened, pattern, room};
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;
use threadbare::completion::Config;
use threadbare::testkit::step;

of_both! {
    who_waits_uses_no_processor_time
}

/// How long it is watched. That nothing happens is what is to be seen.
const WATCHED: Duration = Duration::from_millis(300);
/// A loop that spins would use all of it.
const MOST: Duration = Duration::from_millis(30);

/// In a process of its own, where nobody else computes.
fn who_waits_uses_no_processor_time(config: Config) {
    if !alone(&config, "idle", "who_waits_uses_no_processor_time") {
        return;
    }
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let mut pairs: Vec<_> = (0..100).map(|_| rig.pair()).collect();
    let wake = rig.the_loop.notifier().unwrap();
    rig.the_loop.timer(NEVER, 1, done);
    rig.the_loop.accept(listener, 2, opened);
    rig.the_loop.wait_for(&wake, 3, done);
    // What nobody has asked for must not wake it either: bytes of a connection that nobody
    // reads, a half that was closed, a client nobody accepts, a wake nobody waits for.
    for (number, (ours, theirs)) in pairs.iter_mut().enumerate() {
        match number % 5 {
            0 => drop(rig.the_loop.read(*ours, room(8), 4, moved)),
            1 => drop(rig.the_loop.receive(*ours, 4, came)),
            2 => drop(rig.the_loop.write(*ours, pattern(8 << 20), 5, moved)),
            3 => theirs.write_all(b"unread").unwrap(),
            _ => {
                rig.the_loop.read(*ours, room(8), 6, moved);
                theirs.write_all(b"read").unwrap();
            }
        }
    }
    rig.until(|world| world.told.len() == 20);
    rig.world.told.clear();
    // And those who have been read once say more, and then go.
    for (number, (_, theirs)) in pairs.iter_mut().enumerate() {
        if number % 5 >= 3 {
            theirs.write_all(b"more").unwrap();
            theirs.shutdown(std::net::Shutdown::Write).unwrap();
        }
    }
    let unheard = rig.the_loop.notifier().unwrap();
    unheard.notify().unwrap();
    let first = TcpStream::connect(address).unwrap();
    rig.until(|world| world.told.len() == 1);
    let second = TcpStream::connect(address).unwrap();
    for round in 0..2 {
        step(format!("watching that nothing happens, {round}"));
        rig.the_loop.timer(WATCHED, 9, done);
        let before = used();
        while rig.world.told.last().unwrap().user != 9 {
            rig.once();
        }
        let used = used() - before;
        assert_eq!(rig.world.told.len(), 2, "{:?}", rig.world.users());
        println!("{used:?} of processor time in {WATCHED:?}");
        assert!(used < MOST, "{used:?} of processor time for nothing");
        rig.world.told.pop();
        unheard.notify().unwrap();
    }
    drop((first, second));
}
