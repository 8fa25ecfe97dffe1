//! A handler that takes its time, on the thread that serves everybody else.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use threadbare::event::{Deadline, Events, Loop};
use threadbare::pool::ThreadPool;

use crate::OnTheLoop;

pub(crate) const PITFALL: OnTheLoop = OnTheLoop {
    name: "blocking_the_loop",
    story: "one of eight clients asks for something slow",
    wrong,
    fixed,
    cure: "a pool has the handler, and wakes the loop when it is done",
};

/// All clients but the one whose request is slow.
const OTHERS: usize = 7;
/// The user word of the slow one. The others have the numbers below.
const SLOW: u64 = OTHERS as u64;
/// How long the slow handler waits for the others to be answered.
const SLOWNESS: Duration = Duration::from_millis(500);

/// The slow handler: the others ask while it runs. Returns how many of them were answered
/// before it was done.
fn slow(others: &[TcpStream], answered: &Receiver<()>) -> io::Result<usize> {
    for mut other in others {
        other.write_all(b"?")?;
    }
    let over = Deadline::after(SLOWNESS);
    let one_more = || answered.recv_timeout(over.remaining().unwrap_or_default());
    Ok(others.iter().take_while(|_| one_more().is_ok()).count())
}

// ANCHOR: wrong
fn handle_on_the_loop(server: &mut Server, asks: Asks) -> io::Result<usize> {
    let (mut waiting, mut meanwhile) = (OTHERS + 1, 0);
    while waiting > 0 {
        server.sockets.wait(&mut server.events, None)?;
        for event in &server.events {
            if event.user == SLOW {
                meanwhile = slow(&asks.others, &asks.answered)?; // here, and now
            }
            server.answer(event.user)?;
            waiting -= 1;
        }
    }
    Ok(meanwhile)
}
// ANCHOR_END: wrong

// ANCHOR: fixed
fn handle_in_a_pool(server: &mut Server, asks: Asks) -> io::Result<usize> {
    let pool = ThreadPool::new(1);
    let (done, finished) = mpsc::channel();
    let _stay = Arc::clone(&asks.others); // or they would hang up with the handler
    let (mut waiting, mut meanwhile, mut asks) = (OTHERS + 1, 0, Some(asks));
    while waiting > 0 {
        server.sockets.wait(&mut server.events, None)?;
        for event in &server.events {
            if event.user != SLOW {
                server.answer(event.user)?;
                waiting -= 1;
            } else if let Some(asks) = asks.take() {
                server.take_request(SLOW)?; // or it would be reported again
                let (done, waker) = (done.clone(), server.sockets.waker());
                let handler = move || {
                    let _ = done.send(slow(&asks.others, &asks.answered));
                    waker.wake()
                };
                let refused = pool.spawn(handler).err();
                assert!(refused.is_none(), "a new pool takes a job");
            }
        }
        for result in finished.try_iter() {
            meanwhile = result?;
            server.write_answer(SLOW)?;
            waiting -= 1;
        }
    }
    Ok(meanwhile)
}
// ANCHOR_END: fixed

struct Server {
    sockets: Loop,
    events: Events,
    clients: Vec<TcpStream>,
    answered: Sender<()>,
}

/// The other ends: who asks, and who hears of each answer.
struct Asks {
    others: Arc<[TcpStream]>,
    answered: Receiver<()>,
}

impl Server {
    fn answer(&self, user: u64) -> io::Result<()> {
        self.take_request(user)?;
        self.write_answer(user)
    }

    fn take_request(&self, user: u64) -> io::Result<()> {
        (&self.clients[user as usize]).read_exact(&mut [0])
    }

    fn write_answer(&self, user: u64) -> io::Result<()> {
        (&self.clients[user as usize]).write_all(b"!")?;
        // The slow handler may not listen any more.
        let _ = self.answered.send(());
        Ok(())
    }
}

fn wrong() -> Result<String, Box<dyn Error>> {
    let meanwhile = eight_clients(handle_on_the_loop)?;
    assert_eq!(meanwhile, 0, "nobody else could have answered them");
    Ok(format!(
        "{meanwhile} of the {OTHERS} others were answered while it ran"
    ))
}

fn fixed() -> Result<String, Box<dyn Error>> {
    let meanwhile = eight_clients(handle_in_a_pool)?;
    Ok(format!(
        "{meanwhile} of the {OTHERS} others were answered while it ran"
    ))
}

fn eight_clients(
    serve: fn(&mut Server, Asks) -> io::Result<usize>,
) -> io::Result<usize> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (mut sockets, mut clients) = (Loop::new()?, Vec::new());
    let mut others = Vec::new();
    for user in 0..=SLOW {
        others.push(TcpStream::connect(listener.local_addr()?)?);
        let (client, _) = listener.accept()?;
        sockets.add_read(client.as_fd(), user)?;
        clients.push(client);
    }
    let mut slow = others.pop().expect("there are eight");
    slow.write_all(b"?")?;

    let (sender, answered) = mpsc::channel();
    let mut server = Server {
        sockets,
        events: Events::with_capacity(OTHERS + 1),
        clients,
        answered: sender,
    };
    let others = others.into();
    let meanwhile = serve(&mut server, Asks { others, answered })?;
    for client in &server.clients {
        server.sockets.del_read(client.as_fd())?;
    }
    slow.read_exact(&mut [0])?; // it has its answer, too
    Ok(meanwhile)
}
