//! Counts the system calls of another process while a load runs.
//!
//! `perf stat` on the tracepoint `raw_syscalls:sys_enter` costs the server next to nothing;
//! `strace -f -c` stops it twice for each call, so it is second choice: a server that is
//! slowed down finds more work on each wake-up and looks better than it is.

#![allow(
    unsafe_code,
    reason = "std cannot send SIGINT, which is how both are told to stop"
)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

/// Calls `load` and returns what it returns, with the number of system calls that `process`
/// made meanwhile, or the reason why they could not be counted.
pub fn count<T>(process: u32, load: impl FnOnce() -> T) -> (T, Result<u64, String>) {
    match Perf::attach(process) {
        Ok(perf) => {
            let result = load();
            (result, perf.finish().map_err(|err| format!("perf: {err}")))
        }
        Err(no_perf) => match Strace::attach(process) {
            Ok(strace) => {
                let result = load();
                (
                    result,
                    strace.finish().map_err(|err| format!("strace: {err}")),
                )
            }
            Err(no_strace) => {
                (load(), Err(format!("perf: {no_perf}; strace: {no_strace}")))
            }
        },
    }
}

/// A child process that is killed, if it still runs, when it is no longer needed.
#[derive(Debug)]
struct Tool(Child);

impl Tool {
    fn interrupt(&self) {
        let id = self.0.id() as libc::pid_t;
        // SAFETY: no pointer is passed. The child is ours and has not been waited for, so
        // the id is still its own.
        unsafe { libc::kill(id, libc::SIGINT) };
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        // Both fail only if it has ended, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Perf(Tool);

impl Perf {
    /// Starts perf with its counter off, and switches the counter on when it is attached.
    fn attach(process: u32) -> io::Result<Self> {
        let id = process.to_string();
        let perf = Command::new("perf")
            .args(["stat", "-x,", "-D", "-1", "--control", "fd:0,1"])
            .args(["-e", "raw_syscalls:sys_enter", "-p", &id])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut perf = Self(Tool(perf));
        if let Err(err) = perf.order("enable\n") {
            let said = perf.end().unwrap_or_default();
            let why = said.lines().find(|line| !line.trim().is_empty());
            return Err(io::Error::other(
                why.unwrap_or(&err.to_string()).to_string(),
            ));
        }
        Ok(perf)
    }

    /// Gives perf an order and waits until it says that it was carried out.
    fn order(&mut self, order: &str) -> io::Result<()> {
        let no_pipe = || io::Error::other("no pipe to perf");
        let child = &mut self.0.0;
        child
            .stdin
            .as_mut()
            .ok_or_else(no_pipe)?
            .write_all(order.as_bytes())?;
        let answers = child.stdout.as_mut().ok_or_else(no_pipe)?;
        let mut byte = [0];
        while byte != *b"\n" {
            answers.read_exact(&mut byte)?;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<u64> {
        self.order("disable\n")?;
        let said = self.end()?;
        let line = said
            .lines()
            .find(|line| line.contains("raw_syscalls:sys_enter"));
        let number = line.and_then(|line| line.split(',').next()?.parse().ok());
        number.ok_or_else(|| io::Error::other(format!("no count in {said:?}")))
    }

    /// Ends perf and returns what it printed.
    fn end(&mut self) -> io::Result<String> {
        self.0.interrupt();
        let mut said = String::new();
        if let Some(mut stderr) = self.0.0.stderr.take() {
            stderr.read_to_string(&mut said)?;
        }
        Ok(said)
    }
}

struct Strace {
    tool: Tool,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Strace {
    fn attach(process: u32) -> io::Result<Self> {
        let mut strace = Command::new("strace")
            .args(["-f", "-c", "-U", "calls,name", "-p", &process.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = strace
            .stderr
            .take()
            .ok_or_else(|| io::Error::other("no pipe"))?;
        let mut stderr = BufReader::new(stderr);
        let tool = Tool(strace);
        // "strace: Process 1234 attached with 65 threads"
        let mut line = String::new();
        stderr.read_line(&mut line)?;
        match line.contains(" attached") {
            true => Ok(Self { tool, stderr }),
            false => Err(io::Error::other(line.trim().to_string())),
        }
    }

    fn finish(mut self) -> io::Result<u64> {
        self.tool.interrupt();
        let mut said = String::new();
        self.stderr.read_to_string(&mut said)?;
        let total = said
            .lines()
            .find_map(|line| line.trim().strip_suffix("total"));
        let number = total.and_then(|number| number.trim().parse().ok());
        number.ok_or_else(|| io::Error::other(format!("no count in {said:?}")))
    }
}
