//! Property: whatever is submitted, cancelled and closed in whatever order, each operation has
//! one end, its buffer comes back, answers are true, and each stream is whole.

use crate::rig::{Rig, TheLoop, World, answered, came, done, file, moved, room};
use std::collections::{HashMap, HashSet};
use std::net::Shutdown;
use std::time::Duration;
use threadbare::completion::{
    Answer, Async, Completion, Config, Descriptor, Finished, Life, Next, Received,
};
use threadbare::testkit::{Random, seed, step};

of_both! {
    whatever_is_done_in_whatever_order
    whatever_is_done_in_small_queues
}

/// Connections; each has two ends, and each end is a stream to the other one.
const PAIRS: usize = 6;
const STEPS: usize = 500;
/// In the place of a stream: those at the end.
const CANCELS: usize = 1_000;
/// A write is so many records: who wrote it, and which record of it this is.
const RECORD: usize = 8;

/// The stream that an operation belongs to is in the upper half of its user word, which is
/// never 0: all bytes of the stream are kept under that number.
const fn user(stream: usize, number: usize) -> u64 {
    (stream as u64 + 1) << 32 | number as u64
}

/// What was read is put behind what its stream has had so far.
fn read(
    the_loop: &mut TheLoop,
    world: &mut World,
    it: &mut Finished<usize, Vec<u8>>,
) -> Next {
    if let Ok(count) = it.result {
        let new = &it.buffer[it.buffer.len() - count..];
        world.bytes.entry(it.user >> 32).or_default().extend(new);
    }
    moved(the_loop, world, it)
}

fn received(
    the_loop: &mut TheLoop,
    world: &mut World,
    it: &mut Received<'_>,
) -> Next {
    let new = it.result.as_ref().map_or(&[][..], |bytes| bytes);
    world.bytes.entry(it.user >> 32).or_default().extend(new);
    came(the_loop, world, it)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Timer,
    Read,
    Receive,
    Write,
    ReadAt,
    Wait,
    Cancel(Completion),
}

#[derive(Debug)]
struct Pending {
    kind: Kind,
    user: u64,
    /// Where its buffer is: that very one has to come back.
    place: (usize, usize),
    /// What was to be written.
    sent: Vec<u8>,
    /// How often it is to be called before its last time.
    rearms: u32,
}

struct Run {
    rig: Rig,
    random: Random,
    ends: Vec<Descriptor>,
    pending: HashMap<Completion, Pending>,
    ended: HashMap<Completion, bool>,
    /// Of each stream: what was written, in order, and how much of it: all, or not known.
    written: Vec<Vec<Completion>>,
    writes: HashMap<Completion, (Vec<u8>, bool)>,
    number: usize,
    wakes: Vec<Async>,
    bytes: Descriptor,
    seen: HashSet<(&'static str, bool)>,
}

fn place(buffer: &Vec<u8>) -> (usize, usize) {
    (buffer.as_ptr() as usize, buffer.capacity())
}

impl Run {
    fn new(config: Config, random: Random) -> Self {
        let mut rig = Rig::new(config);
        let mut ends = Vec::new();
        for _ in 0..PAIRS {
            let (one, two) = crate::rig::pair();
            ends.push(rig.the_loop.adopt(one).unwrap());
            ends.push(rig.the_loop.adopt(two).unwrap());
        }
        let bytes: Vec<u8> = (0..=255).cycle().take(4_096).collect();
        Self {
            bytes: rig.the_loop.adopt(file(&bytes)).unwrap(),
            wakes: (0..3).map(|_| rig.the_loop.notifier().unwrap()).collect(),
            rig,
            random,
            pending: HashMap::new(),
            ended: HashMap::new(),
            written: vec![Vec::new(); ends.len()],
            writes: HashMap::new(),
            ends,
            number: 0,
            seen: HashSet::new(),
        }
    }

    fn below(&mut self, most: usize) -> usize {
        self.random.below(most as u64) as usize
    }

    fn submit(&mut self) {
        self.number += 1;
        let end = self.below(self.ends.len());
        let ours = self.ends[end];
        // What is read at one end is the stream of the other.
        let (in_user, out_user) =
            (user(end ^ 1, self.number), user(end, self.number));
        let mut buffer = room(1 + self.below(200));
        let mut place_of = (0, 0);
        let mut sent = Vec::new();
        let what = self.below(10);
        // A write or a cancel is never re-armed.
        let rearms = match self.below(16) {
            times @ 0..4 if what <= 3 || (7..9).contains(&what) => times as u32,
            _ => 0,
        };
        let (kind, user, it) = match what {
            0 => {
                let after = Duration::from_micros(self.below(2_000) as u64);
                let it = self.rig.the_loop.timer(after, out_user, done);
                (Kind::Timer, out_user, it)
            }
            1 | 2 => {
                place_of = place(&buffer);
                let it = self.rig.the_loop.read(ours, buffer, in_user, read);
                (Kind::Read, in_user, it)
            }
            3 => {
                let it = self.rig.the_loop.receive(ours, in_user, received);
                (Kind::Receive, in_user, it)
            }
            4..=6 => {
                // Now and then more than the kernel takes.
                let records = match self.below(60) {
                    0 => 50_000,
                    1..5 => 5_000,
                    _ => self.below(40),
                };
                buffer = room(records * RECORD);
                for record in 0..records as u32 {
                    buffer.extend((self.number as u32).to_le_bytes());
                    buffer.extend(record.to_le_bytes());
                }
                place_of = place(&buffer);
                sent.clone_from(&buffer);
                let it = self.rig.the_loop.write(ours, buffer, out_user, moved);
                (Kind::Write, out_user, it)
            }
            7 => {
                place_of = place(&buffer);
                let at = self.below(4_000) as u64;
                let it = self
                    .rig
                    .the_loop
                    .read_at(self.bytes, at, buffer, out_user, moved);
                (Kind::ReadAt, out_user, it)
            }
            8 => {
                let wake = self.wakes[self.random.below(3) as usize].clone();
                let it = self.rig.the_loop.wait_for(&wake, out_user, done);
                (Kind::Wait, out_user, it)
            }
            _ => {
                // Mostly one that is there, sometimes one that has gone.
                let all: Vec<_> = match self.below(4) {
                    0 => self.ended.keys().copied().take(50).collect(),
                    _ => self.pending.keys().copied().collect(),
                };
                if all.is_empty() {
                    return;
                }
                let target = all[self.below(all.len())];
                let it = self.rig.the_loop.cancel(target, out_user, answered);
                (Kind::Cancel(target), out_user, it)
            }
        };
        self.rig.world.again.insert(user, rearms);
        if kind == Kind::Write {
            self.written[end].push(it);
        }
        assert_ne!(self.rig.the_loop.life(it), Life::Dead);
        let pending = Pending {
            kind,
            user,
            place: place_of,
            sent,
            rearms,
        };
        assert!(
            self.pending.insert(it, pending).is_none(),
            "{it:?} is there twice"
        );
    }

    /// Looks at all that was told since the last time.
    fn check(&mut self) {
        for told in std::mem::take(&mut self.rig.world.told) {
            let it = told.completion;
            let Some(pending) = self.pending.get_mut(&it) else {
                panic!("called once more: {told:?}");
            };
            assert_eq!(told.user, pending.user);
            let is_cancelled = told.is_cancelled();
            // Re-armed if it was to be, and there was no reason against it.
            if !is_cancelled && pending.rearms > 0 {
                pending.rearms -= 1;
                continue;
            }
            let pending = self.pending.remove(&it).unwrap();
            assert!(self.ended.insert(it, is_cancelled).is_none());
            if matches!(pending.kind, Kind::Read | Kind::Write | Kind::ReadAt) {
                // A re-armed one that failed has given it back before.
                let same = place(&told.buffer) == pending.place;
                assert!(same || told.buffer.capacity() == 0, "{:?}", pending.kind);
            }
            match pending.kind {
                Kind::Write => {
                    assert!(told.buffer == pending.sent);
                    assert!(is_cancelled || told.count() == pending.sent.len());
                    self.writes.insert(it, (pending.sent, !is_cancelled));
                }
                Kind::Cancel(target) => {
                    let answer = told.answer.unwrap();
                    match answer {
                        Answer::Dead => {
                            let lives = self.pending.get(&target);
                            assert!(
                                lives.is_none(),
                                "dead, but not told: {lives:?}"
                            );
                        }
                        answer => {
                            let Some(was) = self.ended.get(&target) else {
                                panic!("{answer:?} came before {target:?}");
                            };
                            assert_eq!(*was, answer == Answer::Cancelled);
                        }
                    }
                }
                _ => {}
            }
            let name = match pending.kind {
                Kind::Timer => "timer",
                Kind::Read => "read",
                Kind::Receive => "receive",
                Kind::Write => "write",
                Kind::ReadAt => "read_at",
                Kind::Wait => "wait_for",
                Kind::Cancel(_) => "cancel",
            };
            self.seen.insert((name, is_cancelled));
        }
    }

    fn go(&mut self) {
        for number in 0..STEPS {
            step(format!("step {number}"));
            for _ in 0..self.below(6) {
                self.submit();
            }
            match self.below(5) {
                0 => self.wakes[self.random.below(3) as usize].notify().unwrap(),
                1 => drop(self.rig.look()),
                2 if self.rig.the_loop.active() > 0 => {
                    // Something ends in any case.
                    self.number += 1;
                    let user = user(0, self.number);
                    let it = self.rig.the_loop.timer(Duration::ZERO, user, done);
                    let pending = Pending {
                        kind: Kind::Timer,
                        user,
                        place: (0, 0),
                        sent: Vec::new(),
                        rearms: 0,
                    };
                    self.pending.insert(it, pending);
                    self.rig.once();
                }
                _ => {}
            }
            self.check();
        }
        step("the end: all is cancelled");
        self.rig.world.again.clear();
        for (number, it) in
            (0..).zip(self.pending.keys().copied().collect::<Vec<_>>())
        {
            self.rig
                .the_loop
                .cancel(it, user(CANCELS, number), answered);
        }
        self.rig.until(|world| {
            let ended = world
                .told
                .iter()
                .filter(|it| it.user >> 32 == CANCELS as u64 + 1);
            ended.count() == self.pending.len()
        });
        self.rig
            .world
            .told
            .retain(|it| it.user >> 32 != CANCELS as u64 + 1);
        for pending in self.pending.values_mut() {
            pending.rearms = 0;
        }
        self.check();
        assert!(self.pending.is_empty(), "{:?}", self.pending);
        assert_eq!(self.rig.the_loop.active(), 0);
        step("the rest of each stream");
        for ours in self.ends.clone() {
            self.rig.the_loop.shutdown(ours, Shutdown::Write).unwrap();
        }
        for (end, ours) in self.ends.clone().into_iter().enumerate() {
            loop {
                let it = user(end ^ 1, 0);
                let read = self.rig.the_loop.read(ours, room(1 << 16), it, read);
                if self.rig.end_of(read).count() == 0 {
                    break;
                }
            }
        }
        for stream in 0..self.ends.len() {
            self.is_whole(stream);
        }
    }

    /// A stream is one write after the other.
    fn is_whole(&self, stream: usize) {
        let empty = Vec::new();
        let came = self
            .rig
            .world
            .bytes
            .get(&(stream as u64 + 1))
            .unwrap_or(&empty);
        let writes = &self.written[stream];
        let writes: Vec<_> = writes.iter().map(|it| &self.writes[it]).collect();
        assert!(
            fits(&writes, came),
            "stream {stream} is not what was written"
        );
    }
}

/// Whether bytes are these writes, one after the other; one that was cancelled, in part.
fn fits(writes: &[&(Vec<u8>, bool)], mut bytes: &[u8]) -> bool {
    for (at, (sent, is_all)) in writes.iter().enumerate() {
        if let Some(rest) = bytes.strip_prefix(&sent[..]) {
            bytes = rest;
            continue;
        }
        if *is_all {
            return false;
        }
        // How much of it: what is next may begin with the same bytes, few as they are.
        let same = sent.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        let least = if same > RECORD { same } else { 0 };
        let parts = (least..=same).rev();
        return parts
            .into_iter()
            .any(|part| fits(&writes[at + 1..], &bytes[part..]));
    }
    bytes.is_empty()
}

fn whatever_is_done_in_whatever_order(config: Config) {
    let seed = seed("whatever_is_done_in_whatever_order");
    Run::new(config, Random::new(seed)).go();
}

fn whatever_is_done_in_small_queues(config: Config) {
    let seed = seed("whatever_is_done_in_small_queues");
    let config = Config {
        entries: 4,
        buffers: (2, 16),
        file_threads: 1,
        ..config
    };
    Run::new(config, Random::new(seed)).go();
}
