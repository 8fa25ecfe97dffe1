//! Property: what a server counts is what has happened, and Prometheus can read it.

use crate::conformance::client::Client;
use crate::conformance::routes;
use crate::conformance::serve::until;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use threadbare::http::{Config, Method};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn what_has_happened_is_counted() {
    within(LIMIT, || {
        let config = Config {
            timeout_request: Duration::from_millis(20),
            ..Config::default()
        };
        let metrics = config.metrics.clone();
        let mut router = routes::router();
        router.route(Method::Get, "/metrics", metrics.clone());
        let server = crate::ticked(config, Arc::new(router));
        let mut sent = 0;

        let mut client = Client::connect(&*server);
        for (target, status) in [
            ("/", 200),
            ("/bytes?n=5", 200),
            ("/nowhere", 404),
            ("/panic", 500),
        ] {
            let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
            client.send(request.as_bytes());
            assert_eq!(client.answer(false).status, status);
            sent += request.len();
        }
        for refused in ["GET / HTTP/1.1\r\n\r\n", "GET"] {
            let mut client = Client::connect(&*server);
            client.send(refused.as_bytes());
            assert!(client.answer(false).says_close());
            sent += refused.len();
        }
        until(&*server, || metrics.totals().open == 1);

        let totals = metrics.totals();
        assert_eq!((totals.accepted, totals.open), (3, 1));
        assert_eq!((totals.requests, totals.panics), (4, 1));
        assert_eq!(totals.answers, [2, 0, 3, 1], "refusals, too");
        assert_eq!(totals.evicted, 1, "the one that was half sent");
        assert_eq!(totals.bytes_in, sent as u64);
        assert_eq!(totals.accept_pauses, 0);

        client.send(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = client.answer(false);
        let media_type = answer.field("content-type").unwrap();
        assert!(media_type.starts_with("text/plain; version=0.0.4"));
        let shown = read(&String::from_utf8(answer.body).unwrap());
        let of = |name: &str| shown[&format!("threadbare_http_{name}")];
        assert_eq!(of("connections_accepted_total"), 3);
        assert_eq!(of("connections_open"), 1);
        assert_eq!(of("handler_panics_total"), 1);
        assert_eq!(of("connections_evicted_total"), 1);
        assert_eq!(of("answers_total{status=\"2xx\"}"), 2);
        assert_eq!(of("answers_total{status=\"5xx\"}"), 1);
    });
}

/// Reads the text format, version 0.0.4, as strictly as Prometheus does: each name has a
/// type before its first sample, and none comes twice.
fn read(text: &str) -> HashMap<String, u64> {
    let mut types = HashMap::new();
    let mut samples = HashMap::new();
    assert!(text.ends_with('\n'), "the last line ends, too");
    for line in text.lines() {
        if let Some(typed) = line.strip_prefix("# TYPE ") {
            let (name, kind) = typed.split_once(' ').unwrap();
            assert!(["counter", "gauge"].contains(&kind), "{line}");
            assert!(types.insert(name, kind).is_none(), "typed twice: {line}");
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let family = name.split('{').next().unwrap();
            assert!(types.contains_key(family), "not typed: {line}");
            let before = samples.insert(name.to_owned(), value.parse().unwrap());
            assert!(before.is_none(), "twice: {line}");
        }
    }
    samples
}
