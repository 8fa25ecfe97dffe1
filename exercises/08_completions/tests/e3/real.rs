//! Graders of 08.3: files that are copied with every result that a kernel may have.

use super::on_real::answer::{ECANCELED, EINTR, How, Step, Transfer};

grading::graders![
    all_at_once,
    piece_by_piece,
    far_away,
    interrupted,
    errors,
    a_cancel_in_between,
    a_cancel_too_early_or_too_late,
    every_small_copy,
];

/// The result of what is broken.
const EIO: i32 = -5;

/// What is known of a copy by its steps and its results.
struct World {
    copy: Transfer,
    /// The last step; its buffer is taken out.
    step: Step,
    /// Where the one file begins to be read, and the other one to be written.
    begins: (u64, u64),
    buffer: *const u8,
    /// So many bytes were handed in.
    room: usize,
    file: Vec<u8>,
    written: Vec<u8>,
    read: usize,
    /// What of the buffer is to be written.
    pending: (usize, usize),
    is_cancelled: bool,
    /// What the last result means, if it ends the copy.
    must_end: Option<How>,
    /// Whether a read has ended last, and how.
    last: Option<(bool, i32)>,
    log: Vec<String>,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for line in &self.log {
                println!("{line}");
            }
        }
    }
}

impl World {
    /// A file of that length, and a buffer. It has begun.
    fn new(length: usize, room: usize) -> Self {
        Self::far(length, room, (100, 500), false)
    }

    fn far(
        length: usize,
        room: usize,
        begins: (u64, u64),
        is_cancelled: bool,
    ) -> Self {
        grading::step("in start()");
        let buffer = vec![0; room];
        let mut copy = Transfer::new(begins.0, begins.1);
        let mut log = Vec::new();
        if is_cancelled {
            let asked = copy.cancel();
            log.push(format!("cancel(): {asked}"));
            assert!(!asked, "cancel() is true, and nothing has begun");
        }
        let pointer = buffer.as_ptr();
        let step = copy.start(buffer);
        let mut world = Self {
            copy,
            step,
            begins,
            buffer: pointer,
            room,
            file: (0..length)
                .map(|byte| (byte as u8).wrapping_add(1))
                .collect(),
            written: Vec::new(),
            read: 0,
            pending: (0, 0),
            is_cancelled,
            must_end: is_cancelled.then_some(How::Cancelled),
            last: None,
            log,
        };
        world.look();
        world
    }

    /// What has happened so far, as the beginning of a sentence.
    fn so_far(&self) -> String {
        let (from, to) = self.pending;
        let last = match self.last {
            None => "nothing has happened yet".to_owned(),
            Some((true, result)) => {
                format!("the read has ended with {}", said(result))
            }
            Some((_, result)) => {
                format!("the write has ended with {}", said(result))
            }
        };
        let cancelled = if self.is_cancelled {
            "cancel() was called, "
        } else {
            ""
        };
        let rest = match to - from {
            0 => String::new(),
            1 => ", 1 byte in the buffer is not written".to_owned(),
            many => format!(", {many} bytes in the buffer are not written"),
        };
        format!("{cancelled}{last}{rest}")
    }

    /// Looks whether the step is the right one.
    fn look(&mut self) {
        let shown = shown(&self.step);
        self.log.push(shown.clone());
        let so_far = self.so_far();
        let (from, to) = self.pending;
        let (read_at, write_at) = (
            self.begins.0 + self.read as u64,
            self.begins.1 + self.written.len() as u64,
        );
        let (right, must) = match (&self.step, self.must_end) {
            (Step::End { how, .. }, Some(end)) => {
                (*how == end, format!("End, {end:?}"))
            }
            (_, Some(end)) => (false, format!("End, {end:?}")),
            (Step::Read { at, .. }, None) => (
                from == to && *at == read_at,
                self.expected(read_at, write_at),
            ),
            (
                Step::Write {
                    at, from: f, to: t, ..
                },
                None,
            ) => {
                let right = from < to && (*f, *t) == (from, to) && *at == write_at;
                (right, self.expected(read_at, write_at))
            }
            (Step::End { .. }, None) => (false, self.expected(read_at, write_at)),
        };
        assert!(
            right,
            "{so_far}, and the next step is {shown}. It has to be {must}"
        );
        let (Step::Read { buffer, .. }
        | Step::Write { buffer, .. }
        | Step::End { buffer, .. }) = &self.step;
        assert!(
            buffer.as_ptr() == self.buffer,
            "{shown} has another buffer: the one that came back goes out again"
        );
        let (bytes, room) = (buffer.len(), self.room);
        let is_whole = match self.step {
            Step::Write { to, .. } => to <= bytes,
            _ => bytes == room,
        };
        assert!(
            is_whole,
            "{shown} goes out with a buffer of {bytes} bytes, and {room} were handed in"
        );
        if let Step::End { copied, .. } = self.step {
            let many = self.written.len() as u64;
            assert!(
                copied == many,
                "{so_far}. The writes have written {many} in all, and the end says that {copied} \
                 were copied"
            );
        }
    }

    fn expected(&self, read_at: u64, write_at: u64) -> String {
        match self.pending {
            (from, to) if from < to => {
                format!("Write of buffer[{from}..{to}] at {write_at}")
            }
            _ => format!("Read at {read_at}"),
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.step, Step::End { .. })
    }

    /// So many bytes the operation that is out can bring.
    fn most(&self) -> usize {
        match &self.step {
            Step::Read { buffer, .. } => {
                buffer.len().min(self.file.len() - self.read)
            }
            Step::Write { from, to, .. } => to - from,
            Step::End { .. } => 0,
        }
    }

    fn is_read(&self) -> bool {
        matches!(self.step, Step::Read { .. })
    }

    /// The operation that is out ends: a count, or an error.
    fn result(&mut self, result: i32) {
        self.log.push(format!("  -> {}", said(result)));
        let count = usize::try_from(result).unwrap_or(0);
        let is_read = self.is_read();
        self.last = Some((is_read, result));
        let none = Step::Read {
            at: 0,
            buffer: Vec::new(),
        };
        let buffer = match std::mem::replace(&mut self.step, none) {
            Step::Read { mut buffer, .. } => {
                let bytes = &self.file[self.read..self.read + count];
                buffer[..count].copy_from_slice(bytes);
                self.read += count;
                self.pending = (0, count);
                buffer
            }
            Step::Write { from, buffer, .. } => {
                self.written.extend(&buffer[from..from + count]);
                self.pending.0 += count;
                buffer
            }
            Step::End { .. } => unreachable!("nothing is out"),
        };
        self.must_end = match (is_read, result) {
            (_, ECANCELED) => Some(How::Cancelled),
            (true, 0) => Some(How::Whole),
            (_, 1.. | EINTR) => self.is_cancelled.then_some(How::Cancelled),
            (true, _) => Some(How::ReadFailed(result)),
            (false, _) => Some(How::WriteFailed(result)),
        };
        grading::step("in ended()");
        self.step = self.copy.ended(result, buffer);
        self.look();
        assert!(
            self.written == self.file[..self.written.len()],
            "{:?} was read, and {:?} was written",
            &self.file[..self.read],
            self.written
        );
    }

    fn cancel(&mut self) {
        let must = !self.is_over() && !self.is_cancelled;
        grading::step("in cancel()");
        let asked = self.copy.cancel();
        self.log.push(format!("cancel(): {asked}"));
        let why = if self.is_over() {
            "the copy is over: there is nothing to cancel"
        } else if self.is_cancelled {
            "the operation that is out was cancelled before"
        } else {
            "an operation is out: the loop has to cancel it"
        };
        assert!(asked == must, "cancel() is {asked}, and {why}");
        self.is_cancelled = true;
    }

    /// So many bytes each, as long as it goes.
    fn by(&mut self, count: usize) {
        while !self.is_over() {
            let count = self.most().min(count);
            self.result(count as i32);
        }
    }
}

fn said(result: i32) -> String {
    match result {
        EINTR => "-EINTR".to_owned(),
        ECANCELED => "-ECANCELED".to_owned(),
        EIO => "-EIO".to_owned(),
        0 => "0".to_owned(),
        1 => "1 byte".to_owned(),
        ..0 => format!("error {result}"),
        _ => format!("{result} bytes"),
    }
}

fn shown(step: &Step) -> String {
    match step {
        Step::Read { at, .. } => format!("Read at {at}"),
        Step::Write { at, from, to, .. } => {
            format!("Write of buffer[{from}..{to}] at {at}")
        }
        Step::End { how, copied, .. } => format!("End, {how:?}, {copied} bytes"),
    }
}

fn all_at_once() {
    for (length, room) in [(0, 1), (5, 8), (8, 8), (20, 8), (300, 64)] {
        World::new(length, room).by(room);
    }
}

fn piece_by_piece() {
    // A short read.
    let mut world = World::new(8, 8);
    world.result(3);
    world.result(3);
    world.by(8);
    // A short write.
    let mut world = World::new(8, 3);
    world.result(3);
    world.result(2);
    world.result(1);
    world.by(8);
    World::new(7, 4).by(1);
}

/// More than 32 bits.
fn far_away() {
    for begins in [
        (1 << 40, 0),
        (0, 1 << 40),
        (u64::from(u32::MAX) - 1, 1 << 32),
    ] {
        World::far(9, 4, begins, false).by(3);
    }
}

fn interrupted() {
    let mut world = World::new(8, 4);
    world.result(EINTR);
    world.result(EINTR);
    world.result(4);
    world.result(EINTR);
    world.result(1);
    world.result(EINTR);
    world.by(8);
}

fn errors() {
    // EAGAIN, too: whoever copies files is told of it by nobody, and never waits.
    for result in [EIO, -11, -28, i32::MIN] {
        World::new(8, 4).result(result);
        let mut world = World::new(8, 4);
        world.result(4);
        world.result(1);
        world.result(result);
    }
    // Nothing is written.
    let mut world = World::new(8, 4);
    world.result(4);
    world.result(3);
    world.result(0);
}

fn a_cancel_in_between() {
    // While a read is out, and while a write is.
    for result in [ECANCELED, EINTR, EIO, 3, 4] {
        let mut world = World::new(8, 4);
        world.cancel();
        world.cancel();
        world.result(result);
        world.cancel();
        let mut world = World::new(8, 4);
        world.result(4);
        world.cancel();
        world.result(result);
        world.cancel();
    }
    // It has found the end.
    let mut world = World::new(4, 4);
    world.result(4);
    world.result(4);
    world.cancel();
    world.result(0);
    // Somebody else has cancelled it: its descriptor is closed.
    World::new(4, 4).result(ECANCELED);
}

fn a_cancel_too_early_or_too_late() {
    World::far(4, 4, (0, 0), true);
    let mut world = World::new(4, 4);
    world.by(4);
    world.cancel();
    world.cancel();
}

/// Each operation ends in each way that there is; one of them is interrupted or fails, and
/// the copy is cancelled once, or not.
fn every_small_copy() {
    for (length, room) in [(0, 1), (1, 1), (2, 1), (2, 2), (3, 2)] {
        // What was picked at each step, and of how many.
        let mut picked: Vec<(usize, usize)> = Vec::new();
        loop {
            let mut world = World::new(length, room);
            let mut is_disturbed = false;
            let mut step = 0;
            while !world.is_over() {
                let counts = match world.most() {
                    0 => vec![0],
                    most => (1..=most as i32).collect(),
                };
                let mut results = counts.clone();
                if !is_disturbed {
                    results.extend([EINTR, EIO, ECANCELED]);
                }
                let cancels = usize::from(!world.is_cancelled) + 1;
                if step == picked.len() {
                    picked.push((0, results.len() * cancels));
                }
                let pick = picked[step].0;
                step += 1;
                if pick >= results.len() {
                    world.cancel();
                }
                let result = results[pick % results.len()];
                is_disturbed |= result < 0;
                world.result(result);
            }
            while picked.pop_if(|(pick, of)| *pick + 1 == *of).is_some() {}
            let Some((pick, _)) = picked.last_mut() else {
                break;
            };
            *pick += 1;
        }
    }
}
