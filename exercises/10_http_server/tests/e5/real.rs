//! Graders of 10.5: clients that go on sending, and whether they get their answer.

use super::on_real::answer::given::{ANSWER, Call};
use super::on_real::answer::{BUFFER, LIMIT, Lingering, Socket, SocketError};

grading::graders![
    it_begins,
    an_upload_goes_on,
    a_client_that_is_done,
    a_client_that_is_quiet,
    a_client_that_does_not_stop,
    just_below_the_limit,
    once_for_each_event,
    nothing_to_read,
    interrupted,
    a_client_that_is_gone,
    nothing_after_the_end,
    many_clients,
];

/// A connection, its client, and what has happened.
struct Checked {
    lingering: Lingering,
    socket: Socket,
    forgotten: usize,
    is_gone: bool,
    story: String,
}

impl Checked {
    fn begin(unread: usize) -> Self {
        let socket = Socket::default();
        socket.client_sends(unread);
        Self::begin_with(socket, format!("{unread} bytes of the client are unread"))
    }

    fn begin_with(socket: Socket, story: String) -> Self {
        grading::step(format!("{story}: in begin"));
        let lingering = Lingering::begin(socket.clone());
        let mut this = Self {
            lingering,
            socket,
            forgotten: 0,
            is_gone: false,
            story,
        };
        let calls = this.look("begin");
        let closed = this.socket.is_closed();
        let may = calls.contains(&Call::ShutdownWrite);
        assert!(
            may,
            "{}: begin has made {}: the client waits for the end of its answer. Shut down \
             the sending half",
            this.story,
            shown(&calls)
        );
        assert!(
            calls.len() == 1 || closed,
            "{}: begin has made {}, and to shut down the sending half is all that it has to \
             do",
            this.story,
            shown(&calls)
        );
        this
    }

    /// What must be so at any time.
    fn look(&mut self, what: &str) -> Vec<Call> {
        let calls = self.socket.calls();
        let story = &self.story;
        for call in &calls {
            if let Call::Recv(asked, Ok(count)) = call {
                self.forgotten += count;
                assert!(
                    (1..=BUFFER).contains(asked),
                    "{story}: {what} has made {}: the buffer has {BUFFER} bytes",
                    shown(&calls)
                );
            }
        }
        let closed = self.socket.is_closed();
        let mut reasons = calls.iter().filter(|call| {
            matches!(call, Call::Recv(1.., Ok(0) | Err(SocketError::Broken)))
        });
        let over = reasons.next().is_some()
            || self.forgotten >= LIMIT
            || what == "on_deadline"
            || what == "begin, on a socket that is broken";
        assert!(
            self.is_gone || !closed || over,
            "{story}: {what} has called close{}: {}",
            match self.socket.client_reads() {
                true => ", and what the client sends now is reset",
                false => ", and the client has lost its answer",
            },
            match what {
                "begin" =>
                    "shut down the sending half, and go on reading".to_owned(),
                _ => format!(
                    "{} bytes were forgotten so far, and the limit is {LIMIT}. Go on \
                     reading until then, or until the client sends no more",
                    self.forgotten
                ),
            }
        );
        assert!(
            closed || !over,
            "{story}: {what} has made {}, and has not called close: {}",
            shown(&calls),
            if what == "on_deadline" {
                "the time is over".to_owned()
            } else if self.forgotten >= LIMIT {
                format!(
                    "{} bytes were forgotten by now, and the limit is {LIMIT}",
                    self.forgotten
                )
            } else {
                "the client sends no more".to_owned()
            }
        );
        grading::step(format!("{story}: in is_gone, after {what}"));
        let got = self.lingering.is_gone();
        assert!(
            got == closed,
            "{story}: after {what} the socket is{} closed, and is_gone() is {got}",
            if closed { "" } else { " not" }
        );
        self.is_gone = closed;
        calls
    }

    fn readable(&mut self) {
        grading::step(format!("{}: in on_readable", self.story));
        let unread = self.socket.unread();
        let was_gone = self.is_gone;
        self.lingering.on_readable();
        let calls = self.look("on_readable");
        let what = format!("{}: on_readable has made {}", self.story, shown(&calls));
        let asks = |call: &&Call| match call {
            Call::Recv(_, result) => *result != Err(SocketError::Interrupted),
            _ => false,
        };
        let reads: Vec<&Call> = calls.iter().filter(asks).collect();
        if was_gone {
            return;
        }
        assert!(
            reads.len() <= 1,
            "{what}: read once, others are waiting. If there is more, the loop says so again"
        );
        let is_signal = |call: &Call| {
            matches!(call, Call::Recv(_, Err(SocketError::Interrupted)))
        };
        let is_interrupted = calls.iter().any(is_signal);
        assert!(
            !reads.is_empty() || is_interrupted,
            "{what}, and {unread} bytes are unread: read them, or the loop says so for ever"
        );
        assert!(
            unread == 0
                || self.socket.unread() < unread
                || self.is_gone
                || is_interrupted,
            "{what}, and {unread} bytes are still unread"
        );
        if let Some(Call::Recv(asked, result)) = reads.first() {
            let before = self.forgotten - result.unwrap_or(0);
            assert!(
                *asked == BUFFER || before + asked >= LIMIT,
                "{what}: the buffer has {BUFFER} bytes"
            );
        }
    }

    /// As long as the loop says so.
    fn read_all(&mut self) {
        for _ in 0..100_000 {
            if !self.socket.is_readable() {
                return;
            }
            self.readable();
        }
        panic!("{}: the loop says for ever that it is readable", self.story);
    }

    fn sends(&mut self, bytes: usize) {
        self.story += &format!(", it sends {bytes}");
        self.socket.client_sends(bytes);
    }

    fn ends(&mut self) {
        self.story += ", it sends no more";
        self.socket.client_ends();
    }

    /// The client reads at last.
    fn has_its_answer(&mut self) {
        assert!(
            self.socket.client_sees_the_end(),
            "{}: the client has read {ANSWER} bytes, and waits for more",
            self.story
        );
        assert!(
            self.socket.client_reads(),
            "{}: the client has lost its answer",
            self.story
        );
        self.story += ", it has read its answer";
    }

    fn deadline(&mut self) {
        grading::step(format!("{}: in on_deadline", self.story));
        self.lingering.on_deadline();
        self.look("on_deadline");
    }
}

fn shown(calls: &[Call]) -> String {
    if calls.is_empty() {
        return "no call".to_owned();
    }
    let one = |call: &Call| match call {
        Call::ShutdownWrite => "shutdown_write".to_owned(),
        Call::Recv(asked, result) => format!("recv of {asked} -> {result:?}"),
        Call::Close => "close".to_owned(),
    };
    let first: Vec<String> = calls.iter().take(4).map(one).collect();
    let more = if calls.len() > 4 { ", ..." } else { "" };
    first.join(", ") + more
}

fn it_begins() {
    for unread in [500, 0, 100_000] {
        Checked::begin(unread);
    }
}

fn an_upload_goes_on() {
    let mut at = Checked::begin(500);
    at.read_all();
    for count in [10_000, 1, 4_096, 4_097, 20_000] {
        at.sends(count);
        at.read_all();
    }
    at.has_its_answer();
    at.ends();
    at.read_all();
}

/// Its end is there already.
fn a_client_that_is_done() {
    for unread in [0, 1, 5_000] {
        let mut at = Checked::begin(unread);
        at.ends();
        at.read_all();
        at.has_its_answer();
    }
}

fn a_client_that_is_quiet() {
    let mut at = Checked::begin(0);
    at.has_its_answer();
    at.deadline();
    let mut at = Checked::begin(700);
    at.read_all();
    at.sends(9);
    at.deadline();
}

fn a_client_that_does_not_stop() {
    for (first, then) in [(1_000_000, 0), (0, 3_000), (4_095, 4_095), (10, 1)] {
        let mut at = Checked::begin(first);
        at.read_all();
        let mut sent = first;
        while then > 0 && sent < LIMIT + BUFFER && !at.is_gone {
            at.socket.client_sends(then);
            sent += then;
            at.read_all();
        }
        let story = &at.story;
        assert!(
            at.is_gone,
            "{story}, and {then} more, again and again: {} bytes were read, and it is not \
             closed. The limit is {LIMIT}",
            at.forgotten
        );
        assert!(
            at.forgotten <= LIMIT + BUFFER,
            "{story}: {} bytes were read: the limit is {LIMIT}, and a buffer above it",
            at.forgotten
        );
    }
}

fn just_below_the_limit() {
    let mut at = Checked::begin(LIMIT - 1);
    at.read_all();
    at.has_its_answer();
    at.sends(1);
    at.readable();
    let mut at = Checked::begin(LIMIT - BUFFER);
    at.read_all();
    at.sends(BUFFER - 1);
    at.read_all();
    at.has_its_answer();
    at.ends();
    at.read_all();
}

fn once_for_each_event() {
    let mut at = Checked::begin(40_000);
    for _ in 0..3 {
        at.readable();
    }
    at.sends(1_000);
    at.readable();
    at.deadline();
}

/// The loop has said so, and it was not so.
fn nothing_to_read() {
    let mut at = Checked::begin(0);
    at.readable();
    at.readable();
    at.sends(3);
    at.readable();
    at.readable();
    at.has_its_answer();
    at.ends();
    at.readable();
}

fn interrupted() {
    let mut at = Checked::begin(5_000);
    for times in [1, 3, 50] {
        at.socket.interrupt(times);
        at.read_all();
        at.sends(10);
    }
    at.ends();
    at.socket.interrupt(2);
    at.read_all();
}

fn a_client_that_is_gone() {
    let mut at = Checked::begin(500);
    at.socket.break_it();
    at.story += ", it is gone";
    at.readable();

    let socket = Socket::default();
    socket.break_it();
    let story = "the client is gone";
    grading::step(format!("{story}: in begin"));
    let mut at = Checked {
        lingering: Lingering::begin(socket.clone()),
        socket,
        forgotten: 0,
        is_gone: false,
        story: story.to_owned(),
    };
    at.look("begin, on a socket that is broken");
    at.readable();
    at.deadline();
}

fn nothing_after_the_end() {
    for end in 0..3 {
        let mut at = Checked::begin(10);
        match end {
            0 => at.ends(),
            1 => at.socket.break_it(),
            _ => at.deadline(),
        }
        at.read_all();
        at.story += ", it is closed";
        at.readable();
        at.deadline();
        at.readable();
        at.deadline();
    }
}

fn many_clients() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..40 {
        let mut at = Checked::begin((random >> 50) as usize);
        for _ in 0..30 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if at.is_gone {
                break;
            }
            match random >> 20 & 15 {
                0 if random >> 40 & 7 == 0 => at.deadline(),
                1 if random >> 40 & 7 == 0 => at.ends(),
                2..=6 => at.sends((random >> 48 & 0x3fff) as usize),
                7 => at.socket.interrupt((random >> 50 & 3) as u32),
                _ => at.readable(),
            }
        }
    }
}
