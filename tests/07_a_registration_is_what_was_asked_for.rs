//! Property: what is registered is told, and what is not is not: after any additions and
//! removals, while events are looked at, and when the number of a descriptor is used again.
//! Whatever is refused is an error that says by whom.
#![cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd"))]

#[path = "common/allocations.rs"]
mod allocations;
#[path = "07_common/mod.rs"]
mod common;

use common::{IS_LIBKQUEUE, LIMIT, NOW, Watch, of_both, pair};
use std::io::{ErrorKind, PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use threadbare::event::{Events, Failed, Key, Loop, Slab};
use threadbare::testkit::{Random, seed, within};

of_both! {
    nothing_is_added_twice_or_removed_twice
    what_is_removed_is_not_told
    removed_while_events_are_looked_at
    a_number_that_is_used_again_is_somebody_else
    who_closes_first_is_told_and_can_go_on
    any_additions_and_removals
    it_can_be_moved_to_another_thread
}

fn nothing_is_added_twice_or_removed_twice(mut watch: impl Watch) {
    let (server, mut client) = pair();
    let fd = server.as_fd();
    let kind = |result: std::io::Result<()>| result.unwrap_err().kind();
    assert_eq!(watch.registered(), 0);
    assert_eq!(kind(watch.del_read(fd)), ErrorKind::NotFound);
    watch.add_read(fd, 1).unwrap();
    assert_eq!(kind(watch.add_read(fd, 9)), ErrorKind::AlreadyExists);
    assert_eq!(kind(watch.del_write(fd)), ErrorKind::NotFound);
    watch.add_write(fd, 2).unwrap();
    assert_eq!(kind(watch.add_write(fd, 9)), ErrorKind::AlreadyExists);
    assert_eq!(watch.registered(), 2);
    // Whatever was refused has changed nothing.
    client.write_all(b"x").unwrap();
    watch.until(|event| event.readable);
    let mut users: Vec<_> = watch.now().iter().map(|event| event.user).collect();
    users.sort_unstable();
    assert_eq!(users, [1, 2]);
    watch.del_read(fd).unwrap();
    assert_eq!(kind(watch.del_read(fd)), ErrorKind::NotFound);
    assert_eq!(watch.registered(), 1);
    watch.del_write(fd).unwrap();
    assert_eq!(kind(watch.del_write(fd)), ErrorKind::NotFound);
    assert_eq!((watch.registered(), watch.now().len()), (0, 0));
}

fn what_is_removed_is_not_told(mut watch: impl Watch) {
    let (server, mut client) = pair();
    client.write_all(b"x").unwrap();
    let fd = server.as_fd();
    for user in 0..100 {
        watch.add_read(fd, user).unwrap();
        assert_eq!(watch.until(|_| true).user, user, "the word of this time");
        watch.add_write(fd, user + 1).unwrap();
        watch.del_read(fd).unwrap();
        let events = watch.now();
        assert!(
            events.iter().all(|event| event.user == user + 1),
            "{events:?}"
        );
        assert!(events.iter().all(|event| !event.readable), "{events:?}");
        watch.del_write(fd).unwrap();
        assert_eq!(watch.now(), []);
    }
}

/// Two are ready, and whoever is told first takes both away. What has been told is in the
/// batch still: its word must be looked up. After the batch it is not told again.
fn removed_while_events_are_looked_at(mut watch: impl Watch) {
    let mut events = Events::with_capacity(8);
    let mut connections = Slab::new();
    let mut keys = Vec::new();
    let mut clients = Vec::new();
    for _ in 0..2 {
        let (server, mut client) = pair();
        client.write_all(b"x").unwrap();
        let key = connections.insert(server);
        watch
            .add_read(connections.get(key).unwrap().as_fd(), key.to_user())
            .unwrap();
        keys.push(key);
        clients.push(client);
    }
    while events.len() < 2 {
        watch.wait(&mut events, None).unwrap();
    }
    let (mut hits, mut misses) = (0, 0);
    for event in &events {
        if connections.get(Key::from_user(event.user)).is_none() {
            misses += 1;
            continue;
        }
        hits += 1;
        for &key in &keys {
            watch
                .del_read(connections.get(key).unwrap().as_fd())
                .unwrap();
            drop(connections.remove(key));
        }
    }
    connections.retire();
    assert_eq!((hits, misses), (1, 1));
    assert_eq!((watch.now().len(), watch.registered()), (0, 0));
}

/// A pipe whose reading end has this number.
fn pipe_with(number: RawFd) -> Option<(PipeReader, PipeWriter)> {
    // Other tests open descriptors too. What does not fit is held until it does.
    let mut held = Vec::new();
    for _ in 0..100 {
        let new = pipe().unwrap();
        if new.0.as_raw_fd() == number {
            return Some(new);
        }
        held.push(new);
    }
    None
}

fn a_number_that_is_used_again_is_somebody_else(mut watch: impl Watch) {
    let mut again = 0;
    for _ in 0..50 {
        let (reads, mut writes) = pipe().unwrap();
        let number = reads.as_raw_fd();
        watch.add_read(reads.as_fd(), 1).unwrap();
        writes.write_all(b"x").unwrap();
        assert_eq!(watch.until(|_| true).fd, number);
        watch.del_read(reads.as_fd()).unwrap();
        drop(reads);
        let Some((reads, mut writes)) = pipe_with(number) else {
            continue;
        };
        again += 1;
        watch.add_read(reads.as_fd(), 2).unwrap();
        assert_eq!(watch.now(), [], "what was written was for another");
        writes.write_all(b"x").unwrap();
        let event = watch.until(|_| true);
        assert_eq!((event.fd, event.user), (number, 2));
        watch.del_read(reads.as_fd()).unwrap();
    }
    assert!(again > 0, "no number was used again");
}

/// Against the contract: closed, and still registered.
fn who_closes_first_is_told_and_can_go_on<W: Watch>(mut watch: W) {
    if W::COUNTS && IS_LIBKQUEUE {
        println!("SKIPPED: libkqueue does not notice that a descriptor is closed");
        return;
    }
    for _ in 0..50 {
        let (reads, _writes) = pipe().unwrap();
        let number = reads.as_raw_fd();
        watch.add_read(reads.as_fd(), 1).unwrap();
        drop(reads);
        let Some((reads, mut writes)) = pipe_with(number) else {
            continue;
        };
        // Not silently: the number is taken.
        let error = watch.add_read(reads.as_fd(), 2).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        // The kernel has forgotten it long ago, and that is what was asked for.
        watch.del_read(reads.as_fd()).unwrap();
        watch.add_read(reads.as_fd(), 2).unwrap();
        writes.write_all(b"x").unwrap();
        assert_eq!(watch.until(|_| true).user, 2);
        watch.del_read(reads.as_fd()).unwrap();
        return;
    }
    panic!("no number was used again");
}

/// Against a list of what should be told: pipes that are written to and emptied, connected,
/// and both interests of sockets that always have room.
fn any_additions_and_removals(mut watch: impl Watch) {
    const PIPES: usize = 12;
    const STEPS: u64 = 3_000;
    let mut random = Random::new(seed("any_additions_and_removals"));
    let mut pipes: Vec<_> = (0..PIPES).map(|_| pipe().unwrap()).collect();
    // The words under which each end is registered, and whether the pipe has something.
    let mut wanted = [(None, None, false); PIPES];
    for step in 0..STEPS {
        let which = random.below(PIPES as u64) as usize;
        let ((reads, writes), (reading, writing, is_full)) =
            (&mut pipes[which], &mut wanted[which]);
        match (random.below(3), *is_full) {
            (0, false) => {
                writes.write_all(b"x").unwrap();
                *is_full = true;
            }
            (0, true) => {
                reads.read_exact(&mut [0]).unwrap();
                *is_full = false;
            }
            (1, _) => {
                *reading = match *reading {
                    None => watch.add_read(reads.as_fd(), step).map(|()| Some(step)),
                    Some(_) => watch.del_read(reads.as_fd()).map(|()| None),
                }
                .unwrap();
            }
            _ => {
                *writing = match *writing {
                    None => {
                        watch.add_write(writes.as_fd(), step).map(|()| Some(step))
                    }
                    Some(_) => watch.del_write(writes.as_fd()).map(|()| None),
                }
                .unwrap();
            }
        }
        let mut told = watch.now();
        told.sort_unstable_by_key(|event| event.user);
        let users: Vec<_> = told.iter().map(|event| event.user).collect();
        let should = wanted.iter().flat_map(|&(reading, writing, is_full)| {
            [reading.filter(|_| is_full), writing]
        });
        let mut should: Vec<u64> = should.flatten().collect();
        should.sort_unstable();
        assert_eq!(users, should, "after step {step}");
        let all = wanted.iter().flat_map(|it| [it.0, it.1]).flatten();
        assert_eq!(watch.registered(), all.count());
    }
}

fn it_can_be_moved_to_another_thread<W: Watch + Send + 'static>(mut watch: W) {
    let (reads, mut writes) = pipe().unwrap();
    watch.add_read(reads.as_fd(), 1).unwrap();
    let other = std::thread::spawn(move || {
        let event = watch.until(|event| event.readable);
        (event.user, watch)
    });
    writes.write_all(b"x").unwrap();
    let (user, mut watch) = other.join().unwrap();
    assert_eq!((user, watch.now().len()), (1, 1));
}

/// A descriptor that was closed while another name of the same pipe is open: epoll goes on
/// telling of it. Its registration is no more, so nobody hears of it, but it is counted.
#[test]
#[cfg(all(target_os = "linux", not(threadbare_kqueue)))]
fn what_the_kernel_tells_of_the_past_is_dropped_and_counted() {
    within(LIMIT, || {
        for _ in 0..50 {
            let mut the_loop = Loop::new().unwrap();
            let (reads, mut writes) = pipe().unwrap();
            writes.write_all(b"x").unwrap();
            let number = reads.as_raw_fd();
            let _other_name = reads.try_clone().unwrap();
            the_loop.add_read(reads.as_fd(), 1).unwrap();
            assert_eq!(the_loop.now().len(), 1);
            drop(reads);
            let Some((reads, mut writes)) = pipe_with(number) else {
                continue;
            };
            the_loop.del_read(reads.as_fd()).unwrap();
            the_loop.add_read(reads.as_fd(), 2).unwrap();
            assert_eq!((the_loop.now(), the_loop.stale()), (vec![], 1));
            writes.write_all(b"x").unwrap();
            assert_eq!(the_loop.until(|_| true).user, 2);
            assert!(the_loop.stale() >= 1);
            return;
        }
        panic!("no number was used again");
    });
}

/// What the kernel refuses is an error with the name of the call and the kernel's number.
#[test]
fn what_the_kernel_refuses_is_told_by_name() {
    within(LIMIT, || {
        let mut the_loop = Loop::new().unwrap();
        let call = if common::IS_KQUEUE {
            "kevent"
        } else {
            "epoll_ctl"
        };
        let mut refused = |fd: BorrowedFd<'_>, code| {
            for _ in 0..2 {
                let read = the_loop.add_read(fd, 1).unwrap_err();
                let write = the_loop.add_write(fd, 1).unwrap_err();
                for error in [read, write] {
                    assert_eq!(Failed::of(&error), Some(Failed { call, code }));
                    assert!(error.to_string().contains(call), "{error}");
                    let kind = std::io::Error::from_raw_os_error(code).kind();
                    assert_eq!(error.kind(), kind);
                }
                assert_eq!(the_loop.registered(), 0, "nothing has changed");
                assert_eq!(the_loop.now(), []);
            }
        };
        if IS_LIBKQUEUE {
            println!("SKIPPED: libkqueue takes what it does not know");
            return;
        }
        refused(nobody_has_this().as_fd(), libc::EBADF);
        if !common::IS_KQUEUE {
            let file = std::fs::File::open(file!())
                .or_else(|_| std::fs::File::open(std::env::current_exe().unwrap()));
            refused(file.unwrap().as_fd(), libc::EPERM);
        }
    });
}

/// A number that is no descriptor.
#[allow(unsafe_code, reason = "to ask the kernel for what is not there")]
fn nobody_has_this() -> BorrowedFd<'static> {
    // SAFETY: this process opens some hundred descriptors at most, so the number is never
    // somebody's; all that is done with it is to be refused.
    unsafe { BorrowedFd::borrow_raw(900) }
}

#[test]
fn the_second_time_nothing_is_allocated() {
    within(LIMIT, || {
        let mut the_loop = Loop::new().unwrap();
        let mut events = Events::with_capacity(4);
        let (waker, mut slab) = (the_loop.waker(), Slab::new());
        let (reads, mut writes) = pipe().unwrap();
        writes.write_all(b"x").unwrap();
        let mut round = || {
            let before = allocations::count();
            let key = slab.insert(1);
            the_loop.add_read(reads.as_fd(), key.to_user()).unwrap();
            the_loop.add_write(writes.as_fd(), 2).unwrap();
            waker.wake().unwrap();
            the_loop.wait(&mut events, NOW).unwrap();
            assert!(events.woken() && events.len() == 2);
            the_loop.wait(&mut events, None).unwrap();
            the_loop.del_read(reads.as_fd()).unwrap();
            the_loop.del_write(writes.as_fd()).unwrap();
            slab.remove(key);
            slab.retire();
            allocations::count() - before
        };
        round();
        assert_eq!([round(), round(), round()], [0; 3]);
    });
}
