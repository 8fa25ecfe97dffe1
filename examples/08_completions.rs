//! How can one loop wait for time, sockets, files and other threads, and all in the same way?
//!
//! Run: `cargo run --example 08_completions`
//!
//! You will see (a test compares all but the figures of steps 1 and 7, and the interface):
//!
//! ```text
//! 1. "can the file be read?" is a question without an answer
//!    poll     yes, at its start; and yes, at its end: always yes
//!    read     has kept the loop for 720 us
//!    epoll    epoll_ctl: Operation not permitted (os error 1)
//! 2. so say what is to be done, and be told when it has been
//!    by       io_uring
//!    timer    has fired three times, and goes on
//! 3. an echo: accept, then read and write in turns
//!    accept   a client, and goes on
//!    echo     5 bytes
//! 4. a file is copied, and the echo does not wait for it
//!    echo     12 bytes
//!    copy     1048576 bytes in 16 parts
//! 5. another thread has something to say
//!    woken    by a thread that has the notifier, and not the loop
//! 6. the client is silent, and we wait no longer
//!    read     is cancelled: 65536 bytes are ours again
//!    cancel   Cancelled
//!    cancel   Dead
//! 7. the loop ends when there is nothing to wait for
//!    cancel   Cancelled
//!    timer    has fired 4 times
//! ```
//!
//! With `--readiness` or `--io_uring` you choose who does the work; without, whatever the
//! system lets us have. `--serve` stays up as an echo server, and prints the command to try.
//!
//! Change first: `CHUNK = 1024`. How many operations does the copy take now, and does the echo
//! wait for all of them? Then `BEAT_MS = 0`: what does the timer become?
//!
//! Needs: `06_work_stealing`, `07_event_loop`. Next: 09 (what the bytes mean).

/// How often the timer fires.
const BEAT_MS: u64 = 5;
/// How much is read at once: the capacity of a buffer.
const CHUNK: usize = 64 * 1024;
/// How large the file is.
const FILE_BYTES: usize = 1024 * 1024;

fn main() -> std::process::ExitCode {
    server::main()
}

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
mod server {
    #[path = "../completions/callbacks.rs"]
    mod callbacks;
    mod say;

    use std::fs::File;
    use std::io::{self, Read as _, Seek as _, Write as _};
    use std::net::{SocketAddr, TcpStream};
    use std::os::fd::AsFd as _;
    use std::path::Path;
    use std::process::ExitCode;
    use std::time::{Duration, Instant};
    use std::{env, fs, process, thread};

    use threadbare::completion::{Answer, Backend, Config, Descriptor, Loop, Run};
    use threadbare::event::net::{self, Share};
    use threadbare::event::{self, Events, v1_poll};

    use callbacks::{Copying, Story, accepted, answered, beat, filled, woken};
    use say::{complain, say};

    use super::{BEAT_MS, CHUNK, FILE_BYTES};

    pub(crate) fn main() -> ExitCode {
        let flags: Vec<String> = env::args().skip(1).collect();
        let done = match flags.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => story(Backend::Auto),
            ["--readiness"] => story(Backend::Readiness),
            ["--io_uring"] => story(Backend::Uring),
            ["--serve"] => serve(),
            _ => {
                complain!(
                    "usage: 08_completions [--readiness | --io_uring | --serve]"
                );
                return ExitCode::from(2);
            }
        };
        let Err(error) = done else {
            return ExitCode::SUCCESS;
        };
        complain!("08_completions: {error}");
        ExitCode::FAILURE
    }

    fn story(backend: Backend) -> io::Result<()> {
        let folder =
            env::temp_dir().join(format!("threadbare-08-{}", process::id()));
        fs::create_dir_all(&folder)?;
        let told = told_in(backend, &folder);
        fs::remove_dir_all(&folder)?;
        told
    }

    // ANCHOR: story
    fn told_in(backend: Backend, folder: &Path) -> io::Result<()> {
        let (from, to) = (folder.join("from"), folder.join("to"));
        let text: Vec<u8> = (b'a'..=b'z').cycle().take(FILE_BYTES).collect();
        fs::write(&from, &text)?;

        say!("1. \"can the file be read?\" is a question without an answer")?;
        ask_whether_it_is_ready(&mut File::open(&from)?)?;

        say!("2. so say what is to be done, and be told when it has been")?;
        let config = Config {
            backend,
            ..Config::default()
        };
        let (turns, story) =
            (&mut Loop::with_config(config)?, &mut Story::default());
        say!("   by       {}", turns.backend())?;
        let timer = turns.timer(Duration::from_millis(BEAT_MS), 0, beat);
        story.until(turns, |story| story.beats == 3)?;
        say!("   timer    has fired three times, and goes on")?;

        say!("3. an echo: accept, then read and write in turns")?;
        let (listener, address) = listen(turns)?;
        let mut client = TcpStream::connect(address)?;
        client.write_all(b"hello")?;
        story.until(turns, |story| story.echoed == 5)?;
        client.read_exact(&mut [0; 5])?;

        say!("4. a file is copied, and the echo does not wait for it")?;
        let (source, target) = (File::open(&from)?, File::create(&to)?);
        let (from, into) = (turns.adopt(source)?, turns.adopt(target)?);
        story.copy = Some(Copying {
            from,
            to: into,
            offset: 0,
            parts: 0,
        });
        turns.read_at(from, 0, Vec::with_capacity(CHUNK), 0, filled);
        client.write_all(b"still there?")?;
        story.until(turns, |story| story.copy.is_none() && story.echoed == 17)?;
        assert!(fs::read(&to)? == text, "the copy is like the original");

        say!("5. another thread has something to say")?;
        let notifier = turns.notifier()?;
        turns.wait_for(&notifier, 0, woken);
        let other = thread::spawn(move || notifier.notify());
        story.until(turns, |story| story.woken)?;
        other.join().expect("it does not panic")?;

        say!("6. the client is silent, and we wait no longer")?;
        let reading = story.reading.expect("the client is read from");
        for count in 1..=2 {
            turns.cancel(reading, 0, answered);
            story.until(turns, |story| story.answers.len() == count)?;
        }
        assert_eq!(story.answers, [Answer::Cancelled, Answer::Dead]);

        say!("7. the loop ends when there is nothing to wait for")?;
        turns.cancel(timer, 0, answered);
        turns.close(listener)?;
        turns.run(story, Run::UntilDone)?;
        say!("   timer    has fired {} times", story.beats)?;
        assert_eq!(turns.active(), 0);
        Ok(())
    }
    // ANCHOR_END: story

    // ANCHOR: ready
    fn ask_whether_it_is_ready(file: &mut File) -> io::Result<()> {
        let events = &mut Events::with_capacity(1);
        let mut poll = v1_poll::Loop::new()?;
        poll.add_read(file.as_fd(), 0)?;
        poll.wait(events, None)?;
        let begin = Instant::now();
        file.read_to_end(&mut Vec::new())?;
        let took = begin.elapsed();
        poll.wait(events, None)?; // there is nothing left
        say!("   poll     yes, at its start; and yes, at its end: always yes")?;
        say!("   read     has kept the loop for {} us", took.as_micros())?;
        file.rewind()?;
        match event::Loop::new()?.add_read(file.as_fd(), 0) {
            Ok(()) => say!("   {:8} yes", event::BACKEND),
            Err(error) => say!("   {:8} {error}", event::BACKEND),
        }
    }
    // ANCHOR_END: ready

    fn serve() -> io::Result<()> {
        let (turns, story) = (&mut Loop::new()?, &mut Story::default());
        let (_, at) = listen(turns)?;
        say!("listening on {at}, {}", turns.backend())?;
        say!("try: nc {} {}", at.ip(), at.port())?;
        story.until(turns, |_| false)
    }

    fn listen(turns: &mut Loop<Story>) -> io::Result<(Descriptor, SocketAddr)> {
        let here = ([127, 0, 0, 1], 0).into();
        let listener = turns.adopt(net::listen(here, 128, Share::Alone)?)?;
        turns.accept(listener, 0, accepted);
        Ok((listener, turns.local_addr(listener)?))
    }
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
)))]
mod server {
    pub(crate) fn main() -> std::process::ExitCode {
        println!("this system has neither epoll nor kqueue");
        0.into()
    }
}
