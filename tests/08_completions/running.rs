//! Property: a run stays as long as was asked for, and callbacks are called nowhere else.

use crate::rig::{NEVER, Rig, alone, answered, done, moved, room};
use std::io::Write as _;
use std::os::unix::thread::JoinHandleExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use threadbare::completion::{Config, Life, Next, Run};

of_both! {
    without_anything_there_is_nothing_to_wait_for
    no_wait_does_not_wait
    once_waits_for_one
    until_done_is_until_nothing_is_left
    what_a_callback_submits_counts
    a_stop_ends_a_run
    what_is_done_at_a_stop_is_called_later
    a_stop_from_outside_is_for_the_next_run
    a_run_within_a_run_is_refused
    a_panic_reaches_the_caller
    it_says_how_many_it_called
    the_state_may_be_another_one
    signals_end_no_run
}

fn without_anything_there_is_nothing_to_wait_for(config: Config) {
    let mut rig = Rig::new(config);
    let (_ours, _theirs) = rig.pair();
    let (_listener, _) = rig.listen();
    let _wake = rig.the_loop.notifier().unwrap();
    for _ in 0..3 {
        assert_eq!((rig.look(), rig.once(), rig.finish()), (0, 0, 0));
    }
}

fn no_wait_does_not_wait(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, _theirs) = rig.pair();
    rig.the_loop.read(ours, room(8), 0, moved);
    rig.the_loop.timer(NEVER, 0, done);
    for _ in 0..100 {
        assert_eq!(rig.look(), 0);
    }
}

fn once_waits_for_one(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.read(ours, room(8), 1, moved);
    rig.the_loop.timer(Duration::from_millis(3), 2, done);
    assert_eq!(rig.once(), 1);
    assert_eq!(rig.world.users(), [2]);
    theirs.write_all(b"x").unwrap();
    assert_eq!(rig.once(), 1);
    assert_eq!(rig.world.users(), [2, 1]);
    assert_eq!(rig.once(), 0, "nothing is left");
}

fn until_done_is_until_nothing_is_left(config: Config) {
    let mut rig = Rig::new(config);
    rig.the_loop.timer(Duration::from_millis(1), 1, done);
    rig.the_loop.timer(Duration::from_millis(2), 2, done);
    rig.world.again.insert(1, 4);
    assert_eq!(rig.finish(), 6);
    assert_eq!(rig.the_loop.active(), 0);
}

fn what_a_callback_submits_counts(config: Config) {
    let mut rig = Rig::new(config);
    fn next(
        the_loop: &mut crate::rig::TheLoop,
        world: &mut crate::rig::World,
        it: &mut threadbare::completion::Finished<()>,
    ) -> Next {
        if it.user > 0 {
            the_loop.timer(Duration::ZERO, it.user - 1, next);
        }
        done(the_loop, world, it)
    }
    rig.the_loop.timer(Duration::ZERO, 9, next);
    assert_eq!(rig.finish(), 10);
    assert!(rig.world.users().into_iter().eq((0..10).rev()));
}

fn a_stop_ends_a_run(config: Config) {
    let mut rig = Rig::new(config);
    rig.world.again.insert(1, u32::MAX);
    rig.the_loop
        .timer(Duration::ZERO, 1, |the_loop, world, it| {
            if world.told.len() % 10 == 9 {
                the_loop.stop();
            }
            done(the_loop, world, it)
        });
    for run in 1..5 {
        assert_eq!(rig.finish(), 10);
        assert_eq!(rig.world.told.len(), 10 * run);
    }
    assert_eq!(rig.the_loop.active(), 1);
}

fn what_is_done_at_a_stop_is_called_later(config: Config) {
    let mut rig = Rig::new(config);
    for user in 0..10 {
        rig.the_loop
            .timer(Duration::ZERO, user, |the_loop, world, it| {
                the_loop.stop();
                done(the_loop, world, it)
            });
    }
    for user in 0..10 {
        assert_eq!(rig.finish(), 1);
        assert_eq!(rig.world.told.last().unwrap().user, user);
    }
    assert_eq!(rig.finish(), 0);
}

/// It may have no effect, or end the next run before it calls anything; it loses nothing.
fn a_stop_from_outside_is_for_the_next_run(config: Config) {
    let mut rig = Rig::new(config);
    rig.the_loop.timer(Duration::ZERO, 1, done);
    rig.the_loop.stop();
    rig.finish();
    rig.finish();
    assert_eq!(rig.world.users(), [1]);
}

fn a_run_within_a_run_is_refused(config: Config) {
    let mut rig = Rig::new(config);
    rig.the_loop
        .timer(Duration::ZERO, 1, |the_loop, world, it| {
            for mode in [Run::NoWait, Run::Once, Run::UntilDone] {
                drop(the_loop.run(world, mode).unwrap_err());
            }
            done(the_loop, world, it)
        });
    rig.the_loop.timer(Duration::ZERO, 2, done);
    assert_eq!(rig.finish(), 2);
    assert_eq!(rig.world.users(), [1, 2]);
}

/// What others have to be told is told by the next run.
fn a_panic_reaches_the_caller(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let read = rig.the_loop.read(ours, room(8), 0, |_, world, it| {
        world.bytes.insert(0, std::mem::take(&mut it.buffer));
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    let timer = rig.the_loop.timer(Duration::ZERO, 1, |_, _, _| {
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    rig.the_loop.timer(Duration::ZERO, 2, done);
    theirs.write_all(b"hello").unwrap();
    let mut panics = 0;
    while rig.the_loop.active() > 0 {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| rig.once())) {
            assert_eq!(payload.downcast_ref(), Some(&"on purpose"));
            panics += 1;
        }
        assert!(panics <= 2, "it is called again and again");
    }
    assert_eq!((panics, rig.world.users()), (2, vec![2]));
    assert_eq!(rig.world.bytes[&0], b"hello");
    assert_eq!(rig.the_loop.life(read), Life::Dead);
    assert_eq!(rig.the_loop.life(timer), Life::Dead);
    // And it is as good as new.
    let read = rig.the_loop.read(ours, room(8), 3, moved);
    theirs.write_all(b"again").unwrap();
    assert_eq!(rig.end_of(read).buffer, b"again");
}

fn it_says_how_many_it_called(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, _theirs) = rig.pair();
    let read = rig.the_loop.read(ours, room(8), 0, moved);
    rig.hand_over();
    rig.the_loop.cancel(read, 1, answered);
    rig.the_loop.timer(Duration::ZERO, 2, done);
    let mut sum = 0;
    while rig.the_loop.active() > 0 {
        sum += rig.once();
        assert_eq!(rig.world.told.len(), sum);
    }
    assert_eq!(sum, 3);
}

fn the_state_may_be_another_one(config: Config) {
    let mut the_loop = threadbare::completion::Loop::with_config(config).unwrap();
    fn count(
        the_loop: &mut threadbare::completion::Loop<u32>,
        state: &mut u32,
        _: &mut threadbare::completion::Finished<()>,
    ) -> Next {
        *state += 1;
        the_loop.stop();
        Next::Rearm
    }
    the_loop.timer(Duration::ZERO, 0, count);
    let mut states = [0; 3];
    for state in &mut states {
        the_loop.run(state, Run::UntilDone).unwrap();
    }
    assert_eq!(states, [1; 3]);
}

static SIGNALS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_signal: libc::c_int) {
    // ORDERING: Relaxed. Only the count matters; read in `signals_end_no_run`.
    SIGNALS.fetch_add(1, Relaxed);
}

/// In a process of its own, since what a signal does is the same for all of a process.
#[allow(unsafe_code, reason = "std sends and catches no signals")]
fn signals_end_no_run(config: Config) {
    if !alone(&config, "running", "signals_end_no_run") {
        return;
    }
    let handler = count as extern "C" fn(libc::c_int);
    // SAFETY: all fields are numbers, or empty sets, for which 0 is a value.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as libc::sighandler_t;
    // SAFETY: the kernel reads one `sigaction`, whose handler does what a handler may.
    let result = unsafe {
        libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut())
    };
    assert_eq!(result, 0);
    let runs = std::thread::spawn(move || {
        let mut rig = Rig::new(config);
        rig.the_loop.timer(Duration::from_millis(100), 1, done);
        let begin = std::time::Instant::now();
        assert_eq!(rig.once(), 1);
        assert!(begin.elapsed() >= Duration::from_millis(100));
    });
    while !runs.is_finished() {
        // SAFETY: it has not been joined, so the thread's name is valid, and the signal has
        // a handler that does nothing but count.
        unsafe { libc::pthread_kill(runs.as_pthread_t(), libc::SIGUSR1) };
        std::thread::yield_now();
    }
    runs.join().unwrap();
    // ORDERING: Relaxed, as in `count`.
    assert!(SIGNALS.load(Relaxed) > 0, "none came");
}
