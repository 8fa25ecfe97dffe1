//! Bugs that others have shipped, each a test that is named after it: what happens, and what
//! stops it here. The numbers are those of the boxes in the book.

use crate::processor_time::used_by_this_thread;
use crate::rig::{
    Rig, TheLoop, World, answered, came, done, file, moved, opened, pattern, room,
};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::os::unix::fs::FileExt as _;
use std::time::Duration;
use threadbare::completion::{
    Answer, Backend, Completion, Config, Finished, Life, Next,
};
use threadbare::testkit::step;

of_both! {
    bug_1_a_connection_closed_in_the_same_batch
    bug_2_a_number_recycled_while_it_was_armed
    bug_5_a_cancel_of_what_is_dead_or_was_never_there
    bug_5_a_cancel_of_what_has_another_tenant
    bug_6_a_cancel_on_a_pool_thread
    bug_6_what_was_withdrawn_is_never_run
    bug_9_bytes_that_nobody_reads_do_not_spin_the_loop
    bug_9_half_a_close_does_not_spin_the_loop
}

/// Two connections speak at once. Whoever is first has the other one closed, and puts a third
/// in its place. What is on its way for the second must not reach the third.
fn bug_1_a_connection_closed_in_the_same_batch(config: Config) {
    fn closes(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<usize, Vec<u8>>,
    ) -> Next {
        if world.told.is_empty() {
            the_loop.close(world.ours[1 - it.user as usize]).unwrap();
            // The third has the number of the second if that is closed already, and waits.
            let (third, theirs) = crate::rig::pair();
            let third = the_loop.adopt(third).unwrap();
            let read = the_loop.read(third, room(8), 2, moved);
            world.others.push(read);
            world.theirs.push(theirs);
        }
        moved(the_loop, world, it)
    }
    for _ in 0..20 {
        let mut rig = Rig::new(config.clone());
        let pairs = [rig.pair(), rig.pair()];
        for (user, (ours, _)) in (0..).zip(&pairs) {
            rig.world.ours.push(*ours);
            rig.the_loop.read(*ours, room(8), user, closes);
        }
        rig.hand_over();
        for (_, theirs) in &pairs {
            (&mut &*theirs).write_all(b"hello").unwrap();
        }
        rig.until(|world| world.told.len() == 2);
        for _ in 0..5 {
            rig.hand_over();
        }
        let third = rig.world.others[0];
        assert_eq!(
            rig.the_loop.life(third),
            Life::InFlight,
            "nobody spoke to it"
        );
        rig.world.theirs[0].write_all(b"third").unwrap();
        assert_eq!(rig.end_of(third).buffer, b"third");
    }
}

/// The connection is closed, but somebody has a copy of its descriptor, so the kernel keeps
/// it. Its number goes to the next one. What comes for the old must not reach the new, nor
/// wake the loop for ever.
fn bug_2_a_number_recycled_while_it_was_armed(config: Config) {
    let mut rig = Rig::new(config);
    for operation in ["read", "receive", "write"] {
        let (old, mut old_theirs) = crate::rig::pair();
        let copy = old.try_clone().unwrap();
        let old = rig.the_loop.adopt(old).unwrap();
        let waits = match operation {
            "read" => rig.the_loop.read(old, room(8), 1, moved),
            "receive" => rig.the_loop.receive(old, 1, came),
            _ => rig.the_loop.write(old, pattern(8 << 20), 1, moved),
        };
        rig.hand_over();
        rig.the_loop.close(old).unwrap();
        assert!(rig.end_of(waits).is_cancelled());
        let (new, mut new_theirs) = rig.pair();
        let read = rig.the_loop.read(new, room(8), 2, moved);
        rig.hand_over();
        old_theirs.write_all(b"late").unwrap();
        for _ in 0..5 {
            rig.hand_over();
        }
        new_theirs.write_all(b"right").unwrap();
        assert_eq!(rig.end_of(read).buffer, b"right");
        // Whoever has the copy has what was sent.
        copy.set_nonblocking(false).unwrap();
        let mut came = [0; 4];
        (&copy).read_exact(&mut came).unwrap();
        assert_eq!(&came, b"late");
        rig.the_loop.close(new).unwrap();
        rig.finish();
    }
}

/// libxev #230: it counted an operation less that was never there, and the loop ended too
/// soon, or never.
fn bug_5_a_cancel_of_what_is_dead_or_was_never_there(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let bytes = rig.the_loop.adopt(file(b"hello")).unwrap();
    let wake = rig.the_loop.notifier().unwrap();
    wake.notify().unwrap();
    theirs.write_all(b"hello").unwrap();
    let l = &mut rig.the_loop;
    let dead = [
        l.timer(Duration::ZERO, 0, done),
        l.read(ours, room(3), 0, moved),
        l.receive(ours, 0, came),
        l.write(ours, b"x".to_vec(), 0, moved),
        l.read_at(bytes, 0, room(8), 0, moved),
        l.wait_for(&wake, 0, done),
    ];
    rig.finish();
    rig.world.told.clear();
    let never = [0, 1, 3 << 32 | 7, 1 << 32 | 1_000_000, u64::MAX]
        .map(Completion::from_word);
    let other = rig.the_loop.timer(Duration::from_secs(1_000), 1, done);
    for it in dead.into_iter().chain(never) {
        assert_eq!(rig.the_loop.life(it), Life::Dead);
        for looks in 0..2 {
            let cancel = rig.the_loop.cancel(it, 2, answered);
            assert_eq!(rig.the_loop.active(), 2, "it and the other");
            rig.looks(looks);
            assert_eq!(rig.end_of(cancel).answer, Some(Answer::Dead));
            assert_eq!(rig.the_loop.active(), 1, "the other");
        }
    }
    // Nobody else was ended by it, and the loop ends when it is to end.
    assert_eq!(rig.the_loop.life(other), Life::InFlight);
    rig.the_loop.cancel(other, 3, answered);
    assert_eq!(rig.finish(), 2);
}

/// The slot of what has ended belongs to another one, which is not to be cancelled.
fn bug_5_a_cancel_of_what_has_another_tenant(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let mut old = Vec::new();
    for _ in 0..50 {
        let timer = rig.the_loop.timer(Duration::ZERO, 0, done);
        rig.end_of(timer);
        old.push(timer);
    }
    let reads: Vec<_> = (0..4)
        .map(|user| rig.the_loop.read(ours, room(1), user, moved))
        .collect();
    for it in old {
        let cancel = rig.the_loop.cancel(it, 9, answered);
        assert_eq!(rig.end_of(cancel).answer, Some(Answer::Dead));
    }
    assert!(
        reads
            .iter()
            .all(|it| rig.the_loop.life(*it) == Life::InFlight)
    );
    theirs.write_all(b"abcd").unwrap();
    assert_eq!(rig.finish(), 4);
    assert!(rig.world.told.iter().all(|it| it.count() == 1));
}

/// What a cancel on a pool thread may find.
#[derive(Default, Debug)]
struct Found {
    withdrawn: usize,
    too_late: usize,
}

/// A write to a file and its cancel: what was answered, what was told and what is in the file
/// agree.
fn cancels_a_write(rig: &mut Rig, turns: usize, found: &mut Found) {
    const PIECE: usize = 64 << 10;
    const PIECES: usize = 8;
    let file = file(&[]);
    let ours = rig.the_loop.adopt(file.try_clone().unwrap()).unwrap();
    let writes: Vec<_> = (0..PIECES)
        .map(|piece| {
            let bytes = vec![piece as u8 + 1; PIECE];
            let at = (piece * PIECE) as u64;
            rig.the_loop.write_at(ours, at, bytes, piece as u64, moved)
        })
        .collect();
    rig.looks(turns);
    let cancels: Vec<_> = (writes.iter().rev())
        .map(|it| rig.the_loop.cancel(*it, 100, answered))
        .collect();
    let mut come = vec![0; PIECE];
    for (piece, cancel) in (0..PIECES).rev().zip(cancels) {
        let answer = rig.end_of(cancel).answer.unwrap();
        let told = rig.end_of(writes[piece]);
        assert_eq!(
            told.is_cancelled(),
            answer == Answer::Cancelled,
            "{answer:?}"
        );
        let sent = vec![piece as u8 + 1; PIECE];
        assert!(told.buffer == sent, "the buffer is back");
        let count = file.read_at(&mut come, (piece * PIECE) as u64).unwrap();
        if told.is_cancelled() {
            assert!(come[..count] == vec![0; count], "it was run");
            found.withdrawn += 1;
        } else {
            assert_eq!(told.count(), PIECE);
            assert!(count == PIECE && come == sent);
            found.too_late += usize::from(answer == Answer::TooLate);
        }
    }
    assert_eq!(rig.finish(), 0);
    assert!(rig.world.told.is_empty());
}

/// libxev #232: the operation was on a thread of the pool; the cancel took it out of the
/// loop, and the thread wrote its result into what was freed.
fn bug_6_a_cancel_on_a_pool_thread(config: Config) {
    let mut found = Found::default();
    let is_pool = config.backend == Backend::Readiness;
    let mut rig = Rig::new(Config {
        file_threads: 1,
        ..config
    });
    for round in 0.. {
        step(format!("round {round}: {found:?}"));
        cancels_a_write(&mut rig, 1 + round % 10, &mut found);
        // On a pool each comes about sooner or later; io_uring need not find one waiting.
        let both = found.withdrawn > 0 && found.too_late > 0;
        if round >= 10 && (both || !is_pool) {
            break;
        }
    }
}

/// Nor later, when nobody looks any more.
fn bug_6_what_was_withdrawn_is_never_run(config: Config) {
    let config = Config {
        file_threads: 1,
        ..config
    };
    let mut rig = Rig::new(config);
    let file = file(&[]);
    let ours = rig.the_loop.adopt(file.try_clone().unwrap()).unwrap();
    let long = rig.the_loop.write_at(ours, 0, vec![1; 4 << 20], 0, moved);
    let short: Vec<_> = (0..50)
        .map(|user| rig.the_loop.write_at(ours, 8 << 20, vec![2], user, moved))
        .collect();
    rig.look();
    for it in &short {
        rig.the_loop.cancel(*it, 100, answered);
    }
    rig.finish();
    let told = std::mem::take(&mut rig.world.told);
    assert_eq!(told.len(), 101);
    let of_short = told.iter().filter(|it| short.contains(&it.completion));
    let were_run = of_short.filter(|it| it.result.is_ok()).count();
    assert!(
        told.iter()
            .any(|it| it.completion == long && it.count() == 4 << 20)
    );
    // What is submitted after them ends after them.
    let last = rig.the_loop.read_at(ours, 0, room(1), 0, moved);
    assert_eq!(rig.end_of(last).buffer, [1]);
    drop(rig);
    let length = file.metadata().unwrap().len() as usize;
    assert_eq!(length > 4 << 20, were_run > 0, "{were_run} were run");
}

/// How long a wait is, while nobody asks for what is there.
const WATCHED: Duration = Duration::from_millis(60);
/// A loop that spins would use all of that, as far as others let it.
const MOST: Duration = Duration::from_millis(6);

/// Waits, and looks how long this thread has computed meanwhile.
fn nothing_is_done_in_a_wait(rig: &mut Rig) {
    rig.the_loop.timer(WATCHED, 9, done);
    let before = used_by_this_thread();
    rig.until(|world| world.users().contains(&9));
    let computed = used_by_this_thread() - before;
    assert_eq!(rig.world.users(), [9]);
    assert!(
        computed < MOST,
        "{computed:?} of processor time for nothing"
    );
    rig.world.told.clear();
}

/// The loop was told of the bytes once. Who has read and does not read again is not told
/// again of what is left.
fn bug_9_bytes_that_nobody_reads_do_not_spin_the_loop(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    for receives in [false, true] {
        let first = match receives {
            false => rig.the_loop.read(ours, room(4), 0, moved),
            true => rig.the_loop.receive(ours, 0, came),
        };
        rig.hand_over();
        theirs.write_all(b"hello, ").unwrap();
        rig.end_of(first);
        theirs.write_all(b"world").unwrap();
        nothing_is_done_in_a_wait(&mut rig);
        let rest = rig.the_loop.read(ours, room(64), 0, moved);
        assert!(rig.end_of(rest).count() > 0);
        theirs.write_all(b"!").unwrap();
        let rest = rig.the_loop.read(ours, room(64), 0, moved);
        assert!(rig.end_of(rest).count() > 0);
        rig.the_loop.timer(Duration::ZERO, 0, done);
        rig.finish();
        // Nothing is left for the next round.
        let all = rig.the_loop.read(ours, room(64), 0, moved);
        rig.look();
        let cancel = rig.the_loop.cancel(all, 0, answered);
        rig.end_of(cancel);
        rig.world.told.clear();
    }
}

fn bug_9_half_a_close_does_not_spin_the_loop(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let (listener, address) = rig.listen();
    // The loop is interested in all of it, and then nobody waits any more.
    let read = rig.the_loop.read(ours, room(8), 0, moved);
    let accept = rig.the_loop.accept(listener, 0, opened);
    rig.hand_over();
    theirs.write_all(b"x").unwrap();
    let _first = TcpStream::connect(address).unwrap();
    rig.end_of(read);
    rig.end_of(accept);
    theirs.shutdown(Shutdown::Write).unwrap();
    let _second = TcpStream::connect(address).unwrap();
    nothing_is_done_in_a_wait(&mut rig);
    // A write goes on: the other half is open.
    let write = rig.the_loop.write(ours, b"still".to_vec(), 0, moved);
    assert_eq!(rig.end_of(write).count(), 5);
    let mut back = [0; 5];
    theirs.read_exact(&mut back).unwrap();
    // Now the whole connection ends, by a reset, and still nobody waits.
    crate::rig::reset(theirs);
    nothing_is_done_in_a_wait(&mut rig);
}
