//! A copy of a program that measures on order, one row of a table: everybody's work is then
//! done in a process of its own, also that of peers from another program, and they can take
//! turns.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use crate::child::SERVERS_CORE;
use crate::machine;

/// The name of a row, to a copy of this program.
const WORK: &str = "THREADBARE_BENCH_WORK";

/// What is to be measured.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The group, or a part of it.
    pub what: &'a str,
    /// How many take part: pairs, threads, whatever the group's columns are.
    pub width: usize,
    /// How often.
    pub amount: usize,
    /// Whether to be bound to the first core.
    pub pinned: bool,
}

/// Measures: the figures that the group has, none where the row has no part in it.
pub type Work = fn(Order<'_>) -> io::Result<Vec<f64>>;

/// If this process is such a copy: has `find` say who does the work of a name, and measures
/// until the parent is done, or gone.
///
/// # Panics
/// If it is one, and there is no such row, or the work fails.
pub fn working_copy(find: impl FnOnce(&str) -> Option<Work>) -> bool {
    let Ok(name) = env::var(WORK) else {
        return false;
    };
    let work = find(&name).expect("the name of a row");
    for line in io::stdin().lines() {
        let line = line.expect("standard input is a pipe");
        let order = parsed(&line).expect("an order");
        // On a thread of its own, because it may be bound to a core.
        let measured = thread::scope(|scope| {
            let measuring = scope.spawn(|| {
                if order.pinned {
                    // Where a thread cannot be bound to a core, the system decides.
                    let _ = machine::pin_to(SERVERS_CORE);
                }
                work(order)
            });
            measuring.join().expect("the reason is above")
        });
        let figures = measured.unwrap_or_else(|error| panic!("{line}: {error}"));
        let figures: Vec<String> = figures.iter().map(f64::to_string).collect();
        println!("{}", figures.join(" "));
    }
    true
}

fn parsed(line: &str) -> Option<Order<'_>> {
    let mut words = line.split_whitespace();
    Some(Order {
        what: words.next()?,
        width: words.next()?.parse().ok()?,
        amount: words.next()?.parse().ok()?,
        pinned: words.next()?.parse().ok()?,
    })
}

/// Such a copy, seen from its parent. Dropped, it ends.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    orders: ChildStdin,
    figures: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts a copy of `program` that does the work of `name`.
    ///
    /// # Errors
    /// If there is no process to be had.
    ///
    /// # Panics
    /// Never: its input and output are pipes.
    pub fn start(program: &Path, name: &str) -> io::Result<Self> {
        let mut child = Command::new(program)
            .env(WORK, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take().expect("it is piped");
        let figures = BufReader::new(child.stdout.take().expect("it is piped"));
        Ok(Self {
            child,
            orders,
            figures,
        })
    }

    /// Its number.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Has something measured.
    ///
    /// # Errors
    /// If it has failed; it has said why on standard error.
    pub fn measure(&mut self, order: Order<'_>) -> io::Result<Vec<f64>> {
        let Order {
            what,
            width,
            amount,
            pinned,
        } = order;
        writeln!(self.orders, "{what} {width} {amount} {pinned}")?;
        let mut line = String::new();
        if self.figures.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let figures = line.split_whitespace().map(str::parse);
        figures.collect::<Result<_, _>>().map_err(io::Error::other)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only if it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
