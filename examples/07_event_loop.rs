//! How can one thread wait for many sockets, and keep all of them going?
//!
//! Run: `cargo run --example 07_event_loop`
//!
//! You will see (a test compares all but the figures):
//!
//! ```text
//! listening on 127.0.0.1:44353, epoll
//! 1. two clients connect, and are not accepted yet
//!    tick 1    conn 1  accepted      +read
//!    tick 1    conn 2  accepted      +read
//! 2. `hello` says hello
//!    tick 2    conn 1  readable      read 5, wrote 5
//! 3. `greedy` sends, and does not read what comes back
//!    tick 3    conn 2  readable      read 65536, wrote 65536
//!    tick 90   conn 2  readable      read 65536, wrote 47616: -read +write
//! 4. meanwhile, `hello`
//!    tick 92   conn 1  readable      read 12, wrote 12
//! 5. `greedy` reads
//!    tick 96   conn 2  writable      wrote 17920: -write +read
//!    tick 97   conn 2  readable      read 29696, wrote 29696
//! 6. `hello` has no more to say, and reads on to the end
//!    tick 169  conn 1  readable eof  closed
//! 7. another thread wakes the loop
//!    tick 170          woken
//! 8. `greedy` says one thing more, and then nothing
//!    tick 171  conn 2  readable      read 1, wrote 1
//!    tick 172  conn 2  deadline      closed
//! ```
//!
//! `--serve` stays up, and prints the command to try.
//!
//! Change first: `CHUNK = 1024`. Which events come more often now, and does `hello` wait any
//! longer? Then `EVENTS_MAX = 1`: is anything lost?
//!
//! Needs: `06_work_stealing`. Next: 08 (operations that end, in the place of readiness).

/// One wait returns at most so many events; what is left over stays in the kernel.
const EVENTS_MAX: usize = 64;
/// What is read at one event, at most, so that nobody keeps the thread for long.
const CHUNK: usize = 64 * 1024;
/// Who says nothing for so long is closed; in the last step sooner.
const IDLE_MS: [u64; 2] = [60_000, 200];

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => echo::demo(),
        ["--serve"] => echo::serve(),
        _ => {
            eprintln!("usage: 07_event_loop [--serve]");
            return 2.into();
        }
    };
    if let Err(error) = done {
        eprintln!("07_event_loop: {error}");
        return 1.into();
    }
    0.into()
}

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
mod echo {
    use std::collections::HashSet;
    use std::io::{self, ErrorKind, Read as _, Write as _};
    use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
    use std::os::fd::AsFd as _;
    use std::{thread, time::Duration};

    use threadbare::event::net::{self, Accepted, Share};
    use threadbare::event::{BACKEND, Deadline, Event, Events, Key, Loop, Slab};

    use super::{CHUNK, EVENTS_MAX, IDLE_MS};

    const FOREVER: Duration = Duration::MAX;
    const SOON: Duration = Duration::from_millis(10);

    // ANCHOR: demo
    /// The clients and the server in one thread: some words from them, then a tick.
    pub(crate) fn demo() -> io::Result<()> {
        let (mut server, address) = Server::new()?;
        let events = &mut Events::with_capacity(EVENTS_MAX);

        server.step("two clients connect, and are not accepted yet");
        let mut hello = TcpStream::connect(address)?;
        let mut greedy = TcpStream::connect(address)?;
        while server.accepted < 2 {
            server.tick(events, FOREVER)?;
        }

        server.step("`hello` says hello");
        hello.write_all(b"hello")?;
        hello.set_nonblocking(true)?;
        assert_eq!(server.tick_until(events, &hello, 5)?, 5);

        server.step("`greedy` sends, and does not read what comes back");
        greedy.set_nonblocking(true)?;
        let (mut sent, mut got, mut much) = (0, 0, vec![b'x'; 1 << 20]);
        while !(server.is_stuck() && events.is_empty()) {
            sent += ready(greedy.write(&much))?.unwrap_or(0);
            server.tick(events, SOON)?;
        }

        server.step("meanwhile, `hello`");
        hello.write_all(b"still there?")?;
        assert_eq!(server.tick_until(events, &hello, 12)?, 12);

        server.step("`greedy` reads");
        while got < sent {
            got += ready(greedy.read(&mut much))?.unwrap_or(0);
            server.tick(events, SOON)?;
        }

        server.step("`hello` has no more to say, and reads on to the end");
        hello.shutdown(Shutdown::Write)?;
        assert_eq!(server.tick_until(events, &hello, 1)?, 0, "that was the end");

        server.step("another thread wakes the loop");
        let waker = server.event_loop.waker();
        let other = thread::spawn(move || waker.wake());
        server.tick(events, FOREVER)?;
        other.join().expect("it does not panic")?;

        server.step("`greedy` says one thing more, and then nothing");
        server.idle = Duration::from_millis(IDLE_MS[1]);
        greedy.write_all(b"x")?;
        while !server.connections.is_empty() {
            server.tick(events, FOREVER)?;
        }
        assert_eq!(server.event_loop.registered(), 1, "the listener is left");
        assert_eq!(server.event_loop.stale(), 0, "no event came too late");
        Ok(())
    }
    // ANCHOR_END: demo

    pub(crate) fn serve() -> io::Result<()> {
        let (mut server, at) = Server::new()?;
        println!("try: nc {} {}", at.ip(), at.port());
        let events = &mut Events::with_capacity(EVENTS_MAX);
        loop {
            server.tick(events, FOREVER)?;
            server.shown.clear();
        }
    }

    /// The listener's events have this word. No key is like it.
    const LISTENER: u64 = 0;

    struct Connection {
        name: String,
        stream: TcpStream,
        /// What is still to be written. While there is anything, nothing more is read.
        out: Vec<u8>,
        writes: bool,
        deadline: Deadline,
    }

    struct Server {
        event_loop: Loop,
        listener: TcpListener,
        connections: Slab<Connection>,
        chunk: Vec<u8>,
        idle: Duration,
        accepted: u32,
        steps: u32,
        ticks: u32,
        shown: HashSet<String>,
    }

    impl Server {
        fn new() -> io::Result<(Self, SocketAddr)> {
            let here = ([127, 0, 0, 1], 0).into();
            let listener = net::listen(here, 128, Share::Alone)?;
            let address = listener.local_addr()?;
            println!("listening on {address}, {BACKEND}");
            let mut event_loop = Loop::new()?;
            event_loop.add_read(listener.as_fd(), LISTENER)?;
            let server = Self {
                event_loop,
                listener,
                connections: Slab::new(),
                chunk: vec![0; CHUNK],
                idle: Duration::from_millis(IDLE_MS[0]),
                accepted: 0,
                steps: 0,
                ticks: 0,
                shown: HashSet::new(),
            };
            Ok((server, address))
        }

        // ANCHOR: tick
        /// One turn: collect, dispatch, deadlines, retire.
        fn tick(
            &mut self,
            events: &mut Events,
            max_wait: Duration,
        ) -> io::Result<()> {
            self.ticks += 1;
            let deadlines = self.connections.iter().map(|(_, one)| one.deadline);
            let next = deadlines.min().and_then(|next| next.remaining());
            let wait = next.map_or(max_wait, |next| next.min(max_wait));
            self.event_loop.wait(events, Some(wait))?;

            if events.woken() {
                self.show("", "woken", "");
            }
            for event in &*events {
                match event.user {
                    LISTENER => self.accept()?,
                    user => self.turn(Key::from_user(user), &event)?,
                }
            }

            let all = self.connections.iter();
            let late = all.filter(|(_, one)| one.deadline.expired());
            for key in late.map(|(key, _)| key).collect::<Vec<_>>() {
                self.close(key, "deadline", "closed")?;
            }

            self.connections.retire();
            Ok(())
        }
        // ANCHOR_END: tick

        /// Ticks until `client` has got so many bytes, or the end. How many it got.
        fn tick_until(
            &mut self,
            events: &mut Events,
            mut client: &TcpStream,
            count: usize,
        ) -> io::Result<usize> {
            let (mut got, mut bytes) = (0, [0; 64]);
            while got < count {
                self.tick(events, SOON)?;
                match ready(client.read(&mut bytes))? {
                    Some(0) => break,
                    some => got += some.unwrap_or(0),
                }
            }
            Ok(got)
        }

        fn accept(&mut self) -> io::Result<()> {
            loop {
                match net::accept(&self.listener)? {
                    Accepted::Stream(stream, _) => self.open(stream)?,
                    Accepted::Again => {}
                    Accepted::Nothing => return Ok(()),
                    // A server that has to last takes a pause here.
                    Accepted::Exhausted(error) => return Err(error),
                }
            }
        }

        fn open(&mut self, stream: TcpStream) -> io::Result<()> {
            self.accepted += 1;
            let name = format!("conn {}", self.accepted);
            self.show(&name, "accepted", "+read");
            let key = self.connections.insert(Connection {
                name,
                stream,
                out: Vec::new(),
                writes: false,
                deadline: Deadline::after(self.idle),
            });
            let fd = self.connections.get(key).expect("it is new").stream.as_fd();
            self.event_loop.add_read(fd, key.to_user())
        }

        // ANCHOR: turn
        /// One event of one connection: reads once, writes at once, and asks for writing
        /// only if something is left over.
        fn turn(&mut self, key: Key, event: &Event) -> io::Result<()> {
            let Some(one) = self.connections.get_mut(key) else {
                return Ok(()); // it was closed earlier in this batch
            };
            one.deadline = Deadline::after(self.idle);
            let mut did = String::new();
            if event.readable {
                match ready(one.stream.read(&mut self.chunk)) {
                    Ok(Some(0)) => return self.close(key, &said(event), "closed"),
                    Ok(count) => one.out.extend(&self.chunk[..count.unwrap_or(0)]),
                    Err(_) => return self.close(key, &said(event), "closed"),
                }
                did = format!("read {}, ", one.out.len());
            }
            let Ok(count) = ready(one.stream.write(&one.out)) else {
                return self.close(key, &said(event), "closed");
            };
            one.out.drain(..count.unwrap_or(0));
            did += &format!("wrote {}", count.unwrap_or(0));
            let (fd, user) = (one.stream.as_fd(), key.to_user());
            match (one.out.is_empty(), one.writes) {
                (false, false) => {
                    self.event_loop.del_read(fd)?;
                    self.event_loop.add_write(fd, user)?;
                    did += ": -read +write";
                }
                (true, true) => {
                    self.event_loop.del_write(fd)?;
                    self.event_loop.add_read(fd, user)?;
                    did += ": -write +read";
                }
                _ => {}
            }
            one.writes = !one.out.is_empty();
            let name = one.name.clone();
            self.show(&name, &said(event), &did);
            Ok(())
        }
        // ANCHOR_END: turn

        /// Deregisters, closes, frees: in this order.
        fn close(&mut self, key: Key, event: &str, why: &str) -> io::Result<()> {
            let Some(one) = self.connections.get(key) else {
                return Ok(());
            };
            match one.writes {
                false => self.event_loop.del_read(one.stream.as_fd())?,
                true => self.event_loop.del_write(one.stream.as_fd())?,
            }
            let one = self.connections.remove(key).expect("it was there");
            self.show(&one.name, event, why);
            Ok(())
        }

        fn is_stuck(&self) -> bool {
            self.connections.iter().any(|(_, one)| one.writes)
        }

        fn step(&mut self, what: &str) {
            self.steps += 1;
            self.shown.clear();
            println!("{}. {what}", self.steps);
        }

        /// Prints it, if nothing like it has been printed in this step.
        fn show(&mut self, who: &str, event: &str, did: &str) {
            let kind = did.replace(|c: char| c.is_ascii_digit(), "");
            if self.shown.insert(format!("{who} {event} {kind}")) {
                println!("   tick {:<4} {who:7} {event:13} {did}", self.ticks);
            }
        }
    }

    /// What a read or a write says; `None` if it would have to wait.
    fn ready(result: io::Result<usize>) -> io::Result<Option<usize>> {
        match result {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            result => result.map(Some),
        }
    }

    fn said(event: &Event) -> String {
        let flags = [
            (event.readable, "readable"),
            (event.writable, "writable"),
            (event.eof, "eof"),
            (event.err, "err"),
        ];
        let set = flags.iter().filter(|(is_set, _)| *is_set);
        set.map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
)))]
mod echo {
    pub(crate) fn demo() -> std::io::Result<()> {
        println!("this system has neither epoll nor kqueue");
        Ok(())
    }

    pub(crate) use demo as serve;
}
