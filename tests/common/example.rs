//! An example as a test sees it: the program that cargo builds, the output that the first
//! lines of its source promise, and what a chapter shows of that.

#![allow(dead_code, reason = "no test needs all of it")]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use std::{env, fs};
use threadbare::testkit::within;

/// When an example counts as hung. None needs more than some seconds.
const LIMIT: Duration = Duration::from_secs(120);

/// Flags that every server program refuses, and a part of what it says of each.
const WRONG: &[(&[&str], &str)] = &[
    (&["--help"], "with one it serves"),
    (&["--sever"], "there is no flag --sever"),
    (&["--sever", "1"], "there is no flag --sever"),
    (&["serve"], "\"serve\" is no flag"),
    (&["--port"], "--port needs a value"),
    (
        &["--port", "65536"],
        "--port needs a number that fits, not \"65536\"",
    ),
    (&["--max-conn", "-1"], "--max-conn needs a number that fits"),
    (
        &["--timeout-request-ms="],
        "--timeout-request-ms needs a number",
    ),
    (&["--inline", "/nowhere"], "there is no route \"/nowhere\""),
];

/// One of the programs in `examples`.
pub(crate) struct Example {
    name: &'static str,
    /// The file with the promise, then the files and folders that are built with it.
    sources: &'static [&'static str],
    program: OnceLock<PathBuf>,
}

impl Example {
    pub(crate) const fn new(
        name: &'static str,
        sources: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            sources,
            program: OnceLock::new(),
        }
    }

    /// The program. It is looked for once, and so before anything is written.
    pub(crate) fn command(&self) -> Command {
        Command::new(self.program.get_or_init(|| self.find()))
    }

    /// The program, which is newer than its sources: tests lie in `deps`, examples beside
    /// that folder. `cargo test` has built it, `cargo test --test NAME` has not; then it is
    /// built here.
    fn find(&self) -> PathBuf {
        let test = env::current_exe().unwrap();
        let folder = test.parent().and_then(Path::parent).unwrap();
        let file = format!("{}{}", self.name, env::consts::EXE_SUFFIX);
        let program = folder.join("examples").join(file);
        let newest = self
            .sources
            .iter()
            .map(|path| written(&at_root(path)))
            .max();
        let is_new =
            || fs::metadata(&program).is_ok() && Some(written(&program)) >= newest;
        if !is_new() {
            self.build(folder);
        }
        assert!(is_new(), "first run: cargo build --example {}", self.name);
        program
    }

    /// Has cargo build it into `folder`: that of a profile, beside those of the others.
    fn build(&self, folder: &Path) {
        let profile = match folder.file_name().and_then(OsStr::to_str) {
            Some("debug") | None => "dev",
            Some(profile) => profile,
        };
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "--package", "threadbare", "--profile", profile])
            .args(["--example", self.name, "--target-dir"])
            .arg(folder.parent().unwrap())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {complaint}", self.name);
    }

    /// Runs it, however it ends.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        within(LIMIT, || self.command().args(arguments).output().unwrap())
    }

    /// What it prints; it succeeds.
    pub(crate) fn output_of(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the example failed: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Of each of these flags, and of those that no server program has, it says in one line
    /// what is wrong, and in a second how it is used; and ends with 2.
    #[track_caller]
    pub(crate) fn refuses(&self, more: &[(&[&str], &str)]) {
        for (flags, sentence) in WRONG.iter().chain(more) {
            let output = self.run(flags);
            assert_eq!(output.status.code(), Some(2), "{flags:?}: {output:?}");
            let said = String::from_utf8(output.stderr).unwrap();
            let lines: Vec<&str> = said.lines().collect();
            let [first, usage] = lines[..] else {
                panic!("{flags:?}: {said}");
            };
            let name = self.name;
            assert!(first.starts_with(&format!("{name}: ")), "{first}");
            assert!(first.contains(sentence), "{flags:?}: {first}");
            let start = format!("usage: {name} [--port N] ");
            assert!(usage.starts_with(&start), "{usage}");
            assert!(output.stdout.is_empty(), "{flags:?}");
        }
    }

    /// What it says may reach nobody, and that is no reason to panic: it ends with 1, or with
    /// 2 if it was misused. As long as there is somebody to hear complaints, it is one line.
    /// With the flag `serves` it would stay up.
    #[track_caller]
    pub(crate) fn minds_no_listener(&self, serves: &str) {
        let gone = || {
            let (reader, writer) = io::pipe().unwrap();
            drop(reader);
            writer
        };
        within(LIMIT, || {
            let story = self.command().stdout(gone()).output().unwrap();
            let said = String::from_utf8(story.stderr).unwrap();
            let start = format!("{}: standard output: ", self.name);
            assert!(said.starts_with(&start), "{said}");
            let ended = (story.status.code(), said.lines().count());
            assert_eq!(ended, (Some(1), 1), "{said}");
            for (flags, code) in [(&[][..], 1), (&[serves], 1), (&["--sever"], 2)] {
                let mut command = self.command();
                let command = command.args(flags).stdout(gone()).stderr(gone());
                assert_eq!(
                    command.status().unwrap().code(),
                    Some(code),
                    "{flags:?}"
                );
            }
        });
    }

    /// With `--serve` it says where, and how to try that, and what it serves is an echo.
    #[track_caller]
    pub(crate) fn serves_an_echo(&self) {
        within(LIMIT, || {
            let mut command = self.command();
            command.arg("--serve").stdout(Stdio::piped());
            let mut server = command.spawn().unwrap();
            let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
            let said = lines.next().unwrap().unwrap();
            let address = said.strip_prefix("listening on ").unwrap();
            let address = address.split(',').next().unwrap();
            let command = lines.next().unwrap().unwrap();
            let how = format!("try: nc {}", address.replace(':', " "));
            assert!(command.starts_with(&how), "{command}");

            let mut client = TcpStream::connect(address).unwrap();
            client.write_all(b"over there?").unwrap();
            client.shutdown(Shutdown::Write).unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            assert_eq!(answer, "over there?");
            server.kill().unwrap();
            server.wait().unwrap();
        });
    }

    /// What is not among its flags gets the usage alone.
    #[track_caller]
    pub(crate) fn knows_only(&self, flags: &str) {
        for arguments in [&["--server"][..], &["--serve", "8080"]] {
            let output = self.run(arguments);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(said, format!("usage: {} [{flags}]\n", self.name));
            assert!(output.stdout.is_empty());
        }
    }

    /// The output that its first lines promise.
    pub(crate) fn promise(&self) -> String {
        let source = read(self.sources[0]);
        let (_, promise, _) = parts(&source);
        let line = |line: &str| {
            let line = line.strip_prefix("//!").unwrap_or_default();
            format!("{}\n", line.strip_prefix(' ').unwrap_or(line))
        };
        promise.lines().map(line).collect()
    }

    /// Compares what was `printed` with the promise, but for what `shape` leaves out of
    /// both; or writes the promise anew.
    #[track_caller]
    pub(crate) fn has_promised(
        &self,
        printed: &str,
        shape: impl Fn(&str) -> String,
    ) {
        if !is_to_write() {
            return assert_eq!(shape(&self.promise()), shape(printed));
        }
        let source = read(self.sources[0]);
        let (before, _, after) = parts(&source);
        let line = |line: &str| format!("{}\n", format!("//! {line}").trim_end());
        let promise: String = printed.lines().map(line).collect();
        let text = format!("{before}//! ```text\n{promise}//! ```\n{after}");
        fs::write(at_root(self.sources[0]), text).unwrap();
    }
}

/// When the file was written, or the newest one in the folder.
fn written(path: &Path) -> SystemTime {
    match path.read_dir() {
        Ok(files) => files.map(|it| written(&it.unwrap().path())).max().unwrap(),
        Err(_) => fs::metadata(path).unwrap().modified().unwrap(),
    }
}

/// A source, as it is around its promise.
fn parts(source: &str) -> (&str, &str, &str) {
    let (before, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, after) = rest.split_once("//! ```\n").unwrap();
    (before, promise, after)
}

/// The output, with the anchors by which a chapter includes its parts: of each its name, and
/// how its first line begins.
pub(crate) fn pieces(output: &str, parts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (index, (anchor, begin)) in parts.iter().enumerate() {
        let is_next = |line: &str| {
            let next = parts.get(index + 1);
            next.is_some_and(|(_, begin)| line.starts_with(begin))
        };
        let _ = writeln!(text, "ANCHOR: {anchor}");
        let part = output.lines().skip_while(|line| !line.starts_with(begin));
        for line in part.take_while(|line| !is_next(line)) {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "ANCHOR_END: {anchor}");
    }
    text
}

/// Compares what the book shows with `text`; or writes it anew.
#[track_caller]
pub(crate) fn is_shown(file: &str, text: &str) {
    if is_to_write() {
        fs::create_dir_all(at_root(file).parent().unwrap()).unwrap();
        return fs::write(at_root(file), text).unwrap();
    }
    assert_eq!(read(file), text);
}

fn is_to_write() -> bool {
    env::var_os("THREADBARE_WRITE").is_some()
}

/// The text of a file of the repository, or none.
pub(crate) fn read(path: &str) -> String {
    let text = fs::read_to_string(at_root(path)).unwrap_or_default();
    text.replace("\r\n", "\n")
}

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
