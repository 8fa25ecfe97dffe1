//! What is longer than a buffer goes from the file to the socket.

use super::*;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use threadbare::http::{Request, Response};

/// More than all buffers on the way.
const SIZE: usize = 16 << 20;

/// Bytes that show it if a part of them is missing: they repeat after a prime number.
fn bytes(size: usize) -> Vec<u8> {
    let some = (0..65_521_u32).map(|it| ((it * it) >> 7) as u8);
    let some: Vec<u8> = some.collect();
    let mut bytes = some.repeat(size / some.len() + 1);
    bytes.truncate(size);
    bytes
}

/// Both sides of the length from which on a file is not read but sent.
#[test]
fn a_file_is_the_same_however_it_is_sent() {
    each(|server, dir| {
        let bytes = bytes(1 << 20);
        for size in [
            1,
            8_191,
            8_192,
            8_193,
            65_535,
            65_536,
            65_537,
            200_000,
            1 << 20,
        ] {
            dir.put("file", &bytes[..size]);
            let mut client = Client::connect(server);
            // With answers before it and behind it, in one write.
            let mut three = request("GET /a.txt", &[]);
            three.extend(request("GET /file", &[]));
            three.extend(request("HEAD /file", &[]));
            three.extend(request("GET /a.txt", &[]));
            client.send(&three);
            assert_eq!(client.answer(false).body, b"0123456789");
            let answer = client.answer(false);
            assert_eq!(answer.status, 200);
            assert!(answer.body == bytes[..size], "{size} bytes");
            let head = client.answer(true);
            assert_eq!(head.field("content-length"), Some(&*size.to_string()));
            assert_eq!(client.answer(false).body, b"0123456789");
            let (first, last) = (size / 3, size - 1 - size / 4);
            let range = format!("bytes={first}-{last}");
            let answer = ask_on(&mut client, "GET /file", &[("Range", &range)]);
            assert_eq!(answer.status, 206);
            assert!(answer.body == bytes[first..=last], "{range} of {size}");
            let old = b"GET /file HTTP/1.0\r\n\r\n";
            client.send(old);
            let answer = client.answer(false);
            assert!(answer.says_close() && answer.body == bytes[..size]);
        }
    });
}

/// Who reads slowly keeps nobody waiting, and gets what was there when it asked, even if
/// another file is put in its place.
#[test]
fn a_slow_reader_gets_the_whole_file_and_nobody_waits() {
    each(|server, dir| {
        let bytes = bytes(SIZE);
        dir.put("large", &bytes);
        let mut slow = Client::connect(server);
        slow.send(&request("GET /large", &[]));
        let head = slow.head();
        assert_eq!(head.field("content-length"), Some(&*SIZE.to_string()));
        dir.put("new", "another one");
        fs::rename(dir.path("new"), dir.path("large")).unwrap();
        let mut other = Client::connect(server);
        let mut at = 0;
        while at < SIZE {
            let count = (SIZE - at).min(1 << 20);
            let came = slow.exactly(count);
            assert!(came == bytes[at..at + count], "from {at} on");
            at += count;
            assert_eq!(ask_on(&mut other, "GET /large", &[]).body, b"another one");
        }
        assert_eq!(ask_on(&mut slow, "GET /a.txt", &[]).status, 200);
    });
}

/// The length has been told, and there is no more of it: closed in the middle, so that nobody
/// takes it for the whole.
#[test]
fn a_file_that_shrinks_ends_the_connection() {
    each(|server, dir| {
        dir.put("large", bytes(SIZE));
        let mut client = Client::connect(server);
        client.send(&request("GET /large", &[]));
        assert_eq!(client.head().status, 200);
        let file = File::options().write(true).open(dir.path("large")).unwrap();
        file.set_len(1_000).unwrap();
        let rest = client.all_the_rest().len();
        assert!(rest < SIZE, "{rest} bytes");
        assert_eq!(ask(server, "GET /a.txt", &[]).status, 200);
        let answer = ask(server, "GET /large", &[]);
        assert_eq!(answer.body.len(), 1_000);
    });
}

/// Small files are read when they are asked for, and large ones as they were when they were
/// asked for: what is appended then is not sent.
#[test]
fn a_file_that_grows_is_as_long_as_it_was() {
    each(|server, dir| {
        let bytes = bytes(SIZE);
        dir.put("large", &bytes);
        let mut client = Client::connect(server);
        client.send(&request("GET /large", &[]));
        assert_eq!(client.head().status, 200);
        let file = File::options().write(true).open(dir.path("large")).unwrap();
        file.write_all_at(b"more", SIZE as u64).unwrap();
        assert!(client.exactly(SIZE) == bytes);
        assert_eq!(ask_on(&mut client, "GET /a.txt", &[]).body, b"0123456789");
    });
}

/// Somebody writes into a small file all the time, and cuts it off: each answer has as many
/// bytes as it says, which `Client` looks at, or is a refusal.
#[test]
fn a_small_file_that_changes_is_whole_or_refused() {
    each(|server, dir| {
        dir.put("small", [b'x'; 30_000]);
        let path = dir.path("small");
        let file = File::options().write(true).open(&path).unwrap();
        let disturb = || {
            file.set_len(10).unwrap();
            file.write_all_at(&[b'x'; 30_000], 0).unwrap();
        };
        meanwhile(disturb, || {
            let mut client = Client::connect(server);
            for _ in 0..200 {
                let answer = ask_on(&mut client, "GET /small", &[]);
                assert!([200, 503].contains(&answer.status), "{answer:?}");
                let is_all_x = answer.body.iter().all(|it| *it == b'x');
                assert!(answer.status == 503 || is_all_x);
            }
        });
    });
}

/// How many descriptors of this process lead into a directory.
#[cfg(target_os = "linux")]
fn open_below(dir: &Dir) -> usize {
    let all = fs::read_dir("/proc/self/fd").unwrap();
    let targets = all.filter_map(|fd| fs::read_link(fd.ok()?.path()).ok());
    targets
        .filter(|it| it.starts_with(dir.root()) && *it != dir.root())
        .count()
}

/// Whoever leaves in the middle of a file: it is closed.
#[cfg(target_os = "linux")]
#[test]
fn no_file_stays_open() {
    use crate::conformance::serve::until;
    each(|server, dir| {
        dir.put("large", bytes(SIZE));
        let mut clients: Vec<Client<'_>> =
            (0..8).map(|_| Client::connect(server)).collect();
        for client in &mut clients {
            client.send(&request("GET /large", &[]));
            assert_eq!(client.head().status, 200);
        }
        assert_eq!(open_below(dir), 8);
        drop(clients);
        until(server, || open_below(dir) == 0);
        // Neither does one of which only the head is sent, or whose client has it.
        let mut client = Client::connect(server);
        let answer = ask_on(&mut client, "HEAD /large", &[]);
        let tag = answer.field("etag").unwrap().to_owned();
        ask_on(&mut client, "GET /large", &[("If-None-Match", &tag)]);
        ask_on(&mut client, "GET /a.txt", &[]);
        assert_eq!(open_below(dir), 0);
    });
}

/// The kernel can't send this one by itself, and says so; then it is read, and written.
#[cfg(target_os = "linux")]
#[test]
fn what_sendfile_refuses_is_copied() {
    const PATH: &str = "/proc/kallsyms";
    const LEN: u64 = 200_000;
    let handler = |_: &Request<'_>, response: &mut Response<'_>| {
        let file = File::open(PATH).unwrap();
        response.file(file, 1..LEN).unwrap();
    };
    within(LIMIT, move || {
        let Ok(bytes) = fs::read(PATH) else {
            return println!("there is no {PATH}");
        };
        if bytes.len() as u64 > LEN {
            let server = POOLED(Config::default(), Arc::new(handler));
            let answer = ask(&*server, "GET /", &[]);
            assert!(answer.body == bytes[1..LEN as usize]);
        }
    });
}
