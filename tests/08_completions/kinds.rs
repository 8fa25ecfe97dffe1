//! Property: whatever a descriptor is, a device or a listener that is not of the net, both backends say the same of it.

use crate::rig::{Rig, came, moved, opened, room};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use threadbare::completion::Config;

of_both! {
    a_device_is_always_ready
    a_device_takes_what_is_written
    clients_of_a_unix_listener_are_accepted
    what_was_accepted_does_not_block_its_next_owner
}

fn a_device_is_always_ready(config: Config) {
    let mut rig = Rig::new(config);
    let null = rig
        .the_loop
        .adopt(File::open("/dev/null").unwrap())
        .unwrap();
    let zero = rig
        .the_loop
        .adopt(File::open("/dev/zero").unwrap())
        .unwrap();
    for _ in 0..3 {
        let read = rig.the_loop.read(null, room(8), 0, moved);
        let receive = rig.the_loop.receive(null, 1, came);
        assert_eq!(rig.end_of(read).count(), 0);
        assert_eq!(rig.end_of(receive).count(), 0);
        let read = rig.the_loop.read(zero, room(8), 0, moved);
        assert_eq!(rig.end_of(read).buffer, [0; 8]);
    }
}

fn a_device_takes_what_is_written(config: Config) {
    let mut rig = Rig::new(config);
    let null = File::options().write(true).open("/dev/null").unwrap();
    let null = rig.the_loop.adopt(null).unwrap();
    for _ in 0..3 {
        let write = rig.the_loop.write(null, vec![1; 8], 0, moved);
        assert_eq!(rig.end_of(write).count(), 8);
    }
}

fn clients_of_a_unix_listener_are_accepted(config: Config) {
    let mut rig = Rig::new(config);
    let name = format!(
        "threadbare-08-{}-{:?}",
        std::process::id(),
        rig.the_loop.backend()
    );
    let path = std::env::temp_dir().join(name);
    let listener = UnixListener::bind(&path).unwrap();
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(UnixStream::connect(&path).unwrap());
    }
    std::fs::remove_file(&path).unwrap();
    let listener = rig.the_loop.adopt(listener).unwrap();
    for client in &mut clients {
        let accept = rig.the_loop.accept(listener, 0, opened);
        let ours = rig.end_of(accept).descriptor.unwrap();
        client.write_all(b"hi").unwrap();
        let read = rig.the_loop.read(ours, room(8), 0, moved);
        assert_eq!(rig.end_of(read).buffer, b"hi");
        rig.the_loop.close(ours).unwrap();
        assert_eq!(client.read(&mut [0; 8]).unwrap(), 0, "the end");
    }
}

fn what_was_accepted_does_not_block_its_next_owner(config: Config) {
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let _client = TcpStream::connect(address).unwrap();
    let accept = rig.the_loop.accept(listener, 0, opened);
    let ours = rig.end_of(accept).descriptor.unwrap();
    let mut ours = TcpStream::from(rig.the_loop.release(ours).unwrap());
    let error = ours.read(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}
