//! What does a request cost the HTTP servers of others, beside the course's own?
//!
//! Run:  `cargo run --release -p peers --features servers --bin servers` (about ten minutes)
//!       and with ` -- peers` those of chapter 10 alone, with ` -- pooled` those of 11.
//! Then: `cargo run -p benches --bin report -- 10_http_server` writes the book's tables, and
//!       the same with `11_pooled_server`.
//!
//! Each server is a process of its own, with one thread that serves, bound to the first core;
//! all get the same loads in turns (`benches/src/contest.rs`). Each answers `GET /` with
//! `Hello, World!` in the shortest way that its documentation shows. nginx takes part where
//! it is installed.

mod others;

use benches::child::{self, SERVERS_CORE, Server, last_core};
use benches::contest::{Contest, Contestant};
use benches::load::Pace;
use benches::rungs::pooled_server::{self, HANDLERS};
use benches::{machine, mixed, raw, rungs};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The course's own. The first one is the floor.
const OURS: [&str; 2] = ["limit", "http_server"];
/// The chapter of those that have threads for handlers.
const POOLED: &str = "11_pooled_server";
/// Four of them, and `/` stays on the loop.
const INLINE: &str = "pooled_server, / inline";
/// How long nginx may take until it listens.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> io::Result<()> {
    let serve = |name: &str| match rungs::by_name(name) {
        Some(rung) => Some(rungs::serve_for_good(rung)),
        None if name == INLINE => {
            let started = pooled_server::start_with(1, HANDLERS, &["/"]);
            Some(rungs::for_good(started))
        }
        None => others::start(name),
    };
    if child::serving_copy(serve) {
        return Ok(());
    }
    // Asked for first by a thread that is bound to none.
    last_core();
    let start = Server::start;
    let here = OURS.into_iter().filter_map(rungs::by_name);
    let mut all: Vec<Contestant> = here
        .map(|rung| rung.name)
        .chain(others::NAMES)
        .map(|name| Contestant { name, start })
        .collect();
    match nginx("nginx") {
        Ok(_) => all.push(Contestant {
            name: "nginx",
            start: nginx,
        }),
        Err(error) => eprintln!("without nginx: {error}"),
    }
    let contest = Contest {
        chapter: "10_http_server",
        prefix: "peers_",
        time: Duration::from_millis(100),
        rounds: if raw::trial() { 1 } else { 50 },
    };
    contest.hold(&all)?;

    let contestant = |name| Contestant { name, start };
    let pooled = ["limit", "pooled_server", others::ALL_BLOCKING].map(contestant);
    Contest {
        chapter: POOLED,
        prefix: "pooled_",
        rounds: contest.rounds.div_ceil(2),
        ..contest
    }
    .hold(&pooled)?;
    let mixed = [INLINE, "hyper", others::SLOW_BLOCKING].map(contestant);
    let time = Duration::from_millis(if raw::trial() { 100 } else { 2_000 });
    for (group, pace) in [
        ("pooled_open", Pace::Open { per_second: 2_000 }),
        ("pooled_closed", Pace::Closed { pipeline: 1 }),
    ] {
        if raw::wanted(group) {
            mixed::hold(POOLED, group, pace, time, &mixed)?;
        }
    }
    Ok(())
}

/// One process of nginx, in the foreground, with a configuration of its own.
fn nginx(_: &str) -> io::Result<Server> {
    let any = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address: SocketAddr = any.local_addr()?;
    drop(any);
    let folder = std::env::temp_dir().join(format!("nginx-{}", address.port()));
    fs::create_dir_all(&folder)?;
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration(address))?;
    // It inherits the core of who starts it.
    let _ = machine::pin_to(SERVERS_CORE);
    let child = Command::new("nginx")
        .arg("-p")
        .arg(&folder)
        .arg("-c")
        .arg(&file)
        .args(["-e", "/dev/null"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _ = machine::pin_to(last_core());
    let server = Server::of(child?, address);
    let started = Instant::now();
    while TcpStream::connect(address).is_err() {
        if started.elapsed() > PATIENCE {
            return Err(io::Error::other("nginx does not listen"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(server)
}

fn configuration(address: SocketAddr) -> String {
    format!(
        "daemon off; master_process off; pid nginx.pid;
worker_rlimit_nofile 20000;
events {{ worker_connections 16000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{
        listen {address} backlog=4096;
        location / {{ default_type text/plain; return 200 'Hello, World!'; }}
    }}
}}
"
    )
}
