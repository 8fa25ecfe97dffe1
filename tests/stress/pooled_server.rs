//! Stress for the pooled server: two loops, four handler threads, and clients that come, ask
//! for several things at once, and sometimes leave before they have the answers. Each request
//! has a number of its own, and its answer must be the one with that number.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models of what they share (`src/http/{dispatch,inbox,places}/models.rs`) try them all.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::http::{
    Closed, Config, Handle, Listeners, Metrics, Refusal, Request, Response, Router,
    Server, Totals,
};
use threadbare::pool::ThreadPool;
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const CLIENTS: u64 = 8;
/// Sanitizers are five to fifty times slower; who runs one says how much less it shall be
/// (`.ci/extra` does).
const LESS: &str = "THREADBARE_STRESS_LESS";

/// One part in so many of the requests, for slow checkers.
fn less() -> u64 {
    let less = std::env::var(LESS).ok();
    less.and_then(|it| it.parse().ok()).unwrap_or(1)
}

type Answered = Result<(), Refusal>;

fn number(request: &Request<'_>, name: &str) -> Result<usize, Refusal> {
    Ok(request.query_as(name)?.unwrap_or(0))
}

fn says(request: &Request<'_>, response: &mut Response<'_>) -> Answered {
    response.text(number(request, "token")?);
    Ok(())
}

fn works(request: &Request<'_>, response: &mut Response<'_>) -> Answered {
    // Long enough for the client to leave, or for others to be handed over.
    (0..number(request, "n")?).for_each(|_| thread::yield_now());
    says(request, response)
}

fn panics(_: &Request<'_>, _: &mut Response<'_>) {
    std::panic::resume_unwind(Box::new("it was asked to"));
}

fn echoes(request: &Request<'_>, response: &mut Response<'_>) {
    response.bytes(request.body());
}

fn is_long(request: &Request<'_>, response: &mut Response<'_>) -> Answered {
    let (token, n) = (number(request, "token")?, number(request, "n")?);
    response.body(format!("{token};").repeat(n));
    Ok(())
}

fn streams(request: &Request<'_>, response: &mut Response<'_>) -> Answered {
    let (token, n) = (number(request, "token")?, number(request, "n")?);
    response.stream((0..n).map(move |_| format!("{token};")));
    Ok(())
}

/// A body that is made by others, after the handler has returned.
fn told_by(
    others: ThreadPool,
) -> impl Fn(&Request<'_>, &mut Response<'_>) -> Answered + Send + Sync + 'static {
    move |request, response| {
        let (token, n) = (number(request, "token")?, number(request, "n")?);
        let sender = response.channel();
        let tell = move || {
            let piece = format!("{token};").repeat(n);
            (0..n).try_for_each(|_| {
                thread::yield_now();
                sender.send(piece.as_bytes())
            })?;
            Ok::<_, Closed>(())
        };
        let _ = others.spawn(tell);
        Ok(())
    }
}

fn routes() -> Router {
    let mut router = Router::new();
    router.get("/told", told_by(ThreadPool::new(2)));
    router.get("/says", says);
    router.get("/inline", says).inline();
    router.get("/works", works);
    router.get("/panics", panics);
    router.get("/panics/inline", panics).inline();
    router.post("/echoes", echoes);
    router.get("/long", is_long);
    router.get("/streams", streams);
    router
}

/// What is sent, and what has to come back.
struct Asked {
    request: String,
    status: u16,
    body: String,
    /// Whether a server that stops may end it sooner.
    may_be_less: bool,
}

impl Asked {
    /// A random request with this number.
    fn any(token: u64, random: &mut Random) -> Self {
        let n = 1 + random.below(20);
        let repeated = |n: u64| format!("{token};").repeat(n as usize);
        let get = |path: &str, n| {
            format!("GET {path}?token={token}&n={n} HTTP/1.1\r\nHost: a\r\n\r\n")
        };
        let kind = random.below(12);
        let (request, status, body) = match kind {
            0 => (get("/panics", 0), 500, String::new()),
            1 => (get("/panics/inline", 0), 500, String::new()),
            2 => {
                let body = repeated(n * 10);
                let length = body.len();
                let head = format!(
                    "POST /echoes HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
                );
                (head + &body, 200, body)
            }
            3 => (get("/long", n * n * 100), 200, repeated(n * n * 100)),
            4 => (get("/streams", n), 200, repeated(n)),
            5 | 6 => (get("/inline", 0), 200, token.to_string()),
            7 => (get("/works", n), 200, token.to_string()),
            8 | 9 => (get("/told", n * 5), 200, repeated(n * n * 25)),
            _ => (get("/says", 0), 200, token.to_string()),
        };
        Self {
            request,
            status,
            body,
            may_be_less: matches!(kind, 8 | 9),
        }
    }

    /// Whether that is its answer, and not that the queue was full.
    fn is_answered_by(&self, answer: &Answer, stops: bool) -> bool {
        let Answer { status, body, .. } = answer;
        if *status == 503 {
            assert!(answer.may_retry, "when to come again");
            return false;
        }
        assert_eq!(*status, self.status, "{}", self.request);
        if self.status == 200 {
            let mine = self.body.as_bytes();
            let is_mine = match stops && self.may_be_less {
                true => mine.starts_with(body),
                false => mine == body,
            };
            assert!(is_mine, "{}", self.request);
        }
        true
    }
}

/// What has come back.
#[derive(Default)]
struct Answer {
    status: u16,
    body: Vec<u8>,
    closes: bool,
    may_retry: bool,
}

/// A client that waits for what it is told.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    fn stream(&self) -> &TcpStream {
        self.0.get_ref()
    }

    /// The next answer; `None` if the server closes instead of it.
    fn answer(&mut self) -> Option<Answer> {
        match self.0.fill_buf() {
            Ok([]) => return None,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
            other => other.unwrap(),
        };
        let (mut answer, mut length) = (Answer::default(), Some(0));
        let status = self.line();
        answer.status = status[9..12].parse().unwrap();
        loop {
            let line = self.line().to_ascii_lowercase();
            match line.split_once(": ") {
                None => break,
                Some(("content-length", value)) => length = value.parse().ok(),
                Some(("transfer-encoding", "chunked")) => length = None,
                Some(("connection", "close")) => answer.closes = true,
                Some(("retry-after", _)) => answer.may_retry = true,
                Some(_) => {}
            }
        }
        match length {
            Some(length) => self.append(length, &mut answer.body),
            None => loop {
                let size = usize::from_str_radix(&self.line(), 16).unwrap();
                self.append(size, &mut answer.body);
                assert_eq!(self.line(), "");
                if size == 0 {
                    break;
                }
            },
        }
        Some(answer)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        let whole = line.strip_suffix("\r\n");
        whole
            .unwrap_or_else(|| panic!("{line:?} is cut"))
            .to_owned()
    }

    fn append(&mut self, length: usize, to: &mut Vec<u8>) {
        let mut body = (&mut self.0).take(length as u64);
        assert_eq!(body.read_to_end(to).unwrap(), length, "it is cut");
    }
}

/// What clients have seen.
#[derive(Debug, Default)]
struct Seen {
    /// Whether the server may be told to stop meanwhile.
    stops: bool,
    answered: AtomicU64,
    shed: AtomicU64,
    /// The number of the next request.
    token: AtomicU64,
}

impl Seen {
    fn count(counter: &AtomicU64) -> u64 {
        // ORDERING: Relaxed. A count, and a number that is nobody else's.
        counter.fetch_add(1, Relaxed)
    }
}

/// What is left of a connection.
#[derive(PartialEq)]
enum End {
    /// The client has had all answers, or has left.
    Ours,
    /// The server has closed.
    Theirs,
}

/// A connection of a client, from its beginning to its end: some rounds, in each of which it
/// asks for some things at once and then takes the answers. In the last one it may leave
/// before, in one of several ways.
fn connection(address: SocketAddr, seen: &Seen, random: &mut Random) -> End {
    let Ok(mut client) = Client::connect(address) else {
        return End::Theirs;
    };
    let rounds = 1 + random.below(4);
    for round in 1..=rounds {
        let asked: Vec<_> = (0..1 + random.below(8))
            .map(|_| Asked::any(Seen::count(&seen.token), random))
            .collect();
        let requests: String = asked.iter().map(|it| &*it.request).collect();
        let mut stream = client.stream();
        let taken = match random.below(6) {
            // It takes some of the answers, none perhaps, and leaves.
            0 if round == rounds => random.below(asked.len() as u64) as usize,
            _ => asked.len(),
        };
        // Its last request may not be whole.
        let sent = match taken < asked.len() && random.below(2) == 0 {
            true => requests.len() - random.below(20) as usize,
            false => requests.len(),
        };
        // What is sent is less than a socket holds, so nobody has to read meanwhile.
        if stream.write_all(&requests.as_bytes()[..sent]).is_err() {
            return End::Theirs;
        }
        let waits_for_others = asked.iter().any(|it| it.may_be_less);
        let all = taken == asked.len() && round == rounds;
        if all && !waits_for_others && random.below(2) == 0 {
            // That is all that there is to say: half a close. To a server that waits for
            // somebody else's word it would say that the client has gone.
            let _ = stream.shutdown(Shutdown::Write);
        }
        for asked in &asked[..taken] {
            step("waits for an answer");
            let Some(answer) = client.answer() else {
                return End::Theirs;
            };
            match asked.is_answered_by(&answer, seen.stops) {
                true => Seen::count(&seen.answered),
                false => Seen::count(&seen.shed),
            };
            if answer.closes {
                return End::Theirs;
            }
        }
    }
    End::Ours
}

/// A server on a thread of its own.
struct Served {
    address: SocketAddr,
    handle: Handle,
    metrics: Metrics,
    thread: thread::JoinHandle<usize>,
}

impl Served {
    fn start(config: Config) -> Self {
        let config = Config {
            port: 0,
            loops: 2,
            handler_threads: 4,
            ..config
        };
        let mut server = Server::bind(config, routes()).unwrap();
        Self {
            address: server.address(),
            handle: server.handle(),
            metrics: server.metrics(),
            thread: thread::spawn(move || {
                server.run().unwrap();
                server.connections()
            }),
        }
    }

    /// Stops it, and waits until all are served.
    fn stop(self) -> Totals {
        self.handle.shutdown();
        step("waits for the server");
        assert_eq!(self.thread.join().unwrap(), 0, "connections");
        self.metrics.totals()
    }
}

/// Some threads come as clients, as long as `again` says so.
fn clients(
    address: SocketAddr,
    seed: u64,
    stops: bool,
    again: impl Fn(u64, End) -> bool + Sync,
) -> Seen {
    let seen = Seen {
        stops,
        ..Seen::default()
    };
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (seen, again) = (&seen, &again);
            let mut random = Random::new(seed ^ (number + 1));
            scope.spawn(move || {
                for n in 1.. {
                    if !again(n, connection(address, seen, &mut random)) {
                        break;
                    }
                }
            });
        }
    });
    seen
}

#[test]
fn each_answer_is_its_own() {
    let seed = seed("pooled_server::each_answer_is_its_own");
    within(LIMIT, || {
        let with_room = Config {
            queue_cap: 1_000,
            ..Config::default()
        };
        // Who is refused is told by one loop; who finds no place waits outside of two.
        let with_one_listener = Config {
            queue_cap: 1,
            listeners: Listeners::One,
            ..Config::default()
        };
        let with_three_places = Config {
            queue_cap: 1_000,
            max_conn: 3,
            ..Config::default()
        };
        for config in [with_room, with_one_listener, with_three_places] {
            let (queue_cap, each) = (config.queue_cap, 60 / less());
            let served = Served::start(config);
            let seen = clients(served.address, seed, false, |n, end| {
                assert!(end == End::Ours, "it has closed by itself");
                n < each
            });
            let totals = served.stop();
            println!("{seen:?} {totals:?}");
            let (answered, shed) =
                (seen.answered.into_inner(), seen.shed.into_inner());
            assert!(answered <= totals.requests && shed <= totals.shed);
            assert_eq!(totals.open, 0);
            assert!(queue_cap == 1 || totals.shed == 0, "there was room");
        }
    });
}

/// Servers that are stopped while clients ask: each answer that has begun is whole, and the
/// server ends.
#[test]
fn a_stop_cuts_no_answer() {
    let seed = seed("pooled_server::a_stop_cuts_no_answer");
    within(LIMIT, || {
        for round in 0..30 / less() {
            step(format!("round {round}"));
            let mut random = Random::new(seed ^ (round << 32));
            let served = Served::start(Config {
                queue_cap: 1 + random.below(50) as usize,
                max_conn: 4 + random.below(20) as usize,
                ..Config::default()
            });
            let stop_at = random.below(50);
            let (handle, connections) = (served.handle.clone(), AtomicU64::new(0));
            clients(served.address, random.next_u64(), true, |_, end| {
                if Seen::count(&connections) == stop_at {
                    handle.shutdown();
                }
                end == End::Ours
            });
            served.stop();
        }
    });
}
