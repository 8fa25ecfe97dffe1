//! The groups, and who takes part in each.

mod blocking;
#[path = "../07_event_loop/driver.rs"]
mod driver;
mod echo;
#[path = "../07_event_loop/loops.rs"]
#[allow(dead_code, reason = "chapter 07's bench uses all of it")]
mod loops;
mod mio_loop;
mod pairs;
mod peers;
mod pummel;
#[path = "../07_event_loop/server.rs"]
#[allow(dead_code, reason = "chapter 07's bench uses all of it")]
mod server;
mod threads;
mod timers;
mod turns;

use std::io;

use benches::child::{self, Start};
use benches::worker::{self, Order, Work};
use threadbare::completion::{Backend, Config, Loop};
use threadbare::event;

const CHAPTER: &str = "08_completions";

/// The echo servers of this program.
const SERVERS: &[(&str, Start)] = &[
    ("readiness", || echo::receiving(Backend::Readiness)),
    ("readiness_read", || echo::reading(Backend::Readiness)),
    ("io_uring", || echo::receiving(Backend::Uring)),
    ("io_uring_read", || echo::reading(Backend::Uring)),
    ("event", server::on_loop::<event::Loop>),
    ("mio", server::on_loop::<loops::MioShortReads>),
];

/// Who of this program measures itself.
const WORKERS: &[(&str, Work)] = &[
    ("std", threads::work),
    ("v1_positions", timers::work_of_v1),
    ("timers", timers::work_of_the_heap),
    ("completion", timers::on_loop),
    ("readiness", |order| ours(Backend::Readiness, order)),
    ("io_uring", |order| ours(Backend::Uring, order)),
    ("mio", mio_loop::work),
];

fn ours(backend: Backend, order: Order<'_>) -> io::Result<Vec<f64>> {
    match order.what {
        "ping_pong" => pairs::ping_pong(backend, order),
        "pummel" => pummel::pummelled(backend, order),
        "inline" | "slices" | "offloaded" => blocking::beside(backend, order),
        _ => Ok(Vec::new()),
    }
}

/// A loop on one of the backends, with as many buffers as the peer has: a thousand
/// connections may send at the same time.
fn loop_on<S>(backend: Backend) -> io::Result<Loop<S>> {
    Loop::with_config(Config {
        backend,
        buffers: (2048, 1024),
        ..Config::default()
    })
}

/// Why there is no loop on this backend here, if there is none.
fn missing(name: &str) -> Option<String> {
    let backend = match name.starts_with("io_uring") && name != peers::URING {
        true => Backend::Uring,
        false => return None,
    };
    loop_on::<()>(backend).err().map(|error| error.to_string())
}

pub(crate) fn main() {
    let start = |name: &str| child::start_of(&[SERVERS], name);
    let find = |name: &str| {
        let mut workers = WORKERS.iter();
        workers.find(|(found, _)| *found == name).map(|row| row.1)
    };
    if child::serving_copy(start) || worker::working_copy(find) {
        return;
    }
    // Asked for first by a thread that is bound to none.
    child::last_core();
    turns::timers();
    turns::ping_pong();
    turns::pummel();
    echo::echo();
    turns::blocking();
}
