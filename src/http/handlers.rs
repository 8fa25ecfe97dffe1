//! The threads that run handlers.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use super::date::Date;
use super::deadlines::Moment;
use super::job::{Job, Message, Shared};
use super::priority::step_back;
use super::response::Scratch;

/// Starts a thread with this name.
///
/// # Errors
/// What the system says, if there are too many threads, and which it was.
pub(crate) fn start_thread(
    name: String,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    Builder::new()
        .name(name.clone())
        .spawn(run)
        .map_err(|error| {
            io::Error::new(error.kind(), format!("thread `{name}`: {error}"))
        })
}

// ANCHOR: start
/// Starts the thread with this number, so much nicer than the one that calls.
///
/// # Errors
/// As [`start_thread`].
pub(crate) fn start(
    number: usize,
    nice: u8,
    shared: &Arc<Shared>,
) -> io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    start_thread(format!("handler {number}"), move || {
        step_back(nice);
        serve(&shared);
        shared.tell(0, Message::HandlerEnded);
    })
}
// ANCHOR_END: start

// ANCHOR: serve
/// Answers requests until there are none any more, one after the other. What an answer is put
/// down in belongs to the thread and is used again, so none of them allocates.
///
/// A handler may run as long as it likes, or for ever. The server may have been told to stop
/// meanwhile, its loops have ended, and all connections be closed: what the handler reads
/// and writes is here, in the exchange, and stays until it returns.
fn serve(shared: &Shared) {
    let mut scratch = Scratch::new();
    let mut date = Date::new(Moment::default());
    let mut taker = shared.dispatch.taker();
    while let Some(job) = taker.next() {
        if shared.handle.is_ending() {
            continue; // nobody is left to be answered
        }
        let Job {
            key,
            mut exchange,
            now,
            home,
            goes_on,
        } = job;
        date.look(now);
        let keep_alive = || goes_on && !shared.handle.is_stopping();
        let (handler, scratch) = (&*shared.handler, &mut scratch);
        let answered = exchange.answer(handler, scratch, date.line(), keep_alive);
        // Before anybody can see the answer, and ask for more.
        taker.done();
        shared.tell(
            home as usize,
            Message::Answered {
                key,
                exchange,
                answered,
            },
        );
    }
}
// ANCHOR_END: serve
