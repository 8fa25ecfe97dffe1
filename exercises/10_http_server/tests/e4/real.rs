//! Graders of 10.4: streams of requests, cut in all ways, to clients that read as they like.

use super::on_real::answer::given::{Parsed, answer_to, parse};
use super::on_real::answer::{Connection, Host, LIMIT, Wants};

grading::graders![
    one_request,
    several_in_one_read,
    half_a_request,
    cut_anywhere,
    one_send_for_all,
    large_answers,
    a_client_that_reads_slowly,
    requests_that_wait_for_room,
    what_is_no_request,
    the_last_one,
    ten_thousand_requests,
    many_streams,
];

/// A connection, and what should come of it.
struct Checked {
    connection: Connection,
    host: Host,
    /// All that has come so far.
    input: Vec<u8>,
    /// Where in it the next request begins that is not answered.
    at: usize,
    asked: Vec<String>,
    /// How many bytes of answers there are, and how many have gone.
    answers: usize,
    gone: usize,
    sends: usize,
    is_last: bool,
    wants: Wants,
    story: String,
}

impl Checked {
    fn new() -> Self {
        let host = Host::default();
        Self {
            connection: Connection::new(host.clone()),
            host,
            input: Vec::new(),
            at: 0,
            asked: Vec::new(),
            answers: 0,
            gone: 0,
            sends: 0,
            is_last: false,
            wants: Wants::Read,
            story: String::new(),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if self.wants != Wants::Read {
            return;
        }
        let shown = match bytes.len() {
            ..=80 => format!("\"{}\" has come", bytes.escape_ascii()),
            count => {
                let first = bytes[..40].escape_ascii();
                format!("\"{first} ...\" has come ({count} bytes)")
            }
        };
        self.step(shown, |connection| connection.on_bytes(bytes), bytes);
    }

    fn room(&mut self, bytes: usize) {
        self.host.make_room(bytes);
        if self.wants == Wants::Room {
            let what = "then on_room".to_owned();
            self.step(what, Connection::on_room, b"");
        }
    }

    fn step(
        &mut self,
        what: String,
        call: impl FnOnce(&mut Connection) -> Wants,
        bytes: &[u8],
    ) {
        let room = self.host.room();
        self.input.extend_from_slice(bytes);
        if self.story.len() > 300 {
            self.story = "...".to_owned();
        }
        let comma = if self.story.is_empty() { "" } else { ", " };
        self.story += &format!("{comma}{what}, room for {room}");
        grading::step(self.story.clone());
        let got = call(&mut self.connection);
        self.wants = self.must_want(room);
        let story = &self.story;
        let asked = self.host.asked();
        assert!(
            asked == self.asked,
            "{story}: answered are {}, and it has to be {}",
            shown(&asked),
            shown(&self.asked)
        );
        let gone = self.host.gone();
        assert!(
            gone == self.gone,
            "{story}: {gone} bytes have gone out in all, and it has to be {}",
            self.gone
        );
        let sends = self.host.sends();
        assert!(
            sends <= self.sends,
            "{story}: send was called {sends} times in all, and {} are enough",
            self.sends
        );
        assert!(
            got == self.wants,
            "{story}: that is {got:?}, and it has to be {:?}: {}",
            self.wants,
            match self.wants {
                Wants::Read => "all has gone, and there may be a next request",
                Wants::Room => "not all has gone",
                Wants::Close => "all has gone, and the last answer with it",
            }
        );
    }

    /// What the connection has to want, and what it has to do before.
    fn must_want(&mut self, mut room: usize) -> Wants {
        loop {
            if self.answers == self.gone {
                self.answer();
            }
            let pending = self.answers - self.gone;
            if pending == 0 {
                return if self.is_last {
                    Wants::Close
                } else {
                    Wants::Read
                };
            }
            let count = pending.min(room);
            self.gone += count;
            room -= count;
            self.sends += 1;
            if count < pending {
                return Wants::Room;
            }
        }
    }

    fn answer(&mut self) {
        while !self.is_last && self.answers - self.gone < LIMIT {
            match parse(&self.input[self.at..]) {
                Parsed::Partial => return,
                Parsed::Refused => {
                    self.asked.push("!".to_owned());
                    self.answers += 4;
                    self.is_last = true;
                }
                Parsed::Request { used, target, last } => {
                    self.asked.push(target.to_owned());
                    self.answers += answer_to(target).len();
                    self.at += used;
                    self.is_last = last;
                }
            }
        }
    }
}

fn shown(asked: &[String]) -> String {
    match asked.len() {
        ..=12 => format!("{asked:?}"),
        count => format!("{count}, the last of them {:?}", asked[count - 1]),
    }
}

fn one_request() {
    let mut at = Checked::new();
    at.room(1_000);
    at.bytes(b"GET /a\n");
    at.bytes(b"GET /b\n");
    at.bytes(b"GET /a\n");
}

fn several_in_one_read() {
    let mut at = Checked::new();
    at.room(1_000);
    at.bytes(b"GET /a\nGET /b\n");
    at.bytes(b"GET /c\nGET /d\nGET /e\nGET /f\n");
}

fn half_a_request() {
    let mut at = Checked::new();
    at.room(1_000);
    at.bytes(b"GET /a");
    at.bytes(b"bc\nGET");
    at.bytes(b" /d\nGET /e\nG");
    at.bytes(b"E");
    at.bytes(b"T /f\n");
    at.bytes(b"GET /g\n");
}

fn cut_anywhere() {
    let stream = b"GET /a\nGET /bcd\nGET /e\nGET /f close\nGET /g\n";
    for cut in 0..=stream.len() {
        let mut at = Checked::new();
        at.room(1_000);
        at.bytes(&stream[..cut]);
        at.bytes(&stream[cut..]);
    }
    let mut at = Checked::new();
    at.room(1_000);
    for byte in stream {
        at.bytes(&[*byte]);
    }
}

fn one_send_for_all() {
    let mut at = Checked::new();
    at.room(100_000);
    at.bytes("GET /abc\n".repeat(50).as_bytes());
    at.bytes(b"");
    at.bytes(b"GET /a");
    at.bytes("\nGET /abc".repeat(70).as_bytes());
}

fn large_answers() {
    for sizes in [
        &[999, 1, 1_000, 20][..],
        &[1_000, 1_000, 1_000],
        &[30_000, 10, 10, 980, 10, 10],
        &[500, 500, 500, 500, 500],
        &[100; 30],
    ] {
        for room in [100_000, 999, 1_000, 1_500, 0] {
            let line = |size: &usize| format!("GET /{size}\n");
            let stream: String = sizes.iter().map(line).collect();
            let mut at = Checked::new();
            at.room(room);
            at.bytes(stream.as_bytes());
            for _ in 0..8 {
                at.room(10_000);
            }
        }
    }
}

fn a_client_that_reads_slowly() {
    let mut at = Checked::new();
    at.bytes(b"GET /a\nGET /b\nGET /c\nGET /d");
    for _ in 0..40 {
        at.room(1);
    }
    at.bytes(b"\n");
    at.room(3);
    at.room(100);
    at.bytes(b"GET /e\n");
}

/// They have come, the socket is full, and no event will tell of them.
fn requests_that_wait_for_room() {
    let mut at = Checked::new();
    at.room(500);
    at.bytes(b"GET /700\nGET /600\nGET /a\nGET /b\nGET /c close\n");
    for room in [100, 699, 1, 0, 7, 10, 100] {
        at.room(room);
    }
    // And half a request behind them.
    let mut at = Checked::new();
    at.room(500);
    at.bytes(b"GET /700\nGET /600\nGET /a\nGET /b");
    for room in [100, 699, 1_000] {
        at.room(room);
    }
    at.bytes(b"c\nGET /d\n");
}

fn what_is_no_request() {
    for stream in [
        &b"GET /a\nGET /b\nPUT"[..],
        b"POST /a\n",
        b"x",
        b"GET /a\nG\n",
        b"GET /a b\nGET /c\n",
        b"GET /a\nGET /b  close\nGET /c\n",
        b"GET /\xff\nGET /c\n",
        b"GET /990\n\nGET /c\n",
    ] {
        for room in [0, 5, 100, 10_000] {
            let mut at = Checked::new();
            at.room(room);
            at.bytes(stream);
            at.room(3);
            at.room(1_000);
            at.bytes(b"GET /z\n");
            at.room(1_000);
        }
    }
}

fn the_last_one() {
    for stream in [
        "GET /a close\n",
        "GET /a close\nGET /b\n",
        "GET /a\nGET /b close\nGET /c close\nx",
        "GET /1000 close\nGET /b\n",
        "GET /999\nGET /b close\nGET /c\n",
        "GET /close\nGET /a close\n",
    ] {
        for room in [0, 5, 100, 10_000] {
            let mut at = Checked::new();
            at.room(room);
            at.bytes(stream.as_bytes());
            at.room(3);
            at.room(2_000);
        }
    }
}

fn ten_thousand_requests() {
    let mut at = Checked::new();
    at.room(1_000_000);
    at.bytes("GET /a\n".repeat(10_000).as_bytes());
}

fn many_streams() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..60 {
        let mut at = Checked::new();
        for _ in 0..30 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let size = random >> 40 & 0x7ff;
            match random >> 20 & 15 {
                0 => at.bytes(format!("GET /{size} close\n").as_bytes()),
                1 => at.bytes(b"PUT /a\n"),
                2..=5 => at.bytes(format!("GET /{size}\nGET /a\n").as_bytes()),
                6 => at.bytes(b"GET /b"),
                7 => at.bytes(b"c\nGET /d\n"),
                8..=9 => at.bytes(b"GET /e\nGET /f\nGET /g\n"),
                _ => at.room(size as usize / 2),
            }
        }
        at.room(1_000_000);
    }
}
