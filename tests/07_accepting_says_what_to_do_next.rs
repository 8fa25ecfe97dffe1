//! Property: a listener has the backlog that was asked for, its connections never block and
//! are not inherited, and whatever goes wrong says what to do next: try the next one, wait,
//! or leave the listener alone until something has been closed.
#![cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd"))]

#[path = "07_common/mod.rs"]
mod common;

use common::{IS_KQUEUE, LIMIT, NOW, Watch, accept, alone, listen, reset};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use threadbare::event::net::{self, Accepted, Share, connect};
use threadbare::event::{Failed, Loop, v1_poll};
use threadbare::testkit::within;

/// Everybody who is in the queue.
fn accept_all(listener: &TcpListener) -> Vec<TcpStream> {
    let mut all = Vec::new();
    loop {
        match net::accept(listener).unwrap() {
            Accepted::Stream(stream, _) => all.push(stream),
            Accepted::Again => {}
            Accepted::Nothing => return all,
            Accepted::Exhausted(error) => panic!("{error}"),
        }
    }
}

#[allow(unsafe_code, reason = "std does not tell the flags")]
fn is_tame(fd: &impl AsRawFd) -> bool {
    // SAFETY: it takes numbers, and answers with one.
    let flag = |command| unsafe { libc::fcntl(fd.as_raw_fd(), command) };
    flag(libc::F_GETFD) & libc::FD_CLOEXEC != 0
        && flag(libc::F_GETFL) & libc::O_NONBLOCK != 0
}

#[test]
fn none_of_them_blocks_or_is_inherited() {
    within(LIMIT, || {
        for any in ["127.0.0.1:0", "[::1]:0"] {
            let listener = match net::listen(any.parse().unwrap(), 8, Share::Alone) {
                Ok(listener) => listener,
                Err(error) if any.starts_with('[') => {
                    println!("SKIPPED: no IPv6 here: {error}");
                    continue;
                }
                Err(error) => panic!("{error}"),
            };
            assert!(matches!(net::accept(&listener).unwrap(), Accepted::Nothing));
            let address = listener.local_addr().unwrap();
            let client = connect(address).unwrap();
            let (mut server, from) = loop {
                match net::accept(&listener).unwrap() {
                    Accepted::Stream(stream, from) => break (stream, from),
                    _ => std::thread::yield_now(),
                }
            };
            assert_eq!(from, client.local_addr().unwrap());
            assert_eq!(from, server.peer_addr().unwrap());
            assert!(is_tame(&listener) && is_tame(&client) && is_tame(&server));
            let error = server.read(&mut [0]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            assert!(matches!(net::accept(&listener).unwrap(), Accepted::Nothing));
        }
    });
}

/// Before anybody accepts, about as many can connect as was said.
#[test]
fn the_backlog_is_as_asked_for() {
    within(LIMIT, || {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        const CLIENTS: usize = 100;
        for (backlog, least, most) in [(2, 1, CLIENTS - 1), (128, CLIENTS, CLIENTS)]
        {
            let listener = net::listen(any, backlog, Share::Alone).unwrap();
            let address = listener.local_addr().unwrap();
            let clients: Vec<_> =
                (0..CLIENTS).map(|_| connect(address).unwrap()).collect();
            let mut the_loop = Loop::new().unwrap();
            // Those who are in the queue are connected, and so can write.
            for (user, client) in (0..).zip(&clients) {
                the_loop.add_write(client.as_fd(), user).unwrap();
            }
            let mut connected = 0;
            while connected < least {
                let event = the_loop.until(|event| event.writable);
                let client = &clients[event.user as usize];
                the_loop.del_write(client.as_fd()).unwrap();
                connected += 1;
            }
            let accepted = accept_all(&listener).len();
            assert!(accepted >= least, "backlog {backlog}: {accepted}");
            // Elsewhere a queue that is full refuses nobody as long as it is looked after.
            if cfg!(target_os = "linux") {
                assert!(accepted <= most, "backlog {backlog}: {accepted}");
            }
        }
    });
}

#[test]
fn a_port_belongs_to_one_or_to_those_who_share() {
    within(LIMIT, || {
        let (_alone, address) = listen();
        for share in [Share::Alone, Share::ReusePort] {
            let error = net::listen(address, 8, share).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AddrInUse);
            let failed = Failed::of(&error).unwrap();
            assert_eq!(failed.code, libc::EADDRINUSE);
            assert!(["bind", "listen"].contains(&failed.call), "{error}");
        }

        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let one = net::listen(any, 128, Share::ReusePort).unwrap();
        let address = one.local_addr().unwrap();
        let other = net::listen(address, 128, Share::ReusePort).unwrap();
        assert!(net::listen(address, 128, Share::Alone).is_err());
        let _clients: Vec<_> = (0..64)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        let shares = [accept_all(&one).len(), accept_all(&other).len()];
        assert_eq!(shares.iter().sum::<usize>(), 64);
        if cfg!(not(target_vendor = "apple")) {
            assert!(!shares.contains(&0), "it is not spread: {shares:?}");
        }
    });
}

/// A client that has gone before it was accepted: no error of the listener, whatever the
/// system makes of it, and the next one comes.
#[test]
fn who_has_gone_already_is_no_error() {
    within(LIMIT, || {
        let (listener, address) = listen();
        for _ in 0..20 {
            let gone = TcpStream::connect(address).unwrap();
            reset(gone);
            let stays = TcpStream::connect(address).unwrap();
            let stays = stays.local_addr().unwrap();
            loop {
                let mut accepted = accept(&listener);
                match accepted.peer_addr() {
                    Ok(from) if from == stays => break,
                    Ok(_) => assert!(!matches!(accepted.read(&mut [0]), Ok(1..))),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::NotConnected),
                }
            }
        }
    });
}

/// What is no listener is told, by the name of the call.
#[test]
fn what_can_not_accept_is_an_error() {
    within(LIMIT, || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let listener = TcpListener::from(OwnedFd::from(socket));
        let error = net::accept(&listener).unwrap_err();
        assert!(
            Failed::of(&error).unwrap().call.starts_with("accept"),
            "{error}"
        );

        let far = "192.0.2.1:80".parse().unwrap(); // an address that no machine has
        let error = net::listen(far, 8, Share::Alone).unwrap_err();
        assert_eq!(Failed::of(&error).unwrap().call, "bind");
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    });
}

/// Opens descriptors until there are none left.
fn open_all() -> Vec<File> {
    let mut held = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => held.push(file),
            Err(error) => {
                assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{error}");
                return held;
            }
        }
    }
}

/// With few descriptors, so that a process of its own does it.
#[allow(unsafe_code, reason = "std does not set the limit")]
fn limit_descriptors(most: libc::rlim_t) {
    let limit = libc::rlimit {
        rlim_cur: most,
        rlim_max: most,
    };
    // SAFETY: the kernel reads one `rlimit`, which outlives the call.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}

#[test]
fn without_descriptors_it_says_so_and_does_not_spin() {
    if !alone("without_descriptors_it_says_so_and_does_not_spin") {
        return;
    }
    within(LIMIT, || {
        let (listener, address) = listen();
        let mut the_loop = Loop::new().unwrap();
        the_loop.add_read(listener.as_fd(), 1).unwrap();
        let _clients = [0; 2].map(|_| TcpStream::connect(address).unwrap());
        limit_descriptors(64);
        let mut held = open_all();
        for _ in 0..2 {
            assert!(the_loop.until(|_| true).readable, "they are in the queue");
            for _ in 0..3 {
                let Accepted::Exhausted(error) = net::accept(&listener).unwrap()
                else {
                    panic!("there is no descriptor for it");
                };
                let Failed { call, code } = Failed::of(&error).unwrap();
                assert!(call.starts_with("accept") && code == libc::EMFILE);
            }
            // A loop that waits for it all the same is told at once, each time: it spins.
            assert_eq!((the_loop.now().len(), the_loop.now().len()), (1, 1));
            the_loop.del_read(listener.as_fd()).unwrap();
            assert_eq!(the_loop.now(), [], "paused");
            // Something is closed, so there is room for one, and nobody was lost.
            drop(held.pop());
            let Accepted::Stream(stream, _) = net::accept(&listener).unwrap() else {
                panic!("it is still there");
            };
            held.push(File::from(OwnedFd::from(stream)));
            // Whether there are more is seen in the next round, or is not.
            the_loop.add_read(listener.as_fd(), 1).unwrap();
        }
        assert_eq!(the_loop.now(), [], "there were two");
    });
}

/// Whatever needs a descriptor and gets none is an error, and holds on to nothing.
#[test]
fn without_descriptors_nothing_is_made_and_nothing_leaks() {
    if !alone("without_descriptors_nothing_is_made_and_nothing_leaks") {
        return;
    }
    within(LIMIT, || {
        let (_listener, address) = listen();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        limit_descriptors(64);
        let mut held = open_all();
        let call = |error: io::Error| {
            let failed = Failed::of(&error).expect("it names the call");
            assert_eq!(failed.code, libc::EMFILE, "{error}");
            failed.call
        };
        let first = if IS_KQUEUE { "kqueue" } else { "epoll_create1" };
        for _ in 0..100 {
            assert_eq!(call(Loop::new().unwrap_err()), first);
            assert_eq!(call(connect(address).unwrap_err()), "socket");
            let error = net::listen(any, 8, Share::Alone).unwrap_err();
            assert_eq!(call(error), "socket");
            assert_eq!(call(v1_poll::Loop::new().unwrap_err()), "pipe");
        }
        // One is enough for kqueue, for epoll it is one too few.
        drop(held.pop());
        for _ in 0..100 {
            match Loop::new() {
                Err(error) if !IS_KQUEUE => assert_eq!(call(error), "eventfd"),
                result => drop(result.unwrap()),
            }
            assert!(
                net::listen(address, 8, Share::Alone).is_err(),
                "it is taken"
            );
            assert!(v1_poll::Loop::new().is_err(), "a pipe is two");
        }
        drop(net::listen(any, 8, Share::Alone).unwrap());
        let mut events = threadbare::event::Events::with_capacity(1);
        drop(held.pop());
        Loop::new().unwrap().wait(&mut events, NOW).unwrap();
    });
}
