//! Litmus tests: what C++20 allows, and what the explorer shows.
//!
//! ```text
//! cargo test -p explorer --test litmus            the whole table
//! cargo test -p explorer --test litmus -- IRIW    those with "IRIW" in their name
//! ```
//!
//! Three witnesses have to agree on each test: the table in `litmus/table.rs`, which says what
//! the weak outcome's verdict is and why; the relations of the standard in `axioms/mod.rs`; and
//! the explorer's memory. Beyond the one weak outcome, *all* outcomes of the explorer must be
//! those that the standard allows in an order of execution, no more and no fewer.
//!
//! So the explorer never shows what C++20 forbids. What it does not show although C++20
//! allows it comes in two kinds, each in a group of its own: load buffering, and an order S
//! of the `SeqCst` operations that is not the order in which they run.

mod axioms;
#[path = "litmus/table.rs"]
mod table;

use std::process::ExitCode;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::time::Instant;
use std::{env, sync::atomic::Ordering};

use explorer::litmus::{Op, Outcome, Program};

use table::{Test, Verdict};

fn main() -> ExitCode {
    let (flags, filters): (Vec<_>, Vec<_>) = env::args()
        .skip(1)
        .partition(|argument| argument.starts_with('-'));
    if flags.iter().any(|flag| flag == "--list") {
        println!("litmus: test");
        return ExitCode::SUCCESS;
    }
    let mut tests = table::tests();
    tests.retain(|test| {
        filters.is_empty() || filters.iter().any(|f| test.name.contains(&**f))
    });
    println!(
        "\n{:<46} {:>6} {:>8}  {:<10}{:<10}",
        "test", "states", "outcomes", "C++20", "here"
    );
    let started = Instant::now();
    let mut group = "";
    let mut mismatches = 0;
    for test in &tests {
        if test.group != group {
            group = test.group;
            println!("{group}");
        }
        mismatches += usize::from(!agrees(test));
    }
    println!(
        "{} tests, {mismatches} mismatches, {:.1} s",
        tests.len(),
        started.elapsed().as_secs_f64()
    );
    if mismatches == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Prints a line for `test`, and says whether all witnesses agree.
fn agrees(test: &Test) -> bool {
    let threads = program(&test.program);
    let weak = Weak::parse(test.weak);
    let program = Program::new(threads.clone());
    let here = program.outcomes();
    let allowed = axioms::outcomes(&threads);
    let shown = here.iter().any(|outcome| weak.is(outcome));
    let by_standard = allowed.cxx20.iter().any(|outcome| weak.is(outcome));
    let stated = match test.verdict {
        Verdict::Allowed => [true, true],
        Verdict::Forbidden => [false, false],
        Verdict::LoadBuffering | Verdict::OrderOfExecution => [true, false],
    };
    let word = |allowed| if allowed { "allowed" } else { "forbidden" };
    println!(
        "  {:<44} {:>6} {:>8}  {:<10}{:<10}{}",
        test.name,
        program.states(),
        here.len(),
        word(by_standard),
        word(shown),
        match test.verdict {
            Verdict::LoadBuffering => "load buffering",
            Verdict::OrderOfExecution => "S is the order of execution",
            Verdict::Allowed | Verdict::Forbidden => "",
        }
    );
    let mut agrees = true;
    if stated != [by_standard, shown] {
        println!("MISMATCH: the table says {:?}", test.verdict);
        agrees = false;
    }
    for outcome in here.difference(&allowed.in_order) {
        println!("MISMATCH: shown, and not allowed: {outcome:?}");
        agrees = false;
    }
    for outcome in allowed.in_order.difference(&here) {
        println!("MISMATCH: allowed in order, and not shown: {outcome:?}");
        agrees = false;
    }
    agrees
}

/// The outcomes that a test is about.
struct Weak {
    /// Per register its value, if it matters.
    registers: Vec<Option<u64>>,
    /// Locations with their last values.
    memory: Vec<(usize, u64)>,
}

impl Weak {
    /// `0 1 _ y=2`: the registers in the program's order (`_` for any value), and the last
    /// values of locations.
    fn parse(text: &str) -> Self {
        let (memory, registers): (Vec<_>, Vec<_>) =
            text.split_whitespace().partition(|word| word.contains('='));
        Weak {
            registers: registers.iter().map(|word| word.parse().ok()).collect(),
            memory: memory
                .iter()
                .map(|word| (location(&word[..1]), number(&word[2..])))
                .collect(),
        }
    }

    fn is(&self, outcome: &Outcome) -> bool {
        let Outcome { registers, memory } = outcome;
        let mut wanted = self.registers.iter().zip(registers);
        wanted.all(|(wanted, value)| wanted.is_none_or(|wanted| wanted == *value))
            && self.memory.iter().all(|&(at, value)| memory[at] == value)
    }
}

/// Reads a program: threads are separated by `|`, operations by spaces. `x=1:rlx` stores,
/// `x:acq` loads, `x+1:ar` adds, `x?0>1:acq,rlx` is a compare-exchange of 0 for 1, `F:sc` is a
/// fence. Each operation that reads has the next register.
fn program(text: &str) -> Vec<Vec<Op>> {
    let mut registers = 0..;
    let mut op = |word: &str| {
        let (what, order) = word.split_once(':').expect("an ordering");
        if what == "F" {
            return Op::Fence(ordering(order));
        }
        let (at, rest) = (location(&what[..1]), &what[1..]);
        if let Some(value) = rest.strip_prefix('=') {
            return Op::Write(at, number(value), ordering(order));
        }
        let register = registers.next().expect("there are many");
        if let Some(more) = rest.strip_prefix('+') {
            return Op::Add(register, at, number(more), ordering(order));
        }
        let Some(values) = rest.strip_prefix('?') else {
            return Op::Read(register, at, ordering(order));
        };
        let (expected, new) = values.split_once('>').expect("old>new");
        let (order, failure) = order.split_once(',').expect("two orderings");
        let (order, failure) = (ordering(order), ordering(failure));
        Op::CompareExchange(
            register,
            at,
            number(expected),
            number(new),
            order,
            failure,
        )
    };
    text.split('|')
        .map(|thread| thread.split_whitespace().map(&mut op).collect())
        .collect()
}

fn location(name: &str) -> usize {
    "xyzw".find(name).expect("a location: x, y, z or w")
}

fn number(digits: &str) -> u64 {
    digits.parse().expect("a number")
}

fn ordering(name: &str) -> Ordering {
    match name {
        "rlx" => Relaxed,
        "acq" => Acquire,
        "rel" => Release,
        "ar" => AcqRel,
        "sc" => SeqCst,
        _ => panic!("{name:?} is no ordering"),
    }
}
