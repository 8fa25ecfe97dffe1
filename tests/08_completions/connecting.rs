//! Property: a connect ends with a connection that works, or says why there is none.

use crate::rig::{Rig, alone, answered, listen, moved, opened, room};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use threadbare::completion::{Answer, Config};
use threadbare::event::net::{self, Share};

of_both! {
    a_connection_works_at_once
    many_at_once
    a_refusal_is_told
    what_no_way_leads_to_is_told
    the_newer_address_family
    one_that_waits_can_be_cancelled
    descriptors_run_out
    rearmed_it_connects_once_more
    a_refused_one_may_be_rearmed
}

fn a_connection_works_at_once(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = listen();
    let connect = rig.the_loop.connect(address, 3, opened);
    let told = rig.end_of(connect);
    assert_eq!(told.user, 3);
    let ours = told.descriptor.unwrap();
    assert_eq!(rig.the_loop.peer_addr(ours).unwrap(), address);
    listener.set_nonblocking(false).unwrap();
    let (mut server, from) = listener.accept().unwrap();
    assert_eq!(rig.the_loop.local_addr(ours).unwrap(), from);
    let write = rig.the_loop.write(ours, b"hello".to_vec(), 0, moved);
    assert_eq!(rig.end_of(write).count(), 5);
    server.set_nonblocking(false).unwrap();
    server.read_exact(&mut [0; 5]).unwrap();
    server.write_all(b"back").unwrap();
    let read = rig.the_loop.read(ours, room(10), 0, moved);
    assert_eq!(rig.end_of(read).buffer, b"back");
    rig.the_loop.close(ours).unwrap();
    assert_eq!(server.read(&mut [0; 5]).unwrap(), 0);
}

fn many_at_once(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    rig.the_loop.accept(listener, 0, opened);
    rig.world.again.insert(0, 49);
    for user in 1..=50 {
        rig.the_loop.connect(address, user, opened);
    }
    assert_eq!(rig.finish(), 100);
    let mut users = rig.world.users();
    users.retain(|user| *user != 0);
    users.sort_unstable();
    assert_eq!(users, (1..=50).collect::<Vec<_>>());
    assert!(rig.world.told.iter().all(|told| told.descriptor.is_some()));
}

/// A port that nobody listens on, and nobody else is given.
fn refusing() -> (TcpStream, SocketAddr) {
    let (listener, address) = listen();
    let client = TcpStream::connect(address).unwrap();
    let address = client.local_addr().unwrap();
    drop(listener);
    (client, address)
}

fn a_refusal_is_told(config: Config) {
    let mut rig = Rig::new(config);
    let (_taken, address) = refusing();
    for _ in 0..3 {
        let connect = rig.the_loop.connect(address, 0, opened);
        let told = rig.end_of(connect);
        assert_eq!(
            told.error().kind(),
            ErrorKind::ConnectionRefused,
            "{told:?}"
        );
    }
    assert_eq!(rig.the_loop.active(), 0);
}

fn what_no_way_leads_to_is_told(config: Config) {
    let mut rig = Rig::new(config);
    // A connection to a group is none: no system lets one begin.
    let nowhere = SocketAddr::from(([224, 0, 0, 1], 1));
    let connect = rig.the_loop.connect(nowhere, 0, opened);
    // In the callback, not in the call.
    assert_eq!(rig.world.told.len(), 0);
    let told = rig.end_of(connect);
    assert!(
        !told.is_cancelled() && told.descriptor.is_none(),
        "{told:?}"
    );
}

fn the_newer_address_family(config: Config) {
    let any: SocketAddr = "[::1]:0".parse().unwrap();
    let Ok(listener) = net::listen(any, 16, Share::Alone) else {
        eprintln!("SKIPPED: this machine has no IPv6");
        return;
    };
    let mut rig = Rig::new(config);
    let address = listener.local_addr().unwrap();
    let listener = rig.the_loop.adopt(listener).unwrap();
    let accept = rig.the_loop.accept(listener, 0, opened);
    let connect = rig.the_loop.connect(address, 1, opened);
    let client = rig.end_of(connect).descriptor.unwrap();
    let server = rig.end_of(accept).descriptor.unwrap();
    assert_eq!(rig.the_loop.peer_addr(client).unwrap(), address);
    let from = rig.the_loop.local_addr(client).unwrap();
    assert_eq!(rig.the_loop.peer_addr(server).unwrap(), from);
}

/// A listener whose queue is full does not answer: on Linux it drops what calls.
fn one_that_waits_can_be_cancelled(config: Config) {
    if cfg!(not(target_os = "linux")) {
        eprintln!("SKIPPED: no way known here to make a connect wait");
        return;
    }
    let mut rig = Rig::new(config);
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = net::listen(any, 0, Share::Alone).unwrap();
    let address = listener.local_addr().unwrap();
    // More than the queue holds: the last of them wait.
    let connects: Vec<_> = (0..8)
        .map(|user| rig.the_loop.connect(address, user, opened))
        .collect();
    for _ in 0..3 {
        rig.look();
    }
    for connect in connects {
        let cancel = rig.the_loop.cancel(connect, 100, answered);
        let answer = rig.end_of(cancel).answer.unwrap();
        // Its last call came before the answer.
        let told = &rig.world.told;
        let index = told.iter().position(|it| it.completion == connect).unwrap();
        let told = &told[index];
        assert_eq!(told.is_cancelled(), answer == Answer::Cancelled, "{told:?}");
        assert!(answer != Answer::Cancelled || told.descriptor.is_none());
    }
    let count = rig.world.told.iter().filter(|it| it.is_cancelled()).count();
    assert!(count >= 4, "{:?}", rig.world.told);
    assert_eq!(rig.the_loop.active(), 0);
}

/// In a process of its own, which has few.
fn descriptors_run_out(config: Config) {
    if !alone(&config, "connecting", "descriptors_run_out") {
        return;
    }
    let mut rig = Rig::new(config);
    let (listener, address) = crate::rig::listen();
    let mut clients: Vec<_> = (0..3)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    // Before it is asked for anything: what goes on keeps the limit that there was then.
    let (limit, taken) = exhaust();
    let listener = rig.the_loop.adopt(listener).unwrap();
    for user in 0..3 {
        let connect = rig.the_loop.connect(address, user, opened);
        let told = rig.end_of(connect);
        assert_eq!(told.error().raw_os_error(), Some(libc::EMFILE), "{told:?}");
        let accept = rig.the_loop.accept(listener, user, opened);
        let told = rig.end_of(accept);
        assert_eq!(told.error().raw_os_error(), Some(libc::EMFILE), "{told:?}");
    }
    // Re-armed, it is told again; nobody spins, and nobody is lost.
    rig.world.again.insert(4, 3);
    rig.the_loop.accept(listener, 4, opened);
    assert_eq!(rig.finish(), 4);
    // There is room again, and whoever has waited is let in.
    drop(taken);
    restore(limit);
    for client in &mut clients {
        client.write_all(b"x").unwrap();
    }
    for client in &clients {
        let accept = rig.the_loop.accept(listener, 7, opened);
        let ours = rig.end_of(accept).descriptor.unwrap();
        let peer = rig.the_loop.peer_addr(ours).unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
        let read = rig.the_loop.read(ours, room(8), 8, moved);
        assert_eq!(rig.end_of(read).buffer, b"x");
    }
}

/// Takes all descriptors that there are, few as they are now. What the limit was.
#[allow(unsafe_code, reason = "std does not know the limit")]
fn exhaust() -> (libc::rlimit, Vec<std::fs::File>) {
    let mut before = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the kernel writes one `rlimit`, which outlives the call.
    let result = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut before) };
    assert_eq!(result, 0);
    restore(libc::rlimit {
        rlim_cur: 100,
        ..before
    });
    let mut taken = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        taken.push(file);
    }
    (before, taken)
}

#[allow(unsafe_code, reason = "std does not know the limit")]
fn restore(limit: libc::rlimit) {
    // SAFETY: the kernel reads one `rlimit`, which outlives the call.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!(result, 0);
}

fn rearmed_it_connects_once_more(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    rig.the_loop.connect(address, 1, opened);
    rig.world.again.insert(1, 4);
    rig.the_loop.accept(listener, 2, opened);
    rig.world.again.insert(2, 4);
    assert_eq!(rig.finish(), 10);
    let of = |user| {
        let told = rig.world.told.iter().filter(move |it| it.user == user);
        told.map(|it| it.descriptor.unwrap()).collect::<Vec<_>>()
    };
    let ours = of(1)
        .into_iter()
        .map(|it| rig.the_loop.local_addr(it).unwrap());
    let theirs = of(2)
        .into_iter()
        .map(|it| rig.the_loop.peer_addr(it).unwrap());
    let (mut ours, mut theirs): (Vec<_>, Vec<_>) =
        (ours.collect(), theirs.collect());
    ours.sort_unstable();
    theirs.sort_unstable();
    assert_eq!(ours, theirs);
    ours.dedup();
    assert_eq!(ours.len(), 5);
}

fn a_refused_one_may_be_rearmed(config: Config) {
    let mut rig = Rig::new(config);
    let (_taken, address) = refusing();
    rig.the_loop.connect(address, 1, opened);
    rig.world.again.insert(1, 4);
    assert_eq!(rig.finish(), 5);
    let told = &rig.world.told;
    let refused =
        |it: &crate::rig::Told| it.error().kind() == ErrorKind::ConnectionRefused;
    assert!(told.iter().all(refused), "{told:?}");
}
