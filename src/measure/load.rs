//! Load: when each request should start, when it did, and when it was answered.

use super::{Clock, Samples, Throughput};
use crate::ground::atomic::AtomicUsize;
use crate::ground::atomic::Ordering::Relaxed;
use crate::ground::thread;
use crate::ground::time::Duration;

// ANCHOR: schedule
/// When requests are meant to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// A sender sends its next request when it has the answer to the last one. Its users
    /// wait for the server; what the server delays is never asked for.
    Closed,
    /// Request `k` is meant to start `k * every` after the beginning, whatever became of
    /// the ones before it. Its users do not know of each other.
    Open {
        /// The time from one intended start to the next.
        every: Duration,
    },
}
// ANCHOR_END: schedule

impl Schedule {
    /// Returns the open schedule with `rate` requests a second. The interval is rounded
    /// down to the nanosecond.
    ///
    /// # Panics
    /// If `rate` is 0 or above 1,000,000,000: no interval says that.
    pub fn per_second(rate: u32) -> Self {
        let range = 1..=1_000_000_000;
        assert!(
            range.contains(&rate),
            "{rate} requests a second cannot be scheduled"
        );
        Self::Open {
            every: Duration::from_secs(1) / rate,
        }
    }
}

/// A run of requests against something: what to send, for how long, from how many threads.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use threadbare::measure::{Load, Manual, Schedule, StallingServer};
///
/// // Ten seconds, simulated: a server that answers in 1 ms, except for one second.
/// let server = StallingServer {
///     service: Duration::from_millis(1),
///     stall_at: Duration::from_secs(4),
///     stall_for: Duration::from_secs(1),
/// };
/// let run = |schedule| {
///     let clock = Manual::new();
///     let load = Load::new(schedule, Duration::from_secs(10));
///     load.run(&clock, |_| server.serve(&clock))
/// };
///
/// let closed = run(Schedule::Closed).response();
/// assert_eq!(closed.p99(), Duration::from_millis(1));
///
/// let open = run(Schedule::per_second(100)).response();
/// assert_eq!(open.p99(), Duration::from_millis(911));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// When requests are meant to start.
    pub schedule: Schedule,
    /// How long the run lasts: requests meant to start before that are sent, all of them,
    /// however late they get.
    pub length: Duration,
    /// Requests meant to start before that are sent but not kept. Part of `length`.
    pub warm_up: Duration,
    /// How many threads send. Each has at most one request under way, so an open schedule
    /// needs enough of them; a request that finds them all busy starts late, and the wait
    /// counts.
    pub senders: usize,
    /// No more requests than this, the warm-up included: each one kept is 48 bytes.
    pub requests_max: usize,
}

impl Load {
    /// Describes a run without warm-up, from one sender, of a million requests at most.
    pub fn new(schedule: Schedule, length: Duration) -> Self {
        Self {
            schedule,
            length,
            warm_up: Duration::ZERO,
            senders: 1,
            requests_max: 1_000_000,
        }
    }

    /// Sends the requests: calls `request` with 0, 1, 2 ... and returns the times of each.
    ///
    /// One sender sends from the calling thread. With a [`Manual`](super::Manual) clock
    /// the run is then a simulation with the same result each time.
    ///
    /// # Panics
    /// If there are no senders, or no thread can be started for one; or with what `request`
    /// panics with.
    ///
    /// # Blocking
    /// Returns when the last request has been answered. No request is abandoned.
    pub fn run(
        &self,
        clock: &(impl Clock + Sync),
        request: impl Fn(usize) + Sync,
    ) -> Trace {
        assert!(self.senders > 0, "a load without senders sends nothing");
        let next = AtomicUsize::new(0);
        let start = clock.now();
        let sender = || self.send(clock, start, &next, &request);
        let mut requests = if self.senders == 1 {
            sender()
        } else {
            thread::scope(|scope| {
                let start_one = |number: usize| {
                    let thread =
                        thread::Builder::new().name(format!("sender {number}"));
                    thread
                        .spawn_scoped(scope, sender)
                        .expect("a thread can be started")
                };
                let senders: Vec<_> = (0..self.senders).map(start_one).collect();
                let all = senders.into_iter().map(|sender| match sender.join() {
                    Ok(requests) => requests,
                    Err(panic) => std::panic::resume_unwind(panic),
                });
                all.flatten().collect()
            })
        };
        requests.sort_by_key(|request| request.number);
        Trace { requests }
    }

    /// One sender: takes the next number, waits for its moment, sends, notes the times.
    fn send(
        &self,
        clock: &impl Clock,
        start: Duration,
        next: &AtomicUsize,
        request: &impl Fn(usize),
    ) -> Vec<Request> {
        let mut kept = Vec::new();
        loop {
            // ORDERING: Relaxed. Only tells the senders in `send` different numbers; the
            // requests themselves are handed over by the join in `run`.
            let number = next.fetch_add(1, Relaxed);
            let intended = match self.schedule {
                Schedule::Closed => clock.now() - start,
                Schedule::Open { every } => {
                    every.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX))
                }
            };
            if intended >= self.length || number >= self.requests_max {
                return kept;
            }
            clock.sleep_until(start + intended);
            let sent = clock.now() - start;
            request(number);
            let done = clock.now() - start;
            if intended >= self.warm_up {
                kept.push(Request {
                    number,
                    intended,
                    sent,
                    done,
                });
            }
        }
    }
}

// ANCHOR: request
/// The times of one request, since the beginning of its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which one: 0 is the first.
    pub number: usize,
    /// When it was meant to start.
    pub intended: Duration,
    /// When it was sent. Later than intended if all senders were busy, or asleep too long.
    pub sent: Duration,
    /// When the answer was there.
    pub done: Duration,
}

impl Request {
    /// How long the server took, once asked.
    pub fn service(&self) -> Duration {
        self.done - self.sent
    }

    /// How long the user waited: from the moment in which the request was meant to start.
    pub fn response(&self) -> Duration {
        self.done - self.intended
    }
}
// ANCHOR_END: request

/// What came of a [`Load`]: each request that was kept, in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The requests.
    pub requests: Vec<Request>,
}

impl Trace {
    /// Returns what the users waited: from the intended start to the answer. The honest
    /// one.
    pub fn response(&self) -> Samples {
        self.requests.iter().map(Request::response).collect()
    }

    /// Returns what the server took once it was asked: from the sending to the answer.
    /// Leaves out the time in which nothing could be sent.
    pub fn service(&self) -> Samples {
        self.requests.iter().map(Request::service).collect()
    }

    /// Returns how late each request was sent. Where the server did not keep the senders
    /// waiting, this is the error of the load generator itself.
    pub fn lateness(&self) -> Samples {
        self.requests
            .iter()
            .map(|request| request.sent - request.intended)
            .collect()
    }

    /// Returns the requests answered over the time from the first intended start to the
    /// last answer.
    pub fn throughput(&self) -> Throughput {
        let first = self.requests.iter().map(|request| request.intended).min();
        let last = self.requests.iter().map(|request| request.done).max();
        Throughput {
            units: self.requests.len() as u64,
            time: last.unwrap_or_default() - first.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Manual, Monotonic, StallingServer};

    const MS: Duration = Duration::from_millis(1);

    const SERVER: StallingServer = StallingServer {
        service: MS,
        stall_at: Duration::from_millis(40),
        stall_for: Duration::from_millis(20),
    };

    fn simulate(load: Load) -> Trace {
        let clock = Manual::new();
        load.run(&clock, |_| SERVER.serve(&clock))
    }

    #[test]
    fn a_closed_loop_sends_when_the_answer_is_there() {
        let trace = simulate(Load::new(Schedule::Closed, 100 * MS));
        // 100 ms less 20 of stall, 1 ms each.
        assert_eq!(trace.requests.len(), 80);
        for pair in trace.requests.windows(2) {
            assert_eq!(pair[0].done, pair[1].intended);
        }
        assert_eq!(trace.response().times(), trace.service().times());
        assert_eq!(trace.response().max(), 21 * MS);
        let slow = trace.response().times().iter().filter(|t| **t > MS).count();
        assert_eq!(slow, 1, "the closed loop meets the stall once");
    }

    #[test]
    fn an_open_loop_meets_the_stall_with_every_request_that_was_due() {
        let trace = simulate(Load::new(Schedule::Open { every: 2 * MS }, 100 * MS));
        assert_eq!(trace.requests.len(), 50);
        for (number, request) in trace.requests.iter().enumerate() {
            assert_eq!(request.number, number);
            assert_eq!(request.intended, 2 * number as u32 * MS);
        }
        // Due at 40 ms, in the first moment of the stall: 20 ms and its own 1.
        assert_eq!(trace.requests[20].response(), 21 * MS);
        // Each later one was due 2 ms later and is done 1 ms later: 20, 19, 18 ... 1.
        for (k, request) in trace.requests[20..=40].iter().enumerate() {
            assert_eq!(
                request.response(),
                (21 - k as u32) * MS,
                "request {k} of the stall"
            );
        }
        // By the sending alone only one was slow: the same run, the stall hidden.
        let slow = trace.service().times().iter().filter(|t| **t > MS).count();
        assert_eq!(slow, 1);
        assert_eq!(trace.lateness().max(), 19 * MS);
    }

    #[test]
    fn the_beginning_is_where_the_run_began_not_where_the_clock_did() {
        let clock = Manual::new();
        clock.advance(1000 * MS);
        let load = Load::new(Schedule::Open { every: 2 * MS }, 10 * MS);
        let trace = load.run(&clock, |_| clock.advance(MS));
        assert_eq!(trace.requests[0].intended, Duration::ZERO);
        assert_eq!(trace.requests[4].done, 9 * MS);
    }

    #[test]
    fn what_is_due_is_sent_however_late() {
        // Each request takes five intervals: the run outlasts its length, nothing is lost.
        let clock = Manual::new();
        let load = Load::new(Schedule::Open { every: MS }, 10 * MS);
        let trace = load.run(&clock, |_| clock.advance(5 * MS));
        assert_eq!(trace.requests.len(), 10);
        assert_eq!(trace.requests[9].response(), 41 * MS);
        assert_eq!(
            trace.throughput(),
            Throughput {
                units: 10,
                time: 50 * MS
            }
        );
    }

    #[test]
    fn the_warm_up_is_sent_and_not_kept() {
        let clock = Manual::new();
        let sent = AtomicUsize::new(0);
        let mut load = Load::new(Schedule::Open { every: MS }, 10 * MS);
        load.warm_up = 4 * MS;
        let trace = load.run(&clock, |_| {
            // ORDERING: Relaxed. One thread only; read after the run.
            sent.fetch_add(1, Relaxed);
        });
        // ORDERING: Relaxed. The only sender is this thread.
        assert_eq!(sent.load(Relaxed), 10);
        assert_eq!(trace.requests.len(), 6);
        assert_eq!(trace.requests[0].number, 4);
    }

    #[test]
    fn the_number_of_requests_is_limited() {
        let clock = Manual::new();
        let mut load = Load::new(Schedule::Closed, Duration::MAX);
        load.requests_max = 7;
        assert_eq!(load.run(&clock, |_| ()).requests.len(), 7);
    }

    #[test]
    fn several_senders_share_the_numbers() {
        let mut load = Load::new(
            Schedule::Open {
                every: Duration::from_micros(1),
            },
            MS,
        );
        load.senders = 4;
        let trace = load.run(&Monotonic::new(), |_| ());
        let numbers: Vec<_> = trace
            .requests
            .iter()
            .map(|request| request.number)
            .collect();
        assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
        for request in &trace.requests {
            assert!(
                request.intended <= request.sent && request.sent <= request.done
            );
        }
    }

    #[test]
    #[should_panic(expected = "planned")]
    fn a_panic_of_a_request_reaches_the_caller() {
        let mut load = Load::new(Schedule::Open { every: MS }, 3 * MS);
        load.senders = 2;
        load.run(&Manual::new(), |number| assert_ne!(number, 1, "planned"));
    }

    #[test]
    fn a_rate_becomes_an_interval() {
        assert_eq!(Schedule::per_second(500), Schedule::Open { every: 2 * MS });
        let third = Duration::from_nanos(333_333_333);
        assert_eq!(Schedule::per_second(3), Schedule::Open { every: third });
    }

    #[test]
    #[should_panic(expected = "0 requests a second cannot be scheduled")]
    fn no_rate_is_refused() {
        Schedule::per_second(0);
    }
}
