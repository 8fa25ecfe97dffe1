use super::*;
use crate::event::{Events, Loop, Slab};
use crate::ground::thread;
use crate::testkit::within;
use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

/// What reads and writes, and the loop that its waker wakes.
struct Bench {
    files: Files,
    event_loop: Loop,
    events: Events,
    slab: Slab<()>,
}

impl Bench {
    fn new(threads: usize) -> Self {
        let event_loop = Loop::new().unwrap();
        let waker = Waker::Readiness(event_loop.waker());
        Self {
            files: Files::new(threads, waker).unwrap(),
            event_loop,
            events: Events::with_capacity(4),
            slab: Slab::new(),
        }
    }

    /// Waits until something has come back.
    fn wait(&mut self) -> Vec<FileDone> {
        let mut done = Vec::new();
        while done.is_empty() {
            self.event_loop.wait(&mut self.events, None).unwrap();
            self.files.take(&mut done);
        }
        done
    }

    fn one(&mut self, op: FileOp) -> FileDone {
        let key = self.slab.insert(());
        self.files.submit(key, op).unwrap();
        let mut done = self.wait();
        assert_eq!((done.len(), done[0].key), (1, key));
        self.slab.remove(key);
        self.slab.retire();
        done.remove(0)
    }
}

fn op(file: &File, write: bool, offset: u64, buffer: Vec<u8>) -> FileOp {
    let fd = file.as_raw_fd();
    FileOp {
        fd,
        offset,
        write,
        buffer,
    }
}

/// A file that is there for one test.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> (Self, File) {
        let name = format!("threadbare-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(true);
        let file = file.open(&path).unwrap();
        (Self(path), file)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn what_is_written_is_read_into_the_room_that_is_left() {
    within(LIMIT, || {
        let (_temporary, file) = Temporary::new("files");
        let mut bench = Bench::new(2);
        let written = bench.one(op(&file, true, 3, b"written".to_vec()));
        assert_eq!(written.result.unwrap(), 7);
        assert_eq!(written.buffer, b"written");

        let mut buffer = Vec::with_capacity(64);
        buffer.extend_from_slice(b"so: ");
        let place = buffer.as_ptr();
        let read = bench.one(op(&file, false, 3, buffer));
        assert_eq!(read.result.unwrap(), 7);
        assert_eq!(
            (read.buffer.as_ptr(), &*read.buffer),
            (place, &b"so: written"[..])
        );

        let end = bench.one(op(&file, false, 10, read.buffer));
        assert_eq!(end.result.unwrap(), 0, "the end of the file");
    });
}

#[test]
fn what_the_kernel_refuses_comes_back_with_the_buffer() {
    within(LIMIT, || {
        let (temporary, file) = Temporary::new("refused");
        let read_only = File::open(&temporary.0).unwrap();
        let mut bench = Bench::new(1);
        let code =
            |done: &FileDone| done.result.as_ref().unwrap_err().raw_os_error();
        let refused = bench.one(op(&read_only, true, 0, vec![1, 2]));
        assert_eq!(
            (code(&refused), refused.buffer),
            (Some(libc::EBADF), vec![1, 2])
        );
        let too_far = bench.one(op(&file, true, u64::MAX, vec![3]));
        assert_eq!(
            (code(&too_far), too_far.buffer),
            (Some(libc::EOVERFLOW), vec![3])
        );
    });
}

/// All that is handed in comes back once: withdrawn, with its buffer as it was, or done. And
/// as many errands are used as operations were there at once.
#[test]
fn each_comes_back_once() {
    within(LIMIT, || {
        let (_temporary, file) = Temporary::new("once");
        let mut bench = Bench::new(2);
        let (mut withdrawn, mut done) = (0, Vec::new());
        for round in 0..100_u64 {
            let keys: Vec<_> = (0..8).map(|_| bench.slab.insert(())).collect();
            for (n, &key) in (0..).zip(&keys) {
                let byte = vec![n as u8; 1];
                bench.files.submit(key, op(&file, true, n, byte)).unwrap();
            }
            for (n, &key) in keys.iter().enumerate() {
                if (round + n as u64).is_multiple_of(2)
                    && let Some(buffer) = bench.files.withdraw(key)
                {
                    assert_eq!(buffer, [n as u8]);
                    assert!(bench.files.withdraw(key).is_none(), "once");
                    withdrawn += 1;
                    bench.slab.remove(key);
                }
            }
            while !bench.slab.is_empty() {
                bench.files.take(&mut done);
                for it in done.drain(..) {
                    assert_eq!(it.result.unwrap(), 1);
                    assert!(bench.files.withdraw(it.key).is_none(), "too late");
                    bench.slab.remove(it.key).expect("once");
                }
                thread::yield_now();
            }
            bench.slab.retire();
        }
        println!("{withdrawn} of 800 were withdrawn");
        assert_eq!(bench.files.errands.len(), 8);
        assert_eq!(bench.files.free.len(), 8);
    });
}

#[test]
fn dropped_it_lets_go_of_all() {
    within(LIMIT, || {
        let (_temporary, file) = Temporary::new("dropped");
        let mut bench = Bench::new(1);
        for n in 0..64 {
            let key = bench.slab.insert(());
            bench
                .files
                .submit(key, op(&file, true, n, vec![7; 1 << 12]))
                .unwrap();
        }
        let desk = Arc::clone(&bench.files.desk);
        drop(bench);
        assert_eq!(Arc::strong_count(&desk), 1, "no thread has it any more");
    });
}
