//! Given for 08.2: buffers, and a kernel that writes into them until it has said that it does
//! not any more. What it does, and when, is up to the graders.

use std::collections::VecDeque;
// Only so that graders can look on. On one thread.
use std::cell::Cell;
use std::rc::Rc;

/// The result of an operation that was cancelled.
pub const ECANCELED: i32 = -125;
/// To a cancel: no such operation is running.
pub const ENOENT: i32 = -2;
/// To a cancel: the operation can't be stopped any more, or not at once.
pub const EALREADY: i32 = -114;

/// What becomes of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lent {
    /// The program's: nobody writes into it.
    Nobody,
    /// It was handed in.
    Loop,
    /// The kernel writes into it.
    Kernel,
}

/// A buffer. There is one of each: it is moved in, and it is moved out again.
#[derive(Debug)]
pub struct Buffer {
    number: u32,
    lent: Rc<Cell<Lent>>,
}

impl Buffer {
    /// One that the program has.
    pub fn new(number: u32) -> Self {
        let lent = Rc::new(Cell::new(Lent::Nobody));
        Self { number, lent }
    }

    /// The program hands it in.
    pub fn hand_in(&self) {
        self.lent.set(Lent::Loop);
    }

    /// The program has it back: its number.
    pub fn have_back(self) -> u32 {
        assert!(
            self.lent.get() != Lent::Kernel,
            "buffer {} is given back, and the kernel still writes into it: the entry of its \
             operation has not come",
            self.number
        );
        self.lent.set(Lent::Nobody);
        self.number
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        match self.lent.get() {
            Lent::Nobody => {}
            Lent::Loop => panic!(
                "buffer {} was dropped: it is the program's, and comes back with the result",
                self.number
            ),
            Lent::Kernel => panic!(
                "buffer {} was dropped, and the kernel still writes into it",
                self.number
            ),
        }
    }
}

/// What the kernel says: what was started as `key` is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// An operation, or a cancel.
    pub key: u64,
    /// A count, or an error below zero.
    pub result: i32,
}

/// An operation that runs.
#[derive(Debug)]
struct Running {
    key: u64,
    number: u32,
    lent: Rc<Cell<Lent>>,
    /// A cancel has found it, and could not stop it.
    told: bool,
}

/// A cancel that was asked for.
#[derive(Debug)]
struct Asked {
    key: u64,
    target: u64,
    /// The operation that was meant.
    number: u32,
}

/// How the kernel takes a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Stops the operation; its entry comes first, then that of the cancel.
    TargetFirst,
    /// Stops the operation; the entry of the cancel comes first.
    CancelFirst,
    /// Can't stop it: the operation goes on, and ends sooner or later.
    Already,
}

/// The kernel. The loop calls `start` and `cancel`, the graders all else.
#[derive(Debug, Default)]
pub struct Kernel {
    running: Vec<Running>,
    asked: VecDeque<Asked>,
    /// Who ends with an entry that the loop has not seen, and the entry.
    entries: VecDeque<(Option<Running>, Entry)>,
    /// What has happened.
    pub log: Vec<String>,
}

impl Kernel {
    /// Starts an operation, which writes into the buffer until its entry comes.
    pub fn start(&mut self, key: u64, buffer: &Buffer) {
        let number = buffer.number;
        self.log
            .push(format!("start({key:#x}), which is operation {number}"));
        let ends = self.entries.iter().filter_map(|(ends, _)| ends.as_ref());
        if let Some(other) = self.running.iter().chain(ends).find(|it| it.key == key)
        {
            panic!(
                "operation {number} is started as {key:#x}, and that is operation {}, \
                 whose entry has not come",
                other.number
            );
        }
        if let Some(asked) = self.asked.iter().find(|asked| asked.target == key) {
            panic!(
                "operation {number} is started as {key:#x}, and a cancel of {key:#x} is on \
                 its way, which was meant for operation {}",
                asked.number
            );
        }
        buffer.lent.set(Lent::Kernel);
        self.running.push(Running {
            key,
            number,
            lent: Rc::clone(&buffer.lent),
            told: false,
        });
    }

    /// Asks to stop what was started as `target`. The entry of this has `key`.
    pub fn cancel(&mut self, key: u64, target: u64) {
        self.log.push(format!(
            "the kernel is asked to cancel {target:#x}, as {key:#x}"
        ));
        let ends = self.entries.iter().filter_map(|(ends, _)| ends.as_ref());
        let found = self.running.iter().chain(ends).find(|it| it.key == target);
        let number = found.map_or(0, |it| it.number);
        self.asked.push_back(Asked {
            key,
            target,
            number,
        });
    }

    /// The operations that run, by number, and whether each may end as cancelled by itself.
    pub fn running(&self) -> Vec<(u32, bool)> {
        self.running.iter().map(|it| (it.number, it.told)).collect()
    }

    /// An operation ends by itself.
    pub fn finish(&mut self, number: u32, result: i32) {
        self.log.push(format!(
            "the kernel ends operation {number}: {}",
            said(result)
        ));
        self.end(number, result);
    }

    fn end(&mut self, number: u32, result: i32) {
        let place = self.running.iter().position(|it| it.number == number);
        let it = self.running.remove(place.expect("it runs"));
        let key = it.key;
        self.entries.push_back((Some(it), Entry { key, result }));
    }

    /// The operation that the next cancel would find; `None` if there is no cancel.
    pub fn next_cancel(&self) -> Option<Option<u32>> {
        let asked = self.asked.front()?;
        let found = self.running.iter().find(|it| it.key == asked.target);
        Some(found.map(|it| it.number))
    }

    /// The kernel comes to the next cancel.
    pub fn take_cancel(&mut self, how: Takes) {
        let target = self.next_cancel().expect("one was asked for");
        let key = self.asked.pop_front().expect("one was asked for").key;
        let result = match (target, how) {
            (None, _) => ENOENT,
            (_, Takes::Already) => EALREADY,
            _ => 0,
        };
        let what = match target {
            None => "finds nothing".to_owned(),
            Some(number) if result == 0 => format!("stops operation {number}"),
            Some(number) => format!("can't stop operation {number}"),
        };
        self.log
            .push(format!("the kernel takes the cancel {key:#x}: it {what}"));
        let entry = Entry { key, result };
        if how == Takes::CancelFirst {
            self.entries.push_back((None, entry));
        }
        match target {
            Some(number) if result == 0 => self.end(number, ECANCELED),
            Some(number) => {
                let it = self.running.iter_mut().find(|it| it.number == number);
                it.expect("it runs").told = true;
            }
            None => {}
        }
        if how != Takes::CancelFirst {
            self.entries.push_back((None, entry));
        }
    }

    /// How many cancels are on their way.
    pub fn asked(&self) -> usize {
        self.asked.len()
    }

    /// Whether there is an entry.
    pub fn has_entry(&self) -> bool {
        !self.entries.is_empty()
    }

    /// The next entry, and the operation that it ends, if it is one.
    pub fn take_entry(&mut self) -> Option<(Option<u32>, Entry)> {
        let (ends, entry) = self.entries.pop_front()?;
        let Entry { key, result } = entry;
        self.log.push(format!("entry({key:#x}): {}", said(result)));
        if let Some(it) = &ends {
            it.lent.set(Lent::Loop);
        }
        Some((ends.map(|it| it.number), entry))
    }
}

/// A result as a reader knows it.
pub fn said(result: i32) -> String {
    match result {
        ECANCELED => "-ECANCELED".to_owned(),
        ENOENT => "-ENOENT".to_owned(),
        EALREADY => "-EALREADY".to_owned(),
        _ => result.to_string(),
    }
}
