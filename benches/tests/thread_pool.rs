//! The rung on a thread pool: more silent clients than threads lock nobody out, and do not
//! keep the server from stopping.
#![cfg(unix)]

use benches::rungs::thread_pool::{self, HANDLERS};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use threadbare::testkit::{step, within};

/// Ends a test that hangs. No test measures time.
const LIMIT: Duration = Duration::from_secs(60);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).expect("it listens")
}

fn ask(client: &mut TcpStream) {
    client.write_all(REQUEST).expect("it reads");
    let mut answer = Vec::new();
    while !answer.ends_with(b"Hello, World!") {
        let mut byte = [0];
        client.read_exact(&mut byte).expect("it answers");
        answer.extend(byte);
    }
}

#[test]
fn silent_clients_lock_nobody_out() {
    within(LIMIT, || {
        let server = thread_pool::start().expect("a free port");
        let address = server.address();
        // Some never say a word, others stop in the middle of one.
        let mut silent: Vec<_> =
            (0..HANDLERS + 16).map(|_| connect(address)).collect();
        for client in silent.iter_mut().step_by(2) {
            client.write_all(&REQUEST[..7]).expect("it reads");
        }
        step("asking beside silent clients");
        let mut other = connect(address);
        for _ in 0..3 {
            ask(&mut other);
        }
        step("the silent ones speak");
        for client in silent.iter_mut().step_by(2).rev() {
            client.write_all(&REQUEST[7..]).expect("it reads");
            let mut answer = [0; 12];
            client.read_exact(&mut answer).expect("it answers");
            assert_eq!(&answer, b"HTTP/1.1 200");
        }
        step("stopping");
        server.stop();
    });
}

#[test]
fn it_stops_although_more_clients_are_silent_than_it_has_threads() {
    within(LIMIT, || {
        let server = thread_pool::start().expect("a free port");
        let address = server.address();
        let mut silent = Vec::new();
        for number in 0..HANDLERS + 16 {
            step(format!("asking once, client {number}"));
            let mut client = connect(address);
            ask(&mut client);
            silent.push(client);
        }
        step("stopping");
        server.stop();
        for mut client in silent {
            let end = client.read(&mut [0]).expect("an orderly end");
            assert_eq!(end, 0, "more than was asked for");
        }
    });
}
