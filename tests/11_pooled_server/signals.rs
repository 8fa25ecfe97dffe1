//! Property: a signal is caught once, by one, and told to the loop; behind that, everything
//! is as it was before. (`SIGTERM` and `SIGINT`, and a whole server: see `example`.)

use std::io::ErrorKind;
use std::os::fd::AsFd as _;
use std::thread;
use std::time::Duration;

use threadbare::event::{Events, Loop, Signals};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

/// Each test has signals of its own, for they are the whole process's.
#[allow(unsafe_code, reason = "std has no signals")]
fn raise(signal: libc::c_int) {
    // SAFETY: it takes a number. Whoever calls has a handler for it, which may run anywhere.
    let result = unsafe { libc::raise(signal) };
    assert_eq!(result, 0);
}

/// What is done about a signal.
#[allow(unsafe_code, reason = "std has no signals")]
fn action(signal: libc::c_int) -> libc::sighandler_t {
    // SAFETY: a struct of integers, for which zero is a value.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: nothing is changed, and the kernel writes one `sigaction`, which outlives the
    // call.
    let result =
        unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut action) };
    assert_eq!(result, 0);
    action.sa_sigaction
}

#[test]
fn it_is_told_to_a_loop_and_taken_once() {
    within(LIMIT, || {
        let both = [libc::SIGUSR1, libc::SIGWINCH];
        let before = both.map(action);
        let mut signals = Signals::new(&both).unwrap();
        let (mut event_loop, mut events) =
            (Loop::new().unwrap(), Events::with_capacity(8));
        event_loop.add_read(signals.as_fd(), 7).unwrap();
        assert_eq!(signals.take(), None);
        for signal in both {
            // Whichever thread it interrupts.
            thread::spawn(move || raise(signal)).join().unwrap();
            event_loop.wait(&mut events, None).unwrap();
            assert!(events.iter().all(|event| event.user == 7));
            assert_eq!(signals.take(), Some(signal));
            assert_eq!(signals.take(), None);
            // The next one is the system's again.
            assert_eq!(action(signal), libc::SIG_DFL);
        }
        event_loop.del_read(signals.as_fd()).unwrap();
        drop(signals);
        assert_eq!(both.map(action), before);
    });
}

#[test]
fn it_has_one_owner() {
    within(LIMIT, || {
        let first = Signals::new(&[libc::SIGUSR2]).unwrap();
        let caught = action(libc::SIGUSR2);
        let again = Signals::new(&[libc::SIGIO, libc::SIGUSR2]).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        assert!(again.to_string().contains(&libc::SIGUSR2.to_string()));
        assert_eq!(action(libc::SIGUSR2), caught, "the first has it still");
        assert_eq!(action(libc::SIGIO), libc::SIG_DFL, "nothing has changed");
        drop(first);
        assert_eq!(action(libc::SIGUSR2), libc::SIG_DFL);
        drop(Signals::new(&[libc::SIGIO, libc::SIGUSR2]).unwrap());
    });
}

#[test]
fn what_can_not_be_caught_is_refused() {
    for signal in [libc::SIGKILL, libc::SIGSTOP, 0, -1, 1_000] {
        let error = Signals::new(&[signal]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{signal}: {error}");
    }
    assert_eq!(format!("{:?}", Signals::new(&[]).unwrap()), "[]");
}

/// A handler may run while its owner leaves; its byte goes nowhere, and to nobody else.
#[test]
fn who_leaves_waits_for_who_is_inside() {
    within(LIMIT, || {
        for _ in 0..200 {
            let mut signals = Signals::new(&[libc::SIGURG]).unwrap();
            let thread = thread::spawn(|| raise(libc::SIGURG));
            let taken = signals.take();
            assert!(matches!(taken, None | Some(libc::SIGURG)), "{taken:?}");
            drop(signals);
            thread.join().unwrap();
        }
    });
}
