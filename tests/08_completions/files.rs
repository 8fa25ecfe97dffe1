//! Property: files are read and written where it was said, also several at once, and the loop
//! goes on meanwhile.

use crate::rig::{Rig, TheLoop, World, done, file, moved, pattern, room};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, pipe};
use std::time::Duration;
use threadbare::completion::{Config, Finished, Next};

of_both! {
    a_file_is_read_where_it_was_said
    a_file_is_written_where_it_was_said
    past_the_end_is_nothing
    a_read_adds_to_what_is_there
    a_read_needs_room
    many_at_once
    a_large_one
    what_is_written_is_read
    what_was_not_opened_for_it_is_told
    what_has_no_places_is_told
    a_copy
    rearmed_it_is_the_same_place
    the_loop_goes_on
    a_file_is_closed_after_its_last_operation
}

fn a_file_is_read_where_it_was_said(config: Config) {
    let mut rig = Rig::new(config);
    let bytes = pattern(10_000);
    let ours = rig.the_loop.adopt(file(&bytes)).unwrap();
    for (at, count) in [(0, 100), (5_000, 1), (9_999, 1), (1, 9_999), (0, 10_000)] {
        let buffer = room(count);
        let place = buffer.as_ptr();
        let read = rig.the_loop.read_at(ours, at as u64, buffer, 3, moved);
        assert!(rig.world.told.is_empty(), "no callback in the call");
        let told = rig.end_of(read);
        assert_eq!((told.count(), told.user), (count, 3));
        assert!(told.buffer == bytes[at..at + count]);
        assert_eq!(told.buffer.as_ptr(), place);
    }
    assert_eq!(rig.the_loop.active(), 0);
}

fn contents(mut file: &File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn a_file_is_written_where_it_was_said(config: Config) {
    let mut rig = Rig::new(config);
    let file = file(b"........");
    let ours = rig.the_loop.adopt(file.try_clone().unwrap()).unwrap();
    let buffer = b"abc".to_vec();
    let place = buffer.as_ptr();
    let write = rig.the_loop.write_at(ours, 2, buffer, 3, moved);
    let told = rig.end_of(write);
    assert_eq!((told.count(), told.buffer.as_ptr()), (3, place));
    assert_eq!(contents(&file), b"..abc...");
    // Past the end: the file grows, with a hole.
    let write = rig.the_loop.write_at(ours, 10, b"z".to_vec(), 3, moved);
    assert_eq!(rig.end_of(write).count(), 1);
    assert_eq!(contents(&file), b"..abc...\0\0z");
    let write = rig.the_loop.write_at(ours, 3, Vec::new(), 3, moved);
    assert_eq!(rig.end_of(write).count(), 0);
    assert_eq!(contents(&file), b"..abc...\0\0z");
}

fn past_the_end_is_nothing(config: Config) {
    let mut rig = Rig::new(config);
    let ours = rig.the_loop.adopt(file(b"hello")).unwrap();
    for at in [5, 6, 1 << 40] {
        let read = rig.the_loop.read_at(ours, at, room(10), 3, moved);
        assert_eq!(rig.end_of(read).count(), 0);
    }
    let read = rig.the_loop.read_at(ours, 3, room(10), 3, moved);
    assert_eq!(rig.end_of(read).buffer, b"lo");
    // No file is as large as that: told, and no panic, and not read from where it stands.
    for at in [u64::MAX, i64::MAX as u64 + 1] {
        let read = rig.the_loop.read_at(ours, at, room(10), 3, moved);
        let told = rig.end_of(read);
        assert!(told.result.is_err() && !told.is_cancelled(), "{told:?}");
        let write = rig.the_loop.write_at(ours, at, vec![1], 3, moved);
        let told = rig.end_of(write);
        assert!(told.result.is_err() && !told.is_cancelled(), "{told:?}");
        assert_eq!(told.buffer, [1]);
    }
}

fn a_read_adds_to_what_is_there(config: Config) {
    let mut rig = Rig::new(config);
    let ours = rig.the_loop.adopt(file(b" world")).unwrap();
    let mut buffer = room(100);
    buffer.extend(b"hello");
    let read = rig.the_loop.read_at(ours, 0, buffer, 3, moved);
    let told = rig.end_of(read);
    assert_eq!((told.count(), &told.buffer[..]), (6, &b"hello world"[..]));
}

fn a_read_needs_room(config: Config) {
    let mut rig = Rig::new(config);
    let ours = rig.the_loop.adopt(file(b"hello")).unwrap();
    let read = rig.the_loop.read_at(ours, 0, vec![1], 3, moved);
    let told = rig.end_of(read);
    assert_eq!(told.error().kind(), ErrorKind::InvalidInput);
    assert_eq!(told.buffer, [1]);
}

fn many_at_once(config: Config) {
    let mut rig = Rig::new(config);
    let bytes = pattern(64 << 10);
    let ours = rig.the_loop.adopt(file(&bytes)).unwrap();
    for user in 0..1_000 {
        let at = user * 64 % bytes.len() as u64;
        rig.the_loop.read_at(ours, at, room(64), user, moved);
    }
    assert_eq!(rig.finish(), 1_000);
    for told in &rig.world.told {
        let at = told.user as usize * 64 % bytes.len();
        assert_eq!(told.count(), 64);
        assert!(told.buffer == bytes[at..at + 64], "{}", told.user);
    }
    let mut users = rig.world.users();
    users.sort_unstable();
    assert!(users.into_iter().eq(0..1_000));
}

fn a_large_one(config: Config) {
    let mut rig = Rig::new(config);
    let bytes = pattern(16 << 20);
    let file = file(b"");
    let ours = rig.the_loop.adopt(file.try_clone().unwrap()).unwrap();
    let write = rig.the_loop.write_at(ours, 0, bytes.clone(), 3, moved);
    assert_eq!(rig.end_of(write).count(), bytes.len());
    let mut came = Vec::new();
    while came.len() < bytes.len() {
        let at = came.len() as u64;
        let read = rig.the_loop.read_at(ours, at, room(bytes.len()), 3, moved);
        let told = rig.end_of(read);
        assert_ne!(told.count(), 0);
        came.extend(told.buffer);
    }
    assert!(came == bytes && contents(&file) == bytes);
}

fn what_is_written_is_read(config: Config) {
    let mut rig = Rig::new(config);
    let ours = rig.the_loop.adopt(file(&[0; 256])).unwrap();
    for round in 0..200_u64 {
        let bytes = vec![round as u8; 16];
        let at = round % 16 * 16;
        let write = rig.the_loop.write_at(ours, at, bytes.clone(), 3, moved);
        rig.end_of(write);
        let read = rig.the_loop.read_at(ours, at, room(16), 3, moved);
        assert_eq!(rig.end_of(read).buffer, bytes);
    }
}

fn what_was_not_opened_for_it_is_told(config: Config) {
    let mut rig = Rig::new(config);
    let only_read = File::open(std::env::current_exe().unwrap()).unwrap();
    let ours = rig.the_loop.adopt(only_read).unwrap();
    let write = rig.the_loop.write_at(ours, 0, b"x".to_vec(), 3, moved);
    let told = rig.end_of(write);
    assert_eq!(told.error().raw_os_error(), Some(libc::EBADF));
    assert_eq!(told.buffer, b"x");

    let folder = File::open(std::env::temp_dir()).unwrap();
    let ours = rig.the_loop.adopt(folder).unwrap();
    let read = rig.the_loop.read_at(ours, 0, room(64), 3, moved);
    let told = rig.end_of(read);
    assert_eq!(told.error().raw_os_error(), Some(libc::EISDIR));
    assert_eq!(told.buffer.capacity(), 64);
}

/// A pipe has one end and one beginning.
fn what_has_no_places_is_told(config: Config) {
    let mut rig = Rig::new(config);
    let (reads, _writes) = pipe().unwrap();
    let ours = rig.the_loop.adopt(reads).unwrap();
    let read = rig.the_loop.read_at(ours, 10, room(64), 3, moved);
    let told = rig.end_of(read);
    assert_eq!(told.error().raw_os_error(), Some(libc::ESPIPE), "{told:?}");
}

/// In pieces, by callbacks alone: each read starts a write, each write the next read.
fn a_copy(config: Config) {
    const PIECE: usize = 1_000;
    fn read(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<usize, Vec<u8>>,
    ) -> Next {
        if *it.result.as_ref().unwrap() > 0 {
            let buffer = std::mem::take(&mut it.buffer);
            let to = world.told[1].descriptor.unwrap();
            the_loop.write_at(to, it.user, buffer, it.user, written);
        }
        Next::Disarm
    }
    fn written(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<usize, Vec<u8>>,
    ) -> Next {
        let at = it.user + *it.result.as_ref().unwrap() as u64;
        let mut buffer = std::mem::take(&mut it.buffer);
        buffer.clear();
        let from = world.told[0].descriptor.unwrap();
        the_loop.read_at(from, at, buffer, at, read);
        Next::Disarm
    }
    let mut rig = Rig::new(config);
    let bytes = pattern(30 * PIECE + 17);
    let to = file(b"");
    for file in [file(&bytes), to.try_clone().unwrap()] {
        let ours = rig.the_loop.adopt(file).unwrap();
        let timer = rig.the_loop.timer(Duration::ZERO, 0, done);
        let mut told = rig.end_of(timer);
        told.descriptor = Some(ours);
        rig.world.told.push(told);
    }
    let from = rig.world.told[0].descriptor.unwrap();
    rig.the_loop.read_at(from, 0, room(PIECE), 0, read);
    assert_eq!(rig.finish(), 31 + 31 + 1);
    assert!(contents(&to) == bytes);
}

fn rearmed_it_is_the_same_place(config: Config) {
    let mut rig = Rig::new(config);
    let ours = rig.the_loop.adopt(file(b"abcdef")).unwrap();
    rig.the_loop.read_at(ours, 2, room(6), 3, moved);
    rig.world.again.insert(3, 1);
    rig.finish();
    assert_eq!(rig.world.told.len(), 2);
    let counts: Vec<_> = rig.world.told.iter().map(|it| it.count()).collect();
    assert_eq!(counts, [4, 2]);
    assert_eq!(rig.world.told[1].buffer, b"cdefcd");

    let file = file(b"");
    let ours = rig.the_loop.adopt(file.try_clone().unwrap()).unwrap();
    rig.the_loop.write_at(ours, 1, b"ab".to_vec(), 4, moved);
    rig.world.again.insert(4, 5);
    assert_eq!(rig.finish(), 6);
    assert_eq!(contents(&file), b"\0ab");
}

/// Timers and sockets have their turns between the pieces of a file.
fn the_loop_goes_on(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let bytes = file(&pattern(1 << 20));
    let bytes = rig.the_loop.adopt(bytes).unwrap();
    for user in 10..40 {
        rig.the_loop.read_at(bytes, 0, room(1 << 20), user, moved);
    }
    rig.world.again.insert(1, u32::MAX);
    let timer = rig.the_loop.timer(Duration::ZERO, 1, done);
    let read = rig.the_loop.read(ours, room(8), 2, moved);
    std::io::Write::write_all(&mut &theirs, b"x").unwrap();
    assert_eq!(rig.end_of(read).buffer, b"x");
    rig.until(|world| world.told.iter().filter(|it| it.user >= 10).count() == 30);
    rig.the_loop.cancel(timer, 3, crate::rig::answered);
    rig.finish();
    assert!(rig.world.told.iter().any(|it| it.user == 1));
}

fn a_file_is_closed_after_its_last_operation(config: Config) {
    let mut rig = Rig::new(config);
    let (reads, writes) = pipe().unwrap();
    // The one end of a pipe tells when the other one has been closed.
    let ours = rig.the_loop.adopt(writes).unwrap();
    rig.the_loop.write(ours, b"x".to_vec(), 1, moved);
    rig.the_loop.close(ours).unwrap();
    rig.finish();
    assert_eq!(rig.world.told.len(), 1);
    let mut came = Vec::new();
    (&reads).read_to_end(&mut came).unwrap();
    assert!(came == b"x" || came.is_empty());

    let bytes = rig.the_loop.adopt(file(&pattern(1 << 20))).unwrap();
    for user in 10..20 {
        rig.the_loop.read_at(bytes, 0, room(1 << 20), user, moved);
    }
    rig.the_loop.close(bytes).unwrap();
    rig.finish();
    for told in rig.world.told.drain(1..) {
        assert!(told.is_cancelled() || told.count() == 1 << 20, "{told:?}");
        assert_eq!(told.buffer.capacity(), 1 << 20, "it is back");
    }
}
