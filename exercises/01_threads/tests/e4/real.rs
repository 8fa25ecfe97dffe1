//! Graders of 01.4: a machine with one counter and two threads that takes a
//! schedule.

use super::on_real::answer;

grading::graders![
    one_update_is_lost,
    as_many_as_possible_are_lost,
    how_many_lose
];

const NAMES: [char; 2] = ['A', 'B'];

/// A thread between two steps.
#[derive(Clone, Copy, Default)]
struct Thread {
    /// Steps taken so far: 0, 3, 6 ... are before a load.
    steps: usize,
    /// What it has loaded, or added up.
    register: u64,
}

/// The counter, and two threads that count it up.
#[derive(Clone, Copy)]
struct Machine {
    counter: u64,
    threads: [Thread; 2],
    /// How often each thread adds 1.
    times: usize,
}

impl Machine {
    fn new(times: usize) -> Self {
        Self {
            counter: 0,
            threads: [Thread::default(); 2],
            times,
        }
    }

    fn is_done(&self, index: usize) -> bool {
        self.threads[index].steps == 3 * self.times
    }

    /// Lets a thread take its next step; says which that was.
    fn step(&mut self, index: usize) -> String {
        let thread = &mut self.threads[index];
        thread.steps += 1;
        match thread.steps % 3 {
            1 => {
                thread.register = self.counter;
                format!("load {}", thread.register)
            }
            2 => {
                thread.register += 1;
                format!("add: {}", thread.register)
            }
            _ => {
                self.counter = thread.register;
                format!("store {}", thread.register)
            }
        }
    }

    /// The lowest counter that any way to go on from here ends with.
    fn lowest(self) -> u64 {
        let ends = (0..2).filter(|index| !self.is_done(*index)).map(|index| {
            let mut next = self;
            next.step(index);
            next.lowest()
        });
        ends.min().unwrap_or(self.counter)
    }

    /// How many ways to go on from here end with less than `full`.
    fn losing(self, full: u64) -> u64 {
        if (0..2).all(|index| self.is_done(index)) {
            return u64::from(self.counter < full);
        }
        let ends = (0..2).filter(|index| !self.is_done(*index)).map(|index| {
            let mut next = self;
            next.step(index);
            next.losing(full)
        });
        ends.sum()
    }
}

/// Runs a schedule to its end and prints each step.
fn run(name: &str, schedule: &str, times: usize) -> Machine {
    let mut machine = Machine::new(times);
    let turns = schedule.chars().filter(|letter| !letter.is_whitespace());
    println!("step   A          B          counter");
    for (index, letter) in turns.enumerate() {
        let step = index + 1;
        let Some(thread) = NAMES.iter().position(|known| *known == letter) else {
            panic!(
                "step {step} of {name} is {letter:?}, but the threads are A and B"
            );
        };
        assert!(
            !machine.is_done(thread),
            "step {step} of {name} is {letter}, but {letter} is done: it adds 1 {}, \
             which is {} steps",
            if times == 1 {
                "once".to_owned()
            } else {
                format!("{times} times")
            },
            3 * times
        );
        let what = machine.step(thread);
        let (a, b) = if thread == 0 {
            (what.as_str(), "")
        } else {
            ("", what.as_str())
        };
        println!("{step:4}   {a:10} {b:10} {:7}", machine.counter);
    }
    for (index, letter) in NAMES.iter().enumerate() {
        let taken = machine.threads[index].steps;
        assert!(
            machine.is_done(index),
            "{name} ends before {letter} is done: {letter} has taken {taken} of its \
             {} steps, so its next one would be {}",
            3 * times,
            ["load", "add", "store"][taken % 3]
        );
    }
    machine
}

/// In which step, counted from 1, a thread takes its `n`th step, counted from 0.
fn place_of(schedule: &str, letter: char, n: usize) -> usize {
    let turns = schedule.chars().filter(|letter| !letter.is_whitespace());
    turns
        .enumerate()
        .filter(|(_, turn)| *turn == letter)
        .nth(n)
        .map_or(0, |(at, _)| at + 1)
}

/// Two additions, and the counter is 1.
fn one_update_is_lost() {
    let schedule = answer::LOSES_ONE;
    let machine = run("LOSES_ONE", schedule, 1);
    if machine.counter == 1 {
        return;
    }
    let (first, second) = if place_of(schedule, 'A', 2) < place_of(schedule, 'B', 2)
    {
        ('A', 'B')
    } else {
        ('B', 'A')
    };
    panic!(
        "LOSES_ONE ends with the counter at {}, so nothing is lost: {second} loads \
         in step {}, after {first} has stored in step {}",
        machine.counter,
        place_of(schedule, second, 0),
        place_of(schedule, first, 2)
    );
}

/// Six additions, and hardly anything is left of them.
fn as_many_as_possible_are_lost() {
    let machine = run("LOSES_MOST", answer::LOSES_MOST, 3);
    let lowest = Machine::new(3).lowest();
    let got = machine.counter;
    if got == lowest {
        return;
    }
    let more = match got {
        6 => "nothing is lost yet: what must happen between a load and its store?",
        4 | 5 => {
            "some updates are lost, but not enough: how many can one late store \
             wipe out?"
        }
        _ => {
            "close, but a schedule can make it lower still: let each thread, once, \
              store something very old"
        }
    };
    panic!("LOSES_MOST ends with the counter at {got} after six additions: {more}");
}

/// All of them, tried out.
fn how_many_lose() {
    let Some(got) = answer::LOSING_SCHEDULES else {
        panic!(
            "LOSING_SCHEDULES is still None: which of the 20 schedules lose \
             nothing, and how many are left?"
        );
    };
    let right = Machine::new(1).losing(2);
    assert!(
        got <= 20,
        "LOSING_SCHEDULES is {got}, but there are only 20 schedules in all"
    );
    assert!(
        got >= right,
        "LOSING_SCHEDULES is {got}, but more of the 20 lose an update: nothing is \
         lost only if one thread has stored before the other loads"
    );
    assert!(
        got <= right,
        "LOSING_SCHEDULES is {got}, but fewer of the 20 lose an update: nothing is \
         lost if one thread has stored before the other loads, as in A A A B B B"
    );
}
