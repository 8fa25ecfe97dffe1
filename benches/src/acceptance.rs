//! The requests that every rung must answer before anyone measures it.
//!
//! A server that is fast because it drops the second of two requests in one segment, or
//! never closes when it was asked to, would win any race. These cases are the entrance.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// How long any single read may take. It only ends a wait that would never end; no case
/// measures time.
const PATIENCE: Duration = Duration::from_secs(10);
const GET: &str = "GET / HTTP/1.1\r\nHost: ladder\r\n\r\n";
/// A round of pipelined requests.
const PIPELINED: usize = 16;

/// What a case returns: the sentence says what was expected and what came instead.
pub type Verdict = Result<(), String>;

/// One thing that a rung must get right.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What it shows, as the name of a test.
    pub name: &'static str,
    /// Tries it on the server at this address.
    pub run: fn(SocketAddr) -> Verdict,
}

macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        &[$(Case { name: stringify!($name), run: $name }),*]
    };
}

/// All cases. Each opens connections of its own, so their order does not matter.
pub const CASES: &[Case] = cases![
    hello_is_answered,
    bodies_of_any_size_come_back,
    a_connection_is_kept_alive,
    sixteen_pipelined_requests_are_answered_in_order,
    a_request_that_comes_byte_by_byte_is_answered,
    the_second_request_in_a_segment_is_not_forgotten,
    a_head_and_its_body_may_come_apart,
    head_sends_the_length_and_no_body,
    an_unknown_path_is_404_and_the_connection_goes_on,
    a_malformed_head_is_400_and_the_connection_is_closed,
    connection_close_is_honoured,
    a_half_closed_client_still_gets_its_answer,
    connections_do_not_wait_for_each_other,
];

/// Runs every case against the server at `address`; returns the sentences of those that
/// failed, after the case's name.
pub fn failures(address: SocketAddr) -> Vec<String> {
    let failed = |case: &Case| {
        let sentence = (case.run)(address).err()?;
        Some(format!("{}: {sentence}", case.name))
    };
    CASES.iter().filter_map(failed).collect()
}

fn hello_is_answered(address: SocketAddr) -> Verdict {
    let response = Client::connect(address)?.ask(GET)?;
    response.must_be(200, b"Hello, World!")?;
    match response.header("content-type") {
        Some(kind) if kind.starts_with("text/plain") => Ok(()),
        kind => Err(format!("Content-Type is text/plain, but came as {kind:?}")),
    }
}

fn bodies_of_any_size_come_back(address: SocketAddr) -> Verdict {
    let mut client = Client::connect(address)?;
    for len in [0, 1, 13, 4_095, 4_096, 4_097, 65_536, 1_000_000] {
        let body: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
        client.send(&echo(&body))?;
        client.receive()?.must_be(200, &body)?;
    }
    Ok(())
}

fn a_connection_is_kept_alive(address: SocketAddr) -> Verdict {
    let mut client = Client::connect(address)?;
    for _ in 0..100 {
        client.ask(GET)?.must_be(200, b"Hello, World!")?;
    }
    Ok(())
}

fn sixteen_pipelined_requests_are_answered_in_order(address: SocketAddr) -> Verdict {
    let mut client = Client::connect(address)?;
    for round in 0..4 {
        let bodies: Vec<String> = (0..PIPELINED)
            .map(|i| format!("round {round}, request {i}"))
            .collect();
        let all: Vec<u8> = bodies
            .iter()
            .flat_map(|body| echo(body.as_bytes()))
            .collect();
        client.send(&all)?;
        for body in &bodies {
            client.receive()?.must_be(200, body.as_bytes())?;
        }
    }
    Ok(())
}

fn a_request_that_comes_byte_by_byte_is_answered(address: SocketAddr) -> Verdict {
    let mut client = Client::connect(address)?;
    for byte in echo(b"drop by drop") {
        client.send(&[byte])?;
    }
    client.receive()?.must_be(200, b"drop by drop")
}

fn the_second_request_in_a_segment_is_not_forgotten(address: SocketAddr) -> Verdict {
    let mut client = Client::connect(address)?;
    // One and a half requests: the first is answered although the second is not whole.
    let second = echo(b"second");
    let (half, other_half) = second.split_at(second.len() / 2);
    client.send(&[GET.as_bytes(), half].concat())?;
    client.receive()?.must_be(200, b"Hello, World!")?;
    client.send(other_half)?;
    client.receive()?.must_be(200, b"second")
}

fn a_head_and_its_body_may_come_apart(address: SocketAddr) -> Verdict {
    let mut client = Client::connect(address)?;
    let request = echo(b"a body with\r\n\r\na blank line in it");
    let head_len = request
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or(0)
        + 4;
    client.send(&request[..head_len])?;
    client.send(&request[head_len..])?;
    client
        .receive()?
        .must_be(200, b"a body with\r\n\r\na blank line in it")
}

fn head_sends_the_length_and_no_body(address: SocketAddr) -> Verdict {
    let mut client = Client::connect(address)?;
    client.send(b"HEAD / HTTP/1.1\r\nHost: ladder\r\n\r\n")?;
    let response = client.receive_head()?;
    response.must_be(200, b"")?;
    match response.header("content-length") {
        Some("13") | None => {}
        Some(len) => {
            return Err(format!("HEAD says {len} bytes where GET sends 13"));
        }
    }
    // Had a body followed, this answer would start with it.
    client.ask(GET)?.must_be(200, b"Hello, World!")
}

fn an_unknown_path_is_404_and_the_connection_goes_on(
    address: SocketAddr,
) -> Verdict {
    let mut client = Client::connect(address)?;
    let status = client
        .ask("GET /nowhere HTTP/1.1\r\nHost: ladder\r\n\r\n")?
        .status;
    if status != 404 {
        return Err(format!(
            "a path that does not exist is 404, but came as {status}"
        ));
    }
    client.ask(GET)?.must_be(200, b"Hello, World!")
}

fn a_malformed_head_is_400_and_the_connection_is_closed(
    address: SocketAddr,
) -> Verdict {
    for head in [
        "NONSENSE\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: ladder\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : ladder\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: ladder\r\nContent-Length: two\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: ladder\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ] {
        let mut client = Client::connect(address)?;
        let status = client.ask(head)?.status;
        if status != 400 {
            return Err(format!("{head:?} is 400, but came as {status}"));
        }
        client.must_be_closed()?;
    }
    Ok(())
}

fn connection_close_is_honoured(address: SocketAddr) -> Verdict {
    let mut client = Client::connect(address)?;
    // The request behind it is not to be answered.
    let close = "GET / HTTP/1.1\r\nHost: ladder\r\nConnection: close\r\n\r\n";
    let response = client.ask(&format!("{close}{GET}"))?;
    response.must_be(200, b"Hello, World!")?;
    match response.header("connection") {
        Some(value) if value.eq_ignore_ascii_case("close") => {
            client.must_be_closed()
        }
        value => Err(format!(
            "the answer says `Connection: close`, not {value:?}"
        )),
    }
}

fn a_half_closed_client_still_gets_its_answer(address: SocketAddr) -> Verdict {
    let mut client = Client::connect(address)?;
    client.send(&[GET.as_bytes(), &echo(b"goodbye")].concat())?;
    client
        .stream
        .shutdown(Shutdown::Write)
        .map_err(said("shutdown"))?;
    client.receive()?.must_be(200, b"Hello, World!")?;
    client.receive()?.must_be(200, b"goodbye")?;
    client.must_be_closed()
}

fn connections_do_not_wait_for_each_other(address: SocketAddr) -> Verdict {
    // The first has sent half a request and is in no hurry.
    let mut slow = Client::connect(address)?;
    slow.send(&GET.as_bytes()[..GET.len() / 2])?;
    let mut others = Vec::new();
    for _ in 0..20 {
        others.push(Client::connect(address)?);
    }
    for other in others.iter_mut().rev() {
        other.ask(GET)?.must_be(200, b"Hello, World!")?;
    }
    slow.send(&GET.as_bytes()[GET.len() / 2..])?;
    slow.receive()?.must_be(200, b"Hello, World!")
}

fn echo(body: &[u8]) -> Vec<u8> {
    let len = body.len();
    let head = format!(
        "POST /echo HTTP/1.1\r\nHost: ladder\r\nContent-Length: {len}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A client that reads whole responses and keeps what came after them.
struct Client {
    stream: TcpStream,
    input: Vec<u8>,
}

struct Response {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self
            .head
            .split("\r\n")
            .filter_map(|line| line.split_once(':'));
        let (_, value) =
            lines.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value.trim())
    }

    fn must_be(&self, status: u16, body: &[u8]) -> Verdict {
        if self.status != status {
            return Err(format!("expected status {status}, got {}", self.status));
        }
        if self.body != body {
            let (expected, got) = (shown(body), shown(&self.body));
            return Err(format!("expected the body {expected}, got {got}"));
        }
        Ok(())
    }
}

impl Client {
    fn connect(address: SocketAddr) -> Result<Self, String> {
        let open = || {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(stream)
        };
        let stream = open().map_err(said("connect"))?;
        Ok(Self {
            stream,
            input: Vec::new(),
        })
    }

    fn send(&mut self, bytes: &[u8]) -> Verdict {
        self.stream.write_all(bytes).map_err(said("send"))
    }

    fn ask(&mut self, request: &str) -> Result<Response, String> {
        self.send(request.as_bytes())?;
        self.receive()
    }

    fn receive(&mut self) -> Result<Response, String> {
        let mut response = self.receive_head()?;
        let len = response
            .header("content-length")
            .and_then(|len| len.parse().ok());
        let len = len.ok_or("the response has no Content-Length")?;
        while self.input.len() < len {
            self.read_more()?;
        }
        response.body = self.input.drain(..len).collect();
        Ok(response)
    }

    /// Receives a response that has no body.
    fn receive_head(&mut self) -> Result<Response, String> {
        let head_len = loop {
            match self.input.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(len) => break len,
                None => self.read_more()?,
            }
        };
        let head: Vec<u8> = self.input.drain(..head_len + 4).collect();
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3));
        let status = status.and_then(|digits| digits.parse().ok());
        let status = status.ok_or_else(|| format!("no status line: {head:?}"))?;
        Ok(Response {
            status,
            head,
            body: Vec::new(),
        })
    }

    fn read_more(&mut self) -> Verdict {
        let mut bytes = [0; 64 * 1024];
        match self.stream.read(&mut bytes).map_err(said("receive"))? {
            0 => Err(format!(
                "closed where an answer was due, after {}",
                shown(&self.input)
            )),
            n => {
                self.input.extend_from_slice(&bytes[..n]);
                Ok(())
            }
        }
    }

    fn must_be_closed(&mut self) -> Verdict {
        let mut bytes = [0; 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) if self.input.is_empty() => Ok(()),
            Ok(n) => {
                self.input.extend_from_slice(&bytes[..n]);
                let got = shown(&self.input);
                Err(format!("the connection must be closed, but brought {got}"))
            }
            Err(err) => Err(format!("the connection must be closed, but: {err}")),
        }
    }
}

fn said(what: &'static str) -> impl Fn(io::Error) -> String {
    move |err| format!("{what}: {err}")
}

/// Shows bytes in a sentence: the start of them as text.
fn shown(bytes: &[u8]) -> String {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]);
    match bytes.len() {
        0..=60 => format!("{start:?}"),
        len => format!("{start:?}... ({len} bytes)"),
    }
}
