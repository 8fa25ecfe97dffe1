//! Where does a request begin, and where does it end, when the network cuts it anywhere?
//!
//! Run: `cargo run --example 09_http_parser`
//!
//! You will see (a test compares it):
//!
//! ```text
//! 1. four lines with `split` read a whole request
//!    POST /pay: "to=ann&sum=9"
//! 2. the same request in two reads, cut at each of its bytes
//!    split: 0 times right, 26 times refused,
//!           39 times another request:
//!           cut at 8: POST /pa, length none, ""
//!           cut at 49: POST /pay, length 1, ""
//!           cut at 56: POST /pay, length 12, "to"
//!    parser: 65 times right, after 53 times `Partial`
//! 3. one byte after the other
//!    complete at byte 54: POST /pay, Some("bank"), Length(12)
//! 4. the body in chunks, three bytes at a time
//!    36 bytes, "to=ann&sum=9"
//! 5. one stream, two programs
//!    by Content-Length:    POST /search
//!    by Transfer-Encoding: POST /search, then GET /admin
//!    parser: 400, byte 74: both Content-Length and Transfer-Encoding; send one of them
//! 6. what can be read in two ways is not read
//!    "Content-Length: 5\r\nContent-Length: 0\r\n"
//!       400, byte 64: a second Content-Length; send one
//!    "Content-Length: +5\r\n"
//!       400, byte 45: this is no length; send decimal digits alone
//!    "Content-Length : 5\r\n"
//!       400, byte 43: a field's name has letters, digits and a few signs, and a colon right behind it; send such a name
//!    "Transfer-Encoding: chunked, identity\r\n"
//!       400, byte 48: chunked must be the last coding, once, in HTTP/1.1; send chunked alone
//!    "X: y\r\n Content-Length: 5\r\n"
//!       400, byte 35: a field goes on in a second line; send it as one
//!    "X: y\nContent-Length: 5\r\n"
//!       400, byte 33: a line ends with CR and LF, and neither stands alone; send both
//!    "X: y\rContent-Length: 5\r\n"
//!       400, byte 34: a line ends with CR and LF, and neither stands alone; send both
//!    "Host: other\r\n"
//!       400, byte 35: a second Host field; send one
//! ```
//!
//! Change first: in `refusal`, the limits to `Limits { headers: 1, ..Limits::default() }`.
//! Which sentences of steps 5 and 6 stay as they are, and why? Then the `chunks(3)` to
//! `chunks(1)`: can you see the difference from outside?
//!
//! Needs: `07_event_loop`, where the bytes come from. Next: 10 (a server around it).

use std::error::Error;

use threadbare::http::{
    ChunkDecoder, Framing, Limits, Parser, Request, Status, v0_split,
};

/// What a client sends.
const REQUEST: &str = "POST /pay HTTP/1.1\r\nHost: bank\r\nContent-Length: 12\r\n\r\n\
                       to=ann&sum=9";

/// The same body, in chunks.
const CHUNKS: &str = "7\r\nto=ann&\r\n5;why=none\r\nsum=9\r\n0\r\n\r\n";

/// What an attacker sends: two lengths for one body.
const SMUGGLED: &str = "POST /search HTTP/1.1\r\nHost: bank\r\nContent-Length: 45\r\n\
                        Transfer-Encoding: chunked\r\n\r\n\
                        0\r\n\r\nGET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// More ways to let two programs disagree: each is one that some server has taken.
const ODD: [&str; 8] = [
    "Content-Length: 5\r\nContent-Length: 0\r\n",
    "Content-Length: +5\r\n",
    "Content-Length : 5\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "X: y\r\n Content-Length: 5\r\n",
    "X: y\nContent-Length: 5\r\n",
    "X: y\rContent-Length: 5\r\n",
    "Host: other\r\n",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("1. four lines with `split` read a whole request");
    let whole = v0_split::parse(REQUEST).ok_or("it is well-formed")?;
    println!("   {} {}: {:?}", whole.method, whole.target, whole.body);

    println!("2. the same request in two reads, cut at each of its bytes");
    naive_takes_the_first_for_all(&whole);
    parser_waits_for_the_second(&whole)?;

    println!("3. one byte after the other");
    one_byte_at_a_time()?;

    println!("4. the body in chunks, three bytes at a time");
    three_bytes_at_a_time()?;

    println!("5. one stream, two programs");
    two_programs();

    println!("6. what can be read in two ways is not read");
    for lines in ODD {
        let head = format!("POST / HTTP/1.1\r\nHost: bank\r\n{lines}\r\n");
        println!("   {lines:?}\n      {}", refusal(head.as_bytes()));
    }
    Ok(())
}

// ANCHOR: naive
/// The first attempt takes what one read gave for all there is.
fn naive_takes_the_first_for_all(whole: &v0_split::Request<'_>) {
    let (mut right, mut refused, mut other) = (0, 0, Vec::new());
    for cut in 1..REQUEST.len() {
        match v0_split::parse(&REQUEST[..cut]) {
            None => refused += 1,
            Some(request) if request == *whole => right += 1,
            Some(request) => other.push((cut, request)),
        }
    }
    println!("   split: {right} times right, {refused} times refused,");
    println!("          {} times another request:", other.len());
    for (cut, saw) in other.iter().filter(|(cut, _)| [8, 49, 56].contains(cut)) {
        let length = saw.headers.get("content-length").unwrap_or(&"none");
        let (method, target, body) = (saw.method, saw.target, &saw.body);
        println!(
            "          cut at {cut}: {method} {target}, length {length}, {body:?}"
        );
    }
    assert_eq!(right, 0, "no part is the whole");
}
// ANCHOR_END: naive

// ANCHOR: splits
/// The parser says that something is missing, and goes on from there.
fn parser_waits_for_the_second(
    whole: &v0_split::Request<'_>,
) -> Result<(), Box<dyn Error>> {
    let input = REQUEST.as_bytes();
    let mut parser = Parser::new(Limits::default());
    let (mut right, mut partial) = (0, 0);
    for cut in 1..input.len() {
        parser.reset();
        if let Status::Partial = parser.parse(&input[..cut])? {
            partial += 1;
        }
        let Status::Complete(request) = parser.parse(input)? else {
            return Err("all of the head is there".into());
        };
        let body = body(&request, input);
        right += u32::from(request.target() == whole.target && body == whole.body);
    }
    println!("   parser: {right} times right, after {partial} times `Partial`");
    assert_eq!(right as usize, input.len() - 1);
    Ok(())
}
// ANCHOR_END: splits

fn body<'a>(request: &Request<'_>, input: &'a [u8]) -> &'a str {
    let rest = &input[request.head_len()..];
    let length = match request.framing() {
        Framing::Length(length) => length as usize,
        Framing::None | Framing::Chunked => 0,
    };
    str::from_utf8(&rest[..length]).unwrap_or_default()
}

fn one_byte_at_a_time() -> Result<(), Box<dyn Error>> {
    let input = REQUEST.as_bytes();
    let mut parser = Parser::new(Limits::default());
    let mut end = 0;
    while let Status::Partial = parser.parse(&input[..end])? {
        end += 1;
    }
    let request = parser.request(&input[..end]).ok_or("it is complete")?;
    let (method, target) = (request.method(), request.target());
    let (host, framing) = (request.headers().text("host"), request.framing());
    println!("   complete at byte {end}: {method} {target}, {host:?}, {framing:?}");
    assert_eq!(end, request.head_len(), "and not before");
    Ok(())
}

// ANCHOR: chunks
/// Only the data is left, at the start of each piece.
fn three_bytes_at_a_time() -> Result<(), Box<dyn Error>> {
    let mut decoder = ChunkDecoder::new(Limits::default());
    let mut body = String::new();
    for piece in CHUNKS.as_bytes().chunks(3) {
        let mut piece = piece.to_vec();
        let progress = decoder.decode(&mut piece)?;
        body += str::from_utf8(&piece[..progress.written])?;
        if progress.done {
            println!("   {} bytes, {body:?}", CHUNKS.len());
        }
    }
    assert!(REQUEST.ends_with(&body));
    Ok(())
}
// ANCHOR_END: chunks

// ANCHOR: smuggling
/// What the proxy in front sees, what the server behind it sees, and what ours says.
fn two_programs() {
    let seen = |requests: &[v0_split::Request<'_>]| {
        let names = requests
            .iter()
            .map(|one| format!("{} {}", one.method, one.target));
        names.collect::<Vec<_>>().join(", then ")
    };
    let front = v0_split::requests(SMUGGLED, v0_split::parse);
    let back = v0_split::requests(SMUGGLED, v0_split::parse_chunked);
    println!("   by Content-Length:    {}", seen(&front));
    println!("   by Transfer-Encoding: {}", seen(&back));
    println!("   parser: {}", refusal(SMUGGLED.as_bytes()));
    assert_eq!((front.len(), back.len()), (1, 2), "the second was smuggled");
}

/// The status and the sentence with which the parser refuses.
fn refusal(input: &[u8]) -> String {
    let mut parser = Parser::new(Limits::default());
    let error = parser.parse(input).expect_err("it can be read in two ways");
    format!("{}, {error}", error.status())
}
// ANCHOR_END: smuggling
