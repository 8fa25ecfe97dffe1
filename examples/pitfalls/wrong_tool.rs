//! A loop that is to wait for a file.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::os::fd::AsFd;
use std::sync::mpsc;
use std::thread;

use threadbare::event::{Events, Loop, v1_poll};

use crate::OnTheLoop;

pub(crate) const PITFALL: OnTheLoop = OnTheLoop {
    name: "wrong_tool",
    story: "a loop waits until a file has something to be read",
    wrong,
    fixed,
    cure: "a thread reads it, and wakes the loop when it is done",
};

// ANCHOR: wrong
fn wrong() -> Result<String, Box<dyn Error>> {
    let mut file = File::open(env::current_exe()?)?;
    file.seek(std::io::SeekFrom::End(0))?; // nothing more to be read
    let mut files = v1_poll::Loop::new()?;
    let mut events = Events::with_capacity(1);
    files.add_read(file.as_fd(), 0)?;
    let (mut times, mut bytes) = (0, 0);
    for _ in 0..3 {
        files.wait(&mut events, None)?; // does not wait
        times += events.iter().filter(|event| event.readable).count();
        bytes += file.read(&mut [0; 64])?;
    }
    Ok(format!(
        "at its end it was readable {times} times, with {bytes} bytes"
    ))
}
// ANCHOR_END: wrong

// ANCHOR: fixed
fn fixed() -> Result<String, Box<dyn Error>> {
    let mut sockets = Loop::new()?;
    let mut events = Events::with_capacity(64);
    let (done, finished) = mpsc::channel();
    let waker = sockets.waker();
    let reader = thread::spawn(move || {
        let _ = done.send(env::current_exe().and_then(fs::read));
        waker.wake()
    });
    sockets.wait(&mut events, None)?; // and serves whoever comes meanwhile
    let program = finished.try_recv()??;
    reader.join().expect("it does not panic")?;
    assert!(events.woken() && program.len() > 64);
    Ok("the loop was woken when all of it had been read".to_owned())
}
// ANCHOR_END: fixed
