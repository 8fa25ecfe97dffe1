//! A copy of this program that serves one row: its CPU time and its system calls are then
//! the server's alone, and it has a core of its own.

use std::env;
use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use crate::{machine, syscalls};

/// The order to a copy of this process: the name of a server.
const SERVE: &str = "THREADBARE_BENCH_SERVE";
/// Where the servers run. The clients have the last core.
pub const SERVERS_CORE: usize = 0;

/// Returns the number of the last core. Asked for first by a thread that is not bound to
/// any: one that is would count only its own.
pub fn last_core() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    let count = || thread::available_parallelism().map_or(1, usize::from);
    *CORES.get_or_init(count) - 1
}

/// Starts a server of some design.
pub type Start = fn() -> io::Result<SocketAddr>;

/// Finds a server in tables of names and starts it.
pub fn start_of(
    servers: &[&[(&str, Start)]],
    name: &str,
) -> Option<io::Result<SocketAddr>> {
    let mut servers = servers.iter().copied().flatten();
    let (_, start) = servers.find(|(found, _)| *found == name)?;
    Some(start())
}

/// If this process is such a copy: has `start` start what the name says, and serves until
/// the parent is done, or gone.
///
/// # Panics
/// If it is one, and there is no such server or no port.
pub fn serving_copy(
    start: impl FnOnce(&str) -> Option<io::Result<SocketAddr>>,
) -> bool {
    let Ok(name) = env::var(SERVE) else {
        return false;
    };
    // Where a thread cannot be bound to a core, the system decides.
    let _ = machine::pin_to(SERVERS_CORE);
    let started = start(&name).expect("the name of a server");
    let address = started.expect("a free port");
    println!("{address}");
    let end = io::stdin().read_to_end(&mut Vec::new());
    end.expect("standard input is a pipe");
    true
}

/// A server in a process of its own. Dropped, it ends.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// A copy of this program ends when this is closed, also if this process is killed.
    _alive: Option<ChildStdin>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts a copy of this program that serves what is called `name`, on the first core.
    ///
    /// # Errors
    /// If there is no process to be had, or it ends without an address.
    ///
    /// # Panics
    /// Never: its input and output are pipes.
    pub fn start(name: &str) -> io::Result<Self> {
        Self::start_in(&env::current_exe()?, name)
    }

    /// The same of another program.
    ///
    /// # Errors
    /// As [`Server::start`].
    ///
    /// # Panics
    /// As [`Server::start`].
    pub fn start_in(program: &Path, name: &str) -> io::Result<Self> {
        let mut child = Command::new(program)
            .env(SERVE, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let alive = child.stdin.take();
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self {
            child,
            _alive: alive,
            address,
        })
    }

    /// Takes over another program, which listens on `address`.
    pub fn of(child: Child, address: SocketAddr) -> Self {
        Self {
            child,
            _alive: None,
            address,
        }
    }

    /// Its number.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// CPU time of all its threads so far, where the system says.
    pub fn cpu_time(&self) -> Option<Duration> {
        machine::cpu_time_of(self.child.id())
    }

    /// Counts the system calls that it makes while `load` runs.
    pub fn calls<T>(&self, load: impl FnOnce() -> T) -> (T, Result<u64, String>) {
        syscalls::count(self.child.id(), load)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
