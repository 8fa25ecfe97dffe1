//! One connection: a socket, a state, and while there is a request, an exchange.
//!
//! It does what the state table says, and nothing by itself: each [`Action`] is done here,
//! and what came of it is the next [`Event`].
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::io::{self, ErrorKind, Read as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::date::Date;
use super::deadlines::Moment;
use super::exchange::{Answered, Exchange};
use super::handler::Place;
use super::job::{Job, Message, Shared};
use super::metrics::Counters;
use super::output::Rest;
use super::pool::Pool;
use super::response::Scratch;
use super::state::{Action, Event, Interest, State};
use crate::event::Key;

/// What is dropped of what a client sends after its last answer. Beyond it the connection is
/// closed, and the client may lose that answer.
const LINGER_BYTES_MAX: u32 = 1 << 30;
/// And for how long in all: so many times as long as it may be silent.
pub(super) const LINGER_TIMES_MAX: u32 = 6;
/// After so many requests it is someone else's turn, even if more have come. Who sends up to
/// sixteen at once, as those do who measure it, is never asked to wait.
const TURN_REQUESTS: u32 = 64;
/// How much is read at once to be dropped.
const TRASH_BYTES: usize = 64 * 1024;

// ANCHOR: connection
/// A connection, as it stands in its slot: 32 bytes, and that is all that an idle one has.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) state: State,
    /// What the kernel is asked at the moment.
    pub(super) interest: Interest,
    /// Whether an empty line has come, and nothing behind it: that alone needs no exchange.
    empty_line: bool,
    /// How many requests it has made.
    served: u32,
    /// How many bytes were dropped since its last answer.
    dropped: u32,
    /// Until when bytes may be dropped.
    linger_until: Moment,
    /// In the states that have one. While a handler runs elsewhere, it is there.
    exchange: Option<Box<Exchange>>,
}
// ANCHOR_END: connection

const _: () = assert!(
    size_of::<Connection>() <= 32,
    "ten thousand of them are idle"
);

/// What all connections of a loop use, one after the other.
pub(crate) struct Kit {
    /// What all loops and handler threads use at the same time.
    pub(super) shared: Arc<Shared>,
    pub(super) counters: Arc<Counters>,
    pub(super) date: Date,
    /// When this tick's events were there.
    pub(super) now: Moment,
    /// Which loop this is.
    home: u32,
    /// Whether the server is about to stop: each answer is its connection's last.
    pub(super) stopping: bool,
    pool: Pool,
    scratch: Scratch,
    trash: Box<[u8]>,
    requests_max: u32,
    linger_max: Duration,
    /// Whose turn it is.
    key: Key,
    /// How many requests may still be handled before the turn is over.
    turn: u32,
    /// Whether there are threads for handlers.
    pub(super) has_threads: bool,
    /// Where the request that was found whole wants to be handled.
    place: Place,
    /// What is handed over to them at the end of the tick.
    pub(super) outbox: Vec<Job>,
}

impl Kit {
    pub(crate) fn new(
        config: &Config,
        shared: Arc<Shared>,
        home: usize,
        now: Moment,
    ) -> Self {
        Self {
            shared,
            home: home as u32,
            counters: config.metrics.counters(),
            date: Date::new(now),
            now,
            stopping: false,
            pool: Pool::new(config),
            scratch: Scratch::new(),
            trash: vec![0; TRASH_BYTES].into(),
            requests_max: config.request_count.unwrap_or(u32::MAX),
            linger_max: config.timeout_linger.saturating_mul(LINGER_TIMES_MAX),
            key: Key::from_user(0),
            turn: TURN_REQUESTS,
            has_threads: config.handler_threads > 0,
            place: Place::Inline,
            outbox: Vec::new(),
        }
    }

    /// It is this connection's turn.
    #[inline]
    pub(crate) fn begin_turn(&mut self, key: Key) {
        self.key = key;
        self.turn = TURN_REQUESTS;
    }

    /// One more request was handled.
    #[inline(always)]
    pub(crate) fn count(&self, answered: Answered) {
        self.counters.requests.add(1);
        self.counters.answered(answered.status);
        self.counters.panics.add(answered.panicked.into());
    }

    #[cfg(test)]
    pub(super) fn spare_body(&self) -> (usize, usize) {
        self.pool.spare_body()
    }

    /// Takes the exchange of a connection that is no more.
    pub(crate) fn take_back(&mut self, exchange: Box<Exchange>) {
        self.pool.take_back(exchange);
    }
}

impl Connection {
    /// One that has sent nothing yet.
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            state: State::Idle,
            interest: Interest::Read,
            empty_line: false,
            served: 0,
            dropped: 0,
            linger_until: Moment::NEVER,
            exchange: None,
        }
    }

    // ANCHOR: act
    /// Does what has to be done, and says what came of it. `None`: nothing more can be done
    /// for now.
    #[inline(always)]
    pub(crate) fn act(&mut self, action: Action, kit: &mut Kit) -> Option<Event> {
        match action {
            Action::Receive => Some(self.receive(kit)),
            Action::Parse => Some(self.parse(kit)),
            Action::Handle => Some(self.handle(kit)),
            Action::Send => Some(self.send(kit)),
            Action::Refuse => Some(self.refuse(kit)),
            Action::Drop => Some(self.drop_input(kit)),
            Action::Keep => Some(self.keep(kit)),
            Action::Linger => self.linger(kit),
            Action::Listen => self.listen(kit),
            Action::Pause | Action::Close | Action::Wait | Action::Ignore => None,
        }
    }
    // ANCHOR_END: act

    #[inline(always)]
    fn receive(&mut self, kit: &mut Kit) -> Event {
        let exchange = self.exchange.get_or_insert_with(|| {
            let mut exchange = kit.pool.lend();
            if self.empty_line {
                exchange.begin_empty_line();
            }
            exchange
        });
        let received = exchange.receive(&self.stream);
        if let Ok(bytes) = received {
            kit.counters.bytes_in.add(bytes as u64);
        }
        read(received)
    }

    /// Receives what is for later, and so hears whether the client is still there. What there
    /// is no room for stays with the kernel.
    #[cold]
    fn keep(&mut self, kit: &mut Kit) -> Event {
        match &self.exchange {
            Some(exchange) if exchange.has_room() => self.receive(kit),
            Some(_) => Event::Enough,
            None => Event::Broken,
        }
    }

    #[inline(always)]
    fn parse(&mut self, kit: &mut Kit) -> Event {
        let Some(exchange) = &mut self.exchange else {
            return Event::Empty;
        };
        if kit.turn == 0 && exchange.has_more() {
            return Event::Enough;
        }
        let event =
            exchange.look(kit.pool.rules(), &mut kit.scratch, kit.date.line());
        if event == Event::Refused {
            kit.counters.refused.add(1);
            kit.counters.answered(exchange.refusal());
        }
        if event == Event::Whole && kit.has_threads {
            return place(exchange, kit);
        }
        event
    }

    #[inline(always)]
    fn handle(&mut self, kit: &mut Kit) -> Event {
        self.served = self.served.saturating_add(1);
        kit.turn -= 1;
        let goes_on = self.served < kit.requests_max && !kit.stopping;
        if kit.place == Place::Pooled {
            return self.hand_over(goes_on, kit);
        }
        let handle = &kit.shared.handle;
        let keep_alive = || goes_on && !handle.is_stopping();
        let outcome = self.exchange.as_mut().and_then(|exchange| {
            let (scratch, date) = (&mut kit.scratch, kit.date.line());
            exchange.answer(&*kit.shared.handler, scratch, date, keep_alive)
        });
        let Some(outcome) = outcome else {
            return Event::Broken;
        };
        kit.count(outcome);
        Event::Answered
    }

    // ANCHOR: hand_over
    /// Lets a handler thread have the request, and all that its answer needs. From here on
    /// this connection has nothing but its socket.
    #[cold]
    fn hand_over(&mut self, goes_on: bool, kit: &mut Kit) -> Event {
        let Some(exchange) = self.exchange.take() else {
            return Event::Broken;
        };
        kit.outbox.push(Job {
            key: kit.key,
            exchange,
            now: kit.now,
            home: kit.home,
            goes_on,
        });
        Event::Handed
    }

    /// Takes back what was handed over, with the answer.
    pub(crate) fn take_back(&mut self, exchange: Box<Exchange>) {
        debug_assert!(self.state == State::Running && self.exchange.is_none());
        self.exchange = Some(exchange);
    }
    // ANCHOR_END: hand_over

    // ANCHOR: shed
    /// Answers a request that the handler threads have no room for.
    #[cold]
    pub(crate) fn shed(&mut self, job: Job, kit: &mut Kit) -> Event {
        let Job {
            mut exchange,
            goes_on,
            ..
        } = job;
        let keep_alive = goes_on && !kit.shared.handle.is_stopping();
        let date = kit.date.line();
        let status = exchange.shed(&mut kit.scratch, date, keep_alive);
        self.take_back(exchange);
        let Some(status) = status else {
            return Event::Broken;
        };
        kit.counters.shed.add(1);
        kit.counters.answered(status);
        Event::Answered
    }
    // ANCHOR_END: shed

    #[inline(always)]
    fn send(&mut self, kit: &mut Kit) -> Event {
        let Some(exchange) = &mut self.exchange else {
            return Event::Broken;
        };
        if kit.stopping {
            exchange.end_channel();
        }
        let Ok(sent) = exchange.output.send(&self.stream, &mut kit.scratch) else {
            return Event::Broken;
        };
        kit.counters.bytes_out.add(sent.bytes as u64);
        match (sent.rest, exchange.is_last()) {
            (Rest::None, false) => Event::Sent,
            (Rest::None, true) => Event::SentLast,
            (Rest::Some, _) if sent.bytes > 0 => Event::SentSome,
            (Rest::Some, _) => Event::Full,
            (Rest::Later, _) => Event::Waits,
        }
    }

    // ANCHOR: listen
    /// Has whoever goes on with the answer tell this loop, under this connection's key. It
    /// may be gone by then.
    #[cold]
    fn listen(&mut self, kit: &Kit) -> Option<Event> {
        let exchange = self.exchange.as_ref()?;
        let waits = exchange.output.listen(|| {
            let (shared, home, key) = (Arc::clone(&kit.shared), kit.home, kit.key);
            Arc::new(move || shared.tell(home as usize, Message::More(key)))
        });
        match waits {
            true => None,
            false => Some(Event::More),
        }
    }
    // ANCHOR_END: listen

    #[cold]
    fn refuse(&mut self, kit: &mut Kit) -> Event {
        let Some(exchange) = &mut self.exchange else {
            return Event::Broken;
        };
        exchange.refuse(408, &mut kit.scratch, kit.date.line());
        kit.counters.answered(exchange.refusal());
        Event::Refused
    }

    /// Says that nothing more will come. What the client has sent in the meantime must be
    /// read all the same: if it were still there when the socket is closed, the kernel would
    /// answer with a reset, and a reset makes the client's kernel throw away what it has
    /// received and not been asked for, such as this last answer.
    #[cold]
    fn linger(&mut self, kit: &Kit) -> Option<Event> {
        self.linger_until = kit.now.after(kit.linger_max);
        match self.stream.shutdown(Shutdown::Write) {
            Ok(()) => None,
            Err(_) => Some(Event::Broken),
        }
    }

    #[cold]
    fn drop_input(&mut self, kit: &mut Kit) -> Event {
        let received = self.stream.read(&mut kit.trash);
        if let Ok(bytes) = received {
            self.dropped = self.dropped.saturating_add(bytes as u32);
        }
        let enough = self.dropped > LINGER_BYTES_MAX || self.linger_until <= kit.now;
        match enough {
            true => Event::Broken,
            false => read(received),
        }
    }

    #[cfg(test)]
    pub(super) fn has_exchange(&self) -> bool {
        self.exchange.is_some()
    }

    /// Gives the exchange back, if the state needs none.
    #[inline(always)]
    pub(crate) fn settle(&mut self, kit: &mut Kit) {
        if !self.state.has_exchange()
            && let Some(exchange) = self.exchange.take()
        {
            self.empty_line = exchange.has_more();
            kit.pool.take_back(exchange);
        }
    }
}

// ANCHOR: place
/// Where the request is to be handled that stands first. A thread may take its time, and the
/// answers to those before it must not wait for that: they leave first.
fn place(exchange: &Exchange, kit: &mut Kit) -> Event {
    kit.place = exchange.place(&*kit.shared.handler);
    match kit.place {
        Place::Pooled if !exchange.output.is_empty() => Event::Enough,
        _ => Event::Whole,
    }
}
// ANCHOR_END: place

/// What came of a read.
#[inline(always)]
fn read(received: io::Result<usize>) -> Event {
    match received {
        Ok(0) => Event::End,
        Ok(_) => Event::Bytes,
        Err(error) => match error.kind() {
            // After a signal the kernel says once more that there is something.
            ErrorKind::WouldBlock | ErrorKind::Interrupted => Event::Nothing,
            _ => Event::Broken,
        },
    }
}
