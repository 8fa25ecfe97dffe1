//! The rings against the kernel that runs this.

use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::super::abi::{
    BUFFER_SELECT, CQE_BUFFER, CQE_MORE, RECV_MULTISHOT, op, poll_events,
};
use super::super::buffers::{GROUP, Pool};
use super::*;
use crate::testkit::within;

const LIMIT: Duration = Duration::from_secs(20);

/// A ring, or a loud word that there is none.
fn ring(entries: u32) -> Option<Ring> {
    match Ring::new(entries) {
        Ok(ring) => Some(ring),
        Err(error) => {
            println!("SKIPPED, no io_uring: {error}");
            None
        }
    }
}

/// A submission that points to nothing: tells when `fd` can be read.
fn poll(fd: &UnixStream, user_data: u64) -> Sqe {
    Sqe {
        opcode: op::POLL_ADD,
        fd: fd.as_raw_fd(),
        op_flags: poll_events(libc::POLLIN),
        user_data,
        ..Sqe::default()
    }
}

fn push(ring: &mut Ring, sqe: &Sqe) -> bool {
    // SAFETY: what the tests of this file push points to nothing, or to a pool.
    unsafe { ring.push(sqe) }
}

fn results(ring: &mut Ring) -> Vec<Cqe> {
    let results = iter::from_fn(|| ring.next()).collect();
    ring.release();
    results
}

#[test]
fn what_is_asked_is_answered() {
    within(LIMIT, || {
        let Some(mut ring) = ring(2) else { return };
        let (one, mut other) = UnixStream::pair().unwrap();
        assert!(push(&mut ring, &poll(&one, 7)));
        assert_eq!(ring.enter(Wait::Look), Ok(true));
        assert!(results(&mut ring).is_empty() && !ring.has_more());
        other.write_all(b"x").unwrap();
        assert!(ring.has_more(), "there is work to be fetched");
        assert_eq!(ring.enter(Wait::For(None)), Ok(true));
        let [told] = results(&mut ring)[..] else {
            panic!("one result")
        };
        assert_eq!((told.user_data, told.res), (7, i32::from(libc::POLLIN)));
        assert_eq!(told.flags & CQE_MORE, 0);
    });
}

#[test]
fn a_limit_ends_a_wait() {
    within(LIMIT, || {
        let Some(mut ring) = ring(2) else { return };
        let limit = Some(Duration::from_millis(1));
        let ended = ring.enter(Wait::For(limit)).unwrap_err();
        assert_eq!(ended.code, libc::ETIME);
        let long = Some(Duration::MAX);
        let (one, mut other) = UnixStream::pair().unwrap();
        assert!(push(&mut ring, &poll(&one, 1)));
        other.write_all(b"x").unwrap();
        assert_eq!(ring.enter(Wait::For(long)), Ok(true));
        assert_eq!(results(&mut ring).len(), 1);
    });
}

/// The ring goes round several times, and what does not fit is refused.
#[test]
fn a_full_ring_says_so_and_an_overflow_is_kept() {
    within(LIMIT, || {
        let Some(mut ring) = ring(4) else { return };
        let (one, mut other) = UnixStream::pair().unwrap();
        other.write_all(b"x").unwrap();
        let mut asked = 0;
        // Four times as many as there is room for results.
        for _ in 0..32 {
            while push(&mut ring, &poll(&one, asked)) {
                asked += 1;
            }
            assert_eq!(ring.waiting(), 4);
            assert_eq!(ring.enter(Wait::Look), Ok(true));
            assert_eq!(ring.waiting(), 0);
        }
        assert_eq!(asked, 4 * 32);
        assert!(ring.has_overflowed());
        let mut told = Vec::new();
        while told.len() < asked as usize {
            let new = results(&mut ring);
            assert!(!new.is_empty(), "{} are lost", asked as usize - told.len());
            told.extend(new.iter().map(|result| result.user_data));
            ring.enter(Wait::Look).unwrap();
        }
        assert!(!ring.has_overflowed());
        told.sort_unstable();
        assert_eq!(told, (0..asked).collect::<Vec<_>>());
    });
}

/// One receive, many results; without buffers it ends, and nothing is lost.
#[test]
fn buffers_are_picked_lent_and_come_back() {
    within(LIMIT, || {
        let Some(mut ring) = ring(4) else { return };
        // SAFETY: dropped after the ring, below.
        let pool = unsafe { Pool::new(&ring, 2, 4) }.unwrap();
        let (one, mut other) = UnixStream::pair().unwrap();
        let receive = Sqe {
            opcode: op::RECV,
            flags: BUFFER_SELECT,
            ioprio: RECV_MULTISHOT,
            fd: one.as_raw_fd(),
            user_data: 3,
            buf_group: GROUP,
            ..Sqe::default()
        };
        let (mut bytes, mut ended) = (Vec::new(), 1);
        let mut sent = Vec::new();
        for round in 0..100_u8 {
            let message = [round; 3];
            other.write_all(&message).unwrap();
            sent.extend(message);
        }
        let mut most = 0;
        while bytes.len() < sent.len() {
            if ended > 0 {
                assert!(push(&mut ring, &receive));
                ended -= 1;
            }
            ring.enter(Wait::For(None)).unwrap();
            let mut lent = Vec::new();
            for result in results(&mut ring) {
                assert_eq!(result.user_data, 3);
                if result.flags & CQE_MORE == 0 {
                    ended += 1;
                }
                if result.res == -libc::ENOBUFS {
                    continue;
                }
                assert!(result.res > 0 && result.flags & CQE_BUFFER != 0);
                let id = (result.flags >> 16) as u16;
                // SAFETY: this result has named it.
                lent.push(unsafe { pool.take(id, result.res as usize) });
            }
            assert_eq!(pool.left() as usize + lent.len(), 2);
            most = most.max(lent.len());
            for mut lent in lent {
                assert!(lent.len() <= 4);
                bytes.push(lent[0]);
                lent.skip(1);
                bytes.extend_from_slice(&lent);
            }
            assert_eq!(pool.left(), 2);
        }
        assert!(bytes == sent && most == 2);
        drop(ring);
        drop(pool);
    });
}
