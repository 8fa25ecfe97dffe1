//! Property: a write writes all of its buffer, in turn with the others, or says why it could
//! not; and never ends the process.

use crate::rig::{Rig, alone, answered, moved, pattern, reset, room};
use std::io::{ErrorKind, Read as _, pipe};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use threadbare::completion::{Answer, Config};

of_both! {
    all_of_it_is_written
    more_than_the_kernel_takes
    writes_are_served_in_turn
    long_writes_are_not_mixed
    a_write_of_nothing
    a_rearmed_write_writes_all_of_it_again
    who_has_gone_is_an_error_and_no_signal
    a_reset_ends_a_write_that_waits
    a_write_that_waits_can_be_cancelled
    writing_after_shutdown_is_an_error
    shutdown_is_seen
    a_write_that_waits_does_not_stop_a_read
    a_pipe_whose_reader_has_gone
    a_cancel_that_comes_while_it_goes_on
}

/// Whatever comes, until the end.
fn reader(mut stream: TcpStream) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut came = Vec::new();
        stream.read_to_end(&mut came).unwrap();
        came
    })
}

fn all_of_it_is_written(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let buffer = b"hello".to_vec();
    let place = buffer.as_ptr();
    let write = rig.the_loop.write(ours, buffer, 5, moved);
    assert!(rig.world.told.is_empty(), "no callback in the call");
    let told = rig.end_of(write);
    assert_eq!((told.count(), told.user), (5, 5));
    assert_eq!(
        (&told.buffer[..], told.buffer.as_ptr()),
        (&b"hello"[..], place)
    );
    let mut came = [0; 5];
    theirs.read_exact(&mut came).unwrap();
    assert_eq!(&came, b"hello");
}

const LONG: usize = 8 << 20;

fn more_than_the_kernel_takes(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let sent = pattern(LONG);
    let write = rig.the_loop.write(ours, sent.clone(), 5, moved);
    // It must be waiting when the other side begins to read.
    rig.hand_over();
    rig.hand_over();
    let reader = reader(theirs);
    let told = rig.end_of(write);
    assert_eq!(told.count(), LONG);
    assert!(told.buffer == sent);
    rig.the_loop.close(ours).unwrap();
    rig.finish();
    assert!(reader.join().unwrap() == sent);
}

fn writes_are_served_in_turn(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let sent = pattern(5_000);
    for (user, piece) in sent.chunks(50).enumerate() {
        rig.the_loop.write(ours, piece.to_vec(), user as u64, moved);
        if user % 7 == 0 {
            rig.look();
        }
    }
    rig.finish();
    assert_eq!(rig.world.users(), (0..100).collect::<Vec<_>>());
    rig.the_loop.close(ours).unwrap();
    rig.finish();
    assert!(reader(theirs).join().unwrap() == sent);
}

/// Each of them needs more than one call.
fn long_writes_are_not_mixed(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let mut sent = Vec::new();
    for user in 0..6 {
        let piece = vec![user as u8 + 1; LONG / 4 + user as usize];
        sent.extend(&piece);
        rig.the_loop.write(ours, piece, user, moved);
        if user == 2 {
            rig.look();
        }
    }
    rig.looks(2);
    let reader = reader(theirs);
    rig.finish();
    assert_eq!(rig.world.users(), (0..6).collect::<Vec<_>>());
    rig.the_loop.close(ours).unwrap();
    rig.finish();
    let came = reader.join().unwrap();
    if came != sent {
        let runs = came.chunk_by(|a, b| a == b);
        let runs: Vec<_> = runs.map(|run| (run[0], run.len())).collect();
        panic!("{runs:?}");
    }
}

fn a_write_of_nothing(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let write = rig.the_loop.write(ours, Vec::new(), 5, moved);
    assert_eq!(rig.end_of(write).count(), 0);
    let write = rig.the_loop.write(ours, b"x".to_vec(), 5, moved);
    assert_eq!(rig.end_of(write).count(), 1);
    rig.the_loop.close(ours).unwrap();
    rig.finish();
    assert_eq!(reader(theirs).join().unwrap(), b"x");
}

fn a_rearmed_write_writes_all_of_it_again(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let sent = pattern(LONG / 4);
    rig.the_loop.write(ours, sent.clone(), 5, moved);
    rig.world.again.insert(5, 3);
    rig.looks(2);
    let reader = reader(theirs);
    rig.finish();
    let counts = rig.world.told.iter().map(|told| told.count());
    assert!(counts.eq([LONG / 4; 4]), "{:?}", rig.world.users());
    rig.the_loop.close(ours).unwrap();
    rig.finish();
    assert!(reader.join().unwrap() == sent.repeat(4));
}

/// In a process of its own that a `SIGPIPE` would end, as it does programs that are not
/// begun by Rust's runtime.
#[allow(unsafe_code, reason = "std has no signals")]
fn who_has_gone_is_an_error_and_no_signal(config: Config) {
    if !alone(&config, "writing", "who_has_gone_is_an_error_and_no_signal") {
        return;
    }
    // SAFETY: the signal gets back what it does by default.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    drop(theirs);
    // The first is answered by a reset.
    let ends = |it: &crate::rig::Told| match &it.result {
        Ok(_) => false,
        Err(error) => {
            let kinds = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
            assert!(kinds.contains(&error.kind()), "{it:?}");
            assert_eq!(it.buffer, b"hello");
            true
        }
    };
    let mut ended = 0;
    for _ in 0..1_000 {
        let write = rig.the_loop.write(ours, b"hello".to_vec(), 5, moved);
        ended += usize::from(ends(&rig.end_of(write)));
        if ended == 3 {
            break;
        }
    }
    assert_eq!(ended, 3);
    assert_eq!(rig.the_loop.active(), 0);
}

fn a_reset_ends_a_write_that_waits(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let sent = pattern(LONG);
    let write = rig.the_loop.write(ours, sent.clone(), 5, moved);
    let behind = rig.the_loop.write(ours, b"behind".to_vec(), 6, moved);
    rig.hand_over();
    reset(theirs);
    let told = rig.end_of(write);
    let kinds = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
    assert!(kinds.contains(&told.error().kind()), "{:?}", told.result);
    assert!(told.buffer == sent);
    let told = rig.end_of(behind);
    assert!(kinds.contains(&told.error().kind()), "{told:?}");
    assert_eq!(told.buffer, b"behind");
}

fn a_write_that_waits_can_be_cancelled(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    let sent = pattern(LONG);
    let write = rig.the_loop.write(ours, sent.clone(), 5, moved);
    let behind = rig.the_loop.write(ours, vec![7; 10], 6, moved);
    rig.hand_over();
    let cancel = rig.the_loop.cancel(write, 9, answered);
    assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
    let told = rig.end_of(write);
    assert!(told.is_cancelled() && told.buffer == sent);
    // What is behind it has its turn now.
    let reader = reader(theirs);
    assert_eq!(rig.end_of(behind).count(), 10);
    rig.the_loop.close(ours).unwrap();
    rig.finish();
    let came = reader.join().unwrap();
    let written = came.len() - 10;
    assert!(came[..written] == sent[..written] && came[written..] == [7; 10]);
}

fn writing_after_shutdown_is_an_error(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, theirs) = rig.pair();
    rig.the_loop.shutdown(ours, Shutdown::Write).unwrap();
    let write = rig.the_loop.write(ours, b"hello".to_vec(), 5, moved);
    let told = rig.end_of(write);
    assert_eq!(told.error().kind(), ErrorKind::BrokenPipe);
    assert_eq!(told.buffer, b"hello");
    drop(theirs);
}

fn shutdown_is_seen(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    rig.the_loop.shutdown(ours, Shutdown::Write).unwrap();
    assert_eq!(theirs.read(&mut [0; 8]).unwrap(), 0);
    // The other half goes on.
    let read = rig.the_loop.read(ours, room(8), 5, moved);
    rig.hand_over();
    std::io::Write::write_all(&mut theirs, b"still").unwrap();
    assert_eq!(rig.end_of(read).buffer, b"still");
    // And one that waits is woken by the end of its own half.
    let read = rig.the_loop.read(ours, room(8), 5, moved);
    rig.hand_over();
    rig.the_loop.shutdown(ours, Shutdown::Read).unwrap();
    assert_eq!(rig.end_of(read).count(), 0);
}

fn a_write_that_waits_does_not_stop_a_read(config: Config) {
    let mut rig = Rig::new(config);
    let (ours, mut theirs) = rig.pair();
    let write = rig.the_loop.write(ours, pattern(LONG), 5, moved);
    rig.hand_over();
    for _ in 0..10 {
        let read = rig.the_loop.read(ours, room(8), 6, moved);
        rig.hand_over();
        std::io::Write::write_all(&mut theirs, b"x").unwrap();
        assert_eq!(rig.end_of(read).buffer, b"x");
    }
    let reader = reader(theirs);
    assert_eq!(rig.end_of(write).count(), LONG);
    rig.the_loop.close(ours).unwrap();
    rig.finish();
    assert_eq!(reader.join().unwrap().len(), LONG);
}

fn a_pipe_whose_reader_has_gone(config: Config) {
    let mut rig = Rig::new(config);
    let (reads, writes) = pipe().unwrap();
    let ours = rig.the_loop.adopt(writes).unwrap();
    let waits = rig.the_loop.write(ours, pattern(1 << 20), 4, moved);
    rig.hand_over();
    drop(reads);
    assert_eq!(rig.end_of(waits).error().kind(), ErrorKind::BrokenPipe);
    let write = rig.the_loop.write(ours, b"hello".to_vec(), 5, moved);
    assert_eq!(rig.end_of(write).error().kind(), ErrorKind::BrokenPipe);
}

/// The other end has just made room: the write is about to go on when it is cancelled, and
/// then has to wait again.
fn a_cancel_that_comes_while_it_goes_on(config: Config) {
    let mut rig = Rig::new(config);
    for _ in 0..10 {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.set_nonblocking(true).unwrap();
        let ours = rig.the_loop.adopt(ours).unwrap();
        let write = rig.the_loop.write(ours, pattern(2_000_000), 0, moved);
        rig.hand_over();
        rig.looks(2);
        while theirs.read(&mut [0; 10_000]).is_ok() {}
        let cancel = rig.the_loop.cancel(write, 1, answered);
        assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
        assert!(rig.end_of(write).is_cancelled());
        rig.the_loop.close(ours).unwrap();
    }
}
