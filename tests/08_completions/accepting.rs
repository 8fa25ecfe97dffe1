//! Property: each connection is accepted once, whoever asks for it and however often, and
//! none is lost between two that ask.

use crate::rig::{Rig, answered, came, listen, moved, opened, room};
use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsRawFd as _;
use std::time::Duration;
use threadbare::completion::{Answer, Config, Descriptor, Loop, Run};
use threadbare::testkit::step;

of_both! {
    an_accept_may_come_before_its_connection
    each_client_gets_a_connection_of_its_own
    one_accept_takes_one
    those_that_came_in_between_are_kept
    several_that_wait_are_served_in_turn
    a_connection_works_at_once
    no_program_inherits_it_and_it_does_not_block
    a_cancelled_accept_takes_nobody_with_it
    what_is_kept_ends_with_its_listener
    what_is_kept_ends_with_the_loop
    what_is_kept_ends_with_the_listener_that_is_let_go
    a_listener_that_is_shut_down_tells_who_waits
    clients_that_leave_first_are_no_errors
    a_connection_has_nobody_to_accept
}

fn call(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let call = |_| TcpStream::connect(address).unwrap();
    (0..count).map(call).collect()
}

/// Whose connections these are.
fn peers(rig: &Rig) -> Vec<SocketAddr> {
    let ours = rig.world.told.iter().filter_map(|told| told.descriptor);
    ours.map(|it| rig.the_loop.peer_addr(it).unwrap()).collect()
}

fn an_accept_may_come_before_its_connection(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let accept = rig.the_loop.accept(listener, 7, opened);
    rig.hand_over();
    let client = TcpStream::connect(address).unwrap();
    let told = rig.end_of(accept);
    assert_eq!((told.user, told.completion), (7, accept));
    let ours = told.descriptor.unwrap();
    let from = rig.the_loop.peer_addr(ours).unwrap();
    assert_eq!(from, client.local_addr().unwrap());
    assert_eq!(rig.the_loop.local_addr(ours).unwrap(), address);
    assert_eq!(rig.the_loop.active(), 0);
}

fn each_client_gets_a_connection_of_its_own(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    rig.the_loop.accept(listener, 1, opened);
    rig.world.again.insert(1, 39);
    let mut clients = call(address, 20);
    rig.until(|world| world.told.len() == 20);
    clients.extend(call(address, 20));
    assert_eq!(rig.finish(), 20);
    let of = |it: &TcpStream| it.local_addr().unwrap();
    // In the order in which they called.
    assert_eq!(peers(&rig), clients.iter().map(of).collect::<Vec<_>>());
    let ours: HashSet<_> = (rig.world.told.iter())
        .map(|told| format!("{:?}", told.descriptor.unwrap()))
        .collect();
    assert_eq!(ours.len(), 40);
}

fn one_accept_takes_one(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let clients = call(address, 3);
    rig.the_loop.accept(listener, 1, opened);
    assert_eq!(rig.finish(), 1);
    for _ in 0..5 {
        assert_eq!(rig.look(), 0);
    }
    assert_eq!(peers(&rig), [clients[0].local_addr().unwrap()]);
}

fn those_that_came_in_between_are_kept(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let clients = call(address, 30);
    for taken in 1..=30 {
        let accept = rig.the_loop.accept(listener, taken, opened);
        // Sometimes the kernel has accepted the next one long before it is asked for.
        for _ in 0..taken % 3 {
            rig.look();
        }
        rig.until(|world| world.told.len() == taken as usize);
        assert_eq!(rig.world.told.last().unwrap().completion, accept);
    }
    let of = |it: &TcpStream| it.local_addr().unwrap();
    assert_eq!(peers(&rig), clients.iter().map(of).collect::<Vec<_>>());
}

fn several_that_wait_are_served_in_turn(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    for user in 0..10 {
        rig.the_loop.accept(listener, user, opened);
    }
    rig.hand_over();
    let clients = call(address, 10);
    assert_eq!(rig.finish(), 10);
    assert_eq!(rig.world.users(), (0..10).collect::<Vec<_>>());
    let of = |it: &TcpStream| it.local_addr().unwrap();
    assert_eq!(peers(&rig), clients.iter().map(of).collect::<Vec<_>>());
}

fn a_connection_works_at_once(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"hello").unwrap();
    let accept = rig.the_loop.accept(listener, 0, opened);
    let ours = rig.end_of(accept).descriptor.unwrap();
    rig.the_loop.set_nodelay(ours, true).unwrap();
    let read = rig.the_loop.read(ours, room(64), 0, moved);
    let told = rig.end_of(read);
    assert_eq!((told.count(), &told.buffer[..]), (5, &b"hello"[..]));
    let write = rig.the_loop.write(ours, told.buffer, 0, moved);
    assert_eq!(rig.end_of(write).count(), 5);
    let mut back = [0; 5];
    client.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"hello");
}

fn a_cancelled_accept_takes_nobody_with_it(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let mut taken = 0;
    let mut clients = Vec::new();
    for round in 0..20 {
        let accept = rig.the_loop.accept(listener, 1, opened);
        for _ in 0..round % 3 {
            rig.look();
        }
        clients.push(TcpStream::connect(address).unwrap());
        let cancel = rig.the_loop.cancel(accept, 2, answered);
        let answer = rig.end_of(cancel).answer.unwrap();
        let told = &rig.world.told;
        let index = told.iter().rposition(|it| it.completion == accept);
        let cancelled = index.map(|index| told[index].is_cancelled());
        match answer {
            // With readiness the client may have been there in time.
            Answer::TooLate => assert_eq!(cancelled, Some(false)),
            Answer::Cancelled => assert_eq!(cancelled, Some(true)),
            // Taken, told and forgotten, before the cancel came.
            Answer::Dead => {
                assert_ne!(round % 3, 0, "it was not called yet");
                assert_eq!(cancelled, Some(false));
            }
        }
        taken += usize::from(cancelled == Some(false));
    }
    step(format!("{taken} were taken, the others must be waiting"));
    for _ in taken..clients.len() {
        let accept = rig.the_loop.accept(listener, 3, opened);
        rig.until(|world| world.told.iter().any(|it| it.completion == accept));
    }
    let of = |it: &TcpStream| it.local_addr().unwrap();
    assert_eq!(peers(&rig), clients.iter().map(of).collect::<Vec<_>>());
}

/// A loop that has accepted one, and the kernel maybe more. All the clients.
fn keeps_some(config: Config) -> (Rig, Descriptor, Vec<TcpStream>) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let clients = call(address, 5);
    let accept = rig.the_loop.accept(listener, 1, opened);
    rig.end_of(accept);
    // Whatever the kernel has done by now is seen here.
    for _ in 0..5 {
        rig.look();
    }
    (rig, listener, clients)
}

/// All but the first are let go: by a reset, or by an end.
fn are_let_go(clients: Vec<TcpStream>) {
    for mut client in clients.into_iter().skip(1) {
        step("waiting until a client is let go");
        assert!(matches!(client.read(&mut [0; 8]), Ok(0) | Err(_)));
    }
}

fn what_is_kept_ends_with_its_listener(config: Config) {
    let (mut rig, listener, clients) = keeps_some(config);
    rig.the_loop.close(listener).unwrap();
    rig.finish();
    // The end of a listener may need a turn.
    rig.the_loop.timer(Duration::ZERO, 0, crate::rig::done);
    rig.finish();
    are_let_go(clients);
}

fn what_is_kept_ends_with_the_loop(config: Config) {
    let (rig, _, clients) = keeps_some(config);
    drop(rig);
    are_let_go(clients);
}

/// The listener goes on; with it whoever is not accepted yet, and nobody hangs.
fn what_is_kept_ends_with_the_listener_that_is_let_go(config: Config) {
    let (mut rig, listener, clients) = keeps_some(config);
    rig.finish();
    let listener = rig.the_loop.release(listener).unwrap();
    drop(listener);
    drop(rig);
    are_let_go(clients);
}

/// A loop without connections at all is no special case.
#[test]
fn nobody_calls() {
    let (listener, _) = listen();
    let mut the_loop = Loop::<()>::new().unwrap();
    let listener = the_loop.adopt(listener).unwrap();
    assert_eq!(the_loop.run(&mut (), Run::UntilDone).unwrap(), 0);
    the_loop.close(listener).unwrap();
    assert_eq!(the_loop.run(&mut (), Run::UntilDone).unwrap(), 0);
}

fn a_listener_that_is_shut_down_tells_who_waits(config: Config) {
    if cfg!(not(target_os = "linux")) {
        eprintln!("SKIPPED: other systems do not shut listeners down");
        return;
    }
    let mut rig = Rig::new(config);
    let (listener, _) = rig.listen();
    for user in 0..3 {
        rig.the_loop.accept(listener, user, opened);
    }
    rig.hand_over();
    rig.the_loop.shutdown(listener, Shutdown::Both).unwrap();
    assert_eq!(rig.finish(), 3);
    for told in &rig.world.told {
        assert!(told.result.is_err() && !told.is_cancelled(), "{told:?}");
    }
}

/// They have been reset before they were accepted: the next one is.
fn clients_that_leave_first_are_no_errors(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    for waits in [false, true] {
        let mut accept = None;
        if waits {
            accept = Some(rig.the_loop.accept(listener, 0, opened));
            rig.hand_over();
        }
        call(address, 5).into_iter().for_each(crate::rig::reset);
        let client = TcpStream::connect(address).unwrap();
        let accept =
            accept.unwrap_or_else(|| rig.the_loop.accept(listener, 0, opened));
        // Whoever has gone may be accepted all the same; it is the system's to say.
        let mut next = accept;
        loop {
            let ours = rig.end_of(next).descriptor.unwrap();
            let from = rig.the_loop.peer_addr(ours);
            if from.is_ok_and(|it| it == client.local_addr().unwrap()) {
                break;
            }
            next = rig.the_loop.accept(listener, 0, opened);
        }
    }
}

/// It stands behind a receive that was cancelled, and what comes for it is an end.
fn a_connection_has_nobody_to_accept(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let receive = rig.the_loop.receive(ours, 0, came);
    let accept = rig.the_loop.accept(ours, 1, opened);
    rig.hand_over();
    let cancel = rig.the_loop.cancel(receive, 2, answered);
    assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
    drop(theirs);
    let told = rig.end_of(accept);
    assert_eq!(told.error().raw_os_error(), Some(libc::EINVAL));
}

/// Both ends of a connection: the one that was accepted, and the one that was made.
#[allow(unsafe_code, reason = "std does not say how a descriptor is set")]
fn no_program_inherits_it_and_it_does_not_block(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    rig.the_loop.accept(listener, 1, opened);
    rig.the_loop.connect(address, 2, opened);
    rig.until(|world| world.told.len() == 2);
    let ends: Vec<_> = rig.world.told.iter().map(|it| it.descriptor).collect();
    for end in ends {
        let fd = rig.the_loop.release(end.unwrap()).unwrap();
        let flags = [libc::F_GETFD, libc::F_GETFL].map(|what| {
            // SAFETY: takes no pointer, and the descriptor is open.
            unsafe { libc::fcntl(fd.as_raw_fd(), what) }
        });
        assert_ne!(flags[0] & libc::FD_CLOEXEC, 0, "{flags:?}");
        assert_ne!(flags[1] & libc::O_NONBLOCK, 0, "{flags:?}");
    }
}
