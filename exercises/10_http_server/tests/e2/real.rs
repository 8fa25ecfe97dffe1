//! Graders of 10.2: which calls the output makes, with which bytes, and what arrives.

use std::collections::VecDeque;

use super::on_real::answer::given::Call;
use super::on_real::answer::{Output, PIECES, Progress, Rc, Socket, WriteError};

grading::graders![
    a_head_and_a_body,
    nothing_is_pending,
    cut_at_every_byte,
    byte_by_byte,
    several_answers,
    more_pieces_than_a_call_takes,
    empty_ones,
    a_body_is_not_copied,
    the_same_body_twice,
    a_body_is_let_go,
    interrupted,
    broken,
    many_steps,
];

/// An output, the socket that it writes to, and what it should do.
struct Checked {
    output: Output,
    socket: Socket,
    /// The bytes so far, and which of them have gone.
    stream: Vec<u8>,
    gone: usize,
    /// Where in the stream each piece that is pending ends.
    ends: VecDeque<usize>,
    /// Where in the stream each body begins, and the body.
    bodies: Vec<(usize, Rc<[u8]>)>,
}

impl Checked {
    fn new() -> Self {
        Self {
            output: Output::new(),
            socket: Socket::default(),
            stream: Vec::new(),
            gone: 0,
            ends: VecDeque::new(),
            bodies: Vec::new(),
        }
    }

    /// Bytes that are nowhere else in the stream, if it is short.
    fn next_bytes(&mut self, count: usize) -> Vec<u8> {
        let start = self.stream.len();
        let bytes: Vec<u8> =
            (start..).take(count).map(|at| (at % 251) as u8).collect();
        self.stream.extend_from_slice(&bytes);
        if count > 0 {
            self.ends.push_back(self.stream.len());
        }
        bytes
    }

    fn head(&mut self, count: usize) {
        let bytes = self.next_bytes(count);
        grading::step(format!("in head, with {count} bytes"));
        self.output.head(&bytes);
    }

    fn body(&mut self, count: usize) {
        let start = self.stream.len();
        let body: Rc<[u8]> = self.next_bytes(count).into();
        self.bodies.push((start, Rc::clone(&body)));
        grading::step(format!("in body, with {count} bytes"));
        self.output.body(body);
    }

    fn write(&mut self) {
        let room = self.socket.room();
        let sizes = self.sizes();
        let most = calls_for(&sizes, room);
        let what = match sizes.len() {
            0 => format!("nothing pending, room for {room}"),
            1 => format!("a piece of {}, room for {room}", bytes(sizes[0])),
            2..=9 => {
                let sizes = list(&sizes);
                format!("pieces of {sizes} bytes, room for {room}")
            }
            count => format!("{count} pieces, room for {room}"),
        };
        grading::step(format!("in write, with {what}"));
        let got = self.output.write(&self.socket);
        let from = self.gone;
        let pending = self.stream.len() - from;
        let goes = room.min(pending);
        let calls = self.socket.calls();
        self.same_bytes(&what, from);
        for call in &calls {
            self.no_copies(&what, call);
            self.gone += call.result.unwrap_or(0);
        }
        assert!(
            self.gone == from + goes,
            "{what}: write has returned {got:?}, and {} bytes have gone out: there is room \
             for {goes}",
            self.gone - from
        );
        let gone = self.gone;
        self.ends.retain(|end| *end > gone);
        let must = match pending == goes {
            true => Progress::Done,
            false => Progress::Blocked,
        };
        assert!(
            got == Ok(must),
            "{what}: write has returned {got:?}, and {} bytes are left: it has to be {must:?}",
            pending - goes
        );
        let asks = |call: &&Call| call.result != Err(WriteError::Interrupted);
        let made = calls.iter().filter(asks).count();
        assert!(
            made <= most,
            "{what}: write has made {made} calls, and {most} are enough. The last of them: {}",
            calls.last().map(shown).unwrap_or_default()
        );
        let left = self.output.pending();
        assert!(
            left == pending - goes,
            "{what}: after the write pending() is {left}, and it has to be {}",
            pending - goes
        );
        for (start, body) in &self.bodies {
            let held = Rc::strong_count(body) - 1;
            let end = start + body.len();
            assert!(
                held == 0 || end > self.gone,
                "{what}: a body of {} bytes has gone out, and the output still holds it",
                body.len()
            );
        }
    }

    /// How much of each piece is pending.
    fn sizes(&self) -> Vec<usize> {
        let mut from = self.gone;
        let size = |end: &usize| end - std::mem::replace(&mut from, *end);
        self.ends.iter().map(size).collect()
    }

    fn same_bytes(&self, what: &str, from: usize) {
        let received = self.socket.received();
        let places = received.iter().zip(&self.stream).skip(from).enumerate();
        if let Some((place, _)) = { places }.find(|(_, (got, must))| got != must) {
            panic!(
                "{what}: byte {place} that has gone out is not byte {place} that was pending"
            );
        }
        assert!(
            received.len() <= self.stream.len(),
            "{what}: {} bytes have gone out that nobody has put in",
            received.len() - self.stream.len()
        );
    }

    /// Each byte of a body that a call was given is where the body is.
    fn no_copies(&self, what: &str, call: &Call) {
        let mut at = self.gone;
        for (address, count) in &call.pieces {
            for (start, body) in &self.bodies {
                let first = at.max(*start);
                if first >= (at + count).min(start + body.len()) {
                    continue;
                }
                let there = body.as_ptr().addr() + (first - start);
                assert!(
                    address + (first - at) == there,
                    "{what}: write_vectored was given a copy of a body of {} bytes: give it \
                     the bytes themselves",
                    body.len()
                );
            }
            at += count;
        }
    }
}

fn list(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    sizes.join(", ")
}

fn bytes(count: usize) -> String {
    match count {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

/// How many calls it takes to write pieces of these sizes.
fn calls_for(sizes: &[usize], room: usize) -> usize {
    let mut left = room;
    let mut calls = 0;
    for chunk in sizes.chunks(PIECES) {
        let asked: usize = chunk.iter().sum();
        calls += 1;
        if asked > left {
            break;
        }
        left -= asked;
    }
    calls
}

fn shown(call: &Call) -> String {
    let sizes: Vec<usize> = call.pieces.iter().map(|piece| piece.1).collect();
    format!("[{}] -> {:?}", list(&sizes), call.result)
}

fn a_head_and_a_body() {
    let mut at = Checked::new();
    at.head(5);
    at.body(8);
    at.socket.make_room(100);
    at.write();
    at.head(20);
    at.write();
    at.body(20);
    at.write();
}

fn nothing_is_pending() {
    let mut at = Checked::new();
    at.write();
    at.socket.make_room(4);
    at.write();
    at.head(4);
    at.write();
    at.write();
    at.socket.make_room(9);
    at.write();
}

fn cut_at_every_byte() {
    for room in 0..=21 {
        let mut at = Checked::new();
        at.head(5);
        at.body(8);
        at.head(3);
        at.body(5);
        at.socket.make_room(room);
        at.write();
        at.write();
        at.socket.make_room(21);
        at.write();
        at.write();
    }
}

fn byte_by_byte() {
    let mut at = Checked::new();
    for count in [3, 1, 4] {
        at.head(count);
        at.body(count);
    }
    at.write();
    for _ in 0..16 {
        at.socket.make_room(1);
        at.write();
        at.write();
    }
}

/// Some of them come while others are on their way.
fn several_answers() {
    let mut at = Checked::new();
    at.head(10);
    at.body(30);
    at.socket.make_room(15);
    at.write();
    at.head(10);
    at.body(5);
    at.write();
    at.socket.make_room(28);
    at.write();
    at.head(7);
    at.socket.make_room(100);
    at.write();
    at.body(100);
    at.write();
    at.socket.make_room(500);
    at.write();
}

fn more_pieces_than_a_call_takes() {
    for pieces in [7, 8, 9, 16, 17, 100] {
        for room in [0, 8, 9, 15, 24, 1_000] {
            let mut at = Checked::new();
            for _ in 0..pieces {
                at.body(3);
            }
            at.socket.make_room(room);
            at.write();
            at.socket.make_room(1_000);
            at.write();
            at.write();
        }
    }
}

fn empty_ones() {
    let mut at = Checked::new();
    at.head(0);
    at.write();
    at.body(0);
    at.write();
    at.head(5);
    at.body(0);
    at.head(0);
    at.body(0);
    at.body(4);
    at.body(0);
    at.socket.make_room(5);
    at.write();
    at.socket.make_room(5);
    at.write();
    for _ in 0..20 {
        at.body(0);
        at.head(0);
    }
    at.head(3);
    at.socket.make_room(5);
    at.write();
    at.write();
}

fn a_body_is_not_copied() {
    let mut at = Checked::new();
    at.head(100);
    at.body(100_000);
    at.head(100);
    at.body(10);
    for room in [10, 90, 1, 50_000, 49_998, 1, 1, 105, 5] {
        at.socket.make_room(room);
        at.write();
    }
}

/// As for clients that ask twice for one file.
fn the_same_body_twice() {
    let body: Rc<[u8]> = [7; 4].into();
    let mut output = Output::new();
    let socket = Socket::default();
    for _ in 0..2 {
        grading::step(
            "in head, with 3 bytes, and body, with 4 that are the same each time",
        );
        output.head(b"abc");
        output.body(Rc::clone(&body));
        output.body(Rc::clone(&body));
    }
    let pending = output.pending();
    assert!(
        pending == 22,
        "a head of 3 bytes and twice one body of 4, all of that twice: pending() is \
         {pending}, and it has to be 22"
    );
    socket.make_room(100);
    grading::step("in write, with one body four times among the pieces");
    let got = output.write(&socket);
    let gone = socket.received();
    assert!(
        got == Ok(Progress::Done)
            && gone == *b"abc\x07\x07\x07\x07\x07\x07\x07\x07".repeat(2),
        "a head of 3 bytes and twice one body of 4, all of that twice: write has returned \
         {got:?}, and {} bytes have gone out: it has to be each of the 22, in order",
        gone.len()
    );
    drop(output);
}

fn a_body_is_let_go() {
    let mut at = Checked::new();
    for _ in 0..3 {
        at.head(2);
        at.body(4);
    }
    for room in [2, 4, 2, 4, 6] {
        at.socket.make_room(room);
        at.write();
    }
}

fn interrupted() {
    let mut at = Checked::new();
    at.head(5);
    at.body(8);
    for (room, times) in [(3, 1), (4, 3), (0, 1), (100, 1_000)] {
        at.socket.make_room(room);
        at.socket.interrupt(times);
        at.write();
    }
    at.body(30);
    at.socket.interrupt(2);
    at.write();
}

fn broken() {
    for gone in [0, 3, 7] {
        let mut at = Checked::new();
        at.head(5);
        at.body(8);
        at.socket.make_room(gone);
        at.write();
        at.socket.make_room(100);
        at.socket.break_it();
        grading::step("in write, to a socket that is broken");
        let got = at.output.write(&at.socket);
        let calls = at.socket.calls();
        assert!(
            got == Err(WriteError::Broken),
            "the socket is broken, and write has returned {got:?}: it has to be \
             Err(Broken)"
        );
        assert!(
            calls.len() == 1,
            "the socket is broken, and write has made {} calls: what is broken stays so",
            calls.len()
        );
        grading::step("in write, once more, to a socket that is broken");
        let got = at.output.write(&at.socket);
        assert!(
            got != Ok(Progress::Done),
            "the socket is broken, and {} bytes have not gone out, but the next write has \
             returned {got:?}: nobody will ever read them",
            13 - gone
        );
    }
}

fn many_steps() {
    let mut at = Checked::new();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..600 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let count = (random >> 32 & 31) as usize;
        match random >> 16 & 7 {
            0 | 1 => at.head(count),
            2 | 3 => at.body(count),
            4 => at.socket.make_room(count * 3),
            5 => at.socket.interrupt((random >> 20 & 1) as u32),
            _ => at.write(),
        }
    }
    at.socket.make_room(at.stream.len());
    at.write();
}
