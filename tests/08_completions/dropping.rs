//! Property: a loop may be dropped at any time. Nobody writes into a buffer after that,
//! everything it owned is closed, and nothing waits for ever.

use crate::rig::{
    NEVER, Rig, TheLoop, World, alone, answered, came, done, file, moved, opened,
    pattern, reset, room,
};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use threadbare::completion::{Config, Loop, Next, Run};
use threadbare::testkit::step;

of_both! {
    with_nothing
    with_everything_in_each_part_of_its_life
    the_other_sides_see_the_end
    nobody_writes_into_a_buffer_that_was_freed
    with_files_that_are_being_written
    with_callbacks_that_were_not_called
    after_a_panic
    descriptors_are_given_back
    a_state_may_own_its_loop
}

fn with_nothing(config: Config) {
    for _ in 0..20 {
        let the_loop = Loop::<()>::with_config(config.clone()).unwrap();
        drop(the_loop);
        drop(Rig::new(config.clone()));
    }
}

/// Something of each kind. The other sides.
fn everything(rig: &mut Rig) -> Vec<TcpStream> {
    let (listener, address) = rig.listen();
    let pairs: Vec<_> = (0..4).map(|_| rig.pair()).collect();
    let ours = [0, 1, 2, 3].map(|it: usize| pairs[it].0);
    let bytes = rig.the_loop.adopt(file(&pattern(1 << 20))).unwrap();
    let wake = rig.the_loop.notifier().unwrap();
    let l = &mut rig.the_loop;
    l.timer(NEVER, 1, done);
    l.timer(Duration::ZERO, 1, done);
    l.accept(listener, 2, opened);
    l.connect(address, 3, opened);
    l.read(ours[0], room(64 << 10), 4, moved);
    l.read(ours[0], room(64 << 10), 4, moved);
    l.write(ours[1], pattern(8 << 20), 5, moved);
    l.write(ours[1], pattern(8 << 20), 5, moved);
    l.receive(ours[2], 6, came);
    l.receive(ours[3], 6, came);
    for user in 10..30 {
        l.read_at(bytes, 5, room(1 << 20), user, moved);
        l.write_at(bytes, 5, vec![9; 1 << 16], user, moved);
    }
    l.wait_for(&wake, 9, done);
    let other = l.timer(NEVER, 1, done);
    l.cancel(other, 10, answered);
    wake.notify().unwrap();
    pairs.into_iter().map(|it| it.1).collect()
}

fn with_everything_in_each_part_of_its_life(config: Config) {
    for turns in 0..6 {
        step(format!("{turns} turns"));
        let mut rig = Rig::new(config.clone());
        let mut theirs = everything(&mut rig);
        for turn in 0..turns {
            for stream in &mut theirs {
                if turn > 1 {
                    stream.write_all(b"hello").unwrap();
                }
            }
            rig.look();
        }
        drop(rig);
    }
}

fn the_other_sides_see_the_end(config: Config) {
    for turns in 0..3 {
        let mut rig = Rig::new(config.clone());
        let theirs = everything(&mut rig);
        rig.looks(turns);
        drop(rig);
        for (number, mut stream) in theirs.into_iter().enumerate() {
            step(format!("waiting for the end of number {number}"));
            let mut came = Vec::new();
            let _ = stream.read_to_end(&mut came);
            assert!(came[..] == pattern(came.len())[..]);
        }
    }
}

/// What comes after the drop must not land where somebody else's memory is by then.
fn nobody_writes_into_a_buffer_that_was_freed(config: Config) {
    for round in 0..10 {
        let mut rig = Rig::new(config.clone());
        let mut pairs: Vec<_> = (0..20).map(|_| rig.pair()).collect();
        // A second descriptor of each connection: the kernel may go on using it.
        let (one, two) = crate::rig::pair();
        let kept = one.try_clone().unwrap();
        let ours = rig.the_loop.adopt(one).unwrap();
        pairs.push((ours, two));
        for (ours, _) in &pairs {
            rig.the_loop.read(*ours, room(4_096), 0, moved);
        }
        rig.looks(round % 3);
        drop(rig);
        let memory: Vec<_> = (0..60).map(|_| vec![0_u8; 4_096]).collect();
        for (_, stream) in &mut pairs {
            let _ = stream.write_all(&[0xAA; 4_096]);
        }
        for (number, (_, stream)) in pairs.iter_mut().enumerate() {
            if number < 20 {
                let _ = stream.read(&mut [0; 8]);
            }
        }
        assert!(memory.iter().all(|it| *it == [0; 4_096]));
        // What was not read by the loop is still there for the other descriptor.
        let mut came = [0; 4_096];
        kept.set_nonblocking(false).unwrap();
        (&kept).read_exact(&mut came).unwrap();
        assert_eq!(came, [0xAA; 4_096]);
    }
}

/// Those that have begun are finished, the others not begun: each is in the file whole, or
/// not at all, when the drop returns.
fn with_files_that_are_being_written(config: Config) {
    const PIECE: usize = 64 << 10;
    for turns in 0..4 {
        let mut rig = Rig::new(config.clone());
        let file = file(&[]);
        let ours = rig.the_loop.adopt(file.try_clone().unwrap()).unwrap();
        for piece in 0..50_u8 {
            let at = u64::from(piece) * PIECE as u64;
            rig.the_loop
                .write_at(ours, at, vec![piece + 1; PIECE], 0, moved);
        }
        rig.looks(turns);
        drop(rig);
        let length = file.metadata().unwrap().len();
        let mut bytes = vec![0; 50 * PIECE];
        std::os::unix::fs::FileExt::read_at(&file, &mut bytes, 0).unwrap();
        for (piece, bytes) in (1..).zip(bytes.chunks(PIECE)) {
            let is_whole = *bytes == [piece; PIECE];
            assert!(is_whole || *bytes == [0; PIECE], "{piece}");
        }
        // Nothing comes later.
        assert_eq!(file.metadata().unwrap().len(), length);
    }
}

fn with_callbacks_that_were_not_called(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let pairs: Vec<_> = (0..10).map(|_| rig.pair()).collect();
    let (mut clients, mut accepted) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        clients.push(TcpStream::connect(address).unwrap());
        rig.the_loop.accept(listener, 0, opened);
        rig.the_loop.connect(address, 0, opened);
    }
    for (ours, theirs) in &pairs {
        rig.the_loop.read(*ours, room(10), 0, moved);
        (&mut &*theirs).write_all(b"hello").unwrap();
    }
    for _ in 0..5 {
        rig.the_loop
            .timer(Duration::ZERO, 1, |the_loop, world, it| {
                the_loop.stop();
                done(the_loop, world, it)
            });
    }
    while !rig.world.users().contains(&1) {
        rig.once();
    }
    accepted.append(&mut rig.world.told);
    drop(rig);
    for (number, client) in clients.iter_mut().enumerate() {
        step(format!("waiting for the end of client {number}"));
        assert!(matches!(client.read(&mut [0; 8]), Ok(0) | Err(_)));
    }
}

fn after_a_panic(config: Config) {
    let mut rig = Rig::new(config);
    let theirs = everything(&mut rig);
    rig.the_loop.timer(Duration::ZERO, 1, |_, _, _| {
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rig.finish()))
        .unwrap_err();
    drop(rig);
    for mut stream in theirs {
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

fn open() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// In a process of its own, where nobody else opens any.
fn descriptors_are_given_back(config: Config) {
    if !alone(&config, "dropping", "descriptors_are_given_back") {
        return;
    }
    let work = |turns| {
        let mut rig = Rig::new(config.clone());
        let mut theirs = everything(&mut rig);
        rig.looks(turns);
        if turns > 3 {
            theirs.drain(..).for_each(reset);
            rig.look();
        }
        drop(rig);
    };
    work(6);
    let before = open();
    for turns in 0..6 {
        work(turns);
        // The kernel may close some of it a moment later, when nobody waits for it.
        while open() > before {
            step(format!(
                "{} descriptors too many after {turns} turns",
                open() - before
            ));
            std::thread::yield_now();
        }
    }
}

/// A callback drops other loops; never its own, which it has only borrowed.
fn a_state_may_own_its_loop(config: Config) {
    struct Owner {
        inner: Option<TheLoop>,
        world: World,
    }
    let mut outer = Loop::<Owner>::with_config(config.clone()).unwrap();
    let mut inner = Rig::new(config);
    inner.the_loop.timer(Duration::ZERO, 1, done);
    let mut owner = Owner {
        inner: Some(inner.the_loop),
        world: inner.world,
    };
    outer.timer(Duration::ZERO, 0, |_, owner, _| {
        let mut inner = owner.inner.take().unwrap();
        assert_eq!(inner.run(&mut owner.world, Run::UntilDone).unwrap(), 1);
        Next::Disarm
    });
    outer.run(&mut owner, Run::UntilDone).unwrap();
    assert!(owner.inner.is_none() && owner.world.users() == [1]);
}
