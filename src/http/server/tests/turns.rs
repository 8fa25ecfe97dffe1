//! Whose turn it is, what a turn ends with, and what is left behind it.

use super::*;

/// One wait tells of so few that most are only looked at because they are late.
#[test]
fn who_spoke_in_time_is_heard_however_many_are_ready() {
    let soon = Duration::from_nanos(1);
    let mut server = server(Config {
        timeout_keepalive: soon,
        timeout_linger: soon,
        ..Config::default()
    });
    let mut clients: Vec<_> = (0..8).map(|_| client(&mut server)).collect();
    for client in &mut clients {
        client.write_all(GET).unwrap();
    }
    server.events = Events::with_capacity(2);
    server.tick(Some(Duration::ZERO)).unwrap();
    for client in &mut clients {
        let (text, end) = received(client);
        assert!(text.ends_with("hello") && !end, "{text}");
    }
    turn(&mut server);
    assert_eq!(server.connections(), 0, "and then they were silent");
    assert_eq!(server.metrics().totals().evicted, 8);

    let mut server = self::server(Config {
        timeout_request: soon,
        ..Config::default()
    });
    let mut clients: Vec<_> = (0..8).map(|_| client(&mut server)).collect();
    for client in &mut clients {
        client.write_all(&GET[..10]).unwrap();
    }
    server.tick(Some(Duration::ZERO)).unwrap();
    assert_eq!(server.worker.in_use().0, 8, "all have begun");
    for client in &mut clients {
        client.write_all(&GET[10..]).unwrap();
    }
    server.events = Events::with_capacity(2);
    server.tick(Some(Duration::ZERO)).unwrap();
    for client in &mut clients {
        let (text, end) = received(client);
        assert!(text.ends_with("hello") && !end, "{text}");
    }
    assert_eq!(server.metrics().totals().evicted, 0);
}

#[test]
fn who_takes_some_in_time_is_given_more_however_many_are_ready() {
    let mut server = server(Config {
        timeout_write: Duration::from_nanos(1),
        ..Config::default()
    });
    let mut clients: Vec<_> = (0..4).map(|_| client(&mut server)).collect();
    for client in &mut clients {
        let large = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
        client.write_all(large).unwrap();
    }
    server.tick(Some(Duration::ZERO)).unwrap();
    for client in &mut clients {
        assert!(!received(client).0.is_empty());
    }
    server.events = Events::with_capacity(1);
    server.tick(Some(Duration::ZERO)).unwrap();
    assert_eq!(server.connections(), 4);
    turn(&mut server);
    assert_eq!(server.connections(), 0, "and then they took nothing");
}

#[test]
fn what_is_refused_is_an_answer_and_counts_as_one() {
    let mut server = server(Config {
        timeout_request: Duration::from_nanos(1),
        read_buf_cap: 4_096,
        ..Config::default()
    });
    let refused = [
        "GET\r\n".to_owned(),
        "GET / HTTP/3.0\r\n".to_owned(),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHo".to_owned(),
    ];
    let expected = [400, 505, 413, 408];
    for (request, status) in refused.into_iter().zip(expected) {
        let mut client = client(&mut server);
        client.write_all(request.as_bytes()).unwrap();
        turn(&mut server);
        let (text, _) = received(&mut client);
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
        assert_eq!(server.worker.in_use().0, 0, "its exchange was given back");
    }
    let totals = server.metrics().totals();
    assert_eq!((totals.requests, totals.refused, totals.evicted), (0, 3, 1));
    assert_eq!(totals.answers, [0, 0, 3, 1]);
}

/// What was borrowed comes back with the connection, and empty.
#[test]
fn what_was_half_read_is_given_back_when_the_client_goes() {
    let mut server = server(Config::default());
    for half in [&GET[..10], &GET[..GET.len() - 1], b"\r", b"\r\nG", b""] {
        let mut gone = client(&mut server);
        gone.write_all(half).unwrap();
        turn(&mut server);
        assert_eq!(server.worker.in_use().0, usize::from(!half.is_empty()));
        drop(gone);
        turn(&mut server);
        assert_eq!((server.connections(), server.worker.in_use().0), (0, 0));
        let mut next = client(&mut server);
        next.write_all(GET).unwrap();
        turn(&mut server);
        assert!(received(&mut next).0.starts_with("HTTP/1.1 200 "));
        drop(next);
        turn(&mut server);
    }
    assert_eq!(server.metrics().totals().answers, [5, 0, 0, 0]);
}

/// A turn has an end, however many requests one read has brought.
#[test]
fn who_sends_many_requests_at_once_lets_the_others_have_their_turn() {
    let mut server = server(Config::default());
    let (mut many, mut one) = (client(&mut server), client(&mut server));
    let handled = |server: &Server| server.metrics().totals().requests;
    many.write_all(&GET.repeat(400)).unwrap();
    server.tick(Some(Duration::ZERO)).unwrap();
    assert_eq!(handled(&server), 64, "and these have been sent");
    assert_eq!(received(&mut many).0.matches("hello").count(), 64);
    one.write_all(GET).unwrap();
    server.tick(Some(Duration::ZERO)).unwrap();
    assert_eq!(handled(&server), 64 + 64 + 1);
    assert!(received(&mut one).0.ends_with("hello"));
    turn(&mut server);
    assert_eq!(received(&mut many).0.matches("hello").count(), 400 - 64);
    assert_eq!(server.worker.in_use(), (0, 1 + 2), "both are idle");
    // As many as there may be need no second turn, and nobody's write interest.
    many.write_all(&GET.repeat(64)).unwrap();
    server.tick(Some(Duration::ZERO)).unwrap();
    assert_eq!(received(&mut many).0.matches("hello").count(), 64);
    assert_eq!(server.worker.in_use(), (0, 1 + 2));
}

/// The kernel tells of it in the next tick, so a stop between the two must not cut it.
#[test]
fn a_turn_that_has_ended_is_gone_on_with_at_the_stop() {
    let mut server = server(Config::default());
    let mut client = client(&mut server);
    client.write_all(&GET.repeat(100)).unwrap();
    server.tick(Some(Duration::ZERO)).unwrap();
    server.handle().shutdown();
    turn(&mut server);
    let (text, end) = received(&mut client);
    assert_eq!((text.matches("hello").count(), end), (65, true));
    assert_eq!(text.matches("Connection: close").count(), 1);
}

/// What a handler leaves behind is its own code, too.
#[test]
fn a_drop_that_panics_costs_what_any_panic_does() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    impl crate::http::Stream for Bomb {
        fn pull(&mut self, _: &mut Vec<u8>) -> io::Result<()> {
            Ok(())
        }
    }
    let handler =
        |request: &Request<'_>, response: &mut Response<'_>| match request.path() {
            "/payload" => std::panic::panic_any(Bomb),
            "/stream" => response.stream(Bomb),
            _ => response.text("hello"),
        };
    let config = Config {
        port: 0,
        ..Config::default()
    };
    let mut server = Server::bind(config, handler).unwrap();
    let mut client = client(&mut server);
    for (line, status) in [
        ("GET /payload", 500),
        ("GET /stream", 200),
        ("HEAD /stream", 200),
        ("GET /", 200),
    ] {
        write!(client, "{line} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        turn(&mut server);
        let (text, end) = received(&mut client);
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
        assert!(!end, "{line}");
    }
}

/// For the client it is connected, whether the server has accepted it or not.
#[test]
fn who_waits_outside_at_the_stop_is_answered() {
    within(LIMIT, || {
        let mut server = server(Config::default());
        let mut client = TcpStream::connect(server.address()).unwrap();
        client.write_all(GET).unwrap();
        server.handle().shutdown();
        turn(&mut server);
        let mut text = String::new();
        client.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
        assert!(text.contains("Connection: close"), "{text}");
    });
}

/// Whoever has had the last answer, before the stop or behind it, may keep the socket for
/// hours, or go on sending.
#[test]
fn a_stop_does_not_wait_for_who_does_not_hang_up() {
    const LONG: Duration = Duration::from_secs(3_600);
    within(LIMIT, || {
        let mut server = server(Config {
            timeout_linger: LONG,
            timeout_drain: LONG,
            ..Config::default()
        });
        let (mut before, mut behind) = (client(&mut server), client(&mut server));
        before.write_all(b"GET /a HTTP/1.0\r\n\r\n").unwrap();
        behind.write_all(&GET[..10]).unwrap();
        turn(&mut server);
        let (text, end) = received(&mut before);
        assert!(text.ends_with("/a") && end, "{text}");
        server.handle().shutdown();
        turn(&mut server);
        behind.write_all(&GET[10..]).unwrap();
        turn(&mut server);
        let (text, end) = received(&mut behind);
        assert!(text.ends_with("hello") && end, "{text}");
        while server.tick(Some(Duration::from_millis(1))).unwrap() == Turn::GoesOn {
            let _ = before.write(b"x");
        }
        assert_eq!(server.connections(), 0);
        drop((before, behind));
    });
}

/// Who takes some has time for more, but the stop does not wait for ever.
#[test]
fn an_answer_without_end_ends_with_the_server() {
    let handler = |_: &Request<'_>, response: &mut Response<'_>| {
        response.stream(std::iter::repeat("without end"));
    };
    let config = Config {
        port: 0,
        timeout_write: Duration::from_nanos(1),
        ..Config::default()
    };
    let mut server = Server::bind(config, handler).unwrap();
    let mut client = client(&mut server);
    client.write_all(GET).unwrap();
    let mut has_turns = |server: &mut Server| {
        (0..9).all(|_| {
            let turn = server.tick(Some(Duration::ZERO)).unwrap();
            turn == Turn::GoesOn && !received(&mut client).0.is_empty()
        })
    };
    assert!(has_turns(&mut server));
    server.handle().shutdown();
    assert!(!has_turns(&mut server));
    assert_eq!(server.connections(), 0);
}

/// Old clients send one behind a body. It is no request, so it needs no buffer, and nobody
/// is told that a request came too late.
#[test]
fn an_empty_line_behind_a_request_is_not_the_next_one() {
    let mut server = server(Config {
        timeout_request: Duration::from_nanos(1),
        ..Config::default()
    });
    let mut client = client(&mut server);
    let post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx\r\n";
    for _ in 0..3 {
        client.write_all(post).unwrap();
        turn(&mut server);
        let (text, end) = received(&mut client);
        assert_eq!(text.matches("HTTP/1.1 200 ").count(), 1, "{text}");
        assert!(text.ends_with("hello") && !end, "{text}");
        assert_eq!(server.worker.in_use().0, 0);
    }
    // The line was read, and is not forgotten: a second one is refused.
    client.write_all(b"\r\n").unwrap();
    turn(&mut server);
    let (text, end) = received(&mut client);
    assert!(text.starts_with("HTTP/1.1 400 ") && end, "{text}");
    assert_eq!(server.metrics().totals().evicted, 0);
}

#[test]
fn an_empty_line_is_one_however_it_is_cut() {
    for (sent, answers) in [("\r\n", "200 200"), ("\r\n\r\n", "200 400")] {
        let all = [GET, sent.as_bytes(), GET].concat();
        for cut in 0..all.len() {
            let mut server = server(Config::default());
            let mut client = client(&mut server);
            for part in [&all[..cut], &all[cut..cut + 1], &all[cut + 1..]] {
                client.write_all(part).unwrap();
                turn(&mut server);
            }
            let (text, _) = received(&mut client);
            let answered = text.split("HTTP/1.1 ").skip(1).map(|one| &one[..3]);
            let answered: Vec<_> = answered.collect();
            assert_eq!(answered.join(" "), answers, "cut at {cut}");
        }
    }
}

/// A socket is writable when there is much room. Who reads so slowly that this takes too long
/// has taken some all the same, and what has room for some is given it.
#[test]
fn who_takes_a_little_all_the_time_is_not_late() {
    let mut server = server(Config {
        timeout_write: Duration::from_nanos(1),
        ..Config::default()
    });
    let mut client = client(&mut server);
    let large = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    client.write_all(large).unwrap();
    server.tick(Some(Duration::ZERO)).unwrap();
    client.set_nonblocking(false).unwrap();
    let mut little = vec![0; 80_000];
    for part in 0..LARGE / little.len() {
        client.read_exact(&mut little).unwrap();
        server.tick(Some(Duration::ZERO)).unwrap();
        let open = server.connections();
        assert_eq!(open, 1, "after {part} parts");
    }
    assert_eq!(server.metrics().totals().evicted, 0);
}
