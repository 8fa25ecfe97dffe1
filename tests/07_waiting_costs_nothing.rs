//! Property: a wait ends when its time is over and not before, whatever signals come, and
//! until then uses no processor time, however many are registered. (One test at a time: two
//! of them ask for the time and the memory of the whole process.)
#![cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd"))]

#[path = "common/allocations.rs"]
mod allocations;
#[path = "07_common/mod.rs"]
mod common;
#[path = "common/processor_time.rs"]
mod processor_time;

use common::{LIMIT, NOW, Watch};
use processor_time::used;
use std::io::{self, Read, Write, pipe};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::thread::JoinHandleExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, thread};
use threadbare::event::net::{self, Accepted, Share};
use threadbare::event::{Deadline, Events, Key, Loop, Slab, v1_poll};
use threadbare::testkit::{step, within};

/// How long those that say nothing are watched. That nothing happens is what is to be seen.
const WATCHED: Duration = Duration::from_secs(2);
/// A loop that looked at each of them once a second would use more.
const MOST: Duration = Duration::from_millis(5);
/// What may be registered, if there are descriptors for it.
const CONNECTIONS: usize = 10_000;
/// Of our memory, for each of them.
const BYTES: usize = 300;

static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn never_before_its_time(mut watch: impl Watch) {
    let mut events = Events::with_capacity(4);
    // Also where the kernel counts in milliseconds: rounded down, each would be too early.
    for nanos in [0, 1, 999, 300_000, 1_000_001, 2_700_000, 20_000_000] {
        let timeout = Duration::from_nanos(nanos);
        for _ in 0..5 {
            let begin = Instant::now();
            watch.wait(&mut events, Some(timeout)).unwrap();
            assert!(begin.elapsed() >= timeout, "{timeout:?}");
            assert!(events.is_empty() && !events.woken());
        }
    }
    // So a deadline has expired after one wait, and nobody spins on what is left of it.
    let deadline = Deadline::after(Duration::from_micros(1_500));
    watch.wait(&mut events, deadline.remaining()).unwrap();
    assert!(deadline.expired());
}

#[test]
fn a_wait_ends_never_before_its_time() {
    let _alone = alone();
    within(LIMIT, || {
        never_before_its_time(Loop::new().unwrap());
        never_before_its_time(v1_poll::Loop::new().unwrap());
    });
}

/// Whatever the limit, what is ready is told at once; also when no kernel could count so far.
#[test]
fn no_limit_is_too_long_or_too_short() {
    fn property(mut watch: impl Watch) {
        let (reads, mut writes) = pipe().unwrap();
        watch.add_read(reads.as_fd(), 1).unwrap();
        writes.write_all(b"x").unwrap();
        let past = Deadline::at(Instant::now()).remaining();
        let days = |days: u64| Some(Duration::from_secs(days * 24 * 60 * 60));
        let far = Some(Duration::MAX);
        let mut events = Events::with_capacity(4);
        for limit in [NOW, past, days(24), days(25), days(300 * 366), far, None] {
            watch.wait(&mut events, limit).unwrap();
            assert_eq!(events.len(), 1, "{limit:?}");
        }
        watch.del_read(reads.as_fd()).unwrap();
    }
    let _alone = alone();
    within(LIMIT, || {
        property(Loop::new().unwrap());
        property(v1_poll::Loop::new().unwrap());
    });
}

static SIGNALS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_signal: libc::c_int) {
    // ORDERING: Relaxed. Only the count matters.
    SIGNALS.fetch_add(1, Relaxed);
}

/// A signal every moment: the wait does not end before its time, nor does it begin anew each
/// time, or it would never end.
#[test]
#[allow(unsafe_code, reason = "std sends and catches no signals")]
fn signals_neither_end_a_wait_nor_make_it_longer() {
    // On a busy machine the signals may pause. Should they pause for this long, a wait that
    // begins anew with each of them would end after all.
    const TIMEOUT: Duration = Duration::from_millis(400);
    fn property(mut watch: impl Watch + Send + 'static) {
        // ORDERING: Relaxed, here and below. Only the count matters.
        let before = SIGNALS.load(Relaxed);
        let waits = thread::spawn(move || {
            let mut events = Events::with_capacity(4);
            let begin = Instant::now();
            watch.wait(&mut events, Some(TIMEOUT)).unwrap();
            assert!(begin.elapsed() >= TIMEOUT);
            assert!(events.is_empty() && !events.woken());
        });
        while !waits.is_finished() {
            // SAFETY: it has not been joined, so the thread's name is valid, and the signal
            // has a handler that does nothing but count.
            unsafe { libc::pthread_kill(waits.as_pthread_t(), libc::SIGUSR1) };
            thread::yield_now();
        }
        waits.join().unwrap();
        // ORDERING: as above.
        assert!(SIGNALS.load(Relaxed) > before, "none came");
    }
    let _alone = alone();
    within(LIMIT, || {
        let handler = count as extern "C" fn(libc::c_int);
        // SAFETY: all fields are numbers, or empty sets, for which 0 is a value.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler as libc::sighandler_t;
        // SAFETY: the kernel reads one `sigaction`, whose handler does what a handler may.
        let result = unsafe {
            libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut())
        };
        assert_eq!(result, 0);
        property(Loop::new().unwrap());
        property(v1_poll::Loop::new().unwrap());
    });
}

/// Asks for `wanted` descriptors. How many the process may have now.
#[allow(unsafe_code, reason = "std does not know the limit")]
fn descriptors(wanted: usize) -> usize {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the kernel writes one `rlimit`, which outlives the call.
    let result = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
    let wanted = (wanted as libc::rlim_t).min(limit.rlim_max);
    limit.rlim_cur = limit.rlim_cur.max(wanted);
    // SAFETY: the kernel reads one `rlimit`, which outlives the call.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
    wanted as usize
}

/// What a child process does: connects so many times, each time until it is greeted. Then it
/// sends a byte on its last connection for each line that it is told, until there are no more
/// lines.
fn be_clients(told: &str) {
    let (count, address) = told.split_once(' ').unwrap();
    let count: usize = count.parse().unwrap();
    let address: SocketAddr = address.parse().unwrap();
    assert!(descriptors(count + 50) >= count + 50, "as for the parent");
    // One after the other: a queue that overflows would be a second of silence.
    let connect = |_| {
        let mut client = TcpStream::connect(address).unwrap();
        client.read_exact(&mut [0]).unwrap();
        client
    };
    let clients: Vec<_> = (0..count).map(connect).collect();
    for _ in io::stdin().lines() {
        clients.last().unwrap().write_all(b"x").unwrap();
    }
}

/// The clients, in processes of their own: the server's needs all its descriptors itself.
struct Clients(Vec<Child>);

impl Clients {
    const TOLD: &str = "THREADBARE_CLIENTS";
    const PROCESSES: usize = 4;

    /// The test with this name calls [`be_clients`] there.
    fn start(test: &str, port: u16, count: usize) -> Self {
        let start = |number: usize| {
            // As many ports as there are, for each address. Elsewhere loopback has only one.
            let last = if cfg!(target_os = "linux") {
                number + 1
            } else {
                1
            };
            let host = Ipv4Addr::new(127, 0, 0, last as u8);
            let address = SocketAddr::from((host, port));
            let count = count * (number + 1) / Self::PROCESSES
                - count * number / Self::PROCESSES;
            let mut child = Command::new(env::current_exe().unwrap());
            child.args([test, "--exact", "--nocapture"]);
            child.env(Self::TOLD, format!("{count} {address}"));
            child.stdin(Stdio::piped()).stdout(Stdio::null());
            child.spawn().unwrap()
        };
        Self((0..Self::PROCESSES).map(start).collect())
    }

    /// One of them sends one byte.
    fn speak(&mut self) {
        let child = self.0[1].stdin.as_mut().unwrap();
        child.write_all(b"\n").unwrap();
    }

    /// All of them end.
    fn end(self) {
        for mut child in self.0 {
            drop(child.stdin.take());
            assert!(child.wait().unwrap().success());
        }
    }
}

/// Accepts so many, registers each, and greets it.
fn accept(
    the_loop: &mut Loop,
    listener: &TcpListener,
    connections: &mut Slab<TcpStream>,
    count: usize,
) {
    let mut events = Events::with_capacity(1);
    the_loop.add_read(listener.as_fd(), 0).unwrap();
    while connections.len() < count {
        the_loop.wait(&mut events, None).unwrap();
        loop {
            match net::accept(listener).unwrap() {
                Accepted::Stream(stream, _) => {
                    let key = connections.insert(stream);
                    let mut stream = connections.get(key).unwrap();
                    stream.write_all(b"x").unwrap();
                    the_loop.add_read(stream.as_fd(), key.to_user()).unwrap();
                }
                Accepted::Again => {}
                Accepted::Nothing => break,
                Accepted::Exhausted(error) => panic!("{error}"),
            }
        }
    }
    the_loop.del_read(listener.as_fd()).unwrap();
}

#[test]
fn ten_thousand_that_say_nothing() {
    if let Ok(told) = env::var(Clients::TOLD) {
        return be_clients(&told);
    }
    let _alone = alone();
    within(2 * LIMIT, || {
        let most = descriptors(CONNECTIONS + 100) - 100;
        let count = CONNECTIONS.min(most);
        if count < CONNECTIONS {
            println!("SMALLER: {count} connections, for want of descriptors");
        }
        let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let listener = net::listen(any, 4_096, Share::Alone).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut clients =
            Clients::start("ten_thousand_that_say_nothing", port, count);

        let before = allocations::bytes_of_all();
        let mut the_loop = Loop::new().unwrap();
        let (mut connections, mut events) = (Slab::new(), Events::with_capacity(64));
        step("accepting");
        accept(&mut the_loop, &listener, &mut connections, count);
        let bytes = (allocations::bytes_of_all() - before) as usize / count;
        assert_eq!((connections.len(), the_loop.registered()), (count, count));

        step("watching that nothing happens");
        let before = used();
        the_loop.wait(&mut events, Some(WATCHED)).unwrap();
        let used = used() - before;
        assert!(events.is_empty(), "{events:?}");
        println!(
            "{count} idle: {used:?} of processor time in {WATCHED:?}, {bytes} bytes each"
        );
        assert!(used < MOST, "{used:?} of processor time for nothing");
        assert!(bytes < BYTES, "{bytes} bytes for each");

        step("one of them speaks");
        clients.speak();
        the_loop.wait(&mut events, None).unwrap();
        assert_eq!(events.len(), 1);
        let event = events.iter().next().unwrap();
        let speaks = connections.get_mut(Key::from_user(event.user)).unwrap();
        assert_eq!(speaks.read(&mut [0; 8]).unwrap(), 1);
        the_loop.wait(&mut events, NOW).unwrap();
        assert!(events.is_empty(), "{events:?}");

        step("the end of all");
        for (_, stream) in connections.iter() {
            the_loop.del_read(stream.as_fd()).unwrap();
        }
        assert_eq!(connections.drain().count(), count);
        assert_eq!((the_loop.registered(), the_loop.stale()), (0, 0));
        clients.end();
    });
}
