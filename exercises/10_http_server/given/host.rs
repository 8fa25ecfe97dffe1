//! Given for 10.4: a protocol that is HTTP in one line, and the rest of the server. The host
//! writes down what it is asked, and knows what may be asked of it.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// As soon as so many bytes of answers are gathered, they have to go.
pub const LIMIT: usize = 1_000;

/// What a parser says of the beginning of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed<'a> {
    /// The first request is not complete. There may be nothing of it.
    Partial,
    /// `GET /target` or `GET /target close`, and a line feed.
    Request {
        /// How long it is, with the line feed.
        used: usize,
        /// What is asked for.
        target: &'a str,
        /// The client wants no further answer.
        last: bool,
    },
    /// This is no request, and nobody knows where the next one begins.
    Refused,
}

/// Looks at the first request of a stream.
pub fn parse(input: &[u8]) -> Parsed<'_> {
    let start = input.len().min(5);
    if input[..start] != b"GET /"[..start] {
        return Parsed::Refused;
    }
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
        return Parsed::Partial;
    };
    let Ok(line) = str::from_utf8(&input[4..end]) else {
        return Parsed::Refused;
    };
    let (target, last) = match line.strip_suffix(" close") {
        Some(target) => (target, true),
        None => (line, false),
    };
    match target.contains(' ') {
        true => Parsed::Refused,
        false => Parsed::Request {
            used: end + 1,
            target,
            last,
        },
    }
}

/// The answer to a target. That to `/600` has 600 bytes.
pub fn answer_to(target: &str) -> Vec<u8> {
    let mut text = format!("200 {target}");
    if let Ok(count) = target[1..].parse::<usize>() {
        text.push(' ');
        text.push_str(&"x".repeat(count.saturating_sub(text.len() + 1)));
    }
    text.push('\n');
    text.into_bytes()
}

/// The rest of the server. Clones are the same one.
#[derive(Clone, Default)]
pub struct Host(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    /// What was asked for, in order; `!` is a refusal.
    asked: Vec<String>,
    /// All answers, in order, and how much of them has gone.
    answers: Vec<u8>,
    gone: usize,
    room: usize,
    /// Not all of what was sent last has gone.
    is_stuck: bool,
    sends: usize,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host")
    }
}

impl Host {
    /// Runs the handler of `target`; returns its answer.
    #[track_caller]
    pub fn answer(&self, target: &str) -> Vec<u8> {
        self.add(target, answer_to(target))
    }

    /// The answer to what is no request.
    #[track_caller]
    pub fn refusal(&self) -> Vec<u8> {
        self.add("!", b"400\n".to_vec())
    }

    #[track_caller]
    fn add(&self, what: &str, answer: Vec<u8>) -> Vec<u8> {
        let mut state = self.0.borrow_mut();
        let pending = state.answers.len() - state.gone;
        assert!(
            pending == 0 || !state.is_stuck,
            "the socket has not taken {pending} bytes, and the answer to {what} is asked \
             for: they have to go first"
        );
        assert!(
            pending < LIMIT,
            "{pending} bytes of answers are gathered, and the answer to {what} is asked for: \
             from {LIMIT} on they have to go first"
        );
        state.asked.push(what.to_owned());
        state.answers.extend_from_slice(&answer);
        answer
    }

    /// Sends as many of `bytes` as there is room for, and says how many. Fewer than all: the
    /// socket is full.
    #[track_caller]
    pub fn send(&self, bytes: &[u8]) -> usize {
        let mut state = self.0.borrow_mut();
        assert!(
            !bytes.is_empty(),
            "send is called with nothing to send: a system call for nothing"
        );
        let pending = &state.answers[state.gone..];
        let place = bytes
            .iter()
            .zip(pending)
            .position(|(one, other)| one != other);
        let place = place.or((bytes.len() > pending.len()).then_some(pending.len()));
        if let Some(place) = place {
            let line = |bytes: &[u8]| {
                let from = bytes[..place].iter().rposition(|byte| *byte == b'\n');
                let line = &bytes[from.map_or(0, |at| at + 1)..];
                line[..line.len().min(12)].escape_ascii().to_string()
            };
            panic!(
                "send is called with \"{}\" where \"{}\" comes next: answers go out once, and in \
                 the order of the requests",
                line(bytes),
                line(pending)
            );
        }
        let count = bytes.len().min(state.room);
        state.gone += count;
        state.room -= count;
        state.is_stuck = count < bytes.len();
        state.sends += 1;
        assert!(
            state.sends < 10_000,
            "send was called 10000 times: whoever waits for room here keeps the loop from \
             everybody else"
        );
        count
    }

    /// For graders: the client reads, and there is room for so many more bytes.
    pub fn make_room(&self, bytes: usize) {
        self.0.borrow_mut().room += bytes;
    }

    /// For graders: for how many bytes there is room.
    pub fn room(&self) -> usize {
        self.0.borrow().room
    }

    /// For graders: what was asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.0.borrow().asked.clone()
    }

    /// For graders: how many bytes have gone.
    pub fn gone(&self) -> usize {
        self.0.borrow().gone
    }

    /// For graders: how often `send` was called.
    pub fn sends(&self) -> usize {
        self.0.borrow().sends
    }
}
