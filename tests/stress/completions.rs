//! Stress for `completion::Loop`: notified by many threads, and files whose operations are
//! wanted back while they run. On each backend that there is.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/completion/` try them all, with fewer threads.

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::completion::{
    Answer, Async, Backend, Completion, Config, Descriptor, Finished, Loop, Next,
    Run, is_cancelled,
};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);

/// Runs `property` on both backends; on io_uring only where the kernel has it.
fn on_both(property: impl Fn(&Config) + Send + Sync + Copy + 'static) {
    for backend in [Backend::Readiness, Backend::Uring] {
        let config = Config {
            backend,
            ..Config::default()
        };
        match Loop::<()>::with_config(config.clone()) {
            Ok(_) => within(LIMIT, move || property(&config)),
            Err(error) => {
                assert_eq!(backend, Backend::Uring, "there is always one: {error}");
                eprintln!("SKIPPED, no io_uring here: {error}");
            }
        }
    }
}

/// Threads put numbers into queues and notify; the loop sleeps as long as nobody does. If one
/// were lost, it would sleep for ever, with something in the queue.
#[test]
fn no_notice_is_lost_among_many() {
    const THREADS: u64 = 16;
    const EACH: u64 = 2_000;
    /// More than share a word.
    const BELLS: usize = 70;

    struct Office {
        letters: Vec<Mutex<Vec<u64>>>,
        sum: AtomicU64,
        left: AtomicU64,
    }

    fn called(
        the_loop: &mut Loop<&Office>,
        office: &mut &Office,
        it: &mut Finished<()>,
    ) -> Next {
        let letters =
            std::mem::take(&mut *office.letters[it.user as usize].lock().unwrap());
        // ORDERING: Relaxed, both. Only this thread has them.
        office.sum.fetch_add(letters.iter().sum(), Relaxed);
        let came = letters.len() as u64;
        // ORDERING: Relaxed, as above.
        if office.left.fetch_sub(came, Relaxed) == came {
            the_loop.stop();
        }
        Next::Rearm
    }

    let seed = seed("no_notice_is_lost_among_many");
    on_both(move |config| {
        let office = Office {
            letters: (0..BELLS).map(|_| Mutex::default()).collect(),
            sum: AtomicU64::new(0),
            left: AtomicU64::new(THREADS * EACH),
        };
        let mut the_loop = Loop::with_config(config.clone()).unwrap();
        let bells: Vec<Async> =
            (0..BELLS).map(|_| the_loop.notifier().unwrap()).collect();
        for (user, bell) in (0..).zip(&bells) {
            the_loop.wait_for(bell, user, called);
        }
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (office, bells) = (&office, bells.clone());
                let mut random = Random::new(seed ^ number);
                scope.spawn(move || {
                    for n in 0..EACH {
                        let which = random.below(BELLS as u64) as usize;
                        office.letters[which]
                            .lock()
                            .unwrap()
                            .push(number * EACH + n);
                        bells[which].notify().unwrap();
                        if random.below(4) == 0 {
                            thread::yield_now();
                        }
                    }
                    step(format!("{number} has sent all"));
                });
            }
            step("the loop hears");
            the_loop.run(&mut &office, Run::UntilDone).unwrap();
        });
        // ORDERING: Relaxed. The threads are joined.
        let sum = office.sum.load(Relaxed);
        assert_eq!(sum, THREADS * EACH * (THREADS * EACH - 1) / 2);
    });
}

/// Loops in a ring, each on its own thread, and each notifies the next. So each is either
/// asleep or about to sleep when it is notified, all the time.
#[test]
fn a_notice_goes_round() {
    const LOOPS: usize = 6;
    const ROUNDS: u64 = 1_000;

    struct Place<'a> {
        number: u64,
        round: u64,
        next: Async,
        turn: &'a AtomicU64,
    }

    fn called(
        _: &mut Loop<Place<'_>>,
        place: &mut Place<'_>,
        _: &mut Finished<()>,
    ) -> Next {
        let mine = place.round * LOOPS as u64 + place.number;
        // ORDERING: Relaxed. The notices are the order, and are what is tested.
        assert_eq!(place.turn.load(Relaxed), mine);
        // ORDERING: Relaxed, as above.
        place.turn.store(mine + 1, Relaxed);
        place.next.notify().unwrap();
        place.round += 1;
        if place.round == ROUNDS {
            return Next::Disarm;
        }
        Next::Rearm
    }

    on_both(|config| {
        let turn = AtomicU64::new(0);
        thread::scope(|scope| {
            let (bells, gates): (Vec<_>, Vec<_>) = (0..LOOPS as u64)
                .map(|number| {
                    // A loop stays on the thread that made it.
                    let (says, heard) = std::sync::mpsc::channel();
                    let (gives, gate) = std::sync::mpsc::channel();
                    let turn = &turn;
                    scope.spawn(move || {
                        let mut the_loop =
                            Loop::with_config(config.clone()).unwrap();
                        let bell = the_loop.notifier().unwrap();
                        the_loop.wait_for(&bell, 0, called);
                        says.send(bell).unwrap();
                        let next = gate.recv().unwrap();
                        let mut place = Place {
                            number,
                            round: 0,
                            next,
                            turn,
                        };
                        step(format!("{number} waits"));
                        the_loop.run(&mut place, Run::UntilDone).unwrap();
                        assert_eq!(place.round, ROUNDS);
                    });
                    (heard.recv().unwrap(), gives)
                })
                .unzip();
            for (number, gate) in gates.iter().enumerate() {
                gate.send(bells[(number + 1) % LOOPS].clone()).unwrap();
            }
            bells[0].notify().unwrap();
        });
    });
}

/// Reads and writes of one file, cancelled at any time. Each comes back once, with its buffer,
/// and before its answer; what was withdrawn was not written.
#[test]
fn files_are_wanted_back_while_they_run() {
    const BLOCK: usize = 1 << 15;
    const BLOCKS: u64 = 64;
    const OPERATIONS: usize = 4_000;

    #[derive(Clone, Debug, Default, PartialEq)]
    enum Slot {
        #[default]
        Free,
        /// A read of block `0`, or a write of all `1` into it.
        Busy(u64, Option<u8>),
        /// It has come back so, and is to be answered.
        Told { cancelled: bool },
    }

    struct Desk {
        slots: Vec<Slot>,
        /// What each block holds.
        blocks: Vec<u8>,
        /// Whether somebody wants the operation of the slot back.
        asked: Vec<bool>,
        counts: [u64; 3],
    }

    impl Desk {
        fn over(&mut self, slot: usize, cancelled: bool) {
            self.slots[slot] = if self.asked[slot] {
                Slot::Told { cancelled }
            } else {
                Slot::Free
            };
        }
    }

    fn came(
        _: &mut Loop<Desk>,
        desk: &mut Desk,
        it: &mut Finished<usize, Vec<u8>>,
    ) -> Next {
        let slot = it.user as usize;
        let Slot::Busy(block, writes) = desk.slots[slot].clone() else {
            panic!("{slot} came twice");
        };
        let cancelled = match &it.result {
            Ok(count) => {
                assert_eq!(*count, BLOCK);
                if let Some(byte) = writes {
                    desk.blocks[block as usize] = byte;
                }
                let holds = desk.blocks[block as usize];
                assert!(it.buffer == vec![holds; BLOCK], "not what was written");
                false
            }
            Err(error) => {
                assert!(is_cancelled(error) && desk.asked[slot], "{error}");
                if let Some(byte) = writes {
                    assert!(it.buffer == vec![byte; BLOCK], "as it was");
                }
                true
            }
        };
        assert_eq!(it.buffer.capacity(), BLOCK, "its own");
        desk.over(slot, cancelled);
        Next::Disarm
    }

    fn answered(
        _: &mut Loop<Desk>,
        desk: &mut Desk,
        it: &mut Finished<Answer>,
    ) -> Next {
        let slot = it.user as usize;
        let answer = *it.result.as_ref().unwrap();
        let Slot::Told { cancelled } = desk.slots[slot] else {
            panic!("answered before it came back: {answer:?}");
        };
        let expected = if cancelled {
            Answer::Cancelled
        } else {
            Answer::TooLate
        };
        assert_eq!(answer, expected);
        desk.counts[1 + usize::from(cancelled)] += 1;
        desk.slots[slot] = Slot::Free;
        Next::Disarm
    }

    fn file(name: &str) -> OwnedFd {
        let name = format!("threadbare-stress-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        let file = options.open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        file.set_len(BLOCKS * BLOCK as u64).unwrap();
        file.into()
    }

    fn begin(
        the_loop: &mut Loop<Desk>,
        file: Descriptor,
        (block, user): (u64, usize),
        writes: Option<u8>,
    ) -> Completion {
        let (offset, user) = (block * BLOCK as u64, user as u64);
        match writes {
            Some(byte) => {
                the_loop.write_at(file, offset, vec![byte; BLOCK], user, came)
            }
            None => {
                let room = Vec::with_capacity(BLOCK);
                the_loop.read_at(file, offset, room, user, came)
            }
        }
    }

    let seed = seed("files_are_wanted_back_while_they_run");
    on_both(move |config| {
        let mut random = Random::new(seed);
        let mut the_loop = Loop::with_config(config.clone()).unwrap();
        let name = format!("{:?}", the_loop.backend());
        let file = the_loop.adopt(file(&name)).unwrap();
        // One operation for each block at a time, so that it is known what it holds.
        let slots = BLOCKS as usize;
        let mut desk = Desk {
            slots: vec![Slot::Free; slots],
            blocks: vec![0; slots],
            asked: vec![false; slots],
            counts: [0; 3],
        };
        let mut handles = vec![None; slots];
        for n in 0..OPERATIONS {
            step(format!("operation {n} of {OPERATIONS}"));
            let slot = random.below(BLOCKS) as usize;
            match desk.slots[slot] {
                Slot::Free => {
                    let writes =
                        (random.below(2) == 0).then(|| 1 + random.below(255) as u8);
                    desk.slots[slot] = Slot::Busy(slot as u64, writes);
                    desk.asked[slot] = false;
                    let at = (slot as u64, slot);
                    handles[slot] = Some(begin(&mut the_loop, file, at, writes));
                    desk.counts[0] += 1;
                }
                Slot::Busy(..) if !desk.asked[slot] => {
                    desk.asked[slot] = true;
                    let target = handles[slot].take().expect("it is busy");
                    the_loop.cancel(target, slot as u64, answered);
                }
                _ => {}
            }
            if random.below(4) == 0 {
                the_loop.run(&mut desk, Run::NoWait).unwrap();
                if random.below(4) == 0 {
                    thread::yield_now();
                }
            }
        }
        the_loop.run(&mut desk, Run::UntilDone).unwrap();
        assert!(desk.slots.iter().all(|slot| *slot == Slot::Free));
        let [begun, late, cancelled] = desk.counts;
        println!("{name}: {begun} begun, {cancelled} withdrawn, {late} too late");

        // And if all is dropped while they run, each thread is waited for.
        for slot in 0..slots {
            desk.slots[slot] = Slot::Busy(slot as u64, Some(7));
            begin(&mut the_loop, file, (slot as u64, slot), Some(7));
        }
        the_loop.run(&mut desk, Run::NoWait).unwrap();
        drop(the_loop);
    });
}
