//! Property: an operation allocates nothing once there were as many of its kind, on no thread.

#[path = "../common/allocations.rs"]
mod counted;

use crate::rig::{NEVER, alone, file, listen, pair, room};
use std::io::{Read as _, Write as _};
use std::time::Duration;
use threadbare::completion::{
    Answer, Async, Completion, Config, Descriptor, Finished, Loop, Next, Received,
    Run,
};
use threadbare::testkit::step;

of_both! {
    no_operation_allocates
}

/// What the callbacks have: nothing that grows.
struct State {
    calls: usize,
    buffer: Option<Vec<u8>>,
    opened: Option<Descriptor>,
    rearms: usize,
}

type It = Loop<State>;

impl State {
    fn called(&mut self) -> Next {
        self.calls += 1;
        if self.rearms == 0 {
            return Next::Disarm;
        }
        self.rearms -= 1;
        Next::Rearm
    }
}

fn done(_: &mut It, state: &mut State, _: &mut Finished<()>) -> Next {
    state.called()
}

fn answered(_: &mut It, state: &mut State, it: &mut Finished<Answer>) -> Next {
    it.result.as_ref().unwrap();
    state.called()
}

fn moved(_: &mut It, state: &mut State, it: &mut Finished<usize, Vec<u8>>) -> Next {
    let next = state.called();
    match next {
        Next::Rearm => {}
        Next::Disarm => state.buffer = Some(std::mem::take(&mut it.buffer)),
    }
    next
}

fn read(
    the_loop: &mut It,
    state: &mut State,
    it: &mut Finished<usize, Vec<u8>>,
) -> Next {
    it.buffer.clear();
    moved(the_loop, state, it)
}

fn came(_: &mut It, state: &mut State, it: &mut Received<'_>) -> Next {
    assert!(it.result.is_err() || !it.result.as_ref().unwrap().is_empty());
    state.called()
}

fn opened(_: &mut It, state: &mut State, it: &mut Finished<Descriptor>) -> Next {
    state.opened = it.result.as_ref().ok().copied();
    state.called()
}

struct Rig {
    the_loop: It,
    state: State,
}

impl Rig {
    /// Runs until so many more have been called.
    fn calls(&mut self, count: usize) {
        let wanted = self.state.calls + count;
        while self.state.calls < wanted {
            self.the_loop.run(&mut self.state, Run::Once).unwrap();
        }
        assert_eq!(self.state.calls, wanted);
    }

    fn look(&mut self) {
        self.the_loop.run(&mut self.state, Run::NoWait).unwrap();
    }

    fn buffer(&mut self) -> Vec<u8> {
        self.state.buffer.take().unwrap()
    }
}

fn never_allocates(rig: &mut Rig, name: &'static str, work: impl Fn(&mut Rig)) {
    step(name);
    // So that there were as many once; and the threads of the pool, and the kernel's.
    (0..300).for_each(|_| work(rig));
    let round = |_| {
        let before = counted::count_of_all();
        (0..100).for_each(|_| work(rig));
        counted::count_of_all() - before
    };
    // The least of some: a thread may be late with what it does once.
    let least = (0..4).map(round).min();
    assert_eq!(least, Some(0), "allocations in 100 times {name}");
}

fn no_operation_allocates(config: Config) {
    if !alone(&config, "allocations", "no_operation_allocates") {
        return;
    }
    let mut rig = Rig {
        the_loop: Loop::with_config(config).unwrap(),
        state: State {
            calls: 0,
            buffer: Some(room(4_096)),
            opened: None,
            rearms: 0,
        },
    };
    let (ours, mut theirs) = pair();
    let ours = rig.the_loop.adopt(ours).unwrap();
    let bytes = rig.the_loop.adopt(file(&[7; 4_096])).unwrap();
    let wake: Async = rig.the_loop.notifier().unwrap();
    let (listener, address) = listen();
    let listener = rig.the_loop.adopt(listener).unwrap();
    let theirs = std::cell::RefCell::new(&mut theirs);

    never_allocates(&mut rig, "timer", |rig| {
        rig.the_loop.timer(Duration::ZERO, 0, done);
        rig.calls(1);
    });
    never_allocates(&mut rig, "a hundred timers", |rig| {
        for after in 0..100 {
            rig.the_loop
                .timer(Duration::from_nanos(100 - after), 0, done);
        }
        rig.calls(100);
    });
    never_allocates(&mut rig, "timer, re-armed", |rig| {
        rig.state.rearms = 3;
        rig.the_loop.timer(Duration::from_micros(1), 0, done);
        rig.calls(4);
    });
    never_allocates(&mut rig, "timer, reset and cancelled", |rig| {
        let timer = rig.the_loop.timer(NEVER, 0, done);
        rig.look();
        assert!(rig.the_loop.reset_timer(timer, 2 * NEVER));
        rig.the_loop.cancel(timer, 0, answered);
        rig.calls(2);
    });
    never_allocates(&mut rig, "read", |rig| {
        let buffer = rig.buffer();
        rig.the_loop.read(ours, buffer, 0, read);
        rig.look();
        theirs.borrow_mut().write_all(b"hello").unwrap();
        rig.calls(1);
    });
    never_allocates(&mut rig, "read, re-armed", |rig| {
        let buffer = rig.buffer();
        rig.state.rearms = 3;
        rig.the_loop.read(ours, buffer, 0, read);
        for _ in 0..4 {
            theirs.borrow_mut().write_all(b"hello").unwrap();
            rig.calls(1);
        }
    });
    never_allocates(&mut rig, "read, cancelled", |rig| {
        let buffer = rig.buffer();
        let read: Completion = rig.the_loop.read(ours, buffer, 0, moved);
        rig.look();
        rig.the_loop.cancel(read, 0, answered);
        rig.calls(2);
    });
    never_allocates(&mut rig, "receive", |rig| {
        rig.the_loop.receive(ours, 0, came);
        rig.look();
        theirs.borrow_mut().write_all(b"hello").unwrap();
        rig.calls(1);
    });
    never_allocates(&mut rig, "receive, re-armed", |rig| {
        rig.state.rearms = 3;
        rig.the_loop.receive(ours, 0, came);
        for _ in 0..4 {
            theirs.borrow_mut().write_all(b"hello").unwrap();
            rig.calls(1);
        }
    });
    never_allocates(&mut rig, "write", |rig| {
        let mut buffer = rig.buffer();
        buffer.clear();
        buffer.extend(b"hello");
        rig.the_loop.write(ours, buffer, 0, moved);
        rig.calls(1);
        theirs.borrow_mut().read_exact(&mut [0; 5]).unwrap();
    });
    never_allocates(&mut rig, "read_at", |rig| {
        let mut buffer = rig.buffer();
        buffer.clear();
        rig.the_loop.read_at(bytes, 5, buffer, 0, moved);
        rig.calls(1);
    });
    never_allocates(&mut rig, "write_at", |rig| {
        let buffer = rig.buffer();
        rig.the_loop.write_at(bytes, 5, buffer, 0, moved);
        rig.calls(1);
    });
    never_allocates(&mut rig, "ten of read_at, cancelled", |rig| {
        for _ in 0..10 {
            // No buffer: an error, that comes as all others.
            let read =
                rig.the_loop
                    .read_at(bytes, 5, Vec::new(), 0, |_, state, _| state.called());
            rig.the_loop.cancel(read, 0, answered);
        }
        rig.calls(20);
    });
    never_allocates(&mut rig, "wait_for", |rig| {
        rig.the_loop.wait_for(&wake, 0, done);
        rig.look();
        wake.notify().unwrap();
        rig.calls(1);
    });
    never_allocates(&mut rig, "accept and connect", |rig| {
        rig.the_loop.connect(address, 0, opened);
        rig.calls(1);
        let one = rig.state.opened.take().unwrap();
        rig.the_loop.accept(listener, 0, opened);
        rig.calls(1);
        let two = rig.state.opened.take().unwrap();
        rig.the_loop.close(one).unwrap();
        rig.the_loop.close(two).unwrap();
        rig.look();
    });
    never_allocates(&mut rig, "cancel of nothing", |rig| {
        rig.the_loop.cancel(Completion::from_word(5), 0, answered);
        rig.calls(1);
    });
}
