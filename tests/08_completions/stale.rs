//! Property: a handle whose owner has gone finds nothing, and nobody else.

use crate::rig::{NEVER, Rig, answered, came, done, file, moved, opened, room};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::time::Duration;
use threadbare::completion::{Answer, Completion, Config, Descriptor, Life, Next};

of_both! {
    each_operation_on_a_descriptor_that_has_gone
    each_operation_on_the_wrong_kind
    a_descriptor_that_was_never_there
    an_operation_that_was_never_there
    who_has_the_place_now_is_not_touched
    an_async_of_another_loop
    a_cancel_of_its_own_key
    a_buffer_of_somebody_before
}

/// Tries everything with it. All say why not, and the buffers are back.
fn refuses_everything(rig: &mut Rig, ours: Descriptor) {
    assert!(rig.the_loop.close(ours).is_err());
    assert!(rig.the_loop.release(ours).is_err());
    assert!(rig.the_loop.shutdown(ours, Shutdown::Both).is_err());
    assert!(rig.the_loop.local_addr(ours).is_err());
    assert!(rig.the_loop.peer_addr(ours).is_err());
    assert!(rig.the_loop.set_nodelay(ours, true).is_err());
    let before = rig.world.told.len();
    let l = &mut rig.the_loop;
    l.accept(ours, 1, opened);
    l.read(ours, room(8), 2, moved);
    l.write(ours, vec![1, 2], 3, moved);
    l.read_at(ours, 0, room(8), 4, moved);
    l.write_at(ours, 0, vec![1, 2], 5, moved);
    l.receive(ours, 6, came);
    rig.world.again.extend((1..=6).map(|user| (user, 1)));
    assert_eq!(rig.world.told.len(), before, "no callback in the call");
    rig.until(|world| (1..=6).all(|user| world.users().contains(&user)));
    rig.world.again.clear();
    rig.until(|world| world.told.len() == before + 12);
    for told in rig.world.told.split_off(before) {
        assert!(told.result.is_err() && !told.is_cancelled(), "{told:?}");
        assert!(!told.error().to_string().is_empty());
    }
}

fn each_operation_on_a_descriptor_that_has_gone(config: Config) {
    let mut rig = Rig::new(config);
    let (closed, _theirs) = rig.pair();
    rig.the_loop.close(closed).unwrap();
    let (released, _theirs) = rig.pair();
    drop(rig.the_loop.release(released).unwrap());
    refuses_everything(&mut rig, closed);
    refuses_everything(&mut rig, released);
    // One that waits for its last operation has gone as well.
    let (busy, _theirs) = rig.pair();
    let read = rig.the_loop.read(busy, room(8), 9, moved);
    rig.hand_over();
    rig.the_loop.close(busy).unwrap();
    assert!(rig.the_loop.close(busy).is_err());
    assert!(rig.the_loop.release(busy).is_err());
    assert!(rig.the_loop.peer_addr(busy).is_err());
    let late = rig.the_loop.read(busy, room(8), 10, moved);
    let told = rig.end_of(late);
    assert!(told.result.is_err() && !told.is_cancelled(), "{told:?}");
    assert!(rig.end_of(read).is_cancelled());
    refuses_everything(&mut rig, busy);
    assert_eq!(rig.the_loop.active(), 0);
}

fn a_descriptor_that_was_never_there(config: Config) {
    let mut rig = Rig::new(config);
    let (_ours, _theirs) = rig.pair();
    for word in [0, 1, 5, 1 << 32 | 5_000, 77 << 32, u64::MAX] {
        refuses_everything(&mut rig, Descriptor::from_word(word));
    }
}

fn an_operation_that_was_never_there(config: Config) {
    let mut rig = Rig::new(config);
    rig.the_loop.timer(Duration::from_secs(1_000), 0, done);
    for word in [0, 1, 5, 1 << 32 | 5_000, 77 << 32, u64::MAX] {
        let it = Completion::from_word(word);
        assert_eq!(rig.the_loop.life(it), Life::Dead);
        assert!(!rig.the_loop.reset_timer(it, Duration::ZERO));
        let cancel = rig.the_loop.cancel(it, 1, answered);
        assert_eq!(rig.end_of(cancel).answer, Some(Answer::Dead));
    }
    assert_eq!(rig.the_loop.active(), 1);
}

/// A file is no listener, and a listener no file: told by whoever knows, and not by a panic.
fn each_operation_on_the_wrong_kind(config: Config) {
    let mut rig = Rig::new(config);
    let file = rig.the_loop.adopt(file(b"hello")).unwrap();
    let (listener, _) = rig.listen();
    let (socket, _theirs) = rig.pair();
    let l = &mut rig.the_loop;
    assert!(l.local_addr(file).is_err() && l.peer_addr(file).is_err());
    assert!(l.peer_addr(listener).is_err());
    assert!(l.shutdown(file, Shutdown::Both).is_err());
    assert!(l.set_nodelay(file, true).is_err());
    l.accept(file, 1, opened);
    l.receive(file, 2, came);
    l.accept(socket, 3, opened);
    l.receive(listener, 4, came);
    l.read(listener, room(8), 5, moved);
    l.write(listener, vec![1], 6, moved);
    l.read_at(listener, 0, room(8), 7, moved);
    l.read_at(socket, 0, room(8), 8, moved);
    l.write_at(socket, 0, vec![1], 9, moved);
    // These would make the loop wait: a file is always ready.
    l.read(file, room(8), 10, moved);
    l.write(file, vec![1], 11, moved);
    assert_eq!(rig.finish(), 11);
    for told in &rig.world.told {
        assert!(told.result.is_err() && !told.is_cancelled(), "{told:?}");
    }
}

fn who_has_the_place_now_is_not_touched(config: Config) {
    let mut rig = Rig::new(config);
    let (old, _) = rig.pair();
    let read = rig.the_loop.read(old, room(8), 1, moved);
    rig.the_loop.close(old).unwrap();
    rig.finish();
    rig.world.told.clear();
    // As many as it takes until the places are used again.
    for _ in 0..20 {
        let (ours, mut theirs) = rig.pair();
        assert_ne!(ours, old);
        let next = rig.the_loop.read(ours, room(8), 2, moved);
        assert_ne!(next, read);
        rig.hand_over();
        let cancel = rig.the_loop.cancel(read, 3, answered);
        assert_eq!(rig.end_of(cancel).answer, Some(Answer::Dead));
        assert!(rig.the_loop.close(old).is_err());
        assert_ne!(rig.the_loop.life(next), Life::Dead);
        theirs.write_all(b"hello").unwrap();
        assert_eq!(rig.end_of(next).buffer, b"hello");
        rig.the_loop.close(ours).unwrap();
        rig.finish();
    }
}

fn an_async_of_another_loop(config: Config) {
    let mut other = Rig::new(config.clone());
    let foreign = other.the_loop.notifier().unwrap();
    let mut rig = Rig::new(config);
    let own = rig.the_loop.notifier().unwrap();
    let waits = rig.the_loop.wait_for(&foreign, 1, done);
    assert!(rig.world.told.is_empty(), "no callback in the call");
    let told = rig.end_of(waits);
    assert!(told.result.is_err() && !told.is_cancelled(), "{told:?}");
    // Nor is another one meant if it is asked for again.
    rig.world.again.insert(5, 1);
    rig.the_loop.wait_for(&foreign, 5, done);
    own.notify().unwrap();
    rig.finish();
    let told = std::mem::take(&mut rig.world.told);
    assert_eq!(told.len(), 2);
    assert!(
        told.iter()
            .all(|it| it.result.is_err() && !it.is_cancelled())
    );
    let waits = rig.the_loop.wait_for(&own, 6, done);
    assert_eq!(rig.end_of(waits).count(), 0, "it was notified before");
    // Its own is another one, though it may have the same number.
    let waits = rig.the_loop.wait_for(&own, 2, done);
    foreign.notify().unwrap();
    for _ in 0..3 {
        rig.hand_over();
    }
    own.notify().unwrap();
    assert_eq!(rig.end_of(waits).count(), 0);
}

/// Nothing has been submitted to the second loop: what it gives out first has the key that the
/// other loop gave out first.
fn a_cancel_of_its_own_key(config: Config) {
    let mut other = Rig::new(config.clone());
    let foreign = other.the_loop.timer(NEVER, 0, done);
    let mut rig = Rig::new(config);
    let cancel = rig.the_loop.cancel(foreign, 0, answered);
    assert_eq!(cancel, foreign, "as it is now");
    assert_eq!(rig.finish(), 1);
    assert_eq!(rig.world.told[0].answer, Some(Answer::Dead));
}

/// Whoever is cancelled may answer `Rearm` all the same. What it has in its hands then is
/// nobody's, and not of the next who has its slot.
fn a_buffer_of_somebody_before(config: Config) {
    let mut rig = Rig::new(config);
    for in_flight in [false, true] {
        let (first, _theirs) = rig.pair();
        let secret = roomy(b"secret".to_vec());
        let read = rig.the_loop.read(first, secret, 1, |_, _, it| {
            assert!(it.result.is_err());
            Next::Rearm
        });
        if in_flight {
            rig.hand_over();
        }
        rig.the_loop.close(first).unwrap();
        assert_eq!(rig.finish(), 1);
        assert_eq!(rig.the_loop.life(read), Life::Dead);

        let (second, mut theirs) = rig.pair();
        let write = rig.the_loop.write(second, Vec::new(), 2, moved);
        assert_eq!(
            write.to_word() as u32,
            read.to_word() as u32,
            "the same slot"
        );
        assert_eq!(rig.end_of(write).count(), 0);
        let read = rig.the_loop.read(second, Vec::new(), 3, moved);
        let read = rig.end_of(read);
        assert_eq!(read.error().kind(), ErrorKind::InvalidInput);
        assert_eq!(read.buffer.capacity(), 0);
        rig.the_loop.close(second).unwrap();
        let mut all = Vec::new();
        theirs.read_to_end(&mut all).unwrap();
        assert!(all.is_empty(), "{all:?}");
    }
}

fn roomy(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.reserve(64);
    bytes
}
