//! How a server is started, so that each case can be put to every server of the course.

use crate::conformance::routes;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use threadbare::http::{Config, Handler, Metrics, Place, Request, Response};

/// Starts a server on a port that the system chooses.
pub(crate) type Start = fn(Config, Arc<dyn Handler>) -> Box<dyn Serve>;

/// A server that is running. Dropped, it is gone, and its port is free.
pub(crate) trait Serve {
    fn address(&self) -> SocketAddr;

    /// Lets the server do what there is to do, if it stands in the caller's thread: then it
    /// waits at most so long for something. Otherwise `false`, at once.
    fn turn(&self, wait: Duration) -> bool;

    /// Tells it to stop, and does not wait for that.
    fn stop(&self);
}

/// A server that somebody else has started: another thread, or another process.
#[derive(Clone, Copy)]
pub(crate) struct Elsewhere(pub(crate) SocketAddr);

impl Serve for Elsewhere {
    fn address(&self) -> SocketAddr {
        self.0
    }

    fn turn(&self, _: Duration) -> bool {
        false
    }

    fn stop(&self) {}
}

/// Starts one with the routes of the contract, and shows what it counts.
pub(crate) fn server(start: Start, config: Config) -> (Box<dyn Serve>, Metrics) {
    let metrics = config.metrics.clone();
    (start(config, Noted::new(routes::router())), metrics)
}

/// Gives the server its turns, or waits for it, until something is the case.
pub(crate) fn until(server: &dyn Serve, mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        if !server.turn(Duration::from_millis(1)) {
            std::thread::yield_now();
        }
    }
}

/// How long a turn lasts if there is nothing to do in it.
const STILL: Duration = Duration::from_millis(10);

/// A turn of the server, and whether it has waited as long as it might.
pub(crate) fn is_still(server: &dyn Serve) -> bool {
    let begin = Instant::now();
    server.turn(STILL);
    begin.elapsed() >= STILL
}

/// There is nothing to do. A handler thread pushes its answer, and then wakes the loop, which
/// may have taken the answer before: so a wake may come late, and then one turn is in vain.
/// To a loop that spins each of them is.
pub(crate) fn must_be_still(server: &dyn Serve, what: &str) {
    let early = (0..6).filter(|_| !is_still(server)).count();
    assert!(early <= 1, "the loop spins: {early} of 6 turns; {what}");
}

/// A handler that notes what it is asked for, before another one answers.
pub(crate) struct Noted {
    handler: Box<dyn Handler>,
    targets: Mutex<Vec<String>>,
}

impl Noted {
    pub(crate) fn new(handler: impl Handler) -> Arc<Self> {
        Arc::new(Self {
            handler: Box::new(handler),
            targets: Mutex::default(),
        })
    }

    /// What it was asked for since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.targets.lock().unwrap())
    }
}

impl Handler for Noted {
    fn handle(&self, request: &Request<'_>, response: &mut Response<'_>) {
        self.targets
            .lock()
            .unwrap()
            .push(request.target().to_owned());
        self.handler.handle(request, response);
    }
    fn place(&self, request: &Request<'_>) -> Place {
        self.handler.place(request)
    }
}

/// A handler that the test has, too.
pub(crate) struct Shared(pub(crate) Arc<dyn Handler>);

impl Handler for Shared {
    fn handle(&self, request: &Request<'_>, response: &mut Response<'_>) {
        self.0.handle(request, response);
    }

    fn place(&self, request: &Request<'_>) -> Place {
        self.0.place(request)
    }
}
