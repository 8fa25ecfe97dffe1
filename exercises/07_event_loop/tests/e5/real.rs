//! Graders of 07.5: which calls each answer costs, and what arrives at the other end.

use super::on_real::answer::Output;
use super::on_real::answer::given::{Call, Socket, WriteError};

grading::graders![
    all_of_it_fits,
    nothing_to_send,
    some_of_it_fits,
    nothing_fits,
    what_is_pending_comes_first,
    bit_by_bit,
    an_old_event,
    as_much_as_you_like,
    interrupted,
    interrupted_again_and_again,
    broken,
    broken_meanwhile,
    many_steps,
];

/// An output, the socket below it, and how many bytes were sent so far.
struct Checked {
    output: Output,
    socket: Socket,
    sent: usize,
}

/// The byte at a place in the stream.
fn byte(place: usize) -> u8 {
    (place % 251) as u8
}

impl Checked {
    fn new(room: usize) -> Self {
        let socket = Socket::default();
        socket.make_room(room);
        Self {
            output: Output::new(socket.clone()),
            socket,
            sent: 0,
        }
    }

    fn send(&mut self, count: usize) {
        let before = self.before();
        let what = format!("send of {count} bytes, with {before}");
        let was_pending = self.output.pending() > 0;
        let room = self.socket.room();
        let bytes: Vec<u8> = (self.sent..).take(count).map(byte).collect();
        let got = self.output.send(&bytes);
        self.sent += count;
        let calls = self.check(&what, got);
        assert!(
            !(was_pending || count == 0) || calls.is_empty(),
            "{what}: that made {}, and no call is right",
            shown(&calls)
        );
        assert!(
            was_pending || count > room || interest(&calls) == 0,
            "{what}: that made {}, and one write is all that is needed",
            shown(&calls)
        );
        assert!(
            was_pending || self.socket.room() == room.saturating_sub(count),
            "{what}: there is still room for {} bytes, and {} are pending",
            self.socket.room(),
            self.output.pending()
        );
    }

    /// The loop says that there is room; or has said so, some time ago.
    fn on_writable(&mut self) {
        let before = self.before();
        let what = format!("on_writable, with {before}");
        let (pending, room) = (self.output.pending(), self.socket.room());
        let got = self.output.on_writable();
        let calls = self.check(&what, got);
        assert!(
            pending > 0 || calls.is_empty(),
            "{what}: that made {}, and no call is right",
            shown(&calls)
        );
        assert!(
            pending == 0 || self.socket.room() == room.saturating_sub(pending),
            "{what}: there is still room for {} bytes, and {} are pending",
            self.socket.room(),
            self.output.pending()
        );
        assert!(
            interest(&calls) <= 1,
            "{what}: that made {}, and interest changes once at most",
            shown(&calls)
        );
    }

    fn before(&self) -> String {
        let pending = match self.output.pending() {
            0 => String::new(),
            pending => format!(" and {pending} pending"),
        };
        format!("room for {}{pending}", self.socket.room())
    }

    /// What must be so at any time.
    fn check(&self, what: &str, got: Result<(), WriteError>) -> Vec<Call> {
        let calls = self.socket.calls();
        assert!(
            got.is_ok(),
            "{what}: that returned {got:?}, and nothing is broken"
        );
        let received = self.socket.received();
        let pending = self.output.pending();
        let mut places = received.iter().enumerate();
        if let Some((place, _)) = places.find(|(place, got)| **got != byte(*place)) {
            panic!(
                "{what}: byte {place} that has gone out is not byte {place} that was sent"
            );
        }
        assert!(
            received.len() + pending == self.sent,
            "{what}: of {} bytes that were sent, {} have gone out, and pending() is \
             {pending}",
            self.sent,
            received.len()
        );
        assert!(
            pending == 0 || self.socket.is_armed(),
            "{what}: {pending} bytes are pending, and write interest is not armed: nobody \
             will ever write them"
        );
        assert!(
            pending > 0 || !self.socket.is_armed(),
            "{what}: nothing is pending, and write interest is armed: the loop is told of \
             room again and again, and never sleeps"
        );
        let writes = calls.iter().filter(|call| is_write(call)).count();
        assert!(
            writes <= 2,
            "{what}: that made {}, and two writes are enough",
            shown(&calls)
        );
        calls
    }
}

/// Interrupted ones are not counted.
fn is_write(call: &Call) -> bool {
    matches!(call, Call::Write(_, result) if *result != Err(WriteError::Interrupted))
}

/// How many of them change the interest.
fn interest(calls: &[Call]) -> usize {
    let changes = calls.iter().filter(|call| !matches!(call, Call::Write(..)));
    changes.count()
}

fn shown(calls: &[Call]) -> String {
    if calls.is_empty() {
        return "no call".to_owned();
    }
    let alike = calls.chunk_by(|one, next| one == next);
    let shown = alike.map(|alike| {
        let call = match &alike[0] {
            Call::Write(asked, Ok(count)) => format!("write of {asked} -> {count}"),
            Call::Write(asked, Err(error)) => {
                format!("write of {asked} -> {error:?}")
            }
            Call::Arm => "arm".to_owned(),
            Call::Disarm => "disarm".to_owned(),
        };
        match alike.len() {
            1 => call,
            count => format!("{call} ({count} times)"),
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn all_of_it_fits() {
    let mut at = Checked::new(100);
    for count in [5, 1, 94] {
        at.send(count);
    }
}

fn nothing_to_send() {
    let mut at = Checked::new(10);
    at.send(0);
    at.send(10);
    at.send(0);
    at.send(3);
    at.send(0);
}

fn some_of_it_fits() {
    let mut at = Checked::new(5);
    at.send(8);
    at.socket.make_room(100);
    at.on_writable();
    at.send(20);
}

fn nothing_fits() {
    let mut at = Checked::new(0);
    at.send(8);
    at.socket.make_room(8);
    at.on_writable();
    at.send(1);
    at.socket.make_room(1);
    at.on_writable();
}

fn what_is_pending_comes_first() {
    let mut at = Checked::new(5);
    at.send(8);
    at.socket.make_room(100);
    at.send(4);
    at.send(300);
    at.on_writable();
    at.socket.make_room(500);
    at.on_writable();
    at.send(7);
}

fn bit_by_bit() {
    let mut at = Checked::new(0);
    at.send(7);
    for room in [1, 2, 1, 3] {
        at.socket.make_room(room);
        at.on_writable();
    }
    at.on_writable();
    at.socket.make_room(100);
    at.send(7);
}

/// The loop has said that there is room, and meanwhile there is none, or nothing to write.
fn an_old_event() {
    let mut at = Checked::new(10);
    at.on_writable();
    at.send(10);
    at.on_writable();
    at.send(3);
    at.on_writable();
    at.on_writable();
    at.socket.make_room(3);
    at.on_writable();
    at.on_writable();
}

/// A limit for what is pending is the caller's.
fn as_much_as_you_like() {
    let mut at = Checked::new(100_000);
    at.send(100_000);
    at.socket.make_room(10);
    at.send(100_000);
    at.send(100_000);
    at.socket.make_room(150_000);
    at.on_writable();
    at.socket.make_room(150_000);
    at.on_writable();
}

fn interrupted() {
    let mut at = Checked::new(10);
    at.socket.interrupt(1);
    at.send(4);
    at.socket.interrupt(3);
    at.send(8);
    at.socket.interrupt(2);
    at.on_writable();
    at.socket.make_room(50);
    at.socket.interrupt(1);
    at.on_writable();
}

fn interrupted_again_and_again() {
    let mut at = Checked::new(10);
    at.socket.interrupt(1_000);
    at.send(4);
    at.send(8);
    at.socket.make_room(50);
    at.socket.interrupt(1_000);
    at.on_writable();
}

/// The sentence of `what` is told if the error is not returned at once, and left at that.
fn must_break(what: &str, got: Result<(), WriteError>, calls: &[Call]) {
    let shown = shown(calls);
    assert!(
        got == Err(WriteError::Broken),
        "{what}: nobody will ever read it, and that made {shown}, and returned {got:?}"
    );
    let is_broken =
        |call: &&Call| matches!(call, Call::Write(_, Err(WriteError::Broken)));
    assert!(
        calls.iter().filter(is_broken).count() <= 1,
        "{what}: that made {shown}: what is broken stays so, and is tried once"
    );
    assert!(
        !calls.contains(&Call::Arm),
        "{what}: that made {shown}: the connection is given up, and nothing has to be told \
         of it"
    );
}

fn broken() {
    let mut at = Checked::new(10);
    at.socket.break_it();
    let got = at.output.send(b"hello");
    must_break("send, to a broken socket", got, &at.socket.calls());
    let mut at = Checked::new(2);
    at.send(5);
    at.socket.break_it();
    let got = at.output.on_writable();
    let what = "on_writable, with 3 bytes pending, of a broken socket";
    must_break(what, got, &at.socket.calls());
}

/// The other end goes when a part has been written. Who writes once more learns of it.
fn broken_meanwhile() {
    let mut at = Checked::new(2);
    at.socket.break_when_full();
    let mut got = at.output.send(b"hello");
    let mut calls = at.socket.calls();
    let broken = |calls: &[Call]| {
        let write = calls.iter().rfind(|call| is_write(call));
        matches!(write, Some(Call::Write(_, Err(_))))
    };
    let mut what = "send of 5 bytes, with room for 2, to a socket that breaks then";
    if !broken(&calls) {
        assert!(
            got.is_ok(),
            "{what}: that made {}, and returned {got:?}",
            shown(&calls)
        );
        at.socket.make_room(1);
        got = at.output.on_writable();
        calls = at.socket.calls();
        what = "on_writable, with room for 1 and 3 pending, of a socket that breaks then";
    }
    if !broken(&calls) {
        got = at.output.on_writable();
        calls = at.socket.calls();
        what = "on_writable, with 2 bytes pending, of a broken socket";
    }
    must_break(what, got, &calls);
}

fn many_steps() {
    let mut at = Checked::new(0);
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..400 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let count = (random >> 32 & 63) as usize;
        match random >> 16 & 7 {
            0..=2 => at.send(count),
            3..=4 => at.socket.make_room(count),
            5 => at.socket.interrupt((random >> 20 & 1) as u32),
            _ => at.on_writable(),
        }
    }
    at.socket.make_room(at.sent);
    at.on_writable();
    let left = at.output.pending();
    assert!(
        left == 0,
        "there was room for all, and {left} bytes are pending"
    );
}
