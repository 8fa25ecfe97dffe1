//! Graders of 08.2: operations, cancels, and their entries in every order.

use threadbare::testkit::Random;

use super::on_real::answer::{
    Answer, Buffer, Call, ECANCELED, Entry, Kernel, Loop, given,
};
use given::Takes::{self, Already, CancelFirst, TargetFirst};
use given::said;

grading::graders![
    operations_end,
    a_cancel_in_time,
    a_cancel_too_late,
    somebody_else_is_in_the_slot,
    nobody_is_there_any_more,
    two_cancels_of_one,
    every_short_program,
    a_long_program,
];

/// An operation, by its number from 1.
#[derive(Debug)]
struct Op {
    key: u64,
    /// What its entry said.
    result: Option<i32>,
    has_ended: bool,
}

#[derive(Debug)]
struct Cancel {
    key: u64,
    /// The operation, if there was one.
    target: Option<u32>,
    /// The kernel has said what it has to say.
    is_heard: bool,
    answer: Option<Answer>,
}

/// The loop, the kernel, and what has to become of it.
struct World {
    kernel: Kernel,
    answer: Loop,
    ops: Vec<Op>,
    cancels: Vec<Cancel>,
    /// So many were there at once.
    most: usize,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = &self.kernel.log;
            for line in &log[log.len().saturating_sub(20)..] {
                println!("{line}");
            }
        }
    }
}

impl World {
    fn new() -> Self {
        Self {
            kernel: Kernel::default(),
            answer: Loop::new(),
            ops: Vec::new(),
            cancels: Vec::new(),
            most: 0,
        }
    }

    fn submit(&mut self) -> u32 {
        let number = self.ops.len() as u32 + 1;
        let buffer = Buffer::new(number);
        buffer.hand_in();
        let key = self.answer.submit(&mut self.kernel, buffer);
        let runs = self.kernel.running().iter().any(|it| it.0 == number);
        assert!(
            runs,
            "operation {number} was submitted, and the kernel was not told"
        );
        self.is_new(key);
        self.ops.push(Op {
            key,
            result: None,
            has_ended: false,
        });
        self.count();
        number
    }

    fn cancel(&mut self, number: u32) {
        self.cancel_key(self.ops[number as usize - 1].key, Some(number));
    }

    /// Cancels a key, which is or was that of an operation, or of nobody.
    fn cancel_key(&mut self, target: u64, number: Option<u32>) {
        let lives = number.filter(|it| self.ops[*it as usize - 1].result.is_none());
        let is_first = !self.cancels.iter().any(|other| other.target == lives);
        let what = match number {
            Some(number) => format!("operation {number}"),
            None => "nothing".to_owned(),
        };
        self.kernel
            .log
            .push(format!("cancel({target:#x}), which is {what}"));
        let asked = self.kernel.asked();
        let key = self.answer.cancel(&mut self.kernel, target);
        let asked = self.kernel.asked() > asked;
        match lives {
            None => assert!(
                !asked,
                "{target:#x} is no operation's key any more, and the kernel was asked to \
                 cancel it"
            ),
            Some(number) if is_first => assert!(
                asked,
                "operation {number} runs, and the kernel was not asked to cancel it"
            ),
            Some(_) => {}
        }
        self.is_new(key);
        self.cancels.push(Cancel {
            key,
            target: lives,
            is_heard: !asked,
            answer: None,
        });
        self.count();
        self.calls();
    }

    fn is_new(&self, key: u64) {
        let ops = self.ops.iter().map(|op| op.key);
        let mut keys = ops.chain(self.cancels.iter().map(|cancel| cancel.key));
        assert!(
            !keys.any(|other| other == key),
            "{key:#x} is given out, and somebody has had it before"
        );
    }

    fn count(&mut self) {
        let ops = self.ops.iter().filter(|op| !op.has_ended).count();
        let open = |cancel: &&Cancel| !cancel.is_heard || cancel.answer.is_none();
        let cancels = self.cancels.iter().filter(open).count();
        self.most = self.most.max(ops + cancels);
        let ops = self.ops.iter().map(|op| op.key);
        let keys = ops.chain(self.cancels.iter().map(|cancel| cancel.key));
        let slots = keys.map(|key| (key & 0xffff_ffff) as usize + 1).max();
        let slots = slots.unwrap_or(0);
        let most = self.most;
        assert!(
            slots <= most,
            "there were {most} operations and cancels at once, at most, and {slots} slots \
             are in use: who is done has to give its slot back"
        );
    }

    fn finish(&mut self, number: u32, result: i32) {
        self.kernel.finish(number, result);
    }

    /// The next entry comes.
    fn entry(&mut self) {
        let (ends, entry) = self.kernel.take_entry().expect("there is one");
        match ends {
            Some(number) => {
                self.ops[number as usize - 1].result = Some(entry.result);
            }
            None => {
                let Entry { key, .. } = entry;
                let found = self.cancels.iter_mut().find(|it| it.key == key);
                found.expect("it was cancelled").is_heard = true;
            }
        }
        self.answer.entry(entry);
        self.calls();
        if let Some(number) = ends {
            assert!(
                self.ops[number as usize - 1].has_ended,
                "the entry of operation {number} has come, and nobody is called"
            );
        }
    }

    fn entries(&mut self) {
        while self.kernel.has_entry() {
            self.entry();
        }
    }

    /// Makes the calls that are due.
    fn calls(&mut self) {
        while let Some(call) = self.answer.next_call() {
            match call {
                Call::Ended {
                    key,
                    result,
                    buffer,
                } => self.ended(key, result, buffer),
                Call::Answered { key, answer } => self.answered(key, answer),
            }
        }
        for (number, cancel) in (1..).zip(&self.cancels) {
            let is_over = cancel
                .target
                .is_none_or(|target| self.ops[target as usize - 1].has_ended);
            if is_over && cancel.is_heard && cancel.answer.is_none() {
                panic!(
                    "{}, the kernel has nothing more to say, and cancel {number} is not \
                     answered",
                    match cancel.target {
                        Some(target) => format!("operation {target} has ended"),
                        None => "there was nothing to cancel".to_owned(),
                    }
                );
            }
        }
    }

    fn ended(&mut self, key: u64, result: i32, buffer: Buffer) {
        let buffer = buffer.have_back();
        self.kernel.log.push(format!(
            "  Ended({key:#x}): {}, buffer {buffer}",
            said(result)
        ));
        let place = self.ops.iter().position(|op| op.key == key);
        let Some(place) = place else {
            panic!("{key:#x} has ended, and no operation has that key");
        };
        let number = place as u32 + 1;
        let op = &mut self.ops[place];
        assert!(!op.has_ended, "operation {number} has ended twice");
        assert!(
            buffer == number,
            "operation {number} has ended, and buffer {buffer} comes back with it"
        );
        let Some(must) = op.result else {
            panic!("operation {number} has ended, and its entry has not come");
        };
        assert!(
            result == must,
            "operation {number} has ended with {}, and its entry says {}",
            said(result),
            said(must)
        );
        op.has_ended = true;
    }

    fn answered(&mut self, key: u64, answer: Answer) {
        self.kernel
            .log
            .push(format!("  Answered({key:#x}): {answer:?}"));
        let place = self.cancels.iter().position(|it| it.key == key);
        let Some(place) = place else {
            panic!("{key:#x} is answered, and no cancel has that key");
        };
        let number = place + 1;
        let cancel = &mut self.cancels[place];
        if let Some(before) = cancel.answer {
            panic!(
                "cancel {number} is answered twice: {before:?}, and then {answer:?}"
            );
        }
        cancel.answer = Some(answer);
        let Some(target) = cancel.target else {
            assert!(
                answer == Answer::Dead,
                "cancel {number} is answered with {answer:?}, and there was nothing to \
                 cancel: Dead"
            );
            return;
        };
        let op = &self.ops[target as usize - 1];
        assert!(
            op.has_ended,
            "cancel {number} is answered with {answer:?}, and operation {target} has not \
             ended: whoever has that answer believes that the buffer is back"
        );
        let result = op.result.expect("it has ended");
        let must = match result {
            ECANCELED => Answer::Cancelled,
            _ => Answer::TooLate,
        };
        assert!(
            answer == must,
            "cancel {number} is answered with {answer:?}, and operation {target} has ended \
             with {}: {must:?}",
            said(result)
        );
    }

    /// Until nothing runs and nothing is on its way.
    fn close(&mut self) {
        while self.kernel.next_cancel().is_some() {
            self.kernel.take_cancel(TargetFirst);
        }
        for (number, _) in self.kernel.running() {
            self.finish(number, 4_000);
        }
        self.entries();
        for (number, cancel) in (1..).zip(&self.cancels) {
            assert!(
                cancel.answer.is_some(),
                "all is over, and cancel {number} was never answered"
            );
        }
    }
}

fn operations_end() {
    let mut world = World::new();
    // More often than a byte counts: no key comes twice.
    for _ in 0..300 {
        let (one, two) = (world.submit(), world.submit());
        world.finish(two, 5);
        world.entries();
        world.finish(one, -5);
        world.entries();
    }
    world.close();
}

fn a_cancel_in_time() {
    for how in [TargetFirst, CancelFirst] {
        let mut world = World::new();
        let one = world.submit();
        world.cancel(one);
        world.kernel.take_cancel(how);
        world.entries();
        world.submit();
        world.close();
    }
}

fn a_cancel_too_late() {
    let mut world = World::new();
    let one = world.submit();
    world.cancel(one);
    world.finish(one, 7);
    world.kernel.take_cancel(TargetFirst);
    world.entries();
    // It runs, and how it ends nobody knows.
    for result in [0, ECANCELED, 9, -5] {
        let two = world.submit();
        world.cancel(two);
        world.kernel.take_cancel(Already);
        world.entries();
        world.finish(two, result);
        world.entries();
    }
    world.close();
}

fn somebody_else_is_in_the_slot() {
    let mut world = World::new();
    let one = world.submit();
    world.cancel(one);
    world.kernel.take_cancel(TargetFirst);
    world.entry();
    let two = world.submit();
    world.entry();
    world.finish(two, 3);
    world.entries();
    // The kernel gets the cancel when all is over.
    let three = world.submit();
    world.cancel(three);
    world.finish(three, 8);
    world.entry();
    world.submit();
    world.kernel.take_cancel(TargetFirst);
    world.entries();
    world.close();
}

/// Bug 5: a cancel of what is over, or was never there.
fn nobody_is_there_any_more() {
    let mut world = World::new();
    let one = world.submit();
    world.finish(one, 1);
    world.entries();
    world.cancel(one);
    world.cancel(one);
    let two = world.submit();
    world.cancel(one);
    for key in [77, u64::MAX] {
        world.cancel_key(key, None);
    }
    // A cancel is no operation, whether it is answered or on its way.
    let answered = world.cancels[0].key;
    world.cancel_key(answered, None);
    world.cancel(two);
    let waits = world.cancels.last().expect("it was just made").key;
    world.cancel_key(waits, None);
    world.close();
    world.cancel(two);
}

fn two_cancels_of_one() {
    for how in [TargetFirst, CancelFirst, Already] {
        let mut world = World::new();
        let one = world.submit();
        world.cancel(one);
        world.cancel(one);
        world.kernel.take_cancel(how);
        world.entries();
        world.cancel(one);
        world.close();
    }
}

/// What may happen next.
#[derive(Clone, Copy, Debug)]
enum Act {
    Submit,
    Cancel(u32),
    Finish(u32, i32),
    Take(Takes),
    Entry,
}

impl World {
    /// What may happen next, with so many operations and cancels at most, from the `from`th
    /// on.
    fn acts(&self, most: usize, from: usize) -> Vec<Act> {
        let mut acts = Vec::new();
        if self.ops.len() < most {
            acts.push(Act::Submit);
        }
        if self.cancels.len() < most {
            let all = from..self.ops.len();
            acts.extend(all.map(|place| Act::Cancel(place as u32 + 1)));
        }
        for (number, told) in self.kernel.running() {
            acts.push(Act::Finish(number, 100));
            if told {
                acts.push(Act::Finish(number, ECANCELED));
            }
        }
        match self.kernel.next_cancel() {
            None => {}
            Some(None) => acts.push(Act::Take(TargetFirst)),
            Some(Some(_)) => {
                let hows = [TargetFirst, CancelFirst, Already];
                acts.extend(hows.map(Act::Take));
            }
        }
        if self.kernel.has_entry() {
            acts.push(Act::Entry);
        }
        acts
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Submit => {
                self.submit();
            }
            Act::Cancel(number) => self.cancel(number),
            Act::Finish(number, result) => self.finish(number, result),
            Act::Take(how) => self.kernel.take_cancel(how),
            Act::Entry => self.entry(),
        }
    }
}

/// Two operations, two cancels, and seven things that happen, in every order.
fn every_short_program() {
    // Which of the acts was picked at each step, and of how many.
    let mut picked: Vec<(usize, usize)> = Vec::new();
    loop {
        let mut world = World::new();
        world.submit();
        for step in 0..6 {
            let acts = world.acts(2, 0);
            if acts.is_empty() {
                break;
            }
            if step == picked.len() {
                picked.push((0, acts.len()));
            }
            world.act(acts[picked[step].0]);
        }
        world.close();
        while picked.pop_if(|(pick, of)| *pick + 1 == *of).is_some() {}
        let Some((pick, _)) = picked.last_mut() else {
            return;
        };
        *pick += 1;
    }
}

fn a_long_program() {
    let mut random = Random::new(8);
    let mut world = World::new();
    for _ in 0..1_200 {
        let from = world.ops.len().saturating_sub(5);
        let acts = world.acts(usize::MAX, from);
        let entries = acts.iter().filter(|act| !matches!(act, Act::Submit));
        // Not too many at once.
        let submits = world.kernel.running().len() < 8;
        let pick = random.below(entries.count() as u64 + u64::from(submits));
        world.act(acts[pick as usize + usize::from(!submits)]);
    }
    world.close();
}
