//! Given for 11.5: a kernel whose events are level-triggered, handlers on other threads, and
//! clients that do what a plan says. Time passes only in [`Kernel::wait`], and only when there
//! is nothing to tell.

use std::collections::{BTreeMap, VecDeque};

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Connects.
    Connects,
    /// Sends a request, which takes a handler so many milliseconds.
    Asks(u64),
    /// Says that it sends no more. It still reads.
    HangsUp,
    /// Is gone: a reset.
    Breaks,
}

/// What the loop is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A connection, which has read interest.
    Connected(u32),
    /// There is something to read, or an end. Only with read interest, and as long as it is so.
    Readable(u32),
    /// Nobody is there any more. With read interest or without, and as long as it is open.
    Broken(u32),
    /// A handler has finished the request of this connection. Is told once, also if the
    /// connection was closed.
    Answered(u32),
}

/// What a read returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recv {
    /// A whole request, and what it costs. There may be more.
    Request(u64),
    /// There is nothing at the moment.
    Nothing,
    /// The client sends no more.
    End,
    /// Nobody is there any more.
    Broken,
}

/// What is known of a connection.
#[derive(Debug, Default)]
pub struct Socket {
    unread: VecDeque<u64>,
    ended: bool,
    broken: bool,
    armed: bool,
    is_new: bool,
    /// Until when its handler runs.
    runs_until: Option<u64>,
    /// Whether a request was handed over, and neither answered nor closed since.
    owes: bool,
    /// Whether anything has come in the meantime.
    disturbed: bool,
    /// How often it has asked.
    pub asked: usize,
    /// When it was answered.
    pub answers: Vec<u64>,
    /// When it was closed.
    pub closed_at: Option<u64>,
}

/// The world, as the loop sees it.
#[derive(Debug)]
pub struct Kernel {
    now: u64,
    plan: VecDeque<(u64, u32, Does)>,
    sockets: BTreeMap<u32, Socket>,
    log: Vec<String>,
    /// How often `wait` has returned without anything coming of it.
    in_vain: usize,
    /// How often interest was changed.
    pub changes: usize,
    /// How many handlers have run, and during how many of these something came.
    pub runs: (usize, usize),
}

/// So often `wait` may return in a row without anything coming of it.
const IN_VAIN_MAX: usize = 10;

impl Kernel {
    /// With a plan: when which client does what, in order of time.
    pub fn new(plan: &[(u64, u32, Does)]) -> Self {
        Self {
            now: 0,
            plan: plan.iter().copied().collect(),
            sockets: BTreeMap::new(),
            log: Vec::new(),
            in_vain: 0,
            changes: 0,
            runs: (0, 0),
        }
    }

    /// Waits until there is something to tell: all of it. Empty if nothing will ever happen
    /// again.
    pub fn wait(&mut self) -> Vec<Event> {
        loop {
            self.happen();
            let events = self.ready();
            if !events.is_empty() {
                self.in_vain += 1;
                self.note(format!("wait: {events:?}"));
                if self.in_vain > IN_VAIN_MAX {
                    self.spins(&events);
                }
                for socket in self.sockets.values_mut() {
                    socket.is_new = false;
                    if socket.runs_until.is_some_and(|at| at <= self.now) {
                        socket.runs_until = None;
                    }
                }
                return events;
            }
            let plan = self.plan.front().map(|(at, ..)| *at);
            let ends = self.sockets.values().filter_map(|it| it.runs_until);
            match ends.chain(plan).min() {
                Some(at) => self.now = at,
                None => return Vec::new(),
            }
        }
    }

    /// What the clients have done by now.
    fn happen(&mut self) {
        while let Some(&(at, id, does)) = self.plan.front()
            && at <= self.now
        {
            self.plan.pop_front();
            self.in_vain = 0;
            self.note(format!("{id} {does:?}"));
            let socket = self.sockets.entry(id).or_default();
            socket.disturbed = true;
            match does {
                Does::Connects => {
                    socket.is_new = true;
                    socket.armed = true;
                }
                Does::Asks(ms) => {
                    socket.asked += 1;
                    socket.unread.push_back(ms);
                }
                Does::HangsUp => socket.ended = true,
                Does::Breaks => socket.broken = true,
            }
        }
    }

    fn ready(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (&id, socket) in &self.sockets {
            if socket.is_new {
                events.push(Event::Connected(id));
            }
            if socket.closed_at.is_none() {
                let readable =
                    !socket.unread.is_empty() || socket.ended || socket.broken;
                if socket.armed && readable {
                    events.push(Event::Readable(id));
                }
                if socket.broken {
                    events.push(Event::Broken(id));
                }
            }
            if socket.runs_until.is_some_and(|at| at <= self.now) {
                events.push(Event::Answered(id));
            }
        }
        events
    }

    /// Reads one request.
    pub fn recv(&mut self, id: u32) -> Recv {
        let call = format!("recv({id})");
        let socket = self.open(id, &call);
        let got = if socket.runs_until.is_some() {
            self.fail(&format!("{call}, and the handler of {id} has its buffer"))
        } else if socket.broken {
            Recv::Broken
        } else if let Some(ms) = socket.unread.pop_front() {
            Recv::Request(ms)
        } else if socket.ended {
            Recv::End
        } else {
            Recv::Nothing
        };
        if got != Recv::Nothing {
            self.in_vain = 0;
        }
        self.note(format!("{call}: {got:?}"));
        got
    }

    /// Hands a request over to a handler, and with it the buffer of the connection.
    pub fn hand_over(&mut self, id: u32, ms: u64) {
        let call = format!("hand_over({id}, {ms})");
        let until = self.now + ms;
        let socket = self.open(id, &call);
        if socket.runs_until.is_some() {
            self.fail(&format!("{call}, and a handler runs for {id} already"));
        }
        socket.runs_until = Some(until);
        socket.owes = true;
        socket.disturbed = !socket.unread.is_empty() || socket.ended;
        self.runs.0 += 1;
        self.in_vain = 0;
        self.note(call);
    }

    /// Sends an answer.
    pub fn send(&mut self, id: u32) {
        let call = format!("send({id})");
        let now = self.now;
        let socket = self.open(id, &call);
        socket.answers.push(now);
        socket.owes = false;
        let disturbed = socket.disturbed;
        if socket.answers.len() > socket.asked || socket.runs_until.is_some() {
            self.fail(&format!("{call}, and there is no answer for {id}"));
        }
        self.runs.1 += usize::from(disturbed);
        self.in_vain = 0;
        self.note(call);
    }

    /// Read interest: a system call.
    pub fn set_read(&mut self, id: u32, armed: bool) {
        let call = format!("set_read({id}, {armed})");
        self.open(id, &call).armed = armed;
        self.changes += 1;
        self.note(call);
    }

    /// Closes a connection, and with it goes its interest.
    pub fn close(&mut self, id: u32) {
        let call = format!("close({id})");
        let now = self.now;
        let socket = self.open(id, &call);
        socket.closed_at = Some(now);
        // It will not be answered.
        if std::mem::take(&mut socket.owes) && socket.disturbed {
            self.runs.1 += 1;
        }
        self.in_vain = 0;
        self.note(call);
    }

    #[track_caller]
    fn open(&mut self, id: u32, call: &str) -> &mut Socket {
        let is_open = self
            .sockets
            .get(&id)
            .is_some_and(|it| it.closed_at.is_none());
        if !is_open {
            let why = match self.sockets.contains_key(&id) {
                true => "closed by then: its number may be somebody else's",
                false => "nobody",
            };
            self.fail(&format!("{call}, and {id} is {why}"));
        }
        self.sockets.get_mut(&id).expect("it was found")
    }

    fn note(&mut self, what: String) {
        self.log.push(format!("{:3} ms  {what}", self.now));
    }

    /// The same again and again.
    fn spins(&self, events: &[Event]) -> ! {
        let mut why = String::new();
        for event in events {
            let (id, is) = match event {
                Event::Readable(id) => (id, "readable"),
                Event::Broken(id) => (id, "broken"),
                Event::Connected(_) | Event::Answered(_) => continue,
            };
            why.push_str(&format!(", and {id} is {is}"));
            if let Some(until) = self.sockets[id].runs_until {
                why.push_str(&format!(" while its handler runs until {until} ms"));
            }
        }
        self.fail(&format!(
            "at {} ms wait() has returned {} times in a row, nothing has come of it{why}",
            self.now, self.in_vain
        ))
    }

    // For the graders.

    /// What time it is, in milliseconds.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// What became of a connection.
    pub fn socket(&self, id: u32) -> &Socket {
        &self.sockets[&id]
    }

    /// All of them.
    pub fn sockets(&self) -> &BTreeMap<u32, Socket> {
        &self.sockets
    }

    /// Prints the last things that have happened, and panics.
    #[track_caller]
    pub fn fail(&self, sentence: &str) -> ! {
        let from = self.log.len().saturating_sub(24);
        if from > 0 {
            println!("...");
        }
        for line in &self.log[from..] {
            println!("{line}");
        }
        panic!("{sentence}")
    }
}
