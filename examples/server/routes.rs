//! The routes of the server programs, the same for chapters 10 and 11.

use std::time::Duration;
use std::{iter, mem, thread};

use threadbare::http::{Refusal, Request, Response, Route, Router};

// ANCHOR: routes
/// Makes the router. Those in `inline` are handled on the loop, the others by the pool, if
/// there is one.
///
/// # Errors
/// A sentence, if `inline` has a path that is none of these.
pub(crate) fn routes(inline: &[String]) -> Result<Router, String> {
    let mut router = Router::new();
    let mut left: Vec<&str> = inline.iter().map(String::as_str).collect();
    let mut place = |path: &str, route: Route<'_>| match left.contains(&path) {
        true => {
            left.retain(|listed| *listed != path);
            route.inline();
        }
        false => route.pooled(),
    };
    place("/", router.get("/", hello));
    place("/echo", router.post("/echo", echo));
    place("/sleep", router.get("/sleep", sleep));
    place("/work", router.get("/work", work));
    place("/bytes", router.get("/bytes", bytes));
    place("/panic", router.get("/panic", panics));
    match left[..] {
        [] => Ok(router),
        [path, ..] => Err(format!("--inline: there is no route {path:?}")),
    }
}

fn hello(_: &Request<'_>, response: &mut Response<'_>) {
    response.text("Hello, World!");
}

fn echo(request: &Request<'_>, response: &mut Response<'_>) {
    response.bytes(request.body());
}

/// Blocks its thread, as a database would that takes its time.
fn sleep(request: &Request<'_>, response: &mut Response<'_>) -> Result<(), Refusal> {
    let ms = request.query_as("ms")?.unwrap_or(0);
    thread::sleep(Duration::from_millis(ms));
    response.text("ok");
    Ok(())
}

/// Uses so many microseconds of its thread's processor time.
fn work(request: &Request<'_>, response: &mut Response<'_>) -> Result<(), Refusal> {
    let us = request.query_as("us")?.unwrap_or(0);
    let (begin, enough) = (cpu_time(), Duration::from_micros(us));
    while cpu_time().saturating_sub(begin) < enough {}
    response.text("ok");
    Ok(())
}

/// Sends so many bytes. They are made while they are sent, so that a client which does not
/// read costs no memory.
fn bytes(request: &Request<'_>, response: &mut Response<'_>) -> Result<(), Refusal> {
    static BLOCK: [u8; 16 * 1024] = [b'x'; 16 * 1024];

    let n: u64 = request.query_as("n")?.unwrap_or(0);
    if let Some(block) = usize::try_from(n).ok().and_then(|n| BLOCK.get(..n)) {
        response.static_bytes(block);
        return Ok(());
    }
    let mut left = n;
    let blocks = iter::from_fn(move || {
        let len = left.min(BLOCK.len() as u64);
        left -= len;
        (len > 0).then(|| &BLOCK[..len as usize])
    });
    response.stream_exact(n, blocks);
    Ok(())
}

fn panics(_: &Request<'_>, _: &mut Response<'_>) {
    panic!("this route does nothing else");
}
// ANCHOR_END: routes

/// The processor time that this thread has used.
#[allow(unsafe_code, reason = "std has no clock for it")]
fn cpu_time() -> Duration {
    // SAFETY: a timespec is two integers, for which zero is a value.
    let mut time: libc::timespec = unsafe { mem::zeroed() };
    let clock = libc::CLOCK_THREAD_CPUTIME_ID;
    // SAFETY: `time` is a live local, which the kernel fills. The clock exists on all systems
    // that have a loop; that it does is asserted, for else `work` would not end.
    let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
    assert_eq!(result, 0, "every thread has a clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
