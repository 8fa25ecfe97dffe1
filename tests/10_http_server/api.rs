//! What a handler says is what a client gets: routes, middleware, bodies, streams, and the
//! client for tests itself.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use threadbare::http::{
    Config, Method, Next, Refusal, Request, Response, Router, Stream, TestClient,
};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

fn client(add: impl FnOnce(&mut Router)) -> TestClient {
    let mut router = Router::new();
    add(&mut router);
    TestClient::new(Config::default(), router)
}

#[test]
fn requests_in_a_row_are_answered_in_their_order() {
    within(LIMIT, || {
        let mut client = client(|router| {
            router.get("/:n", |request, response| {
                response.text(request.param("n").unwrap_or_default());
            });
        });
        for n in 0..100 {
            client.get(&format!("/{n}")).write();
        }
        for n in 0..100 {
            assert_eq!(client.receive().text(), n.to_string());
        }
        assert!(client.try_receive().is_none());
        assert!(!client.is_closed());
    });
}

#[test]
fn head_is_get_without_the_body_for_every_kind_of_body() {
    within(LIMIT, || {
        let mut client = client(|router| {
            router.get("/text", |_, response| response.text("text"));
            router.get("/large", |_, response| response.body(vec![b'x'; 100_000]));
            router.get("/static", |_, response| response.static_bytes(b"bytes"));
            router.get("/stream", |_, response| response.stream(["a"].into_iter()));
            router.get("/exact", |_, response| {
                response.stream_exact(3, ["abc"].into_iter());
            });
            router.get("/none", |_, response| {
                response.status(204);
            });
        });
        for path in ["/text", "/large", "/static", "/stream", "/exact", "/none"] {
            let get = client.get(path).send();
            let head = client.head(path).send();
            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(head.header("Content-Length"), get.header("Content-Length"));
            assert_eq!(head.header("Content-Type"), get.header("Content-Type"));
            assert!(head.body.is_empty());
            let sent = get.header("Transfer-Encoding").is_some();
            assert_eq!(sent, path == "/stream", "{path}");
        }
        // All of it went over one connection.
        assert_eq!(client.metrics().totals().accepted, 1);
    });
}

#[test]
fn large_bodies_go_both_ways_while_nobody_waits_for_the_other() {
    within(LIMIT, || {
        let config = Config {
            read_buf_cap: 16 << 20,
            ..Config::default()
        };
        let echo = |request: &Request<'_>, response: &mut Response<'_>| {
            response.bytes(request.body());
        };
        let mut client = TestClient::new(config, echo);
        let body: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
        for _ in 0..2 {
            assert!(client.post("/").body(&body).send().body == body);
            let parts = body.chunks(70_001);
            assert!(client.post("/").chunks(parts).send().body == body);
        }
        assert_eq!(client.metrics().totals().accepted, 1);
    });
}

#[test]
fn a_client_that_waits_is_told_to_continue() {
    within(LIMIT, || {
        let mut client = client(|router| {
            router.post("/", |request, response| response.bytes(request.body()));
        });
        client.send_bytes(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\
             Expect: 100-continue\r\n\r\n",
        );
        assert_eq!(client.receive().status, 100);
        client.send_bytes("body");
        assert_eq!(client.receive().text(), "body");
    });
}

#[test]
fn middleware_is_around_everything_in_its_group_and_nothing_else() {
    fn noted(
        notes: &Arc<Mutex<Vec<String>>>,
        name: &'static str,
    ) -> impl Fn(&Request<'_>, &mut Response<'_>, Next<'_>) + Send + Sync + 'static
    {
        let notes = Arc::clone(notes);
        move |request, response, next| {
            notes.lock().unwrap().push(format!("{name} in"));
            next.run(request, response);
            let status = response.status_code();
            notes.lock().unwrap().push(format!("{name} {status}"));
        }
    }
    within(LIMIT, || {
        let notes = Arc::default();
        let mut client = client(|router| {
            router.get("/out", |_, response| response.text("out"));
            router.group("/in", |inner| {
                inner.get("/:id", |request, response| {
                    // The middleware's request is the one with names.
                    response.text(request.param("id").unwrap());
                });
                inner.middleware(noted(&notes, "first"));
                inner.middleware(noted(&notes, "second"));
                inner.middleware(|request, response, next| {
                    match request.param("id").as_deref() {
                        Some("secret") => response.status(403).text("no"),
                        _ => next.run(request, response),
                    }
                });
            });
            router.middleware(noted(&notes, "all"));
        });
        let seen = |client: &mut TestClient, path: &str| {
            client.get(path).send();
            notes
                .lock()
                .unwrap()
                .drain(..)
                .collect::<Vec<String>>()
                .join(", ")
        };
        assert_eq!(seen(&mut client, "/out"), "all in, all 200");
        assert_eq!(
            seen(&mut client, "/in/7"),
            "all in, first in, second in, second 200, first 200, all 200"
        );
        assert_eq!(
            seen(&mut client, "/in/secret"),
            "all in, first in, second in, second 403, first 403, all 403"
        );
        assert_eq!(seen(&mut client, "/nowhere"), "all in, all 404");
    });
}

#[test]
fn a_fallback_answers_what_has_no_route_and_nothing_else() {
    within(LIMIT, || {
        let mut client = client(|router| {
            router.get("/", |_, response| response.text("home"));
            router.fallback(|request: &Request<'_>, response: &mut Response<'_>| {
                let path = request.path();
                response.status(404).text(format_args!("no {path} here"));
            });
        });
        assert_eq!(client.get("/").send().text(), "home");
        assert_eq!(client.get("/there?x").send().text(), "no /there here");
        assert_eq!(client.put("/").send().status, 405);
    });
}

fn panics(_: &Request<'_>, response: &mut Response<'_>) {
    response.status(201).header("X-Half", "said").append("half");
    panic!("on purpose: a test looks at what comes of it");
}

#[test]
fn a_handler_that_panics_costs_its_request_and_nothing_else() {
    within(LIMIT, || {
        let mut client = client(|router| {
            router.get("/", |_, response| response.text("fine"));
            router.get("/panic", panics);
        });
        client.get("/panic").write();
        client.get("/").write();
        let failed = client.receive();
        assert_eq!((failed.status, failed.header("X-Half")), (500, None));
        assert!(!failed.text().contains("half"));
        assert_eq!(client.receive().text(), "fine");
        assert_eq!(client.metrics().totals().panics, 1);
    });
}

struct Broken(u32, fn() -> io::Result<()>);

impl Stream for Broken {
    fn pull(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        self.0 -= 1;
        if self.0 == 0 {
            return (self.1)();
        }
        into.extend_from_slice(&[b'x'; 16 * 1024]);
        Ok(())
    }
}

#[test]
fn a_stream_that_breaks_off_is_seen_to_be_cut() {
    within(LIMIT, || {
        let mut client = client(|router| {
            router.get("/", |_, response| response.text("fine"));
            router.get("/fails", |_, response| {
                let fails = || Err(io::Error::other("no more"));
                response.stream(Broken(4, fails));
            });
            router.get("/panics", |_, response| {
                let panics = || panic!("on purpose: a stream that panics");
                response.stream(Broken(4, panics));
            });
            router.get("/short", |_, response| {
                response.stream_exact(100_000, Broken(4, || Ok(())));
            });
        });
        for path in ["/fails", "/panics", "/short"] {
            let mut other = client.another();
            other.get(path).write();
            let sent = other.receive_to_end();
            assert!(sent.starts_with(b"HTTP/1.1 200 OK\r\n"), "{path}");
            assert!(sent.len() > 16 * 1024, "{path}: what it had was sent");
            assert!(sent.len() < 100_000, "{path}");
            assert!(
                !sent.ends_with(b"\r\n0\r\n\r\n"),
                "{path}: no end was forged"
            );
        }
        assert_eq!(client.get("/").send().text(), "fine");
    });
}

#[test]
fn a_stream_to_http_1_0_ends_with_the_connection() {
    within(LIMIT, || {
        let mut client = client(|router| {
            router.get("/", |_, response| {
                response.stream((0..3).map(|n| n.to_string()));
            });
        });
        client.send_bytes("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        client.half_close();
        let sent = String::from_utf8(client.receive_to_end()).unwrap();
        assert!(sent.contains("\r\nConnection: close\r\n"), "{sent}");
        assert!(!sent.contains("chunked"), "{sent}");
        assert!(sent.ends_with("\r\n\r\n012"), "{sent}");
    });
}

#[test]
fn a_closed_connection_is_replaced_by_the_next_call() {
    within(LIMIT, || {
        let mut client = client(|router| {
            router.get("/last", |_, response| response.close().text("bye"));
            router.get("/", |_, response| response.text("hello"));
        });
        assert_eq!(
            client.get("/last").send().header("Connection"),
            Some("close")
        );
        assert_eq!(client.get("/").send().text(), "hello");
        assert_eq!(client.metrics().totals().accepted, 2);
        let one = client.call(Method::Get, "/").header("Host", "b");
        assert_eq!(one.send().header("Connection"), None);
    });
}

#[test]
fn what_a_request_lacks_is_said_by_what_reads_it() {
    fn sum(
        request: &Request<'_>,
        response: &mut Response<'_>,
    ) -> Result<(), Refusal> {
        let more = Refusal::new(422, "give a=N, and b=M in the body");
        let a: i64 = request.query_as("a")?.ok_or(more)?;
        let b: i64 = request.text()?.trim().parse().unwrap_or(0);
        response.text(a + b);
        Ok(())
    }
    within(LIMIT, || {
        let mut client = client(|router| {
            router.post("/sum", sum);
        });
        assert_eq!(client.post("/sum?a=40").body("2\n").send().text(), "42");
        assert_eq!(client.post("/sum?a=x").body("2").send().status, 400);
        assert_eq!(client.post("/sum").body("2").send().status, 422);
        assert_eq!(client.post("/sum?a=1").body([0xff]).send().status, 400);
        assert_eq!(client.metrics().totals().accepted, 1, "none of it closes");
    });
}
