//! Property: a callback that puts another loop in the place of its own is found out, before
//! anything is done to the other one. Both can be run afterwards.

use crate::rig::{NEVER, room};
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use threadbare::completion::{Completion, Config, Life, Loop, Next, Run};

of_both! {
    by_a_timer
    by_a_read
    by_a_receive
    by_an_answer
    the_old_one_is_dropped
}

#[derive(Default)]
struct Two {
    other: Option<Loop<Self>>,
    read: usize,
    drops: bool,
}

fn swap(the_loop: &mut Loop<Two>, two: &mut Two) {
    if let Some(other) = &mut two.other {
        std::mem::swap(the_loop, other);
        if two.drops {
            two.other = None;
        }
    }
}

/// What `begin` has submitted, or what it has made ready, swaps the loops.
fn swaps(
    config: Config,
    drops: bool,
    begin: impl Fn(&mut Loop<Two>) -> Option<UnixStream>,
) {
    let mut the_loop = Loop::<Two>::with_config(config.clone()).unwrap();
    let mut other = Loop::<Two>::with_config(config).unwrap();
    let mut two = Two {
        drops,
        ..Two::default()
    };
    // The other one has a buffer in flight, in the slot of the same number.
    let (reader, mut writer) = UnixStream::pair().unwrap();
    let reader = other.adopt(reader).unwrap();
    let read = other.read(reader, room(1 << 16), 0, |_, two, it| {
        two.read += *it.result.as_ref().unwrap();
        Next::Disarm
    });
    other.run(&mut two, Run::NoWait).unwrap();
    let stream = begin(&mut the_loop);
    two.other = Some(other);
    let panicked =
        catch_unwind(AssertUnwindSafe(|| the_loop.run(&mut two, Run::UntilDone)));
    let why = panicked.unwrap_err();
    let why = why.downcast_ref::<&str>().unwrap();
    assert!(why.contains("another loop"), "{why}");

    // This is the other one, and nothing has happened to it.
    assert_eq!(the_loop.active(), 1);
    assert_eq!(the_loop.life(read), Life::InFlight);
    writer.write_all(b"twelve bytes").unwrap();
    the_loop.run(&mut two, Run::UntilDone).unwrap();
    assert_eq!((two.read, the_loop.active()), (12, 0));
    // Of the old one that callback counts as over.
    drop(stream);
    if let Some(mut old) = two.other.take() {
        old.run(&mut two, Run::UntilDone).unwrap();
        assert_eq!(old.active(), 0);
    }
}

fn timer(the_loop: &mut Loop<Two>) -> Option<UnixStream> {
    the_loop.timer(Duration::ZERO, 0, |the_loop, two, _| {
        swap(the_loop, two);
        Next::Rearm
    });
    None
}

fn by_a_timer(config: Config) {
    swaps(config, false, timer);
}

fn the_old_one_is_dropped(config: Config) {
    swaps(config, true, timer);
}

fn by_a_read(config: Config) {
    swaps(config, false, |the_loop| {
        let (reader, mut writer) = UnixStream::pair().unwrap();
        let reader = the_loop.adopt(reader).unwrap();
        the_loop.read(reader, room(64), 0, |the_loop, two, _| {
            swap(the_loop, two);
            Next::Rearm
        });
        writer.write_all(b"now").unwrap();
        Some(writer)
    });
}

fn by_a_receive(config: Config) {
    swaps(config, false, |the_loop| {
        let (reader, mut writer) = UnixStream::pair().unwrap();
        let reader = the_loop.adopt(reader).unwrap();
        the_loop.receive(reader, 0, |the_loop, two, it| {
            swap(the_loop, two);
            assert_eq!(*it.result.as_ref().unwrap(), b"now", "they are still there");
            Next::Rearm
        });
        writer.write_all(b"now").unwrap();
        Some(writer)
    });
}

fn by_an_answer(config: Config) {
    swaps(config, false, |the_loop| {
        let timer: Completion = the_loop.timer(NEVER, 0, |_, _, _| Next::Disarm);
        the_loop.cancel(timer, 0, |the_loop, two, _| {
            swap(the_loop, two);
            Next::Disarm
        });
        None
    });
}
