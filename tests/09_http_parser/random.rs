//! Property: the same of requests that nobody wrote. They are put together from parts that
//! are right and parts that are wrong, or are samples in which some bytes were changed.

use std::time::Duration;

use threadbare::testkit::{self, Random};

use crate::checks;
use crate::samples::{BODIES, HEADS};

const LIMIT: Duration = Duration::from_secs(120);
const RUNS: usize = 1_000;

/// Runs `check` on what `make` makes.
fn run(name: &str, make: impl Fn(&mut Random) -> Vec<u8>, check: fn(&[u8])) {
    let mut random = Random::new(testkit::seed(name));
    testkit::within(LIMIT, || {
        for _ in 0..RUNS {
            check(&make(&mut random));
        }
    });
}

#[test]
fn heads_from_parts() {
    run("heads_from_parts", head, checks::head);
}

#[test]
fn bodies_from_parts() {
    run("bodies_from_parts", body, checks::chunks);
}

#[test]
fn connections_from_parts() {
    let make = |random: &mut Random| {
        let mut bytes = Vec::new();
        for _ in 0..1 + random.below(4) {
            bytes.extend(request(random));
        }
        bytes
    };
    run("connections_from_parts", make, checks::connection);
}

#[test]
fn samples_with_changes() {
    let heads =
        |random: &mut Random| changed(one(random, HEADS).1.as_bytes(), random);
    run("samples_with_changes", heads, checks::head);
    let bodies =
        |random: &mut Random| changed(one(random, BODIES).1.as_bytes(), random);
    run("samples_with_changes", bodies, checks::chunks);
}

fn one<'a, T>(random: &mut Random, of: &'a [T]) -> &'a T {
    &of[random.below(of.len() as u64) as usize]
}

/// The first of these mostly, so that most requests go well for a while.
fn part<'a>(random: &mut Random, of: &[&'a str]) -> &'a str {
    let place = match random.below(4) {
        0 => random.below(of.len() as u64) as usize,
        _ => 0,
    };
    of[place]
}

fn head(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    text += part(random, &["", "\r\n", "\n", " ", "\r\n\r\n"]);
    text += part(
        random,
        &["GET", "POST", "OPTIONS", "CONNECT", "PUT", "get", "G(T", ""],
    );
    text += part(random, &[" ", "  ", "\t", ""]);
    let targets = [
        "/",
        "/a?b=c/d",
        "*",
        "a:80",
        "http://a/",
        "/#",
        "/\u{e9}",
        "",
    ];
    text += part(random, &targets);
    text += part(random, &[" ", "  ", "\t", ""]);
    let versions = [
        "HTTP/1.1",
        "HTTP/1.0",
        "HTTP/1.2",
        "HTTP/2.0",
        "HTTP/1.",
        "http/1.1",
        "HTTP/1.10",
    ];
    text += part(random, &versions);
    text += end(random);
    if random.below(8) > 0 {
        text += "Host: a\r\n";
    }
    for _ in 0..random.below(5) {
        let names = [
            "X",
            "Host",
            "Content-Length",
            "content-length",
            "Transfer-Encoding",
            "Connection",
            "Expect",
            "Content-Length ",
            " X",
            "",
            "\u{e9}",
        ];
        text += one::<&str>(random, &names);
        text += part(random, &[":", ": ", ":\t ", " :", ""]);
        let values = [
            "",
            "5",
            "0",
            "00",
            "+5",
            "5, 5",
            "18446744073709551615",
            "18446744073709551616",
            "chunked",
            "CHUNKED",
            "gzip, chunked",
            "chunked, gzip",
            "chunked,",
            "gzip;a=b",
            "close",
            "keep-alive, x",
            "100-continue",
            "something else",
            "a:80",
            "[::1]:80",
            "[::1%25a]",
            "[1:2:3:4:5:6:1.2.3.4]",
            "[v1.a:b]",
            "a%2Fb",
            "a%2",
            "\u{e9}",
            "a\0b",
            "a\x7f",
        ];
        text += one::<&str>(random, &values);
        text += part(random, &["", " ", "\t \t"]);
        text += end(random);
    }
    text += end(random);
    changed(text.as_bytes(), random)
}

fn end(random: &mut Random) -> &'static str {
    match random.below(32) {
        0 => "\n",
        1 => "\r",
        2 => "\r\n ",
        3 => "\r\r\n",
        _ => "\r\n",
    }
}

fn body(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    for _ in 0..random.below(5) {
        let size = random.below(40);
        text += &match random.below(8) {
            0 => format!("{size:X}"),
            1 => format!("{size:04x}"),
            2 => format!("{}{size:x}", one(random, &["+", "-", "0x", " ", "g"])),
            3 => one(random, &["", "1000000000000", "ffffffffffffffff"]).to_string(),
            _ => format!("{size:x}"),
        };
        text += extension(random);
        text += end(random);
        let missing = u64::from(random.below(16) == 0);
        text.extend((0..size - missing.min(size)).map(|_| 'x'));
        text += end(random);
    }
    text += "0";
    text += extension(random);
    text += end(random);
    for _ in 0..random.below(3) {
        let names = [
            "X",
            "Trailer-Of-Some-Length",
            "Host",
            "content-length",
            "",
            " X",
        ];
        text += one::<&str>(random, &names);
        text += part(random, &[":", ": ", " :", ""]);
        text += part(random, &["y", "", "\0", "\u{e9}"]);
        text += end(random);
    }
    text += end(random);
    text += part(random, &["", "GET / HTTP/1.1\r\n"]);
    text.into_bytes()
}

fn extension(random: &mut Random) -> &'static str {
    let extensions = [
        "",
        ";a",
        ";a=b",
        " ; a = b",
        ";a=\"b\\\"\t;c\"",
        ";a=\"b",
        ";",
        ";a=",
        " ",
        ";a;b;c=d ",
        ";a \t;b",
        ";a b",
        ";a=\"\r\n\"",
        "\t",
    ];
    part(random, &extensions)
}

/// A request that is mostly well-formed, with its body.
fn request(random: &mut Random) -> Vec<u8> {
    let mut bytes = match random.below(8) {
        0 => b"GET / HTTP/1.0\r\n".to_vec(),
        _ => b"POST /a HTTP/1.1\r\nHost: a\r\n".to_vec(),
    };
    if random.below(16) == 0 {
        bytes.extend(b"Connection: close\r\n");
    }
    match random.below(4) {
        0 => bytes.extend(b"\r\n"),
        1 => {
            let length = random.below(50);
            bytes.extend(format!("Content-Length: {length}\r\n\r\n").bytes());
            bytes.extend((0..length).map(|_| random.below(256) as u8));
        }
        2 => {
            bytes.extend(b"Transfer-Encoding: chunked\r\n\r\n");
            bytes.extend(body(random));
        }
        _ => bytes = head(random),
    }
    bytes
}

/// A few bytes are other ones, missing, doubled, or the rest is.
fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.below(4).saturating_sub(1) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len() as u64) as usize;
        match random.below(6) {
            0 => bytes[at] = random.below(256) as u8,
            1 => bytes[at] = *one(random, b"\r\n\t :;,/\0\"[]0aA\x7f\x80"),
            2 => drop(bytes.remove(at)),
            3 => bytes.insert(at, bytes[at]),
            4 => bytes.truncate(at),
            _ => {
                let part = bytes[at..].to_vec();
                bytes.extend(part);
            }
        }
    }
    bytes
}
