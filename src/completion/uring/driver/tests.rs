//! What is only so with io_uring. What is so with every backend is in
//! `tests/08_completions/`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::super::super::core::Core;
use super::super::super::descriptors::{Entry, Handle};
use super::super::super::operation::Kind;
use super::super::sources::Arrival;
use super::{CANCELLED, CANCELS, Driver, Held, IGNORED, STOPS};
use crate::completion::{
    Answer, Backend, Config, Descriptor, Finished, Life, Loop, Next, Received, Run,
    is_cancelled,
};
use crate::testkit::within;

const LIMIT: Duration = Duration::from_secs(20);

/// What callbacks leave.
#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    calls: usize,
    ends: usize,
    streams: Vec<Descriptor>,
    answers: Vec<Answer>,
    cancelled: usize,
}

type Test = Loop<State>;

/// A loop on io_uring, or a loud word that there is none.
fn new(entries: u32, buffers: (u32, u32)) -> Option<Test> {
    let made = Loop::with_config(Config {
        backend: Backend::Uring,
        entries,
        buffers,
        ..Config::default()
    });
    match made {
        Ok(made) => Some(made),
        Err(error) => {
            println!("SKIPPED: {error}");
            None
        }
    }
}

/// Takes all there is.
fn goes_on(_: &mut Test, state: &mut State, received: &mut Received<'_>) -> Next {
    state.calls += 1;
    match &received.result {
        Ok([]) => state.ends += 1,
        Ok(bytes) => {
            state.bytes.extend_from_slice(bytes);
            return Next::Rearm;
        }
        Err(error) => state.cancelled += usize::from(is_cancelled(error)),
    }
    Next::Disarm
}

/// Takes what comes once.
fn takes_one(_: &mut Test, state: &mut State, received: &mut Received<'_>) -> Next {
    state.calls += 1;
    state
        .bytes
        .extend_from_slice(received.result.as_ref().unwrap());
    Next::Disarm
}

fn reads(
    _: &mut Test,
    state: &mut State,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    state.calls += 1;
    match &done.result {
        Ok(_) => state.bytes.append(&mut done.buffer),
        Err(error) => state.cancelled += usize::from(is_cancelled(error)),
    }
    Next::Disarm
}

fn wrote(
    _: &mut Test,
    state: &mut State,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    state.calls += 1;
    match &done.result {
        Ok(count) => assert_eq!(*count, done.buffer.len()),
        Err(error) => state.cancelled += usize::from(is_cancelled(error)),
    }
    Next::Disarm
}

fn accepted(
    _: &mut Test,
    state: &mut State,
    done: &mut Finished<Descriptor>,
) -> Next {
    state.calls += 1;
    state.streams.push(*done.result.as_ref().unwrap());
    Next::Disarm
}

fn answered(_: &mut Test, state: &mut State, done: &mut Finished<Answer>) -> Next {
    state.answers.push(*done.result.as_ref().unwrap());
    Next::Disarm
}

fn pair() -> (UnixStream, UnixStream) {
    UnixStream::pair().unwrap()
}

/// Until so many callbacks were called.
fn run_until(test: &mut Test, state: &mut State, calls: usize) {
    while state.calls < calls {
        test.run(state, Run::Once).unwrap();
    }
}

/// As often as there is something to do without waiting.
fn let_it_come(test: &mut Test, state: &mut State) {
    for _ in 0..4 {
        test.run(state, Run::NoWait).unwrap();
    }
}

/// One buffer for three connections, each of which has far more.
#[test]
fn without_buffers_nothing_is_lost() {
    within(LIMIT, || {
        let Some(mut test) = new(8, (1, 7)) else {
            return;
        };
        let mut state = State::default();
        let mut sent = Vec::new();
        for number in 0..3_u8 {
            let (one, mut other) = pair();
            let bytes: Vec<u8> = (0..200).map(|at| at ^ (number << 6)).collect();
            other.write_all(&bytes).unwrap();
            sent.extend(bytes);
            drop(other);
            let one = test.adopt(one).unwrap();
            test.receive(one, number.into(), goes_on);
        }
        test.run(&mut state, Run::UntilDone).unwrap();
        state.bytes.sort_unstable();
        sent.sort_unstable();
        assert_eq!((state.bytes, state.ends), (sent, 3));
    });
}

/// What the kernel brings after a `Disarm` is for the next, whatever it is.
#[test]
fn what_came_too_late_is_for_the_next() {
    within(LIMIT, || {
        let Some(mut test) = new(8, (4, 16)) else {
            return;
        };
        let mut state = State::default();
        let (one, mut other) = pair();
        let one = test.adopt(one).unwrap();
        let hour = Duration::from_secs(3600);
        test.timer(hour, 0, |_, _, _| Next::Disarm);
        other.write_all(b"first").unwrap();
        test.receive(one, 0, takes_one);
        run_until(&mut test, &mut state, 1);
        other.write_all(b"second third").unwrap();
        let_it_come(&mut test, &mut state);
        assert!(test.release(one).is_err(), "it would be lost");
        test.read(one, Vec::with_capacity(6), 0, reads);
        run_until(&mut test, &mut state, 2);
        assert_eq!(state.bytes, b"firstsecond");
        test.receive(one, 0, takes_one);
        run_until(&mut test, &mut state, 3);
        assert_eq!(state.bytes, b"firstsecond third");
        // And now the kernel has stopped: what comes stays in the socket.
        let_it_come(&mut test, &mut state);
        other.write_all(b"!").unwrap();
        let_it_come(&mut test, &mut state);
        let mut one = UnixStream::from(test.release(one).unwrap());
        assert_eq!(one.read(&mut [0; 8]).unwrap(), 1);
    });
}

/// Several connect, and one accept is asked for: the others wait in the loop.
#[test]
fn connections_are_kept_for_the_next_accept() {
    within(LIMIT, || {
        let Some(mut test) = new(8, (4, 16)) else {
            return;
        };
        let mut state = State::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let listener = test.adopt(listener).unwrap();
        test.timer(Duration::from_secs(3600), 0, |_, _, _| Next::Disarm);
        let mut clients: Vec<_> =
            (0..5).map(|_| TcpStream::connect(to).unwrap()).collect();
        for calls in 1..=3 {
            test.accept(listener, 0, accepted);
            run_until(&mut test, &mut state, calls);
            let_it_come(&mut test, &mut state);
        }
        for (client, stream) in clients.iter().zip(&state.streams) {
            let there = test.peer_addr(*stream).unwrap();
            assert_eq!(there, client.local_addr().unwrap(), "in order");
        }
        // Whoever was accepted and never handed out is closed with the listener.
        test.close(listener).unwrap();
        let last = clients.last_mut().unwrap();
        assert!(matches!(last.read(&mut [0]), Ok(0) | Err(_)));
    });
}

/// A ring of one or two places, and hundreds of operations in one tick.
#[test]
fn a_full_ring_delays_and_loses_nothing() {
    within(LIMIT, || {
        let Some(mut test) = new(1, (2, 16)) else {
            return;
        };
        let mut state = State::default();
        let mut others = Vec::new();
        for number in 0..200_u8 {
            let (one, other) = pair();
            let one = test.adopt(one).unwrap();
            test.read(one, Vec::with_capacity(1), 0, reads);
            test.write(one, vec![number], 0, wrote);
            others.push(other);
        }
        run_until(&mut test, &mut state, 200);
        for (number, other) in others.iter_mut().enumerate() {
            let mut byte = [0];
            other.read_exact(&mut byte).unwrap();
            assert_eq!(usize::from(byte[0]), number);
            other.write_all(&byte).unwrap();
        }
        test.run(&mut state, Run::UntilDone).unwrap();
        state.bytes.sort_unstable();
        assert_eq!(state.bytes, (0..200).collect::<Vec<u8>>());
        assert_eq!(state.calls, 400);
    });
}

/// What is no socket and does not block: the kernel says EAGAIN, and is asked to poll.
#[test]
fn a_pipe_is_polled() {
    within(LIMIT, || {
        let Some(mut test) = new(8, (2, 4)) else {
            return;
        };
        let mut state = State::default();
        let (reader, writer) = std::io::pipe().unwrap();
        let reader = test.adopt(reader).unwrap();
        let writer = test.adopt(writer).unwrap();
        test.receive(reader, 0, goes_on);
        let_it_come(&mut test, &mut state);
        // More than a pipe holds.
        let sent: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
        test.write(writer, sent.clone(), 0, wrote);
        while state.bytes.len() < sent.len() {
            test.run(&mut state, Run::Once).unwrap();
        }
        assert!(state.bytes == sent);
        let read = test.read(reader, Vec::with_capacity(1), 0, reads);
        let_it_come(&mut test, &mut state);
        assert_eq!(test.life(read), Life::InFlight);
        test.cancel(read, 0, answered);
        test.close(writer).unwrap();
        test.run(&mut state, Run::UntilDone).unwrap();
        assert_eq!(state.answers.len(), 1);
        assert_eq!(state.ends + state.cancelled, 2);
    });
}

/// One buffer, and somebody who takes no more of what comes into it: the others get it.
#[test]
fn a_buffer_is_not_kept_by_who_takes_nothing() {
    within(LIMIT, || {
        let Some(mut test) = new(8, (1, 4)) else {
            return;
        };
        let mut state = State::default();
        let (one, mut other) = pair();
        let one = test.adopt(one).unwrap();
        other.write_all(b"1234567").unwrap();
        test.receive(one, 0, takes_one);
        run_until(&mut test, &mut state, 1);
        let (two, mut another) = pair();
        let two = test.adopt(two).unwrap();
        another.write_all(b"abcdefgh").unwrap();
        for calls in 2..=3 {
            test.receive(two, 0, takes_one);
            run_until(&mut test, &mut state, calls);
        }
        test.receive(one, 0, takes_one);
        run_until(&mut test, &mut state, 4);
        assert_eq!(state.bytes, b"1234abcdefgh567");
    });
}

/// The number that says why, as the user word has it.
fn refused<T, B>(
    _: &mut Test,
    state: &mut State,
    done: &mut Finished<T, B>,
) -> Next {
    let code = done.result.as_ref().err().and_then(|it| it.raw_os_error());
    assert_eq!(code, Some(done.user as i32));
    state.calls += 1;
    Next::Disarm
}

/// A listener has no bytes, and a connection accepts nobody, whatever is armed there.
#[test]
fn what_is_not_for_it_is_an_error() {
    within(LIMIT, || {
        let Some(mut test) = new(8, (2, 16)) else {
            return;
        };
        let mut state = State::default();
        let (one, _other) = pair();
        let one = test.adopt(one).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let listener = test.adopt(listener).unwrap();
        let receive = test.receive(one, 0, goes_on);
        let accept = test.accept(listener, libc::ECANCELED as u64, refused);
        let_it_come(&mut test, &mut state);
        test.cancel(receive, 0, answered);
        test.cancel(accept, 0, answered);
        // Both go on in the kernel.
        let room = Vec::with_capacity(1);
        test.read(listener, room, libc::ENOTCONN as u64, refused);
        test.accept(one, libc::EINVAL as u64, refused);
        test.run(&mut state, Run::UntilDone).unwrap();
        assert_eq!((state.calls, state.cancelled), (4, 1));
    });
}

/// The kernel has buffers, and the loop goes. That nobody writes to them any more, a
/// sanitizer says; that it ends, this does.
#[test]
fn a_loop_that_is_dropped_takes_everything_back() {
    within(LIMIT, || {
        let Some(mut test) = new(4, (2, 64)) else {
            return;
        };
        let mut state = State::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let listener = test.adopt(listener).unwrap();
        test.accept(listener, 0, accepted);
        let mut client = TcpStream::connect(to).unwrap();
        run_until(&mut test, &mut state, 1);
        let stream = state.streams[0];
        test.receive(stream, 0, goes_on);
        test.accept(listener, 0, accepted);
        test.write(stream, vec![0; 64 << 20], 0, wrote);
        let (one, _other) = pair();
        let one = test.adopt(one).unwrap();
        test.read(one, Vec::with_capacity(4096), 0, reads);
        let (reader, _writer) = std::io::pipe().unwrap();
        let reader = test.adopt(reader).unwrap();
        test.read(reader, Vec::with_capacity(4096), 0, reads);
        let_it_come(&mut test, &mut state);
        client.write_all(b"for nobody").unwrap();
        // Submitted, and not handed over.
        test.read(one, Vec::with_capacity(4096), 0, reads);
        drop(test);
        let mut rest = Vec::new();
        let _ = client.read_to_end(&mut rest);
        assert!(TcpStream::connect(to).is_err(), "the listener is closed");
    });
}

/// The same from inside: when `shutdown` is over, the kernel has nothing.
#[test]
fn after_the_shutdown_the_kernel_has_nothing() {
    within(LIMIT, || {
        let config = Config {
            entries: 2,
            ..Config::default()
        };
        let Ok(mut driver) = Driver::new(&config) else {
            println!("SKIPPED: no io_uring");
            return;
        };
        let (mut core, mut others) = (Core::new(), Vec::new());
        for number in 0..20 {
            let (one, other) = pair();
            let handle = Handle::adopt(one.into()).unwrap();
            let descriptor = core.descriptors.insert(Entry::new(handle));
            let kind = [Kind::Read, Kind::Receive][number % 2];
            let buffer = Vec::with_capacity(8);
            core.submit(kind, descriptor, buffer, 0, 0);
            let key = core.hand_over().unwrap();
            driver.start(&mut core, key);
            others.push(other);
        }
        driver.wait(&mut core, Some(Duration::ZERO)).unwrap();
        assert_eq!(driver.outstanding, 20);
        for other in &mut others[..4] {
            other.write_all(b"x").unwrap();
        }
        driver.shutdown(&mut core);
        assert_eq!(driver.outstanding, 0);
        let is_nothing = |held: &Held| matches!(held, Held::Nothing);
        assert!(driver.held.iter().all(is_nothing));
        assert_eq!(driver.pool.left(), 256);
    });
}

/// A large write against a reader that is slow, and one that is cancelled half-way.
#[test]
fn a_write_is_whole_or_cancelled() {
    within(LIMIT, || {
        let Some(mut test) = new(4, (2, 64)) else {
            return;
        };
        let mut state = State::default();
        let (one, mut other) = pair();
        let one = test.adopt(one).unwrap();
        let sent: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 249) as u8).collect();
        test.write(one, sent.clone(), 0, wrote);
        test.write(one, b"behind".to_vec(), 0, wrote);
        let mut got = vec![0; 1000];
        let mut all = Vec::new();
        while all.len() < sent.len() + 6 {
            let_it_come(&mut test, &mut state);
            let count = other.read(&mut got).unwrap();
            all.extend_from_slice(&got[..count]);
            if got.len() < 1 << 16 {
                got.resize(got.len() * 2, 0);
            }
        }
        test.run(&mut state, Run::UntilDone).unwrap();
        assert!(all[..sent.len()] == sent && all.ends_with(b"behind"));
        let write = test.write(one, sent, 0, wrote);
        let_it_come(&mut test, &mut state);
        test.cancel(write, 0, answered);
        test.run(&mut state, Run::UntilDone).unwrap();
        assert_eq!(state.cancelled, 1);
        assert_eq!(state.answers, [Answer::Cancelled]);
    });
}

/// A cancel that the kernel got between two states of what it was meant for is not there any
/// more when that goes on: it must be asked for again.
#[test]
fn a_cancel_that_has_found_nothing_is_repeated() {
    within(LIMIT, || {
        let Ok(mut driver) = Driver::new(&Config::default()) else {
            println!("SKIPPED: no io_uring");
            return;
        };
        let mut core = Core::new();
        for kind in [Kind::Read, Kind::Receive] {
            let (one, _other) = pair();
            let handle = Handle::adopt(one.into()).unwrap();
            let descriptor = core.descriptors.insert(Entry::new(handle));
            let buffer = Vec::with_capacity(8);
            core.submit(kind, descriptor, buffer, 0, 0);
            let key = core.hand_over().unwrap();
            driver.start(&mut core, key);
            driver.wait(&mut core, Some(Duration::ZERO)).unwrap();
            // As if one had been submitted, and had been lost.
            let told = if kind == Kind::Read {
                core.slot(key.index() as u32).mark |= CANCELLED;
                key.to_user() | CANCELS
            } else {
                core.finish_code(key, libc::ECANCELED);
                driver.sources.of(descriptor).push(Arrival::Failed(1));
                driver.sources.of(descriptor).stopping = true;
                descriptor.to_user() | STOPS
            };
            // This one is for nobody: so its result says that.
            driver.push_cancel(IGNORED - 1, told);
            while driver.outstanding > 0 {
                driver.wait(&mut core, None).unwrap();
                while driver.step(&mut core) {}
            }
            assert_eq!(core.life(key), Life::Done);
            assert_eq!(core.slot(key.index() as u32).code, libc::ECANCELED);
        }
    });
}
