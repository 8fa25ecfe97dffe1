//! Handlers that wait for the test, so that it knows which of them run at the moment. Nothing
//! here takes a time; whoever waits for something waits until it is the case.

use crate::conformance::client::{Answer, Client};
use crate::conformance::serve::Serve;
use crate::conformance::servers::{started, ticked};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use threadbare::http::{Config, Metrics, Request, Response, Router};

/// Where handlers wait. Dropped, it is open: a test that fails leaves none behind.
pub(crate) struct Gate(Way);

/// What handlers have of it.
#[derive(Clone, Default)]
pub(crate) struct Way(Arc<(Mutex<Count>, Condvar)>);

#[derive(Default)]
struct Count {
    waiting: usize,
    came: usize,
    may_pass: usize,
    is_open: bool,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Way::default())
    }

    pub(crate) fn way(&self) -> Way {
        self.0.clone()
    }

    /// How many wait at the moment.
    pub(crate) fn waiting(&self) -> usize {
        self.0.0.0.lock().unwrap().waiting
    }

    /// How many have come, since it is there.
    pub(crate) fn came(&self) -> usize {
        self.0.0.0.lock().unwrap().came
    }

    /// Lets so many more of them through, those who are not here yet among them.
    pub(crate) fn let_through(&self, count: usize) {
        let (state, changed) = &*self.0.0;
        state.lock().unwrap().may_pass += count;
        changed.notify_all();
    }

    /// Lets all through from now on.
    pub(crate) fn open(&self) {
        let (state, changed) = &*self.0.0;
        state.lock().unwrap().is_open = true;
        changed.notify_all();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

impl Way {
    /// Waits to be let through.
    pub(crate) fn pass(&self) {
        let (state, changed) = &*self.0;
        let mut count = state.lock().unwrap();
        count.waiting += 1;
        count.came += 1;
        while !count.is_open && count.may_pass == 0 {
            count = changed.wait(count).unwrap();
        }
        count.may_pass = count.may_pass.saturating_sub(1);
        count.waiting -= 1;
    }
}

/// Each answers with the last part of its path, or with the body that it was sent: at once and
/// on the loop (`/now/7`), at once in the pool (`/id/7`), or when it is let through (`/hold/7`).
pub(crate) fn routes(gate: &Gate) -> Router {
    let mut router = Router::new();
    router.get("/now/:id", id).inline();
    router.get("/id/:id", id);
    router.post("/echo", echo);
    let way = gate.way();
    router.get(
        "/hold/:id",
        move |request: &Request<'_>, response: &mut Response<'_>| {
            way.pass();
            id(request, response);
        },
    );
    let way = gate.way();
    router.post(
        "/hold",
        move |request: &Request<'_>, response: &mut Response<'_>| {
            way.pass();
            echo(request, response);
        },
    );
    router
}

fn id(request: &Request<'_>, response: &mut Response<'_>) {
    response.text(request.param("id").unwrap());
}

fn echo(request: &Request<'_>, response: &mut Response<'_>) {
    response.bytes(request.body());
}

/// A server, what it counts, and the gate of its handlers.
pub(crate) struct Held {
    // The first to be dropped: the server waits for its handlers.
    pub(crate) gate: Gate,
    pub(crate) server: Box<dyn Serve>,
    pub(crate) metrics: Metrics,
}

impl Held {
    /// One in threads of its own.
    pub(crate) fn started(config: Config) -> Self {
        let (gate, metrics) = (Gate::new(), config.metrics.clone());
        let server = started(config, Arc::new(routes(&gate)));
        Self {
            gate,
            server,
            metrics,
        }
    }

    /// One of one loop, which has its turns when the test gives them.
    pub(crate) fn ticked(config: Config) -> Self {
        let (gate, metrics) = (Gate::new(), config.metrics.clone());
        let server = ticked(config, Arc::new(routes(&gate)));
        Self {
            gate,
            server,
            metrics,
        }
    }

    pub(crate) fn connect(&self) -> Client<'_> {
        Client::connect(&*self.server)
    }

    pub(crate) fn connect_many(&self, count: usize) -> Vec<Client<'_>> {
        (0..count).map(|_| self.connect()).collect()
    }

    /// Gives the server its turns, or waits for it, until something is the case.
    pub(crate) fn until(&self, is_so: impl FnMut() -> bool) {
        crate::conformance::serve::until(&*self.server, is_so);
    }

    /// Until so many handlers wait at the gate.
    pub(crate) fn until_waiting(&self, count: usize) {
        self.until(|| self.gate.waiting() == count);
    }

    /// Some turns in which what can happen without anybody's help has happened, as far as a
    /// loop in this thread is concerned.
    pub(crate) fn settle(&self) {
        (0..5).for_each(|_| _ = self.server.turn(Duration::from_millis(1)));
    }
}

/// So many handler threads and loops.
pub(crate) fn config(handler_threads: usize, loops: usize) -> Config {
    Config {
        handler_threads,
        loops,
        ..Config::default()
    }
}

pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes()
}

pub(crate) fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// The next answer is 200, and its body this.
#[track_caller]
pub(crate) fn says(client: &mut Client<'_>, body: &str) {
    is_200(&client.answer(false), body.as_bytes());
}

#[track_caller]
pub(crate) fn is_200(answer: &Answer, body: &[u8]) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body == body, "{answer:?}");
}
