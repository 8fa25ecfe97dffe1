//! A rung in a process of its own, and which core is whose.

use benches::machine;
use benches::rungs::{self, Rung};
use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{self, Child, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

/// How long a server may take to stop before it is killed.
const STOP: Duration = Duration::from_secs(10);

/// The child's half: one rung, until the parent closes our standard input, be it because
/// the measurement is over or because the parent is gone.
pub(super) fn serve(name: &str, core: Option<usize>) -> io::Result<()> {
    let rung = rungs::by_name(name).ok_or(io::ErrorKind::NotFound)?;
    if let Some(core) = core {
        machine::pin_to(core)?;
    }
    let server = (rung.start)()?;
    println!("listening on http://{}", server.address());
    io::stdin().read_to_end(&mut Vec::new())?;
    server.stop();
    Ok(())
}

/// A rung in a process of its own.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Server {
    pub(super) fn start(rung: &Rung, core: Option<usize>) -> io::Result<Self> {
        let mut command = process::Command::new(env::current_exe()?);
        command.args(["--serve", rung.name]);
        if let Some(core) = core {
            command.args(["--core", &core.to_string()]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let address = line.trim().strip_prefix("listening on http://");
        match address.and_then(|address| address.parse().ok()) {
            Some(address) => Ok(Self { child, address }),
            None => {
                let status = child.wait()?;
                let name = rung.name;
                Err(io::Error::other(format!("{name} did not start: {status}")))
            }
        }
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends the server by closing its standard input, and by force if that is not enough.
    pub(super) fn stop(mut self) -> io::Result<()> {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + STOP;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return match status.success() {
                    true => Ok(()),
                    false => Err(io::Error::other(format!("the server: {status}"))),
                };
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.child.kill()?;
        self.child.wait()?;
        Err(io::Error::other(format!(
            "the server did not stop within {STOP:?}"
        )))
    }
}

/// Which core is whose.
#[derive(Clone, Copy)]
pub(super) struct Cores {
    pub(super) server: Option<usize>,
}

impl Cores {
    /// Binds the driver to the last core and leaves the first one to the server.
    pub(super) fn share_out() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let bound = match cores {
            1 => Err(io::Error::other("there is only one core")),
            _ => machine::pin_to(cores - 1),
        };
        match bound {
            Ok(()) => Self { server: Some(0) },
            Err(err) => {
                eprintln!("ladder: server and driver share their cores: {err}");
                Self { server: None }
            }
        }
    }
}
