//! What it costs to wake a loop, and not to have to.

use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use benches::{machine, raw};
use threadbare::event::{self, v1_poll};

use super::CHAPTER;
use benches::child::last_core;
use benches::race::{Row, Table, race, row};

/// There and back so often in a turn.
const TRIPS: usize = 400;
/// So many wakes in a turn where nobody sleeps.
const WAKES: usize = 2_000;
const COLUMNS: [&str; 4] = [
    "there and back, one core",
    "there and back, two cores",
    "nobody sleeps",
    "and then a wait",
];

/// A loop that can be woken and does nothing else here.
trait Sleeper: Sized + 'static {
    type Waker: Send;

    fn new() -> io::Result<Self>;
    fn waker(&self) -> Self::Waker;
    fn wake(waker: &Self::Waker) -> io::Result<()>;
    /// Waits until it has been woken.
    fn sleep(&mut self) -> io::Result<()>;
}

pub(crate) fn wake() {
    const GROUP: &str = "wake";
    if !raw::wanted(GROUP) {
        return;
    }
    // On a thread of its own, because it is going to be bound to a core.
    let measuring = thread::spawn(|| {
        let mut rows = vec![waking::<Ours<v1_poll::Loop>>("v1_poll")];
        #[cfg(target_os = "linux")]
        rows.push(waking::<naive::Loop>("naive_eventfd"));
        rows.extend([
            waking::<Ours<event::Loop>>("event"),
            waking::<Mio>("mio"),
            waking::<Polling>("polling"),
        ]);
        race(25, COLUMNS.len(), rows)
    });
    let figures = measuring.join().expect("the reason is above");
    let table = Table {
        chapter: CHAPTER,
        group: GROUP,
        title: "To wake a loop",
        notes: &[
            "There and back: two loops on two threads wake each other. Nobody sleeps: one \
             wake of many, for a loop that is busy; and then a wait: each followed by the \
             wait that reports it.",
            "Medians of 25 rounds in which all take turns.",
        ],
        unit: "ns",
        columns: &COLUMNS,
        chart: 3,
    };
    table.write(&figures, 0);
}

fn waking<S: Sleeper>(name: &'static str) -> Row<'static, 1> {
    row(name, |column| {
        let (time, number) = match column {
            0 => (there_and_back::<S>(0), trips()),
            1 => (there_and_back::<S>(last_core()), trips()),
            2 => (awake::<S>(false), wakes()),
            _ => (awake::<S>(true), wakes()),
        };
        let time = time.expect("a loop that can be woken");
        Some([time.as_nanos() as f64 / number as f64])
    })
}

fn trips() -> usize {
    if raw::trial() { 5 } else { TRIPS }
}

fn wakes() -> usize {
    if raw::trial() { 5 } else { WAKES }
}

/// This thread is on core 0, its partner on `core`.
fn there_and_back<S: Sleeper>(core: usize) -> io::Result<Duration> {
    // Where a thread cannot be bound to a core, the system decides.
    let _ = machine::pin_to(0);
    let mut here = S::new()?;
    let wake_here = here.waker();
    // Made over there, because not every loop can be moved.
    let (sender, receiver) = std::sync::mpsc::channel();
    let there = move || -> io::Result<()> {
        let _ = machine::pin_to(core);
        let mut there = S::new()?;
        sender.send(there.waker()).expect("somebody waits for it");
        for _ in 0..trips() {
            there.sleep()?;
            S::wake(&wake_here)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let partner = scope.spawn(there);
        let wake_there = receiver.recv().expect("the partner sends it");
        let start = Instant::now();
        for _ in 0..trips() {
            S::wake(&wake_there)?;
            here.sleep()?;
        }
        let time = start.elapsed();
        partner.join().expect("the reason is above")?;
        Ok(time)
    })
}

/// Wakes a loop that does not sleep, and lets it take notice each time, or never.
fn awake<S: Sleeper>(and_wait: bool) -> io::Result<Duration> {
    let mut sleeper = S::new()?;
    let waker = sleeper.waker();
    let start = Instant::now();
    for _ in 0..wakes() {
        S::wake(&waker)?;
        if and_wait {
            sleeper.sleep()?;
        }
    }
    Ok(start.elapsed())
}

struct Ours<L> {
    readiness: L,
    events: event::Events,
}

macro_rules! ours {
    ($module:ident) => {
        impl Sleeper for Ours<$module::Loop> {
            type Waker = $module::Waker;

            fn new() -> io::Result<Self> {
                Ok(Self {
                    readiness: $module::Loop::new()?,
                    events: event::Events::with_capacity(8),
                })
            }

            fn waker(&self) -> $module::Waker {
                self.readiness.waker()
            }

            fn wake(waker: &$module::Waker) -> io::Result<()> {
                waker.wake()
            }

            fn sleep(&mut self) -> io::Result<()> {
                loop {
                    self.readiness.wait(&mut self.events, None)?;
                    if self.events.woken() {
                        return Ok(());
                    }
                }
            }
        }
    };
}
ours!(event);
ours!(v1_poll);

struct Mio {
    poll: mio::Poll,
    events: mio::Events,
    /// There may be one for each `Poll`.
    waker: Arc<mio::Waker>,
}

impl Sleeper for Mio {
    type Waker = Arc<mio::Waker>;

    fn new() -> io::Result<Self> {
        let poll = mio::Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), mio::Token(0))?;
        Ok(Self {
            poll,
            events: mio::Events::with_capacity(8),
            waker: Arc::new(waker),
        })
    }

    fn waker(&self) -> Arc<mio::Waker> {
        Arc::clone(&self.waker)
    }

    fn wake(waker: &Arc<mio::Waker>) -> io::Result<()> {
        waker.wake()
    }

    fn sleep(&mut self) -> io::Result<()> {
        loop {
            self.poll.poll(&mut self.events, None)?;
            if !self.events.is_empty() {
                return Ok(());
            }
        }
    }
}

struct Polling {
    poller: Arc<polling::Poller>,
    events: polling::Events,
}

impl Sleeper for Polling {
    type Waker = Arc<polling::Poller>;

    fn new() -> io::Result<Self> {
        let eight = NonZero::new(8).expect("not zero");
        Ok(Self {
            poller: Arc::new(polling::Poller::new()?),
            events: polling::Events::with_capacity(eight),
        })
    }

    fn waker(&self) -> Arc<polling::Poller> {
        Arc::clone(&self.poller)
    }

    fn wake(waker: &Arc<polling::Poller>) -> io::Result<()> {
        waker.notify()
    }

    fn sleep(&mut self) -> io::Result<()> {
        // It returns only when it was notified: nothing is registered.
        self.events.clear();
        self.poller.wait(&mut self.events, None).map(drop)
    }
}

/// An eventfd as one would write it first: level-triggered, written for each wake, and read
/// after it (Linux).
#[cfg(target_os = "linux")]
mod naive {
    #![allow(unsafe_code, reason = "eventfd has no safe face in std")]

    use std::fs::File;
    use std::io::{self, Read, Write};
    use std::os::fd::{AsFd, FromRawFd, OwnedFd};
    use std::sync::Arc;

    use super::super::epoll::{self, Epoll, Events};

    pub(super) struct Loop {
        epoll: Epoll,
        events: Events,
        eventfd: Arc<File>,
    }

    impl super::Sleeper for Loop {
        type Waker = Arc<File>;

        fn new() -> io::Result<Self> {
            let flags = libc::EFD_CLOEXEC | libc::EFD_NONBLOCK;
            // SAFETY: takes no pointer; the result is checked below.
            let fd = unsafe { libc::eventfd(0, flags) };
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: the kernel has just returned `fd`: it is open and nobody else's.
            let eventfd = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
            let epoll = Epoll::new()?;
            epoll.control(epoll::ADD, eventfd.as_fd(), epoll::IN, 0)?;
            Ok(Self {
                epoll,
                events: Events::new(),
                eventfd: Arc::new(eventfd),
            })
        }

        fn waker(&self) -> Arc<File> {
            Arc::clone(&self.eventfd)
        }

        fn wake(waker: &Arc<File>) -> io::Result<()> {
            (&**waker).write_all(&1_u64.to_ne_bytes())
        }

        fn sleep(&mut self) -> io::Result<()> {
            while self.epoll.wait(&mut self.events, -1).count() == 0 {}
            (&*self.eventfd).read_exact(&mut [0; 8])
        }
    }
}
