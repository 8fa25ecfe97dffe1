//! Property: what has happened to a connection, and was not said yet, is not lost when the
//! connection leaves the loop.

use crate::rig::{Rig, came, reset};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use threadbare::completion::{Config, Next};

of_both! {
    that_it_was_reset
}

fn that_it_was_reset(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    theirs.write_all(b"a").unwrap();
    let receive = rig.the_loop.receive(ours, 0, came);
    assert_eq!(rig.end_of(receive).buffer, b"a");
    reset(theirs);
    // Some turns, in which it comes to the loop if anybody asks.
    for _ in 0..3 {
        let tick = Duration::from_millis(1);
        rig.the_loop.timer(tick, 0, |_, _, _| Next::Disarm);
        rig.finish();
    }
    let error = match rig.the_loop.release(ours) {
        Ok(fd) => TcpStream::from(fd).read(&mut [0; 8]).unwrap_err(),
        Err(busy) => {
            assert_eq!(busy.kind(), ErrorKind::ResourceBusy);
            let receive = rig.the_loop.receive(ours, 0, came);
            let told = rig.end_of(receive);
            rig.the_loop.release(ours).unwrap();
            told.result.unwrap_err()
        }
    };
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}
