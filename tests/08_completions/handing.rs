//! Property: loops in several threads hand work to each other, by a queue and an `Async`: none
//! is lost, and none is done twice.

use crate::rig::{Rig, TheLoop, World, done, opened, room};
use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use threadbare::completion::{Async, Config, Descriptor, Finished, Next};

of_both! {
    one_accepts_and_others_answer
    a_ball_goes_round
}

#[derive(Default)]
struct Queue {
    streams: VecDeque<OwnedFd>,
    is_closed: bool,
}

fn read(
    the_loop: &mut TheLoop,
    world: &mut World,
    it: &mut Finished<usize, Vec<u8>>,
) -> Next {
    let ours = Descriptor::from_word(it.user);
    match it.result {
        Ok(count) if count > 0 => {
            let buffer = std::mem::take(&mut it.buffer);
            the_loop.write(ours, buffer, it.user, written);
        }
        _ => {
            the_loop.close(ours).unwrap();
            world.ours.push(ours);
        }
    }
    Next::Disarm
}

fn written(
    the_loop: &mut TheLoop,
    _: &mut World,
    it: &mut Finished<usize, Vec<u8>>,
) -> Next {
    let mut buffer = std::mem::take(&mut it.buffer);
    buffer.clear();
    the_loop.read(Descriptor::from_word(it.user), buffer, it.user, read);
    Next::Disarm
}

/// Echoes on what comes through the queue, until that is closed and all have gone. How many
/// it were.
fn works(
    config: Config,
    queue: Arc<Mutex<Queue>>,
    tell: mpsc::Sender<Async>,
) -> usize {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    tell.send(wake.clone()).unwrap();
    let mut count = 0;
    loop {
        let waits = rig.the_loop.wait_for(&wake, 0, done);
        while !rig.world.told.iter().any(|it| it.completion == waits) {
            rig.once();
        }
        rig.world.told.clear();
        let mut queue = queue.lock().unwrap();
        for stream in queue.streams.drain(..) {
            let ours = rig.the_loop.adopt(stream).unwrap();
            rig.the_loop.read(ours, room(64), ours.to_word(), read);
            count += 1;
        }
        if queue.is_closed {
            break;
        }
    }
    rig.finish();
    assert_eq!(rig.world.ours.len(), count);
    count
}

fn one_accepts_and_others_answer(config: Config) {
    const CLIENTS: usize = 60;
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let queue = Arc::new(Mutex::new(Queue::default()));
            let (tell, told) = mpsc::channel();
            let (config, his) = (config.clone(), Arc::clone(&queue));
            let thread = thread::spawn(move || works(config, his, tell));
            (queue, told.recv().unwrap(), thread)
        })
        .collect();
    let mut rig = Rig::new(config);
    let (listener, address) = rig.listen();
    let clients = thread::spawn(move || {
        for number in 0..CLIENTS {
            let mut client = TcpStream::connect(address).unwrap();
            let mut back = [0; 2];
            for round in 0..3 {
                client.write_all(&[number as u8, round]).unwrap();
                client.read_exact(&mut back).unwrap();
                assert_eq!(back, [number as u8, round]);
            }
        }
    });
    for number in 0..CLIENTS {
        let accept = rig.the_loop.accept(listener, 1, opened);
        let ours = rig.end_of(accept).descriptor.unwrap();
        let (queue, wake, _) = &workers[number % workers.len()];
        let stream = rig.the_loop.release(ours).unwrap();
        queue.lock().unwrap().streams.push_back(stream);
        wake.notify().unwrap();
    }
    clients.join().unwrap();
    let mut count = 0;
    for (queue, wake, thread) in workers {
        queue.lock().unwrap().is_closed = true;
        wake.notify().unwrap();
        count += thread.join().unwrap();
    }
    assert_eq!(count, CLIENTS);
}

/// Each loop has nothing to do but to be woken, and to wake the next.
fn a_ball_goes_round(config: Config) {
    const LOOPS: usize = 3;
    const ROUNDS: usize = 200;
    let (give, given) = mpsc::channel();
    let players: Vec<_> = (0..LOOPS)
        .map(|number| {
            let (config, give) = (config.clone(), give.clone());
            let (tell, next) = mpsc::channel::<Async>();
            let thread = thread::spawn(move || {
                let mut rig = Rig::new(config);
                let wake = rig.the_loop.notifier().unwrap();
                give.send((number, wake.clone())).unwrap();
                let next = next.recv().unwrap();
                for _ in 0..ROUNDS {
                    let waits = rig.the_loop.wait_for(&wake, 0, done);
                    rig.end_of(waits);
                    // The last one may have gone after its last round.
                    let _ = next.notify();
                }
            });
            (tell, thread)
        })
        .collect();
    let wakes: Vec<_> = given.iter().take(LOOPS).collect();
    for (number, wake) in &wakes {
        let before = (number + LOOPS - 1) % LOOPS;
        players[before].0.send(wake.clone()).unwrap();
    }
    wakes[0].1.notify().unwrap();
    for (_, thread) in players {
        thread.join().unwrap();
    }
}
