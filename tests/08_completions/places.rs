//! Property: places of descriptors are used again, however the loop is used: a program that
//! opens and closes one at a time needs no more than a few.

use crate::rig::{Rig, TheLoop, World, moved, opened};
use std::io;
use threadbare::completion::{Config, Descriptor, Finished, Next};

of_both! {
    without_a_run
    let_go_without_a_run
    closed_in_the_last_callback
    stopped_after_it
    connections_that_fail
}

const TIMES: usize = 100;
const ENOUGH: usize = 8;

fn pipe(rig: &mut Rig) -> (Descriptor, io::PipeReader) {
    let (reader, writer) = io::pipe().unwrap();
    (rig.the_loop.adopt(writer).unwrap(), reader)
}

fn closes(
    the_loop: &mut TheLoop,
    world: &mut World,
    it: &mut Finished<usize, Vec<u8>>,
) -> Next {
    the_loop.close(Descriptor::from_word(it.user)).unwrap();
    moved(the_loop, world, it)
}

fn without_a_run(config: Config) {
    let mut rig = Rig::new(config);
    for _ in 0..TIMES {
        let (ours, _reader) = pipe(&mut rig);
        assert!(ours.index() < ENOUGH, "{ours:?}");
        rig.the_loop.close(ours).unwrap();
        assert!(rig.the_loop.close(ours).is_err(), "it is closed");
    }
}

fn let_go_without_a_run(config: Config) {
    let mut rig = Rig::new(config);
    for _ in 0..TIMES {
        let (ours, _reader) = pipe(&mut rig);
        assert!(ours.index() < ENOUGH, "{ours:?}");
        rig.the_loop.release(ours).unwrap();
    }
}

fn closed_in_the_last_callback(config: Config) {
    let mut rig = Rig::new(config);
    for _ in 0..TIMES {
        let (ours, _reader) = pipe(&mut rig);
        assert!(ours.index() < ENOUGH, "{ours:?}");
        rig.the_loop.write(ours, vec![1], ours.to_word(), closes);
        assert_eq!(rig.finish(), 1);
    }
}

fn stopped_after_it(config: Config) {
    let mut rig = Rig::new(config);
    for _ in 0..TIMES {
        let (ours, _reader) = pipe(&mut rig);
        assert!(ours.index() < ENOUGH, "{ours:?}");
        rig.the_loop
            .write(ours, vec![1], ours.to_word(), |the_loop, world, it| {
                the_loop.stop();
                closes(the_loop, world, it)
            });
        assert_eq!(rig.finish(), 1);
    }
}

fn connections_that_fail(config: Config) {
    let mut rig = Rig::new(config);
    // Nobody is there: a port that was somebody's a moment ago.
    let (_, gone) = crate::rig::listen();
    for _ in 0..TIMES {
        rig.the_loop.connect(gone, 0, opened);
        assert_eq!(rig.finish(), 1);
        let (ours, _reader) = pipe(&mut rig);
        assert!(ours.index() < ENOUGH, "{ours:?}");
        rig.the_loop.close(ours).unwrap();
    }
}
