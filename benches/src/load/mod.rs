//! The load driver: one thread, thousands of connections, no part of the library.
//!
//! It judges the servers of the course, so it shares nothing with them: on Linux it has an
//! epoll of its own, elsewhere `poll(2)`. Two paces:
//!
//! - [`Pace::Closed`]: each connection sends its next request (or batch) when the last one
//!   has been answered. Shows the most that a server can do. When the server stalls, so does
//!   the driver, and the stall hits one request for each connection: its latencies flatter.
//! - [`Pace::Open`]: requests start at a constant rate whatever the server does, and each
//!   latency counts from the moment at which the request was *meant* to start (chapter 00).
//!
//! A run ends when all that was sent has been answered, so the server's CPU time and system
//! calls of a run belong to the requests of that run and no others.

#[cfg(target_os = "linux")]
#[path = "epoll.rs"]
pub mod poller;
#[cfg(not(target_os = "linux"))]
#[path = "poll.rs"]
pub mod poller;

use crate::machine;
use hdrhistogram::Histogram;
use poller::{Poller, Ready};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// The most connections of one driver.
pub const CONNECTIONS_MAX: usize = 20_000;
/// The most requests that one connection has on its way.
pub const PIPELINE_MAX: usize = 1_024;
/// The longest run.
pub const RUN_MAX: Duration = Duration::from_secs(600);
/// The highest rate of an open loop, in requests a second.
pub const RATE_MAX: u32 = 10_000_000;
/// How long to wait for the last answers once a run's time is up, unless told otherwise.
const GRACE: Duration = Duration::from_secs(5);
/// How long a single connection may take to be opened and give its first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(20);
/// How much is read at once.
const READ_BYTES: usize = 64 * 1024;
/// A longer response is an error: the driver asks for small ones.
const RESPONSE_MAX: usize = 2 * 1024 * 1024;

/// When requests are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Each connection sends `pipeline` requests in one go, waits for all the answers, and
    /// sends the next.
    Closed {
        /// From 1 to [`PIPELINE_MAX`].
        pipeline: usize,
    },
    /// All connections together start this many requests a second.
    Open {
        /// From 1 to [`RATE_MAX`].
        per_second: u32,
    },
}

/// What came out of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Answers with status 200.
    pub answered: u64,
    /// Answers with another status.
    pub refused: u64,
    /// Connections that were closed or broke or sent what is no response; they are not
    /// opened again.
    pub broken: u64,
    /// Requests that got no answer. Their latency is recorded as if the answer had come when
    /// the run ended, which is the least that it can be.
    pub unanswered: u64,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Latencies in nanoseconds, three digits.
    pub latency: Histogram<u64>,
    /// The part of `elapsed` for which the driver used its core, from 0 to 1. Close to 1,
    /// the figures are the driver's and not the server's.
    pub driver_busy: Option<f64>,
}

impl Outcome {
    /// Returns the answers per second.
    pub fn per_second(&self) -> f64 {
        self.answered as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Returns the latency in nanoseconds that `percent` of the requests did not exceed.
    pub fn latency_ns(&self, percent: f64) -> u64 {
        self.latency.value_at_percentile(percent)
    }

    /// Tells whether every request was answered with 200.
    pub fn is_clean(&self) -> bool {
        self.refused + self.broken + self.unanswered == 0
    }
}

/// Connections to one server, ready to run loads.
#[derive(Debug)]
pub struct Driver {
    request: Vec<u8>,
    connections: Vec<Connection>,
    poller: Poller,
    /// What the server answered first. Most answers are equal to it, byte for byte, which is
    /// quick to see; the others are parsed.
    usual: Vec<u8>,
    grace: Duration,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    /// The start of a response whose end has not come yet.
    input: Vec<u8>,
    /// What the socket has not taken yet of the requests to send.
    unsent: Vec<u8>,
    /// How many answers are due.
    due: usize,
    /// When these requests were sent (closed) or meant to be sent (open), in nanoseconds
    /// since the run began.
    since_ns: u64,
    broken: bool,
}

impl Driver {
    /// Opens `connections` connections to `address`, one after the other, and has `request`
    /// answered once on each, so that all of them are known to the server.
    ///
    /// # Errors
    /// If the address is not on this machine, a limit is exceeded, or a connection cannot be
    /// opened or gets no answer with status 200.
    pub fn connect(
        address: SocketAddr,
        connections: usize,
        request: &[u8],
    ) -> io::Result<Self> {
        let on_this_machine = match address.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => ip.is_loopback(),
        };
        if !on_this_machine {
            return Err(refusal(format!("{address} is not on this machine")));
        }
        if !(1..=CONNECTIONS_MAX).contains(&connections) {
            let most = CONNECTIONS_MAX;
            return Err(refusal(format!(
                "{connections} connections, not 1 to {most}"
            )));
        }
        let mut driver = Self {
            request: request.to_vec(),
            connections: Vec::with_capacity(connections),
            poller: Poller::new()?,
            usual: Vec::new(),
            grace: GRACE,
        };
        for index in 0..connections {
            let (connection, response) = Connection::open(address, request)?;
            driver.poller.add(connection.stream.as_raw_fd(), index)?;
            driver.connections.push(connection);
            driver.usual = response;
        }
        Ok(driver)
    }

    /// Sets how long a run waits for the last answers once its time is up; 5 seconds unless
    /// told otherwise.
    pub fn set_grace(&mut self, grace: Duration) {
        self.grace = grace;
    }

    /// Sends requests for `time`, waits for the last answers, and says how it went.
    ///
    /// # Errors
    /// If a limit is exceeded or the kernel refuses to wait. What the server does wrong is
    /// no error but counted in the [`Outcome`].
    pub fn run(&mut self, pace: Pace, time: Duration) -> io::Result<Outcome> {
        match pace {
            Pace::Closed { pipeline } if !(1..=PIPELINE_MAX).contains(&pipeline) => {
                return Err(refusal(format!("{pipeline} pipelined requests")));
            }
            Pace::Open { per_second } if !(1..=RATE_MAX).contains(&per_second) => {
                return Err(refusal(format!("{per_second} requests a second")));
            }
            _ if time > RUN_MAX => {
                return Err(refusal(format!("a run of {time:?}")));
            }
            _ => {}
        }
        let cpu_before = machine::cpu_time_of_this_thread();
        let mut run = Run::new(self, pace, time)?;
        run.drive()?;
        let mut outcome = run.outcome;
        let cpu_after = machine::cpu_time_of_this_thread();
        outcome.driver_busy = cpu_before.zip(cpu_after).map(|(before, after)| {
            (after - before).as_secs_f64() / outcome.elapsed.as_secs_f64().max(1e-9)
        });
        Ok(outcome)
    }
}

/// One run: the clock, the schedule, and what was seen so far.
struct Run<'d> {
    driver: &'d mut Driver,
    pace: Pace,
    time_ns: u64,
    start: Instant,
    batch: Vec<u8>,
    /// Open loop: connections with nothing to do, longest idle first.
    idle: VecDeque<usize>,
    /// Open loop: how many requests have been started. Request k is meant to start at
    /// k / rate, so the requests that are due and wait for a connection need no queue.
    started: u64,
    /// How many connections have answers due.
    busy: usize,
    outcome: Outcome,
}

impl<'d> Run<'d> {
    fn new(driver: &'d mut Driver, pace: Pace, time: Duration) -> io::Result<Self> {
        let batch = match pace {
            Pace::Closed { pipeline } => driver.request.repeat(pipeline),
            Pace::Open { .. } => driver.request.clone(),
        };
        let usable = |&index: &usize| !driver.connections[index].broken;
        let idle = (0..driver.connections.len()).filter(usable).collect();
        let latency = Histogram::new_with_bounds(1, RUN_MAX.as_nanos() as u64, 3)
            .map_err(io::Error::other)?;
        Ok(Self {
            driver,
            pace,
            time_ns: time.as_nanos() as u64,
            start: Instant::now(),
            batch,
            idle,
            started: 0,
            busy: 0,
            outcome: Outcome {
                answered: 0,
                refused: 0,
                broken: 0,
                unanswered: 0,
                elapsed: Duration::ZERO,
                latency,
                driver_busy: None,
            },
        })
    }

    fn drive(&mut self) -> io::Result<()> {
        if let Pace::Closed { .. } = self.pace {
            for index in std::mem::take(&mut self.idle) {
                let now_ns = self.now_ns();
                self.send(index, now_ns);
            }
        }
        let mut ready = Vec::new();
        let mut bytes = vec![0; READ_BYTES];
        let give_up_ns = self.time_ns + self.driver.grace.as_nanos() as u64;
        loop {
            self.start_what_is_due();
            let now_ns = self.now_ns();
            let all_started = match self.pace {
                Pace::Closed { .. } => true,
                Pace::Open { .. } => {
                    self.started == self.planned() || self.all_broken()
                }
            };
            if (all_started && self.busy == 0) || now_ns >= give_up_ns {
                break;
            }
            let wake_ns = match self.pace {
                Pace::Open { .. } if !self.idle.is_empty() && !all_started => {
                    self.meant_ns(self.started)
                }
                _ => give_up_ns,
            };
            // Rounded down: in the last millisecond before a start the driver spins, so that
            // no request starts late because the driver slept.
            let timeout_ms = wake_ns.saturating_sub(now_ns) / 1_000_000;
            self.driver.poller.wait(timeout_ms as i32, &mut ready)?;
            for event in &ready {
                self.handle(*event, &mut bytes);
            }
        }
        self.outcome.elapsed = self.start.elapsed();
        self.settle();
        Ok(())
    }

    fn handle(&mut self, event: Ready, bytes: &mut [u8]) {
        let index = event.index;
        if self.driver.connections[index].broken {
            return;
        }
        if event.writable && self.flush(index).is_err() {
            return self.lose(index);
        }
        if !event.readable {
            return;
        }
        let connection = &mut self.driver.connections[index];
        let n = match connection.stream.read(bytes) {
            Ok(n @ 1..) => n,
            Err(err)
                if matches!(
                    err.kind(),
                    ErrorKind::WouldBlock | ErrorKind::Interrupted
                ) =>
            {
                return;
            }
            Ok(0) | Err(_) => return self.lose(index),
        };
        let now_ns = self.now_ns();
        let connection = &mut self.driver.connections[index];
        let due = connection.due;
        let Ok(answers) = connection.take(&bytes[..n], &self.driver.usual) else {
            // What was good in these bytes does not count either.
            connection.due = due;
            return self.lose(index);
        };
        let waited_ns = now_ns.saturating_sub(connection.since_ns).max(1);
        self.outcome
            .latency
            .saturating_record_n(waited_ns, answers.all());
        self.outcome.answered += answers.ok;
        self.outcome.refused += answers.refused;
        if connection.due > 0 || answers.all() == 0 {
            return;
        }
        self.busy -= 1;
        match self.pace {
            Pace::Closed { .. } if now_ns < self.time_ns => self.send(index, now_ns),
            Pace::Closed { .. } => {}
            Pace::Open { .. } => self.idle.push_back(index),
        }
    }

    /// Open loop: starts the requests whose time has come, as far as connections are idle.
    fn start_what_is_due(&mut self) {
        let Pace::Open { .. } = self.pace else { return };
        while self.started < self.planned()
            && self.meant_ns(self.started) <= self.now_ns()
            && let Some(index) = self.idle.pop_front()
        {
            let meant_ns = self.meant_ns(self.started);
            self.started += 1;
            self.send(index, meant_ns);
        }
    }

    /// Sends a batch. What the socket does not take is sent when it is writable again.
    fn send(&mut self, index: usize, since_ns: u64) {
        let connection = &mut self.driver.connections[index];
        connection.since_ns = since_ns;
        connection.due = match self.pace {
            Pace::Closed { pipeline } => pipeline,
            Pace::Open { .. } => 1,
        };
        self.busy += 1;
        let sent = match connection.stream.write(&self.batch) {
            Ok(n) => n,
            Err(err) if err.kind() == ErrorKind::WouldBlock => 0,
            Err(_) => return self.lose(index),
        };
        if sent < self.batch.len() {
            connection.unsent.extend_from_slice(&self.batch[sent..]);
            let fd = connection.stream.as_raw_fd();
            if self.driver.poller.want_write(fd, index, true).is_err() {
                self.lose(index);
            }
        }
    }

    fn flush(&mut self, index: usize) -> io::Result<()> {
        let connection = &mut self.driver.connections[index];
        match connection.stream.write(&connection.unsent) {
            Ok(n) => drop(connection.unsent.drain(..n)),
            Err(err) if err.kind() == ErrorKind::WouldBlock => {}
            Err(err) => return Err(err),
        }
        if connection.unsent.is_empty() {
            let fd = connection.stream.as_raw_fd();
            self.driver.poller.want_write(fd, index, false)?;
        }
        Ok(())
    }

    /// Gives a connection up. Its requests stay unanswered.
    fn lose(&mut self, index: usize) {
        let end_ns = self.now_ns();
        let connection = &mut self.driver.connections[index];
        self.driver
            .poller
            .remove(connection.stream.as_raw_fd(), index);
        connection.broken = true;
        self.idle.retain(|&idle| idle != index);
        self.outcome.broken += 1;
        if connection.due > 0 {
            self.busy -= 1;
            let due = std::mem::take(&mut connection.due) as u64;
            let waited_ns = end_ns.saturating_sub(connection.since_ns).max(1);
            self.outcome.unanswered += due;
            self.outcome.latency.saturating_record_n(waited_ns, due);
        }
    }

    /// Accounts for what was not answered, or could not even be sent, when the run ended.
    fn settle(&mut self) {
        let end_ns = self.outcome.elapsed.as_nanos() as u64;
        for index in 0..self.driver.connections.len() {
            if self.driver.connections[index].due > 0 {
                self.lose(index);
            }
        }
        if let Pace::Open { .. } = self.pace {
            for unsent in self.started..self.planned() {
                let waited_ns = end_ns.saturating_sub(self.meant_ns(unsent)).max(1);
                self.outcome.unanswered += 1;
                self.outcome.latency.saturating_record(waited_ns);
            }
        }
    }

    fn all_broken(&self) -> bool {
        self.idle.is_empty() && self.busy == 0
    }

    /// Open loop: how many requests fit into the run's time.
    fn planned(&self) -> u64 {
        match self.pace {
            Pace::Closed { .. } => 0,
            Pace::Open { per_second } => {
                let requests = u128::from(self.time_ns) * u128::from(per_second);
                (requests / 1_000_000_000) as u64
            }
        }
    }

    /// Open loop: when request `k` is meant to start.
    fn meant_ns(&self, k: u64) -> u64 {
        match self.pace {
            Pace::Closed { .. } => 0,
            Pace::Open { per_second } => {
                (u128::from(k) * 1_000_000_000 / u128::from(per_second)) as u64
            }
        }
    }

    fn now_ns(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }
}

#[derive(Default)]
struct Answers {
    ok: u64,
    refused: u64,
}

impl Answers {
    fn all(&self) -> u64 {
        self.ok + self.refused
    }
}

impl Connection {
    fn open(address: SocketAddr, request: &[u8]) -> io::Result<(Self, Vec<u8>)> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(FIRST_ANSWER))?;
        stream.write_all(request)?;
        let mut response = Vec::new();
        let mut bytes = [0; 4096];
        loop {
            match stream.read(&mut bytes)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                n => response.extend_from_slice(&bytes[..n]),
            }
            if let Some((len, ok)) = parse(&response)? {
                if len != response.len() || !ok {
                    let text = String::from_utf8_lossy(&response).into_owned();
                    return Err(refusal(format!("the first answer is {text:?}")));
                }
                break;
            }
        }
        stream.set_nonblocking(true)?;
        let connection = Self {
            stream,
            input: Vec::new(),
            unsent: Vec::new(),
            due: 0,
            since_ns: 0,
            broken: false,
        };
        Ok((connection, response))
    }

    /// Takes bytes from the server; returns how many responses they complete. An error means
    /// that they are none, or more than were asked for.
    fn take(&mut self, bytes: &[u8], usual: &[u8]) -> io::Result<Answers> {
        let mut answers = Answers::default();
        let held = std::mem::take(&mut self.input);
        let joined;
        let mut rest = if held.is_empty() {
            bytes
        } else {
            joined = [&held, bytes].concat();
            &joined
        };
        while !rest.is_empty() {
            let (len, ok) = if rest.starts_with(usual) {
                (usual.len(), true)
            } else if let Some(parsed) = parse(rest)? {
                parsed
            } else {
                break;
            };
            rest = &rest[len..];
            match ok {
                true => answers.ok += 1,
                false => answers.refused += 1,
            }
            let one_less = self.due.checked_sub(1);
            self.due =
                one_less.ok_or_else(|| refusal("an answer too many".into()))?;
        }
        self.input = rest.to_vec();
        Ok(answers)
    }
}

/// Looks at the response at the front of `input`. Returns its length and whether its status
/// is 200, or `None` if it is not all there yet.
fn parse(input: &[u8]) -> io::Result<Option<(usize, bool)>> {
    let Some(head_len) = input.windows(4).position(|four| four == b"\r\n\r\n")
    else {
        return match input.len() {
            0..RESPONSE_MAX => Ok(None),
            _ => Err(refusal("a response head without an end".into())),
        };
    };
    let head = String::from_utf8_lossy(&input[..head_len]);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 "));
    let status =
        status.ok_or_else(|| refusal(format!("no status line: {head:?}")))?;
    let body_len = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, len)| len.trim().parse::<usize>().ok())
        .filter(|&len| len <= RESPONSE_MAX)
        .ok_or_else(|| refusal("a response without a usable length".into()))?;
    let len = head_len + 4 + body_len;
    Ok((input.len() >= len).then_some((len, status.starts_with("200"))))
}

fn refusal(why: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, why)
}
