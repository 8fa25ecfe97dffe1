//! Property: what can be read or written without waiting is told, with the word that it was
//! registered with, and again at each wait for as long as it is so; and nothing else is.
#![cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd"))]

#[path = "07_common/mod.rs"]
mod common;

use common::{IS_LIBKQUEUE, NOW, Watch, accept, listen, of_both, pair, reset};
use std::io::{ErrorKind, Read, Write, pipe};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use threadbare::event::net::connect;
use threadbare::event::{BACKEND, Event, Events};

#[test]
fn on_this_backend() {
    println!("backend: {BACKEND}");
    assert!(["epoll", "kqueue", "kqueue (libkqueue)"].contains(&BACKEND));
    assert_eq!(BACKEND == "epoll", !common::IS_KQUEUE);
}

of_both! {
    bytes_make_it_readable
    an_empty_buffer_is_writable_at_once
    a_full_buffer_is_writable_when_there_is_room
    the_end_is_told_and_what_came_before_can_be_read
    half_an_end_is_told_to_who_reads
    half_an_end_is_nothing_to_who_writes
    a_reset_is_told_to_who_reads_and_to_who_writes
    both_ends_of_a_pipe
    two_words_are_two_events
    one_word_is_one_event_or_two
    what_does_not_fit_comes_later_in_turn
    a_connection_is_told_by_the_listener
    a_connection_is_made_or_refused
}

/// What a wait of no length tells, which must be one event.
fn the_only_one(watch: &mut impl Watch) -> Event {
    let events = watch.now();
    assert_eq!(events.len(), 1, "{events:?}");
    events[0]
}

fn bytes_make_it_readable<W: Watch>(mut watch: W) {
    let (mut server, mut client) = pair();
    watch.add_read(server.as_fd(), 7).unwrap();
    assert_eq!(watch.now(), [], "nothing has come");

    client.write_all(b"hello").unwrap();
    let wanted = Event {
        fd: server.as_raw_fd(),
        user: 7,
        readable: true,
        writable: false,
        eof: false,
        err: false,
        nbytes: if W::COUNTS { 5 } else { 0 },
    };
    assert_eq!(watch.until(|_| true), wanted);
    assert_eq!(the_only_one(&mut watch), wanted, "it still is");

    let mut bytes = [0; 2];
    server.read_exact(&mut bytes).unwrap();
    let nbytes = if W::COUNTS { 3 } else { 0 };
    assert_eq!(the_only_one(&mut watch), Event { nbytes, ..wanted });
    server.read_exact(&mut [0; 3]).unwrap();
    assert_eq!(watch.now(), [], "all was read");
}

fn an_empty_buffer_is_writable_at_once(mut watch: impl Watch) {
    let (server, _client) = pair();
    watch.add_write(server.as_fd(), u64::MAX).unwrap();
    for _ in 0..3 {
        let event = the_only_one(&mut watch);
        assert!(event.writable && !event.readable, "{event:?}");
        assert!(!event.eof && !event.err, "{event:?}");
        assert_eq!((event.fd, event.user), (server.as_raw_fd(), u64::MAX));
    }
}

/// Writes until there is no more room. How much that was.
fn fill(mut stream: &TcpStream) -> usize {
    let mut sum = 0;
    loop {
        match stream.write(&[b'x'; 65_536]) {
            Ok(written) => sum += written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return sum,
            Err(error) => panic!("{error}"),
        }
    }
}

fn a_full_buffer_is_writable_when_there_is_room(mut watch: impl Watch) {
    let (server, mut client) = pair();
    // What is on its way makes room when it arrives: full is full when it stays so.
    let mut sum = fill(&server);
    watch.add_write(server.as_fd(), 8).unwrap();
    while !watch.now().is_empty() {
        sum += fill(&server);
    }
    let mut all = vec![0; sum];
    client.read_exact(&mut all).unwrap();
    assert!(watch.until(|_| true).writable);
}

fn the_end_is_told_and_what_came_before_can_be_read(mut watch: impl Watch) {
    let (mut server, mut client) = pair();
    watch.add_read(server.as_fd(), 1).unwrap();
    client.write_all(b"bye").unwrap();
    drop(client);
    let mut read = [0; 8];
    assert!(watch.until(|_| true).readable);
    assert_eq!(server.read(&mut read).unwrap(), 3);
    // Again and again, until somebody takes the interest away.
    for _ in 0..3 {
        let event = watch.until(|_| true);
        assert!(event.readable && !event.err, "{event:?}");
    }
    assert_eq!(server.read(&mut read).unwrap(), 0);
    watch.del_read(server.as_fd()).unwrap();
    assert_eq!(watch.now(), []);
}

fn half_an_end_is_told_to_who_reads<W: Watch>(mut watch: W) {
    let (mut server, mut client) = pair();
    // Who waits for room does not hear of it. (Else it would spin.)
    fill(&server);
    watch.add_write(server.as_fd(), 2).unwrap();
    while !watch.now().is_empty() {
        fill(&server);
    }
    client.write_all(b"the last").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    watch.add_read(server.as_fd(), 1).unwrap();
    let event = watch.until(|event| event.eof || !W::TELLS_HALF_CLOSE);
    assert_eq!(event.user, 1);
    assert!(event.readable && !event.writable && !event.err, "{event:?}");
    assert_eq!(server.read(&mut [0; 100]).unwrap(), 8);
    assert!(watch.until(|_| true).readable);
    assert_eq!(server.read(&mut [0; 100]).unwrap(), 0, "now the end");
    watch.del_read(server.as_fd()).unwrap();
    assert_eq!(watch.now(), [], "there is still no room");
    // The other direction works on.
    let reads = std::thread::spawn(move || {
        let mut all = Vec::new();
        client.read_to_end(&mut all).map(|_| all)
    });
    assert!(watch.until(|_| true).writable);
    while server.write_all(b"answer").is_err() {
        watch.until(|event| event.writable);
    }
    watch.del_write(server.as_fd()).unwrap();
    drop(server);
    assert!(reads.join().unwrap().unwrap().ends_with(b"answer"));
}

fn half_an_end_is_nothing_to_who_writes<W: Watch>(mut watch: W) {
    let (server, client) = pair();
    watch.add_read(server.as_fd(), 1).unwrap();
    watch.add_write(server.as_fd(), 2).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    watch.until(|event| event.user == 1 && event.readable);
    for _ in 0..3 {
        let event = watch.until(|event| event.user == 2);
        assert!(event.writable && !event.readable, "{event:?}");
        assert!(!event.eof && !event.err, "{event:?}");
    }
}

fn a_reset_is_told_to_who_reads_and_to_who_writes<W: Watch>(mut watch: W) {
    let (mut server, client) = pair();
    watch.add_read(server.as_fd(), 1).unwrap();
    assert_eq!(watch.now(), []);
    reset(client);
    let event = watch.until(|_| true);
    assert!(event.readable && event.err && event.user == 1, "{event:?}");
    // (libkqueue asks for the error itself, and then it is told no more.)
    if !(W::COUNTS && IS_LIBKQUEUE) {
        let error = server.read(&mut [0; 8]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }

    let (mut server, client) = pair();
    fill(&server);
    watch.add_write(server.as_fd(), 2).unwrap();
    while watch.now().iter().any(|event| event.user == 2) {
        fill(&server);
    }
    reset(client);
    let event = watch.until(|event| event.user == 2);
    assert!(event.writable && (event.err || event.eof), "{event:?}");
    assert!(server.write(b"x").is_err());
}

fn both_ends_of_a_pipe(mut watch: impl Watch) {
    let (reads, mut writes) = pipe().unwrap();
    watch.add_read(reads.as_fd(), 1).unwrap();
    watch.add_write(writes.as_fd(), 2).unwrap();
    assert_eq!(the_only_one(&mut watch).user, 2, "it is empty");
    writes.write_all(b"x").unwrap();
    watch.until(|event| event.user == 1 && event.readable && !event.eof);
    watch.del_write(writes.as_fd()).unwrap();
    // Nothing is left to be read: that the other end is gone is all there is to tell.
    (&reads).read_exact(&mut [0]).unwrap();
    drop(writes);
    watch.until(|event| event.user == 1 && event.readable && event.eof);
    watch.del_read(reads.as_fd()).unwrap();

    let (reads, mut writes) = pipe().unwrap();
    watch.add_write(writes.as_fd(), 3).unwrap();
    drop(reads);
    let event = watch.until(|event| event.eof || event.err);
    assert!(event.writable && event.user == 3, "{event:?}");
    let error = writes.write(b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

fn two_words_are_two_events<W: Watch>(mut watch: W) {
    let (server, mut client) = pair();
    watch.add_write(server.as_fd(), 2).unwrap();
    watch.add_read(server.as_fd(), 1).unwrap();
    client.write_all(b"x").unwrap();
    watch.until(|event| event.readable);
    let mut told = watch.now();
    told.sort_by_key(|event| event.user);
    let what = |event: &Event| (event.user, event.readable, event.writable);
    let told: Vec<_> = told.iter().map(what).collect();
    assert_eq!(told, [(1, true, false), (2, false, true)]);
    // Each has its turn, even where there is room for one only.
    if W::COUNTS && IS_LIBKQUEUE {
        println!("SKIPPED: libkqueue tells the read first, always");
        return;
    }
    let mut events = Events::with_capacity(1);
    let mut seen = [false; 3];
    for _ in 0..8 {
        watch.wait(&mut events, NOW).unwrap();
        assert_eq!(events.len(), 1);
        events
            .iter()
            .for_each(|event| seen[event.user as usize] = true);
    }
    assert_eq!(seen, [false, true, true]);
}

fn one_word_is_one_event_or_two(mut watch: impl Watch) {
    let (server, mut client) = pair();
    watch.add_read(server.as_fd(), 5).unwrap();
    watch.add_write(server.as_fd(), 5).unwrap();
    client.write_all(b"x").unwrap();
    watch.until(|event| event.readable);
    let told = watch.now();
    assert!((1..=2).contains(&told.len()), "{told:?}");
    assert!(told.iter().all(|event| event.user == 5), "{told:?}");
    assert!(told.iter().any(|event| event.readable), "{told:?}");
    assert!(told.iter().any(|event| event.writable), "{told:?}");
}

fn what_does_not_fit_comes_later_in_turn(mut watch: impl Watch) {
    const PIPES: usize = 8;
    let pipes: Vec<_> = (0..PIPES).map(|_| pipe().unwrap()).collect();
    for (user, (reads, writes)) in (0..).zip(&pipes) {
        watch.add_read(reads.as_fd(), user).unwrap();
        (&*writes).write_all(b"x").unwrap();
    }
    for room in [1, 3, PIPES - 1, PIPES] {
        let mut events = Events::with_capacity(room);
        let mut told = [0; PIPES];
        // Nobody reads, so all are ready all the time, and still none is passed over.
        for _ in 0..4 * PIPES.div_ceil(room) {
            watch.wait(&mut events, None).unwrap();
            assert_eq!(events.len(), room);
            events
                .iter()
                .for_each(|event| told[event.user as usize] += 1);
        }
        assert!(
            told.iter().all(|&times| times >= 2),
            "room {room}: {told:?}"
        );
    }
}

fn a_connection_is_told_by_the_listener<W: Watch>(mut watch: W) {
    let (listener, address) = listen();
    watch.add_read(listener.as_fd(), 0).unwrap();
    assert_eq!(watch.now(), []);
    let _clients: Vec<_> = (0..2)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    for _ in 0..2 {
        let event = watch.until(|_| true);
        assert!(event.readable && !event.eof && !event.err, "{event:?}");
        assert!(!W::COUNTS || (1..=2).contains(&event.nbytes), "{event:?}");
        drop(accept(&listener));
    }
    assert_eq!(watch.now(), [], "there were two");
}

fn a_connection_is_made_or_refused(mut watch: impl Watch) {
    let (listener, address) = listen();
    let stream = connect(address).unwrap();
    watch.add_write(stream.as_fd(), 1).unwrap();
    let event = watch.until(|_| true);
    assert!(event.writable && !event.err, "{event:?}");
    assert!(stream.take_error().unwrap().is_none());
    assert_eq!(
        accept(&listener).peer_addr().unwrap(),
        stream.local_addr().unwrap()
    );
    watch.del_write(stream.as_fd()).unwrap();

    // A port that somebody has, who does not listen.
    let (_holds, refuses) = nobody_listens();
    let error = match connect(refuses) {
        Ok(stream) => {
            watch.add_write(stream.as_fd(), 2).unwrap();
            let event = watch.until(|_| true);
            assert!(event.writable && event.err, "{event:?}");
            let error = stream.take_error().unwrap();
            if error.is_none() && BACKEND == "kqueue (libkqueue)" {
                eprintln!("SKIPPED: libkqueue has taken the error for itself");
                return;
            }
            error.expect("it was refused")
        }
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

/// A socket that is bound and does not listen, and its address: nobody else gets the port.
fn nobody_listens() -> (TcpStream, std::net::SocketAddr) {
    let (listener, address) = listen();
    let client = connect(address).unwrap();
    let address = client.local_addr().unwrap();
    drop::<TcpListener>(listener);
    (client, address)
}
