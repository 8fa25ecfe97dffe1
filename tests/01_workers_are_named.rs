//! Property: workers are called `NAME-0`, `NAME-1`, ... in Rust and in the kernel.

use std::thread;
use threadbare::thread::{Workers, join_all};

#[test]
fn rust_sees_the_whole_name() {
    let mut workers = Workers::named("a-rather-long-prefix");
    let running: Vec<_> = (0..3)
        .map(|_| {
            workers
                .spawn(|| thread::current().name().map(str::to_owned))
                .unwrap()
        })
        .collect();
    for (number, name) in join_all(running).into_iter().enumerate() {
        assert_eq!(
            name.unwrap(),
            Some(format!("a-rather-long-prefix-{number}"))
        );
    }
}

/// What the documentation of `Workers::named` says about Linux: 15 bytes, then cut.
#[cfg(target_os = "linux")]
#[test]
fn the_kernel_sees_fifteen_bytes() {
    let comm = || std::fs::read_to_string("/proc/thread-self/comm").unwrap();
    let short = Workers::named("fetch").spawn(comm).unwrap().join().unwrap();
    assert_eq!(short, "fetch-0\n");
    let long = Workers::named("fifteen-and-more")
        .spawn(comm)
        .unwrap()
        .join()
        .unwrap();
    assert_eq!(long, "fifteen-and-mor\n");
}

/// Threads of a scope are numbered by the same counter.
#[test]
fn scoped_workers_go_on_with_the_numbers() {
    let mut workers = Workers::named("mix");
    workers.spawn(|| ()).unwrap().join().unwrap();
    let name = thread::scope(|scope| {
        let worker = workers.spawn_scoped(scope, || ()).unwrap();
        worker.thread().name().map(str::to_owned)
    });
    assert_eq!(name.as_deref(), Some("mix-1"));
}
