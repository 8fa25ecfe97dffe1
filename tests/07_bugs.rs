//! Bugs that others have shipped, each a test that is named after it: what happens, and what
//! stops it here. The numbers are those of the boxes in the book.
#![cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd"))]

#[path = "07_common/mod.rs"]
mod common;

use common::{IS_LIBKQUEUE, LIMIT, NOW, accept, listen};
use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::mpsc;
use std::thread;
use threadbare::event::{Events, Key, Loop, Slab, Waker, net};
use threadbare::testkit::within;

/// A server with keys, just large enough to have the bugs.
struct Server {
    the_loop: Loop,
    listener: TcpListener,
    connections: Slab<TcpStream>,
    events: Events,
}

impl Server {
    fn new() -> (Self, impl Fn() -> TcpStream) {
        let (listener, address) = listen();
        let server = Self {
            the_loop: Loop::new().unwrap(),
            listener,
            connections: Slab::new(),
            events: Events::with_capacity(16),
        };
        (server, move || TcpStream::connect(address).unwrap())
    }

    fn accept(&mut self) -> Key {
        let key = self.connections.insert(accept(&self.listener));
        let stream = self.connections.get(key).unwrap();
        self.the_loop
            .add_read(stream.as_fd(), key.to_user())
            .unwrap();
        key
    }

    /// Deregister, close, free: in this order.
    fn close(&mut self, key: Key) {
        let stream = self.connections.get(key).unwrap();
        self.the_loop.del_read(stream.as_fd()).unwrap();
        drop(self.connections.remove(key));
    }

    /// Waits until so many events are in one batch.
    fn collect(&mut self, count: usize) {
        loop {
            self.the_loop.wait(&mut self.events, None).unwrap();
            if self.events.len() == count {
                return;
            }
        }
    }

    fn number(&self, key: Key) -> RawFd {
        self.connections.get(key).unwrap().as_raw_fd()
    }
}

/// Two connections speak at once. Whoever is first has the other one closed, and accepts a
/// third in its place. The event of the second is in the batch still. It carries the number
/// of the third, and whoever goes by that reads, or closes, what is not meant. By its key it
/// is nobody's.
///
/// Seen as a use after free in http.zig (#214) and libxev (#234), where the word was a
/// pointer.
#[test]
fn bug_1_an_event_for_a_connection_that_was_freed_in_the_same_batch() {
    within(LIMIT, || {
        let mut number_was_used_again = false;
        for _ in 0..20 {
            let (mut server, connect) = Server::new();
            let mut clients = [connect(), connect()];
            let keys = [server.accept(), server.accept()];
            clients
                .iter_mut()
                .for_each(|it| it.write_all(b"x").unwrap());
            server.collect(2);

            let batch: Vec<_> = server.events.iter().collect();
            let first = Key::from_user(batch[0].user);
            let second = *keys.iter().find(|&&key| key != first).unwrap();
            let _third_client = connect();
            server.close(second);
            let third = server.accept();

            // Going by the number, the wrong one would be hit.
            assert_eq!(batch[1].user, second.to_user());
            number_was_used_again |= batch[1].fd == server.number(third);
            // Going by the key, nobody is. Not even the slot is the same yet.
            let late = Key::from_user(batch[1].user);
            assert!(server.connections.get(late).is_none(), "a miss");
            assert_ne!(third.index(), second.index(), "its slot rests");
            server.connections.retire();

            // After the batch it may be the same slot, and another tenant.
            let _fourth_client = connect();
            let fourth = server.accept();
            assert_eq!(fourth.index(), second.index());
            assert!(server.connections.get(late).is_none(), "a miss");
            assert_eq!(server.the_loop.stale(), 0, "nobody broke a rule");
            drop(clients);
        }
        // Not each time: other tests open descriptors too.
        assert!(number_was_used_again, "the danger was never there");
    });
}

/// What a worker hands back: whose it is, and the answer. It never had the descriptor.
struct Completion {
    key: Key,
    answer: Vec<u8>,
}

/// A worker has a request while its client gives up. The loop closes the connection, and a
/// new one gets its number and its slot. Then the worker is done. If it closed the
/// descriptor, or answered on it, it would hit the new one. Here it has neither: it has a
/// key, and its completion is a miss.
///
/// Seen in http.zig (#216): closed on a worker while armed, and the recycled slot got the
/// event.
#[test]
fn bug_2_a_descriptor_closed_on_a_worker_while_it_was_armed() {
    within(LIMIT, || {
        let (mut server, connect) = Server::new();
        let (start, work) = mpsc::channel::<Key>();
        let (done, completions) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let waker: Waker = server.the_loop.waker();
        let worker = thread::spawn(move || {
            for key in work {
                released.recv().unwrap();
                let answer = b"too late".to_vec();
                done.send(Completion { key, answer }).unwrap();
                waker.wake().unwrap();
            }
        });

        let mut old_client = connect();
        let old = server.accept();
        old_client.write_all(b"request").unwrap();
        server.collect(1);
        start.send(old).unwrap();

        // Its client goes, and the loop closes it: nobody else does.
        drop(old_client);
        server.close(old);
        server.connections.retire();
        let mut new_client = connect();
        let new = server.accept();
        assert_eq!(new.index(), old.index(), "the slot is used again");

        release.send(()).unwrap();
        while !server.events.woken() {
            server.the_loop.wait(&mut server.events, None).unwrap();
        }
        let mut misses = 0;
        for Completion { key, answer } in completions.try_iter() {
            match server.connections.get_mut(key) {
                Some(stream) => stream.write_all(&answer).unwrap(),
                None => misses += 1,
            }
        }
        assert_eq!((misses, server.the_loop.stale()), (1, 0));
        // The new one is open, armed, and has got nothing that was meant for another.
        new_client.set_nonblocking(true).unwrap();
        let nothing = new_client.read(&mut [0; 16]).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
        new_client.write_all(b"hello").unwrap();
        server.collect(1);
        assert_eq!(server.events.iter().next().unwrap().user, new.to_user());
        drop(start);
        worker.join().unwrap();
    });
}

/// The same, and somebody breaks the rule: a descriptor is closed on another thread while it
/// is armed. Whoever gets its number is told so when it is registered, and no event of the
/// old registration reaches the new one.
#[test]
fn bug_2_whoever_closes_what_is_armed_is_found_out() {
    within(LIMIT, || {
        if IS_LIBKQUEUE {
            println!(
                "SKIPPED: libkqueue does not notice that a descriptor is closed"
            );
            return;
        }
        for _ in 0..100 {
            let (mut server, connect) = Server::new();
            let mut old_client = connect();
            let old = server.accept();
            let mut new_client = connect();
            let number = server.number(old);
            let stream = server.connections.remove(old).unwrap();
            thread::spawn(move || drop(stream)).join().unwrap();
            let _ = old_client.write_all(b"x");

            let stream = accept(&server.listener);
            if stream.as_raw_fd() != number {
                continue; // Another test was quicker.
            }
            let error = server.the_loop.add_read(stream.as_fd(), 2).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
            server.the_loop.del_read(stream.as_fd()).unwrap();
            server.the_loop.add_read(stream.as_fd(), 2).unwrap();
            new_client.write_all(b"x").unwrap();
            server.collect(1);
            assert_eq!(server.events.iter().next().unwrap().user, 2);
            return;
        }
        panic!("the number was never used again");
    });
}

/// Who may touch a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Loop,
    Worker,
}

/// A worker is done with a request. It arms the descriptor, and only then gives up the
/// connection. In between the next request comes: the loop is told, sees that the worker
/// owns it, and leaves it alone. With a one-shot registration that was the only event there
/// will ever be, and the client waits for ever. A level-triggered one says it again.
///
/// Seen in http.zig (#212).
#[test]
fn bug_4_rearmed_before_ownership_was_given_up() {
    within(LIMIT, || {
        let (mut server, connect) = Server::new();
        let mut client = connect();
        let key = server.accept();
        let mut owners = HashMap::from([(key, Owner::Loop)]);
        let mut answered = 0;

        // The first request: the worker owns the connection, nothing is armed.
        client.write_all(b"1").unwrap();
        server.collect(1);
        owners.insert(key, Owner::Worker);
        let stream = server.connections.get_mut(key).unwrap();
        server.the_loop.del_read(stream.as_fd()).unwrap();
        stream.read_exact(&mut [0]).unwrap();
        answered += 1;

        // The wrong order: armed, a request, an event that is left alone, given up.
        let stream = server.connections.get(key).unwrap();
        server
            .the_loop
            .add_read(stream.as_fd(), key.to_user())
            .unwrap();
        client.write_all(b"2").unwrap();
        server.collect(1);
        for event in &server.events {
            assert_eq!(owners[&Key::from_user(event.user)], Owner::Worker, "left");
        }
        owners.insert(key, Owner::Loop);

        // It is told again. (A one-shot registration would be silent now, for ever.)
        server.collect(1);
        for event in &server.events {
            let key = Key::from_user(event.user);
            assert_eq!(owners[&key], Owner::Loop);
            let stream = server.connections.get_mut(key).unwrap();
            stream.read_exact(&mut [0]).unwrap();
            answered += 1;
        }
        assert_eq!(answered, 2);
        server.the_loop.wait(&mut server.events, NOW).unwrap();
        assert!(server.events.is_empty());
    });
}

/// What the kernel makes of the wrong order if the registration is one-shot: the same steps
/// on epoll itself, and the request is not told again.
#[test]
#[cfg(target_os = "linux")]
fn bug_4_with_one_shot_the_connection_hangs() {
    within(LIMIT, || {
        let (server, mut client) = common::pair();
        let mut once = one_shot::Epoll::new();
        once.arm(&server, true);
        client.write_all(b"1").unwrap();
        assert_eq!(once.wait(-1), 1);
        (&server).read_exact(&mut [0]).unwrap();
        // The wrong order: armed, a request, an event that is left alone, given up.
        once.arm(&server, false);
        client.write_all(b"2").unwrap();
        assert_eq!(once.wait(-1), 1, "left alone: a worker owns it");
        for _ in 0..3 {
            assert_eq!(once.wait(0), 0, "the request is there, and nobody is told");
        }
        assert_eq!((&server).read(&mut [0; 8]).unwrap(), 1, "there it was");
        // The right order: nothing is armed until it has been given up.
        once.arm(&server, false);
        client.write_all(b"3").unwrap();
        assert_eq!(once.wait(-1), 1);
    });
}

/// Just enough of epoll to see what EPOLLONESHOT does.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "the library has no one-shot registrations")]
mod one_shot {
    use std::io;
    use std::net::TcpStream;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    pub(crate) struct Epoll(OwnedFd);

    impl Epoll {
        pub(crate) fn new() -> Self {
            // SAFETY: it takes a number.
            let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
            assert!(epoll >= 0, "{}", io::Error::last_os_error());
            // SAFETY: the kernel has just made it for us.
            Self(unsafe { OwnedFd::from_raw_fd(epoll) })
        }

        pub(crate) fn arm(&mut self, stream: &TcpStream, first: bool) {
            let operation = if first {
                libc::EPOLL_CTL_ADD
            } else {
                libc::EPOLL_CTL_MOD
            };
            let mut event = libc::epoll_event {
                events: (libc::EPOLLIN | libc::EPOLLONESHOT) as u32,
                u64: 0,
            };
            let (epoll, fd) = (self.0.as_raw_fd(), stream.as_raw_fd());
            // SAFETY: the kernel reads one `epoll_event`, which outlives the call.
            let result =
                unsafe { libc::epoll_ctl(epoll, operation, fd, &raw mut event) };
            assert_eq!(result, 0, "{}", io::Error::last_os_error());
        }

        pub(crate) fn wait(&mut self, timeout_ms: i32) -> i32 {
            let mut event = libc::epoll_event { events: 0, u64: 0 };
            let epoll = self.0.as_raw_fd();
            // SAFETY: the kernel writes at most one `epoll_event`, and it outlives the call.
            unsafe { libc::epoll_wait(epoll, &raw mut event, 1, timeout_ms) }
        }
    }
}

/// An eventfd takes eight bytes, on every machine. A `usize` is four of them on some: then
/// each wake is an error, and if nobody looks at it, a loop that sleeps for ever.
///
/// Seen in http.zig (#184).
#[test]
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "std has no eventfd")]
fn bug_7_a_wake_that_is_not_eight_bytes() {
    use std::fs::File;
    use std::os::fd::FromRawFd;
    within(LIMIT, || {
        // SAFETY: it takes two numbers.
        let eventfd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
        assert!(eventfd >= 0);
        // SAFETY: the kernel has just made it for us.
        let mut eventfd = unsafe { File::from_raw_fd(eventfd) };
        let four = eventfd.write(&1_u32.to_ne_bytes()).unwrap_err();
        assert_eq!(four.kind(), ErrorKind::InvalidInput);
        assert_eq!(eventfd.write(&1_u64.to_ne_bytes()).unwrap(), 8);
    });
}

/// A waker says whether it could. Of a loop that sleeps, so that it asks the kernel.
#[test]
fn bug_7_a_wake_that_fails_is_told_and_here_none_does() {
    within(LIMIT, || {
        let mut the_loop = Loop::new().unwrap();
        let waker = the_loop.waker();
        let (asks, answers) = mpsc::channel();
        let sleeper = thread::spawn(move || {
            let mut events = Events::with_capacity(1);
            for _ in 0..1_000 {
                the_loop.wait(&mut events, None).unwrap();
                assert!(events.woken());
                asks.send(()).unwrap();
            }
        });
        for _ in 0..1_000 {
            waker.wake().unwrap();
            answers.recv().unwrap();
        }
        sleeper.join().unwrap();
    });
}

/// A listener that could not be opened leaves nothing behind: no lock that is held, no
/// descriptor, and no port that is taken.
///
/// Seen in http.zig (#180): a mutex left locked on a listen error.
#[test]
fn bug_7_a_listen_error_leaves_nothing_behind() {
    within(LIMIT, || {
        let (listener, address) = listen();
        for _ in 0..100 {
            let error = net::listen(address, 8, net::Share::Alone).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AddrInUse);
        }
        drop(listener);
        let again = net::listen(address, 8, net::Share::Alone).unwrap();
        assert_eq!(again.local_addr().unwrap(), address);
    });
}
