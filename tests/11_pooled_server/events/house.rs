//! A server whose handlers leave their senders with the test, and a client that reads chunks.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender as Post, channel};
use std::thread::{self, JoinHandle};

use threadbare::http::{
    Config, Handle, Handler, Metrics, Request, Response, Router, Sender, Server,
};

pub(crate) const NEWS: &str = "GET /news HTTP/1.1\r\nHost: a\r\n\r\n";
pub(crate) const ROOT: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A server in a thread of its own. Whoever asks for `/news` leaves a sender here.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) handle: Handle,
    pub(crate) metrics: Metrics,
    pub(crate) senders: Receiver<Sender>,
    thread: Option<JoinHandle<()>>,
}

impl House {
    pub(crate) fn open(config: Config) -> Self {
        let (post, senders) = channel();
        let config = Config { port: 0, ..config };
        let mut server = Server::bind(config, router(post)).unwrap();
        Self {
            address: server.address(),
            handle: server.handle(),
            metrics: server.metrics(),
            senders,
            thread: Some(thread::spawn(move || server.run().unwrap())),
        }
    }

    pub(crate) fn ask(&self, request: &str) -> Client {
        Client::ask(self.address, request)
    }

    /// Somebody asks for news, and has got the head of the answer. Returns also who sends.
    pub(crate) fn stream(&self) -> (Client, Sender) {
        let mut client = self.ask(NEWS);
        let sender = self.senders.recv().unwrap();
        let head = client.head();
        assert!(
            head.contains("\r\nTransfer-Encoding: chunked\r\n"),
            "{head}"
        );
        (client, sender)
    }

    pub(crate) fn close(&mut self) {
        self.handle.shutdown();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.handle.shutdown();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !thread::panicking()
        {
            panic!("the server has panicked");
        }
    }
}

pub(crate) fn router(post: Post<Sender>) -> impl Handler {
    let hello = |_: &Request<'_>, response: &mut Response<'_>| {
        response.text("hello");
    };
    let (news, panics) = (post.clone(), post);
    let mut router = Router::new();
    router.get("/", hello);
    router.get("/news", move |_, response| {
        news.send(response.channel()).unwrap();
    });
    router.get(
        "/panic",
        move |_: &Request<'_>, response: &mut Response<'_>| {
            panics.send(response.channel()).unwrap();
            if response.status_code() == 200 {
                panic!("after the sender was made");
            }
        },
    );
    router
}

pub(crate) struct Client {
    pub(crate) reader: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn ask(address: SocketAddr, request: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        let mut client = Self {
            reader: BufReader::new(stream),
        };
        client.send(request);
        client
    }

    pub(crate) fn send(&mut self, request: &str) {
        let stream = self.reader.get_mut();
        stream.write_all(request.as_bytes()).unwrap();
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line
    }

    pub(crate) fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let line = self.line();
            assert!(!line.is_empty(), "an end: {head}");
            head += &line;
        }
        head
    }

    /// The next chunk; none is the last.
    pub(crate) fn chunk(&mut self) -> Vec<u8> {
        let size = self.line();
        let size = usize::from_str_radix(size.trim_end(), 16).expect(&size);
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk).unwrap();
        assert!(chunk.ends_with(b"\r\n"));
        chunk.truncate(size);
        chunk
    }

    /// All chunks up to the last.
    pub(crate) fn body(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let chunk = self.chunk();
            if chunk.is_empty() {
                return body;
            }
            body.extend(chunk);
        }
    }

    pub(crate) fn says_hello(&mut self) {
        let head = self.head();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let mut body = [0; 5];
        self.reader.read_exact(&mut body).unwrap();
        assert_eq!(&body, b"hello");
    }

    pub(crate) fn must_end(&mut self) {
        let mut rest = Vec::new();
        self.reader.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty(), "{}", rest.escape_ascii());
    }
}
