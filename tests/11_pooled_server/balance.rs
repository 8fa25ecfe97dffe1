//! Property: loops share the work, and what they share has one limit.

use crate::conformance::client::Client;
use crate::gate::{Held, config, get, says};
use std::time::Duration;
use threadbare::http::{Config, Listeners};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);
const CONNECTIONS: usize = 1_000;

/// How many connections each loop has, when all are served.
fn shares(listeners: Listeners, loops: usize) -> Vec<u64> {
    let config = Config {
        listeners,
        ..config(2, loops)
    };
    let held = Held::started(config);
    let mut clients = held.connect_many(CONNECTIONS);
    for (n, client) in clients.iter_mut().enumerate() {
        client.send(&get(&format!("/{}/{n}", ["now", "id"][n % 2])));
    }
    for (n, client) in clients.iter_mut().enumerate() {
        says(client, &n.to_string());
    }
    // Each has answered those that it has.
    let loops = held.metrics.loops();
    let sums = loops.iter().map(|it| (it.open, it.requests));
    for (open, requests) in sums {
        assert_eq!(open, requests);
    }
    let shares: Vec<u64> = loops.iter().map(|it| it.open).collect();
    assert_eq!(shares.iter().sum::<u64>(), CONNECTIONS as u64);
    shares
}

/// The kernel picks a listener by the addresses, as good as by chance: to be outside of these
/// bounds is six standard deviations.
#[test]
fn each_of_two_loops_has_about_half() {
    within(LIMIT, || {
        let shares = shares(Config::default().listeners, 2);
        let is_fair = |share: &u64| (400..=600).contains(share);
        assert!(
            shares.len() == 2 && shares.iter().all(is_fair),
            "{shares:?}"
        );
    });
}

#[test]
fn one_who_lets_in_for_all_gives_each_the_same() {
    within(LIMIT, || {
        assert_eq!(shares(Listeners::One, 2), [500, 500]);
        assert_eq!(shares(Listeners::One, 4), [250; 4]);
    });
}

/// No loop lets in more than all together may have, and each place that is given back is
/// given to somebody.
#[test]
fn there_is_one_limit_for_all_loops() {
    const PLACES: usize = 10;
    for listeners in [Config::default().listeners, Listeners::One] {
        within(LIMIT, move || {
            let config = Config {
                max_conn: PLACES,
                listeners,
                ..config(2, 3)
            };
            let held = Held::started(config);
            let mut waiting = held.connect_many(200);
            for client in &mut waiting {
                client.send(&get("/id/1"));
            }
            while !waiting.is_empty() {
                let mut inside: Vec<Client<'_>> = Vec::new();
                held.until(|| {
                    inside.extend(waiting.extract_if(.., Client::has_something));
                    inside.len() >= PLACES
                });
                assert_eq!(inside.len(), PLACES);
                for client in &mut inside {
                    says(client, "1");
                }
                assert!(held.metrics.totals().open <= PLACES as u64);
            }
            let totals = held.metrics.totals();
            assert_eq!(totals.accepted, 200);
            assert!(totals.accept_pauses > 0);
        });
    }
}
