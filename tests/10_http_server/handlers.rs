//! Property: what a handler leaves behind is let go at once, and nothing that happens then
//! costs more than the request.

use std::io;
use std::panic::panic_any;
use std::sync::Arc;
use std::time::Duration;

use threadbare::http::{Config, Response, Router, Stream, TestClient};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

/// Panics when it is dropped, as often as it is told, each time with another one.
struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0 > 0 {
            panic_any(Bomb(self.0 - 1));
        }
    }
}

/// So many parts, and then the end, an error or a panic.
struct Parts {
    left: u32,
    end: fn() -> io::Result<()>,
    _bomb: Bomb,
}

impl Stream for Parts {
    fn pull(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        if self.left == 0 {
            return (self.end)();
        }
        self.left -= 1;
        into.extend_from_slice(b"part");
        Ok(())
    }
}

fn parts(response: &mut Response<'_>, left: u32, end: fn() -> io::Result<()>) {
    response.stream(Parts {
        left,
        end,
        _bomb: Bomb(1),
    });
}

#[derive(Debug)]
struct BombError;

impl std::fmt::Display for BombError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no more")
    }
}

impl std::error::Error for BombError {}

impl Drop for BombError {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn what_panics_when_it_is_dropped_costs_one_request() {
    within(LIMIT, || {
        let mut router = Router::new();
        router.get("/", |_, response| response.text("hello"));
        for depth in 1..4 {
            router.get(&format!("/payload/{depth}"), move |_, _| {
                if depth > 0 {
                    panic_any(Bomb(depth));
                }
            });
        }
        router.get("/stream", |_, response| parts(response, 3, || Ok(())));
        router.get("/endless", |_, response| {
            parts(response, u32::MAX, || Ok(()));
        });
        router.get("/replaced", |_, response| {
            parts(response, 3, || Ok(()));
            response.text("text");
        });
        router.get("/and_panics", |_, response| {
            parts(response, 3, || Ok(()));
            if response.status_code() == 200 {
                panic_any(Bomb(1));
            }
        });
        router.get("/pull_panics", |_, response| {
            parts(response, 3, || panic_any(Bomb(1)));
        });
        router.get("/pull_fails", |_, response| {
            parts(response, 3, || Err(io::Error::other(BombError)));
        });
        let mut healthy = TestClient::new(Config::default(), router);
        let mut ask = |path: &str, status: u16| {
            let mut client = healthy.another();
            assert_eq!(client.get(path).send().status, status, "{path}");
            assert_eq!(client.get("/").send().text(), "hello", "{path}");
            assert_eq!(healthy.get("/").send().text(), "hello", "{path}");
        };
        ask("/payload/1", 500);
        ask("/payload/2", 500);
        ask("/payload/3", 500);
        ask("/stream", 200);
        ask("/replaced", 200);
        ask("/and_panics", 500);
        assert_eq!(healthy.another().head("/stream").send().status, 200);
        for path in ["/pull_panics", "/pull_fails"] {
            let mut client = healthy.another();
            client.get(path).write();
            while !client.is_closed() {
                let _ = client.try_receive();
            }
            assert_eq!(healthy.get("/").send().text(), "hello", "{path}");
        }
        // One whose client goes in the middle.
        let mut client = healthy.another();
        client.get("/endless").write();
        assert_eq!(healthy.get("/").send().text(), "hello");
        drop(client);
        assert_eq!(healthy.get("/").send().text(), "hello");
        assert_eq!(healthy.get("/").send().text(), "hello");
        assert_eq!(healthy.metrics().totals().accepted, 1 + 6 + 1 + 2 + 1);
    });
}

/// Something that a stream holds, such as a lock, a file, a place in a queue.
struct Held(#[expect(dead_code, reason = "only that it is there")] Arc<()>);

impl Stream for Held {
    fn pull(&mut self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_body_that_is_not_sent_is_let_go_at_once() {
    within(LIMIT, || {
        let held = Arc::new(());
        let mut router = Router::new();
        for status in [200, 204, 205, 304] {
            let held = Arc::clone(&held);
            router.get(&format!("/{status}"), move |_, response| {
                response.status(status).stream(Held(Arc::clone(&held)));
            });
        }
        let before = Arc::strong_count(&held);
        let mut client = TestClient::new(Config::default(), router);
        for path in ["/200", "/204", "/205", "/304"] {
            client.head(path).send();
            assert_eq!(Arc::strong_count(&held), before, "HEAD {path}");
            client.get(path).send();
            assert_eq!(Arc::strong_count(&held), before, "GET {path}");
        }
    });
}

/// Source: RFC 9110, section 15.3.6.
#[test]
fn reset_content_has_none() {
    within(LIMIT, || {
        let mut router = Router::new();
        router.post("/", |_, response| {
            response.status(205).text("forget what you see");
        });
        router.get("/", |_, response| {
            response.status(205).stream(["never"].into_iter());
        });
        let mut client = TestClient::new(Config::default(), router);
        for answer in [client.post("/").send(), client.get("/").send()] {
            assert_eq!(answer.status, 205);
            assert_eq!(answer.header("Content-Length"), Some("0"));
            assert_eq!(answer.header("Transfer-Encoding"), None);
            assert_eq!(answer.header("Content-Type"), None);
            assert!(answer.body.is_empty());
        }
        assert_eq!(client.metrics().totals().accepted, 1);
    });
}
