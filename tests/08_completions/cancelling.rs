//! Property: a cancel is answered once, after the last word of what it is about, and the
//! answer agrees with that word; whatever is cancelled, and in whatever part of its life.

use crate::rig::{
    Rig, TheLoop, Told, World, answered, came, done, file, moved, opened, pattern,
    room,
};
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use threadbare::completion::{
    Answer, Async, Completion, Config, Descriptor, Finished, Life, Next,
};
use threadbare::event::net::{self, Share};
use threadbare::testkit::step;

of_both! {
    whatever_it_is_in_each_part_of_its_life
    one_that_is_done_is_too_late
    the_second_cancel_is_answered_as_well
    the_third_cancel_comes_in_the_callback
    a_cancel_can_not_be_cancelled
    one_that_cancels_itself_and_is_rearmed
    one_that_cancels_itself_and_ends
    a_rearmed_one_can_be_cancelled
    a_cancelled_one_can_not_be_rearmed
    an_answer_can_not_be_rearmed
    one_of_many_on_a_descriptor
    a_read_of_an_empty_pipe
    in_the_callback_of_an_answer
    a_thousand_in_one_turn
    in_the_turn_in_which_it_was_handed_over
}

/// Everything that waits, and what it waits with.
struct All {
    names: Vec<&'static str>,
    operations: Vec<Completion>,
    /// What makes them end: not before it is asked for.
    theirs: Vec<TcpStream>,
    wake: Async,
    timer: Completion,
    address: SocketAddr,
    _other: TcpListener,
}

const TIMER: u64 = 1;
const LARGE: usize = 8 << 20;

impl All {
    fn submit(rig: &mut Rig) -> Self {
        let (listener, address) = rig.listen();
        let pairs: Vec<_> = (0..3).map(|_| rig.pair()).collect();
        let ours: Vec<Descriptor> = pairs.iter().map(|it| it.0).collect();
        let bytes = rig.the_loop.adopt(file(&pattern(1 << 20))).unwrap();
        let wake = rig.the_loop.notifier().unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let other = net::listen(any, 16, Share::Alone).unwrap();
        let l = &mut rig.the_loop;
        let far = Duration::from_secs(1_000);
        let operations = [
            ("timer", l.timer(far, TIMER, done)),
            ("accept", l.accept(listener, 2, opened)),
            ("connect", l.connect(other.local_addr().unwrap(), 3, opened)),
            ("read", l.read(ours[0], room(64), 4, moved)),
            ("write", l.write(ours[1], pattern(LARGE), 5, moved)),
            ("receive", l.receive(ours[2], 6, came)),
            ("read_at", l.read_at(bytes, 5, room(1_000), 7, moved)),
            ("write_at", l.write_at(bytes, 5, vec![9; 1_000], 8, moved)),
            ("wait_for", l.wait_for(&wake, 9, done)),
        ];
        Self {
            names: operations.iter().map(|it| it.0).collect(),
            operations: operations.iter().map(|it| it.1).collect(),
            theirs: pairs.into_iter().map(|it| it.1).collect(),
            wake,
            timer: operations[0].1,
            address,
            _other: other,
        }
    }

    /// Now each of them has something; the long write not all.
    fn happen(&mut self, rig: &mut Rig) {
        assert!(rig.the_loop.reset_timer(self.timer, Duration::ZERO));
        self.theirs.push(TcpStream::connect(self.address).unwrap());
        self.theirs[0].write_all(b"hello").unwrap();
        self.theirs[2].write_all(b"hello").unwrap();
        self.wake.notify().unwrap();
    }
}

/// What it was told and what the cancel was told agree, and came in this order.
fn agree(rig: &Rig, name: &str, it: Completion, cancel: Completion) -> Answer {
    let told = &rig.world.told;
    let all = |it| {
        let of_it = told
            .iter()
            .enumerate()
            .filter(move |(_, t)| t.completion == it);
        of_it.collect::<Vec<(usize, &Told)>>()
    };
    let [(at, last)] = all(it)[..] else {
        panic!("{name}: called {} times", all(it).len());
    };
    let [(answered, answer)] = all(cancel)[..] else {
        panic!("{name}: answered {} times", all(cancel).len());
    };
    let answer = answer.answer.unwrap();
    assert_eq!(
        last.is_cancelled(),
        answer == Answer::Cancelled,
        "{name}: {answer:?}"
    );
    if answer == Answer::Dead {
        assert!(last.result.is_ok(), "{name}");
    } else {
        assert!(at < answered, "{name}: the answer came first");
    }
    // The buffers are back.
    match name {
        "read" => assert_eq!(last.buffer.capacity(), 64),
        "read_at" => assert_eq!(last.buffer.capacity(), 1_000),
        "write" => assert!(last.buffer == pattern(LARGE)),
        "write_at" => assert_eq!(last.buffer, vec![9; 1_000]),
        _ => {}
    }
    assert_eq!(rig.the_loop.life(it), Life::Dead, "{name}");
    assert_eq!(rig.the_loop.life(cancel), Life::Dead, "{name}");
    answer
}

fn whatever_it_is_in_each_part_of_its_life(config: Config) {
    // Of no turns, all are queued; of more, what can't end is in flight. With `happens`,
    // each may have its result already when the cancel comes.
    for (turns, happens) in
        [(0, false), (1, false), (3, false), (0, true), (2, true)]
    {
        step(format!("{turns} turns, happens: {happens}"));
        let mut rig = Rig::new(config.clone());
        let mut all = All::submit(&mut rig);
        for _ in 0..turns {
            rig.look();
        }
        if happens {
            all.happen(&mut rig);
        }
        let cancels: Vec<_> = all
            .operations
            .iter()
            .zip(100..)
            .map(|(it, user)| rig.the_loop.cancel(*it, user, answered))
            .collect();
        rig.finish();
        assert_eq!(rig.world.told.len(), 2 * all.operations.len());
        for ((name, it), cancel) in
            all.names.iter().zip(&all.operations).zip(cancels)
        {
            let answer = agree(&rig, name, *it, cancel);
            let is_slow = !matches!(*name, "connect" | "read_at" | "write_at");
            match (turns, happens) {
                // Nobody but the loop has it.
                (0, false) => assert_eq!(answer, Answer::Cancelled, "{name}"),
                (_, false) if is_slow => {
                    assert_eq!(answer, Answer::Cancelled, "{name}");
                }
                (0, true) => assert_ne!(answer, Answer::Dead, "{name}"),
                _ => {}
            }
        }
        // And once more: now there is nothing.
        rig.world.told.clear();
        for it in &all.operations {
            rig.the_loop.cancel(*it, 0, answered);
        }
        rig.finish();
        assert_eq!(rig.world.told.len(), all.operations.len());
        assert!(
            rig.world
                .told
                .iter()
                .all(|it| it.answer == Some(Answer::Dead))
        );
    }
}

/// Both have ended when the first callback is called, and that cancels the second.
fn one_that_is_done_is_too_late(config: Config) {
    fn cancels(the_loop: &mut TheLoop, world: &mut World, it: &mut Moved) -> Next {
        for other in std::mem::take(&mut world.others) {
            if other != it.completion {
                the_loop.cancel(other, 9, answered);
            }
        }
        moved(the_loop, world, it)
    }
    let mut rig = Rig::new(config);
    let pairs: Vec<_> = (0..20).map(|_| rig.pair()).collect();
    for (user, (ours, _)) in (0..).zip(&pairs) {
        let read = rig.the_loop.read(*ours, room(10), user, cancels);
        rig.world.others.push(read);
    }
    let all = rig.world.others.clone();
    rig.hand_over();
    for (_, theirs) in &pairs {
        (&mut &*theirs).write_all(b"hello").unwrap();
    }
    rig.finish();
    assert_eq!(rig.world.told.len(), 20 + 19);
    let answers: Vec<_> = rig.world.told.iter().filter_map(|it| it.answer).collect();
    let cancelled = rig.world.told.iter().filter(|it| it.is_cancelled()).count();
    let so = answers
        .iter()
        .filter(|it| **it == Answer::Cancelled)
        .count();
    assert_eq!(cancelled, so);
    for (it, (ours, _)) in all.iter().zip(&pairs) {
        let told = rig.end_of(*it);
        if told.is_cancelled() {
            // It is still there to be read.
            let read = rig.the_loop.read(*ours, room(10), 50, moved);
            assert_eq!(rig.end_of(read).buffer, b"hello");
        } else {
            assert_eq!(told.buffer, b"hello");
        }
    }
}

type Moved = Finished<usize, Vec<u8>>;

fn the_second_cancel_is_answered_as_well(config: Config) {
    for looks in 0..3 {
        let mut rig = Rig::new(config.clone());
        let (ours, _theirs) = rig.pair();
        let read = rig.the_loop.read(ours, room(10), 0, moved);
        (0..looks).for_each(|_| rig.hand_over());
        for user in 1..=5 {
            rig.the_loop.cancel(read, user, answered);
        }
        assert_eq!(rig.finish(), 6);
        assert!(rig.world.told[0].is_cancelled(), "{:?}", rig.world.told);
        let answers = rig.world.told[1..].iter().map(|it| it.answer.unwrap());
        assert!(answers.into_iter().all(|it| it == Answer::Cancelled));
    }
}

fn the_third_cancel_comes_in_the_callback(config: Config) {
    fn cancels(the_loop: &mut TheLoop, world: &mut World, it: &mut Moved) -> Next {
        the_loop.cancel(it.completion, 3, answered);
        moved(the_loop, world, it)
    }
    let mut rig = Rig::new(config);
    let (ours, _theirs) = rig.pair();
    let read = rig.the_loop.read(ours, room(10), 0, cancels);
    rig.hand_over();
    rig.the_loop.cancel(read, 1, answered);
    rig.the_loop.cancel(read, 2, answered);
    assert_eq!(rig.finish(), 4);
    let mut users = rig.world.users();
    assert_eq!(users[0], 0);
    users.sort_unstable();
    assert_eq!(users, [0, 1, 2, 3]);
    assert!(rig.world.told[0].is_cancelled());
}

fn a_cancel_can_not_be_cancelled(config: Config) {
    let mut rig = Rig::new(config);
    let timer = rig.the_loop.timer(Duration::from_secs(1_000), 0, done);
    let first = rig.the_loop.cancel(timer, 1, answered);
    let second = rig.the_loop.cancel(first, 2, answered);
    let third = rig.the_loop.cancel(second, 3, answered);
    assert_eq!(rig.finish(), 4);
    assert!(rig.world.told[0].is_cancelled());
    let mut answer = |it| rig.end_of(it).answer.unwrap();
    assert_eq!(answer(first), Answer::Cancelled);
    assert_eq!(answer(second), Answer::TooLate);
    assert_eq!(answer(third), Answer::TooLate);
}

fn one_that_cancels_itself_and_is_rearmed(config: Config) {
    fn cancels(the_loop: &mut TheLoop, world: &mut World, it: &mut Moved) -> Next {
        if it.result.is_ok() {
            the_loop.cancel(it.completion, 9, answered);
        }
        moved(the_loop, world, it);
        it.buffer = room(10);
        Next::Rearm
    }
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.read(ours, room(10), 0, cancels);
    rig.hand_over();
    theirs.write_all(b"hello").unwrap();
    assert_eq!(rig.finish(), 3);
    assert_eq!(rig.world.users(), [0, 0, 9]);
    assert_eq!(rig.world.told[0].buffer, b"hello");
    assert!(rig.world.told[1].is_cancelled());
    assert_eq!(rig.world.told[2].answer, Some(Answer::Cancelled));
}

fn one_that_cancels_itself_and_ends(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.read(ours, room(10), 0, |the_loop, world, it| {
        the_loop.cancel(it.completion, 9, answered);
        moved(the_loop, world, it)
    });
    rig.hand_over();
    theirs.write_all(b"hello").unwrap();
    assert_eq!(rig.finish(), 2);
    assert_eq!(rig.world.users(), [0, 9]);
    assert_eq!(rig.world.told[0].buffer, b"hello");
    assert_eq!(rig.world.told[1].answer, Some(Answer::TooLate));
}

fn a_rearmed_one_can_be_cancelled(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    for operation in ["read", "receive", "timer"] {
        let it = match operation {
            "read" => rig.the_loop.read(ours, room(100), 1, moved),
            "receive" => rig.the_loop.receive(ours, 1, came),
            _ => rig.the_loop.timer(Duration::from_millis(1), 1, done),
        };
        rig.world.again.insert(1, u32::MAX);
        for round in 1..5 {
            if operation != "timer" {
                theirs.write_all(b"hello").unwrap();
            }
            rig.until(|world| world.told.len() >= round);
        }
        let before = rig.world.told.len();
        let cancel = rig.the_loop.cancel(it, 2, answered);
        assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
        let told = rig.world.told.split_off(before);
        assert!(told.last().unwrap().is_cancelled(), "{told:?}");
        rig.world.told.clear();
        assert_eq!(rig.the_loop.active(), 0);
    }
}

fn a_cancelled_one_can_not_be_rearmed(config: Config) {
    let mut rig = Rig::new(config);
    let mut all = All::submit(&mut rig);
    rig.world.again.extend((1..10).map(|user| (user, u32::MAX)));
    all.theirs.clear();
    for it in &all.operations {
        rig.the_loop.cancel(*it, 100, answered);
    }
    rig.finish();
    assert_eq!(rig.world.told.iter().filter(|it| it.user == 100).count(), 9);
    for it in &all.operations {
        let mut told = (rig.world.told.iter()).filter(|told| told.completion == *it);
        assert!(told.next_back().unwrap().is_cancelled());
    }
}

fn an_answer_can_not_be_rearmed(config: Config) {
    let mut rig = Rig::new(config);
    let timer = rig.the_loop.timer(Duration::from_secs(1_000), 0, done);
    rig.the_loop.cancel(timer, 1, answered);
    rig.world.again.insert(1, 5);
    rig.finish();
    // A question that is asked again is answered again: nothing is there. But it ends.
    let told = &rig.world.told;
    assert!(told[0].is_cancelled());
    assert_eq!(told[1].answer, Some(Answer::Cancelled));
    assert!(told[2..].iter().all(|it| it.answer == Some(Answer::Dead)));
    assert_eq!(rig.the_loop.active(), 0);
}

fn one_of_many_on_a_descriptor(config: Config) {
    for cancelled in [0, 3, 9] {
        for looks in 0..3 {
            let mut rig = Rig::new(config.clone());
            let (ours, mut theirs) = rig.pair();
            let reads: Vec<_> = (0..10)
                .map(|user| rig.the_loop.read(ours, room(2), user, moved))
                .collect();
            (0..looks).for_each(|_| rig.hand_over());
            let read = reads[cancelled as usize];
            let cancel = rig.the_loop.cancel(read, 99, answered);
            assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
            assert!(rig.end_of(read).is_cancelled());
            let sent = pattern(18);
            theirs.write_all(&sent).unwrap();
            assert_eq!(rig.finish(), 9);
            let users = (0..10).filter(|user| *user != cancelled);
            assert!(rig.world.users().into_iter().eq(users));
            let came = rig.world.told.iter().flat_map(|it| it.buffer.clone());
            assert!(came.eq(sent));
        }
    }
}

/// The slot of what was cancelled is free then, and the next one has it.
fn in_the_callback_of_an_answer(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.world.ours = vec![ours];
    let read = rig.the_loop.read(ours, room(10), 0, moved);
    rig.hand_over();
    rig.the_loop.cancel(read, 1, |the_loop, world, it| {
        let told = world.told.pop().unwrap();
        assert!(told.is_cancelled());
        let ours = world.ours[0];
        let next = the_loop.read(ours, told.buffer, 2, moved);
        world.others.push(next);
        the_loop.cancel(told.completion, 3, answered);
        answered(the_loop, world, it)
    });
    rig.until(|world| world.told.len() == 2);
    theirs.write_all(b"hello").unwrap();
    rig.finish();
    assert_eq!(rig.world.users(), [1, 3, 2]);
    assert_eq!(rig.world.told[1].answer, Some(Answer::Dead));
    assert_eq!(rig.world.told[2].buffer, b"hello");
}

fn a_thousand_in_one_turn(config: Config) {
    let mut rig = Rig::new(config);
    let pairs: Vec<_> = (0..100).map(|_| rig.pair()).collect();
    let mut all = Vec::new();
    for user in 0..1_000 {
        let ours = pairs[user as usize % 100].0;
        all.push(rig.the_loop.read(ours, room(8), user, moved));
    }
    rig.hand_over();
    for (user, it) in (1_000..).zip(&all) {
        rig.the_loop.cancel(*it, user, answered);
    }
    assert_eq!(rig.finish(), 2_000);
    for (user, it) in (0..).zip(&all) {
        let told = &rig.world.told;
        let at = told.iter().position(|told| told.user == user).unwrap();
        let answer = told.iter().position(|it| it.user == user + 1_000).unwrap();
        assert!(at < answer && told[at].completion == *it);
        assert!(told[at].is_cancelled() && told[at].buffer.capacity() == 8);
        assert_eq!(told[answer].answer, Some(Answer::Cancelled));
    }
}

/// The kernel is asked for it before the kernel has begun. What it says of that is no error
/// of the operation.
fn in_the_turn_in_which_it_was_handed_over(config: Config) {
    /// Is called in the same turn as it was submitted: it has no room.
    fn cancels(the_loop: &mut TheLoop, world: &mut World, it: &mut Moved) -> Next {
        assert!(it.result.is_err());
        the_loop.cancel(world.others[0], 2, answered);
        Next::Disarm
    }
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let (reads, mut writes) = std::io::pipe().unwrap();
    let reads = rig.the_loop.adopt(reads).unwrap();
    for (name, ours) in [("socket", ours), ("pipe", reads)] {
        for is_there in [false, true] {
            step(format!("{name}, something is there: {is_there}"));
            match name {
                _ if !is_there => {}
                "socket" => theirs.write_all(b"hello").unwrap(),
                _ => writes.write_all(b"hello").unwrap(),
            }
            let read = rig.the_loop.read(ours, room(8), 1, moved);
            rig.the_loop.read(ours, Vec::new(), 3, cancels);
            rig.world.others = vec![read];
            rig.finish();
            assert_eq!(rig.world.users(), [1, 2], "{name}");
            let told = &rig.world.told[0];
            match rig.world.told[1].answer.unwrap() {
                Answer::Cancelled => {
                    assert!(told.is_cancelled(), "{name}: {told:?}");
                    assert!(told.buffer.is_empty());
                }
                Answer::TooLate => assert_eq!(told.buffer, b"hello", "{name}"),
                Answer::Dead => panic!("{name}: it was there"),
            }
            rig.world.told.clear();
        }
    }
}

/// And those behind it go on.
fn a_read_of_an_empty_pipe(config: Config) {
    let mut rig = Rig::new(config);
    let (reader, mut writer) = std::io::pipe().unwrap();
    let reader = rig.the_loop.adopt(reader).unwrap();
    let [first, second] =
        [1, 2].map(|user| rig.the_loop.read(reader, room(8), user, moved));
    rig.hand_over();
    rig.the_loop.cancel(first, 3, answered);
    rig.until(|world| world.told.len() == 2);
    assert!(rig.world.told[0].is_cancelled());
    assert_eq!(rig.world.told[1].answer, Some(Answer::Cancelled));
    writer.write_all(b"late").unwrap();
    let told = rig.end_of(second);
    assert_eq!((told.count(), &*told.buffer), (4, &b"late"[..]));
}
