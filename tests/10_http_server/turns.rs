//! Property: a turn ends, however quickly a client takes what there is to be sent.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use threadbare::http::{Config, Request, Response, Server, Stream};
use threadbare::testkit::within;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const PARTS: u32 = 10_000;
const PART: usize = 16 * 1024;
/// What may be sent before it is somebody else's turn.
const TURN: u64 = 1 << 20;

/// A body whose client takes each part before the next is made.
struct Taken {
    left: u32,
    client: Arc<Mutex<UnixStream>>,
}

impl Stream for Taken {
    fn pull(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        let mut client = self.client.lock().unwrap();
        while !matches!(client.read(&mut [0; 65_536]), Err(_) | Ok(0)) {}
        if self.left > 0 {
            self.left -= 1;
            into.resize(into.len() + PART, b'x');
        }
        Ok(())
    }
}

#[test]
fn a_quick_reader_lets_the_others_have_their_turn() {
    within(Duration::from_secs(60), || {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let quick = Arc::new(Mutex::new(ours));
        let client = Arc::clone(&quick);
        let handler =
            move |request: &Request<'_>, response: &mut Response<'_>| match request
                .path()
            {
                "/large" => response.stream(Taken {
                    left: PARTS,
                    client: Arc::clone(&client),
                }),
                _ => response.text("hello"),
            };
        let config = Config {
            port: 0,
            ..Config::default()
        };
        let mut server = Server::bind(config, handler).unwrap();
        server.adopt(theirs).unwrap();
        let (mut other, theirs) = UnixStream::pair().unwrap();
        other.set_nonblocking(true).unwrap();
        server.adopt(theirs).unwrap();
        let request = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
        quick.lock().unwrap().write_all(request).unwrap();
        let mut sent = 0;
        for answers in 0..20 {
            server.tick(Some(Duration::ZERO)).unwrap();
            let now = server.metrics().totals().bytes_out;
            assert!(now - sent < 2 * TURN, "{} bytes in a turn", now - sent);
            sent = now;
            if answers > 0 {
                let mut answer = [0; 1_024];
                let count = match other.read(&mut answer) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                    result => result.unwrap(),
                };
                assert!(answer[..count].ends_with(b"hello"), "it has to wait");
            }
            other.write_all(GET).unwrap();
        }
    });
}
