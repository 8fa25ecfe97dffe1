//! What a server counts, and how it says so.
//!
//! Each loop has counters of its own, which nobody else writes: adding is a load and a store,
//! without a lock on the bus and without a cache line that two loops fight for. Whoever wants
//! the numbers adds them up.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::fmt;
use std::sync::Arc;

use crate::ground::atomic::{AtomicU64, Ordering::Relaxed};
use crate::ground::sync::{Mutex, PoisonError};

use super::{Handler, Request, Response};

/// A number that one thread changes, and any reads.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// So many more.
    #[inline]
    pub(crate) fn add(&self, n: u64) {
        // ORDERING: Relaxed. Nobody else writes it, so this is what `add` has stored.
        let now = self.0.load(Relaxed);
        // ORDERING: Relaxed. A statistic; pairs with the load in `get`.
        self.0.store(now.wrapping_add(n), Relaxed);
    }

    /// So many less.
    #[inline]
    pub(crate) fn sub(&self, n: u64) {
        self.add(n.wrapping_neg());
    }

    pub(crate) fn get(&self) -> u64 {
        // ORDERING: Relaxed. No other memory is read on the strength of it; pairs with the
        // store in `add`.
        self.0.load(Relaxed)
    }
}

/// Makes the counters of a loop, their sums, and what Prometheus is told, from one list.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident: $kind:literal $public:literal)*) => {
        /// What one loop counts.
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $name: Counter,)*
            answers: [Counter; 4],
        }

        /// The numbers of a server, added up over its loops.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Totals {
            $($(#[$doc])* pub $name: u64,)*
            /// Answers by the first digit of their status: 2, 3, 4, 5.
            pub answers: [u64; 4],
        }

        impl Totals {
            fn add(&mut self, counters: &Counters) {
                $(self.$name = self.$name.wrapping_add(counters.$name.get());)*
                for (sum, counter) in self.answers.iter_mut().zip(&counters.answers) {
                    *sum += counter.get();
                }
            }

            fn each(&self, mut tell: impl FnMut(&str, &str, u64) -> fmt::Result) -> fmt::Result {
                $(tell($kind, $public, self.$name)?;)*
                Ok(())
            }
        }
    };
}

counters! {
    /// Connections that were accepted or adopted.
    accepted: "counter" "connections_accepted_total"
    /// Connections that are open now.
    open: "gauge" "connections_open"
    /// Requests that a handler was called for.
    requests: "counter" "requests_total"
    /// Those of them that a thread of the pool has answered.
    pooled: "counter" "requests_pooled_total"
    /// Requests that were refused before a handler saw them.
    refused: "counter" "requests_refused_total"
    /// Requests that were answered 503, because too many waited for a handler.
    shed: "counter" "requests_shed_total"
    /// Answers whose connection was closed before they were ready.
    stale: "counter" "completions_stale_total"
    /// Connections that were closed because they were late.
    evicted: "counter" "connections_evicted_total"
    /// Handlers that have panicked.
    panics: "counter" "handler_panics_total"
    /// Times that accepting was paused, for want of room or of descriptors.
    accept_pauses: "counter" "accept_pauses_total"
    /// Bytes received.
    bytes_in: "counter" "received_bytes_total"
    /// Bytes sent.
    bytes_out: "counter" "sent_bytes_total"
}

impl Counters {
    /// One more answer with this status.
    #[inline]
    pub(crate) fn answered(&self, status: u16) {
        let class = usize::from(status / 100).wrapping_sub(2);
        if let Some(counter) = self.answers.get(class) {
            counter.add(1);
        }
    }
}

// ANCHOR: metrics
/// What a server counts. It is also a handler, which shows the numbers as Prometheus reads
/// them, so it can be put at any route:
///
/// ```
/// use threadbare::http::{Config, Method, Router, TestClient};
///
/// let config = Config::default();
/// let metrics = config.metrics.clone();
/// let mut router = Router::new();
/// router.get("/", |_, response| response.text("Hello, World!"));
/// router.route(Method::Get, "/metrics", metrics.clone());
///
/// let mut client = TestClient::new(config, router);
/// client.get("/").send();
/// client.get("/nowhere").send();
/// let shown = client.get("/metrics").send();
/// assert!(shown.text().contains("\nthreadbare_http_requests_total 2\n"));
/// assert!(shown.text().contains("_answers_total{status=\"4xx\"} 1\n"));
/// assert_eq!(metrics.totals().requests, 3);
/// ```
///
/// Clones count the same. Give each server one of its own.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    loops: Arc<Mutex<Vec<Arc<Counters>>>>,
}
// ANCHOR_END: metrics

impl Metrics {
    /// The counters of a new loop.
    pub(crate) fn counters(&self) -> Arc<Counters> {
        let counters = Arc::new(Counters::default());
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.push(Arc::clone(&counters));
        counters
    }

    /// The numbers of each loop by itself, in the order of their threads.
    ///
    /// ```
    /// use threadbare::http::{Config, Request, Response, Server};
    ///
    /// let hello = |_: &Request<'_>, response: &mut Response<'_>| response.text("hello");
    /// let config = Config { port: 0, loops: 2, ..Config::default() };
    /// let server = Server::bind(config, hello)?;
    /// assert_eq!(server.metrics().loops().len(), 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn loops(&self) -> Vec<Totals> {
        let loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = |counters: &Arc<Counters>| {
            let mut totals = Totals::default();
            totals.add(counters);
            totals
        };
        loops.iter().map(alone).collect()
    }

    /// Adds the numbers up. They are read one after the other while the server goes on, so
    /// two of them may be of slightly different times.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        let mut totals = Totals::default();
        for counters in &*loops {
            totals.add(counters);
        }
        totals
    }
}

impl Handler for Metrics {
    fn handle(&self, _: &Request<'_>, response: &mut Response<'_>) {
        response
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .text(self.totals());
    }
}

/// As Prometheus reads it, version 0.0.4 of its text format.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.each(|kind, name, value| {
            writeln!(f, "# TYPE threadbare_http_{name} {kind}")?;
            writeln!(f, "threadbare_http_{name} {value}")
        })?;
        writeln!(f, "# TYPE threadbare_http_answers_total counter")?;
        for (class, value) in (2..).zip(self.answers) {
            let label = format_args!("{{status=\"{class}xx\"}}");
            writeln!(f, "threadbare_http_answers_total{label} {value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_added_up() {
        let metrics = Metrics::default();
        let (one, two) = (metrics.counters(), metrics.counters());
        one.accepted.add(3);
        one.open.add(3);
        two.accepted.add(4);
        two.open.add(4);
        one.open.sub(2);
        two.open.sub(4);
        for status in [200, 204, 304, 404, 431, 500, 599, 100, 99, 600] {
            two.answered(status);
        }
        let totals = metrics.clone().totals();
        assert_eq!((totals.accepted, totals.open), (7, 1));
        assert_eq!(totals.answers, [2, 1, 2, 2]);
    }

    #[test]
    fn each_number_has_a_type_and_a_line() {
        let totals = Totals {
            open: 3,
            answers: [1, 2, 3, 4],
            ..Totals::default()
        };
        let text = totals.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(text.contains("# TYPE threadbare_http_connections_open gauge\n"));
        assert!(text.contains("\nthreadbare_http_connections_open 3\n"));
        assert_eq!(
            lines.last(),
            Some(&"threadbare_http_answers_total{status=\"5xx\"} 4")
        );
        for pair in lines.windows(2) {
            if let Some(typed) = pair[0].strip_prefix("# TYPE ") {
                let name = typed.split(' ').next().unwrap();
                assert!(pair[1].starts_with(name), "{pair:?}");
            }
        }
        let values = lines.iter().filter(|line| !line.starts_with('#'));
        for line in values {
            let (_, value) = line.rsplit_once(' ').unwrap();
            value.parse::<u64>().unwrap();
        }
    }
}
