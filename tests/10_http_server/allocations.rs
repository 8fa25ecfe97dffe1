//! Property: a request allocates nothing once there was one like it, a connection nothing
//! once there were as many, and an idle one holds no buffer.

#[path = "../common/allocations.rs"]
mod common;

use crate::conformance::{own_process, routes};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use threadbare::http::{Config, Server};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

fn server() -> Server {
    let config = Config {
        port: 0,
        ..Config::default()
    };
    Server::bind(config, routes::router()).unwrap()
}

fn connect(server: &Server) -> TcpStream {
    let client = TcpStream::connect(server.address()).unwrap();
    client.set_nonblocking(true).unwrap();
    client
}

/// Sends a request, and reads so many bytes of answers, with no memory but `buffer`.
fn call(
    server: &mut Server,
    mut client: &TcpStream,
    request: &[u8],
    mut bytes: usize,
    buffer: &mut [u8],
) -> usize {
    let mut rest = request;
    let mut came = 0;
    while bytes > 0 {
        if !rest.is_empty() {
            match client.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
        server.tick(Some(Duration::from_millis(1))).unwrap();
        match client.read(buffer) {
            Ok(count) => {
                assert!(count > 0, "the end");
                came += count;
                bytes = bytes.saturating_sub(count);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
    came
}

/// How many bytes the answers to a request have.
fn measure(server: &mut Server, request: &[u8]) -> usize {
    let closing = [
        request,
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ];
    let mut client = connect(server);
    let mut sent = 0;
    let both = closing.concat();
    let mut came = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        if sent < both.len()
            && let Ok(count) = client.write(&both[sent..])
        {
            sent += count;
        }
        server.tick(Some(Duration::from_millis(1))).unwrap();
        match client.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => came.extend(&buffer[..count]),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
    let last = came.windows(9).rposition(|it| it == b"HTTP/1.1 ").unwrap();
    assert!(last > 0, "{}", came.escape_ascii());
    last
}

#[test]
fn a_request_allocates_nothing() {
    let large = "b".repeat(100_000);
    let requests = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(16),
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".to_owned(),
        "GET /bytes?n=1000 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /bytes?n=16000 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /work?us=0 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            .to_owned(),
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
         5;a=b\r\nhello\r\n0\r\nX-A: b\r\n\r\n"
            .to_owned(),
        format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{large}"
        ),
        format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
             {:x}\r\n{large}\r\n0\r\n\r\n",
            large.len()
        ),
    ];
    within(LIMIT, || {
        let mut server = server();
        let mut buffer = vec![0; 1 << 20];
        for request in requests {
            step(request.chars().take(80).collect::<String>());
            let bytes = measure(&mut server, request.as_bytes());
            let client = connect(&server);
            let mut ask = || {
                let came = call(
                    &mut server,
                    &client,
                    request.as_bytes(),
                    bytes,
                    &mut buffer,
                );
                assert_eq!(came, bytes);
            };
            (0..20).for_each(|_| ask());
            let before = common::count();
            (0..200).for_each(|_| ask());
            let count = common::count() - before;
            let start = &request[..request.len().min(80)];
            assert_eq!(count, 0, "allocations in 200 times {start:?}");
        }
    });
}

#[test]
fn a_connection_allocates_nothing() {
    within(LIMIT, || {
        let mut server = server();
        let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let mut buffer = vec![0; 1 << 16];
        let mut visit = || {
            let client = connect(&server);
            call(&mut server, &client, request, 1, &mut buffer);
            drop(client);
            while server.connections() > 0 {
                server.tick(Some(Duration::from_millis(1))).unwrap();
            }
        };
        (0..20).for_each(|_| visit());
        // The least of some rounds: the loop's table goes by the numbers of descriptors, and
        // other tests make these larger.
        let round = |_| {
            let before = common::count();
            (0..50).for_each(|_| visit());
            common::count() - before
        };
        assert_eq!((0..8).map(round).min(), Some(0), "in 50 visits");
    });
}

#[test]
fn an_idle_connection_has_no_buffer() {
    const CONNECTIONS: usize = 1_000;
    within(LIMIT, || {
        let mut server = server();
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut buffer = vec![0; 1 << 16];
        let mut clients = Vec::with_capacity(CONNECTIONS + 1);
        clients.push(connect(&server));
        call(&mut server, &clients[0], request, 1, &mut buffer);
        let before = common::bytes();
        for index in 1..=CONNECTIONS {
            clients.push(connect(&server));
            call(&mut server, &clients[index], request, 1, &mut buffer);
        }
        assert_eq!(server.connections(), CONNECTIONS + 1);
        let each = (common::bytes() - before) / CONNECTIONS as isize;
        // A slot, and a place in a list of deadlines; and both tables double.
        assert!(each <= 200, "{each} bytes for an idle connection");
    });
}

/// How much memory of this process is there.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<usize>().unwrap() * 1024
}

/// An allocator that keeps what is freed, because it may be needed again, would keep it all.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn what_a_wave_of_uploads_has_needed_goes_back_to_the_system() {
    const CLIENTS: usize = 40;
    const BODY: usize = 1_000_000;
    if !own_process::alone(
        "allocations::what_a_wave_of_uploads_has_needed_goes_back_to_the_system",
    ) {
        return;
    }
    within(LIMIT, || {
        let mut server = server();
        let head = format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {BODY}\r\n\r\n"
        );
        let request = [head.as_bytes(), &vec![b'x'; BODY]].concat();
        let (most, last) = request.split_at(request.len() - 1);
        let mut buffer = vec![0; 1 << 16];
        let before = resident();
        for wave in 0..2 {
            let mut clients: Vec<(TcpStream, usize)> =
                (0..CLIENTS).map(|_| (connect(&server), 0)).collect();
            while clients.iter().any(|&(_, sent)| sent < most.len()) {
                for (client, sent) in &mut clients {
                    if let Ok(count) = client.write(&most[*sent..]) {
                        *sent += count;
                    }
                }
                server.tick(Some(Duration::ZERO)).unwrap();
            }
            let read = |server: &Server| server.metrics().totals().bytes_in as usize;
            while read(&server)
                < wave * CLIENTS * request.len() + CLIENTS * most.len()
            {
                server.tick(Some(Duration::from_millis(1))).unwrap();
            }
            let peak = resident() - before;
            assert!(peak > CLIENTS * BODY, "{peak} bytes for all of them");
            for (client, _) in clients {
                call(&mut server, &client, last, BODY + 1, &mut buffer);
            }
            while server.connections() > 0 {
                server.tick(Some(Duration::from_millis(1))).unwrap();
            }
            let kept = resident().saturating_sub(before);
            assert!(kept < 8 << 20, "{kept} bytes are kept after wave {wave}");
        }
    });
}
