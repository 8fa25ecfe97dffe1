//! Property: of a socket with messages each operation gets one, whole or cut, and an empty one
//! is one too.

use crate::rig::{Rig, came, moved, room};
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use threadbare::completion::{Config, Descriptor};

of_both! {
    each_receive_has_one
    who_waits_has_one_too
    what_does_not_fit_is_nobodys
}

const MESSAGES: [&[u8]; 5] = [b"abcdef", b"", b"xyz", b"", b"last"];

type Send = Box<dyn Fn(&[u8])>;

/// Sockets of ours, and how their other ends send.
fn both(rig: &mut Rig) -> Vec<(Descriptor, Send)> {
    let [one, other] = [0; 2].map(|_| UdpSocket::bind("127.0.0.1:0").unwrap());
    one.connect(other.local_addr().unwrap()).unwrap();
    other.connect(one.local_addr().unwrap()).unwrap();
    let (local, remote) = UnixDatagram::pair().unwrap();
    let udp = move |bytes: &[u8]| {
        other.send(bytes).unwrap();
    };
    let unix = move |bytes: &[u8]| {
        remote.send(bytes).unwrap();
    };
    vec![
        (rig.the_loop.adopt(one).unwrap(), Box::new(udp)),
        (rig.the_loop.adopt(local).unwrap(), Box::new(unix)),
    ]
}

fn each_receive_has_one(config: Config) {
    let mut rig = Rig::new(config);
    for (ours, send) in both(&mut rig) {
        MESSAGES.iter().for_each(|message| send(message));
        for message in MESSAGES {
            let receive = rig.the_loop.receive(ours, 0, came);
            assert_eq!(rig.end_of(receive).buffer, message);
            rig.looks(2);
        }
    }
}

fn who_waits_has_one_too(config: Config) {
    let mut rig = Rig::new(config);
    for (ours, send) in both(&mut rig) {
        rig.world.again.insert(7, MESSAGES.len() as u32 - 1);
        rig.the_loop.receive(ours, 7, came);
        rig.hand_over();
        for (number, message) in MESSAGES.iter().enumerate() {
            send(message);
            rig.until(|world| world.told.len() > number);
        }
        rig.finish();
        let told = rig.world.told.drain(..).map(|it| it.buffer);
        assert!(told.eq(MESSAGES));
    }
}

fn what_does_not_fit_is_nobodys(config: Config) {
    let mut rig = Rig::new(config);
    for (ours, send) in both(&mut rig) {
        for receives in [false, true] {
            if receives {
                // One that has been received is whole, and leaves nothing.
                send(b"before");
                let receive = rig.the_loop.receive(ours, 0, came);
                assert_eq!(rig.end_of(receive).buffer, b"before");
            }
            MESSAGES.iter().for_each(|message| send(message));
            rig.looks(3);
            for message in MESSAGES {
                let read = rig.the_loop.read(ours, room(2), 0, moved);
                let cut = &message[..message.len().min(2)];
                assert_eq!(rig.end_of(read).buffer, cut);
            }
        }
    }
}
