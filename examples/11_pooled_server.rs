//! Who waits for a handler that takes its time?
//!
//! Run: `cargo run --example 11_pooled_server`
//!
//! You will see (a test compares all but the milliseconds of step 3):
//!
//! ```text
//! 1. one thread: while a handler waits, everybody does
//!    fast     nothing in 100 ms
//!    slow     200 OK
//!    fast     200 OK
//! 2. handlers on 4 threads: one waits, the loop goes on
//!    fast     200 OK
//!    slow     200 OK
//! 3. 8 handlers at once, of which each sleeps for 200 ms
//!    all      after 413 ms
//! 4. at work 4, waiting 4, and two more come
//!    refused  503 Service Unavailable, Retry-After: 1
//!    refused  200 OK
//!    refused  503 Service Unavailable, Retry-After: 1
//!    refused  200 OK
//!    others   8 times 200 OK
//! 5. a client leaves while its handler is at work
//!    dropped  an answer for which nobody waits
//! 6. told to stop, it finishes what it has begun
//!    late     is not let in
//!    slow     200 OK, Connection: close
//!    refused 2, open 0
//! ```
//!
//! With `--port 8080`, or any other flag, it serves until it gets a signal (`Ctrl-C`), finishes
//! what it has begun, and ends: `--handler-threads 4 --inline /` has two pools as in step 2, and
//! `--root DIR` serves files.
//!
//! Change first: `QUEUE = 0`. How long does step 3 take now, and are there still two refused
//! in step 4? Then `HANDLERS = 1`: does `fast` have to wait in step 2?
//!
//! Needs: `10_http_server`, `06_work_stealing`. Next: 12 (the same without threads that wait).

/// How many threads run handlers, from step 2 on.
const HANDLERS: usize = 4;
/// How many requests may wait for one of them.
const QUEUE: usize = 4;
/// How long a handler of step 3 sleeps.
const SLEEP_MS: u64 = 200;

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
    mod caller;
    mod flags;
    mod house;
    mod program;
    mod routes;
    mod say;

    use std::io::{self, ErrorKind};
    use std::mem;
    use std::path::Path;
    use std::process::ExitCode;
    use std::time::Instant;

    use threadbare::http::{Config, Server, StaticFiles};

    use house::House;
    use program::misused;
    use say::say;

    use super::{HANDLERS, QUEUE, SLEEP_MS};

    pub(crate) fn main() -> ExitCode {
        program::run("11_pooled_server", story, serve)
    }

    // ANCHOR: serve
    fn serve(flags: flags::Flags) -> io::Result<()> {
        let mut server = match &flags.root {
            Some(root) => Server::bind(flags.config, files(root)?)?,
            None => {
                let router = routes::routes(&flags.inline).map_err(misused)?;
                Server::bind(flags.config, router)?
            }
        };
        server.shutdown_on_signals()?;
        say!("listening on http://{}", server.address())?;
        server.run()
    }
    // ANCHOR_END: serve

    /// A directory that is not there is no misuse of the program: 1, and no usage.
    fn files(root: &Path) -> io::Result<StaticFiles> {
        StaticFiles::new(root).map_err(|error| match error.kind() {
            ErrorKind::InvalidInput => io::Error::other(error.to_string()),
            _ => error,
        })
    }

    // ANCHOR: story
    fn story() -> io::Result<()> {
        one_thread()?;
        let house = House::open(Config {
            handler_threads: HANDLERS,
            queue_cap: QUEUE,
            ..Config::default()
        })?;
        two_pools(&house)?;
        all_at_once(&house)?;
        too_many(&house)?;
        one_leaves(&house)?;
        the_end(house)
    }
    // ANCHOR_END: story

    // ANCHOR: one_thread
    fn one_thread() -> io::Result<()> {
        say!("1. one thread: while a handler waits, everybody does")?;
        let house = House::open(Config::default())?;
        let mut slow = house.call("slow", "/held")?;
        house.holds(1);
        let mut fast = house.call("fast", "/")?;
        fast.must_wait()?;
        house.let_go(1);
        slow.must_get("200 OK")?;
        fast.must_get("200 OK")?;
        drop((slow, fast));
        house.close()
    }
    // ANCHOR_END: one_thread

    // ANCHOR: two_pools
    fn two_pools(house: &House) -> io::Result<()> {
        say!("2. handlers on {HANDLERS} threads: one waits, the loop goes on")?;
        let mut slow = house.call("slow", "/held")?;
        house.holds(1);
        let mut fast = house.call("fast", "/")?;
        fast.must_get("200 OK")?;
        house.let_go(1);
        slow.must_get("200 OK")
    }
    // ANCHOR_END: two_pools

    fn all_at_once(house: &House) -> io::Result<()> {
        let all = HANDLERS + QUEUE;
        say!("3. {all} handlers at once, of which each sleeps for {SLEEP_MS} ms")?;
        let (begin, sleep) = (Instant::now(), format!("/sleep?ms={SLEEP_MS}"));
        let mut sleepers = Vec::new();
        for _ in 0..all {
            sleepers.push(house.call("", &sleep)?);
        }
        for mut sleeper in sleepers {
            sleeper.must_get("200 OK")?;
        }
        say!("   all      after {} ms", begin.elapsed().as_millis())?;
        Ok(())
    }

    // ANCHOR: too_many
    fn too_many(house: &House) -> io::Result<()> {
        say!("4. at work {HANDLERS}, waiting {QUEUE}, and two more come")?;
        let mut callers = Vec::new();
        for _ in 0..HANDLERS + QUEUE + 2 {
            callers.push(house.call("", "/held")?);
        }
        // Which two it is, nobody can say: they came at the same time.
        let mut refused = Vec::new();
        while refused.len() < 2 {
            for mut caller in mem::take(&mut callers) {
                match caller.has_answer_in(1)? {
                    true => refused.push(caller),
                    false => callers.push(caller),
                }
            }
        }
        for mut caller in refused {
            caller.name = "refused";
            caller.must_get("503 Service Unavailable")?;
            caller.ask("/")?;
            caller.must_get("200 OK")?;
        }
        house.let_go(HANDLERS + QUEUE);
        for caller in &mut callers {
            caller.must_get("200 OK")?;
        }
        say!("   others   {} times 200 OK", callers.len())?;
        house.holds(HANDLERS + QUEUE);
        Ok(())
    }
    // ANCHOR_END: too_many

    // ANCHOR: one_leaves
    fn one_leaves(house: &House) -> io::Result<()> {
        say!("5. a client leaves while its handler is at work")?;
        let gone = house.call("gone", "/held")?;
        house.holds(1);
        gone.leave()?;
        // Its connection is closed, and the handler knows nothing of it.
        house.until(|totals| totals.open == 0);
        house.let_go(1);
        house.until(|totals| totals.stale == 1);
        say!("   dropped  an answer for which nobody waits")?;
        Ok(())
    }
    // ANCHOR_END: one_leaves

    // ANCHOR: the_end
    fn the_end(house: House) -> io::Result<()> {
        say!("6. told to stop, it finishes what it has begun")?;
        let mut slow = house.call("slow", "/held")?;
        house.holds(1);
        house.shut();
        say!("   late     is not let in")?;
        house.let_go(1);
        slow.must_get("200 OK")?;
        drop(slow); // the server gives who has had a last answer a moment
        let metrics = house.metrics.clone();
        house.close()?;
        let totals = metrics.totals();
        say!("   refused {}, open {}", totals.shed, totals.open)?;
        assert_eq!((totals.shed, totals.open), (2, 0));
        Ok(())
    }
    // ANCHOR_END: the_end
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
