//! The program as its users have it: started in a folder that has a book, asked over a
//! socket, ended by a signal.
#![cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]

use std::fs;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use threadbare::testkit::within;

/// Each test builds its small book a few times; the machine may be busy.
const LIMIT: Duration = Duration::from_secs(120);

const SUMMARY: &str = "# Summary\n\n- [One](one.md)\n- [Two](two.md)\n";

/// A list of chapters with nothing to tell where it ends.
const BROKEN: &str = "- [One](one.md)\n\n[Last](two.md)\n\n- [Two](two.md)\n";

/// A folder with a book of two pages, taken away at the end.
struct Tree(PathBuf);

impl Tree {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // ORDERING: Relaxed. Only the number must differ from call to call.
        let number = NUMBER.fetch_add(1, Relaxed);
        let name = format!("book-{}-{number}", std::process::id());
        Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    fn with_book() -> Self {
        let tree = Self::new();
        tree.write("book/book.toml", "[book]\ntitle = \"A book\"\n");
        tree.write("book/src/SUMMARY.md", SUMMARY);
        tree.write("book/src/one.md", "# One\n\nThe first page.\n");
        tree.write("book/src/two.md", "# Two\n\nThe second page.\n");
        tree
    }

    /// Writes a file as careful editors do: beside it, and then in its place.
    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        let beside = path.with_extension("new");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&beside, text).unwrap();
        fs::rename(beside, path).unwrap();
    }

    fn command(&self, flags: &[&str]) -> Command {
        fs::create_dir_all(&self.0).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_course-serve"));
        command.args(flags).current_dir(&self.0);
        for name in ["CARGO_MANIFEST_DIR", "CARGO_TARGET_DIR"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, flags: &[&str]) -> Output {
        self.command(flags).output().unwrap()
    }

    fn serve(&self) -> Served {
        let mut child = self
            .command(&["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let mut served = Served {
            child,
            lines: BufReader::new(out).lines(),
            address: String::new(),
        };
        let line = served.line();
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        served.address = address.expect(&line).to_owned();
        served
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The running program. Dropped, it is killed.
struct Served {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Served {
    /// The next line that it prints.
    fn line(&mut self) -> String {
        self.lines.next().expect("it has ended").unwrap()
    }

    /// The answer to a request for `target`, with more fields.
    fn ask(&self, method: &str, target: &str, fields: &str) -> String {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        let head = "Host: a\r\nConnection: close\r\n";
        write!(socket, "{method} {target} HTTP/1.1\r\n{head}{fields}\r\n").unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// What a page hears that listens.
    fn editions(&self) -> impl Iterator<Item = String> + use<> {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        let target = "/_course/events";
        write!(socket, "GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let lines = BufReader::new(socket).lines().map_while(Result::ok);
        lines.filter_map(|line| line.strip_prefix("data: ").map(str::to_owned))
    }

    fn get(&self, target: &str) -> String {
        self.ask("GET", target, "")
    }

    /// Ends it as Ctrl-C would, and returns what it has said on standard error.
    fn end(mut self, signal: &str) -> (ExitStatus, String) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
        let mut said = String::new();
        let mut err = self.child.stderr.take().unwrap();
        err.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap(), said)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of a field of an answer.
fn field<'a>(answer: &'a str, name: &str) -> &'a str {
    let line = answer.lines().find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no {name} in {answer}"));
    line[name.len() + 1..].trim()
}

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in\n{text}");
}

/// One line on standard error that has all of `parts`, and status 1.
#[track_caller]
fn refuses(output: &Output, parts: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(said.lines().count(), 1, "{said}");
    parts.iter().for_each(|part| has(&said, part));
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn pages_come_whole_in_part_and_only_if_they_are_new() {
    within(LIMIT, || {
        let tree = Tree::with_book();
        let served = tree.serve();
        let page = served.get("/");
        has(&page, "HTTP/1.1 200 OK\r\n");
        has(&page, "The first page.");
        assert_eq!(field(&page, "Content-Type"), "text/html; charset=utf-8");
        assert_eq!(field(&page, "Cache-Control"), "no-cache");
        let tag = format!("If-None-Match: {}\r\n", field(&page, "ETag"));
        has(&served.ask("GET", "/", &tag), "HTTP/1.1 304 ");
        let part = served.ask("GET", "/two.html", "Range: bytes=0-14\r\n");
        has(&part, "HTTP/1.1 206 ");
        has(&part, "\r\n\r\n<!DOCTYPE HTML>");
        let head = served.ask("HEAD", "/two.html", "");
        assert!(head.ends_with("\r\n\r\n"), "{head}");
        for way in ["/../book/book.toml", "/%2e%2e/book/book.toml", "/a%00"] {
            has(&served.get(way), "HTTP/1.1 400 ");
        }
        let lost = served.get("/no/such/page.html");
        has(&lost, "HTTP/1.1 404 ");
        // Its links work wherever it is shown.
        has(&lost, "<base href=\"/\">");
        has(&served.ask("POST", "/", ""), "HTTP/1.1 405 ");
        let (status, said) = served.end("-INT");
        assert_eq!((status.code(), said.as_str()), (Some(0), ""));
        let left = fs::read_dir(tree.0.join("target/threadbare"))
            .unwrap()
            .count();
        assert_eq!(left, 0, "what was built is taken away");
    });
}

#[test]
fn a_change_is_shown_and_the_pages_are_told() {
    within(LIMIT, || {
        let tree = Tree::with_book();
        let mut served = tree.serve();
        let before = served.get("/one.html");
        let mut editions = served.editions();
        let first = editions.next();
        tree.write("book/src/one.md", "# One\n\nA better page.\n");
        has(&served.line(), "Built again");
        let after = served.get("/one.html");
        has(&after, "A better page.");
        let edition = |page: &str| {
            let rest = page.split("data-edition=\"").nth(1).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        assert_ne!(edition(&before), edition(&after));
        assert_eq!(first, Some(edition(&before)));
        assert_eq!(editions.next(), Some(edition(&after)));
        let (status, said) = served.end("-TERM");
        assert_eq!((status.code(), said.as_str()), (Some(0), ""));
        assert_eq!(editions.next(), None, "the end of the server is its end");
    });
}

#[test]
fn a_book_that_breaks_is_shown_as_it_was() {
    within(LIMIT, || {
        let tree = Tree::with_book();
        let mut served = tree.serve();
        let before = served.get("/one.html");
        for broken in ["- [One](one.md)\n- [Three](three.md)\n", BROKEN] {
            tree.write("book/src/SUMMARY.md", broken);
            has(&served.line(), "Not built again");
            let body = |page: &str| page.split("\r\n\r\n").nth(1).map(str::to_owned);
            assert_eq!(body(&served.get("/one.html")), body(&before));
        }
        tree.write("book/src/SUMMARY.md", SUMMARY);
        has(&served.line(), "Built again");
        let (status, said) = served.end("-TERM");
        assert_eq!(status.code(), Some(0));
        assert_eq!(said.lines().count(), 2, "{said}");
        has(&said, "three.md");
    });
}

#[test]
fn what_mdbook_warns_of_is_said_and_the_book_is_shown() {
    within(LIMIT, || {
        let tree = Tree::with_book();
        tree.write("book/src/two.md", "# Two\n\n{{#include nowhere.rs}}\n");
        let served = tree.serve();
        has(&served.get("/two.html"), "HTTP/1.1 200 OK\r\n");
        let (_, said) = served.end("-TERM");
        has(&said, "warning: ");
        has(&said, "nowhere.rs");
    });
}

#[test]
fn without_a_book_it_says_where_it_has_looked() {
    let tree = Tree::new();
    // Below this repository there is a book further up.
    let folder = std::env::temp_dir().join(tree.0.file_name().unwrap());
    fs::create_dir_all(&folder).unwrap();
    let output = tree.command(&[]).current_dir(&folder).output().unwrap();
    refuses(
        &output,
        &["there is no book", &folder.display().to_string()],
    );
    fs::remove_dir(&folder).unwrap();
}

#[test]
fn a_book_that_cannot_be_built_is_one_line() {
    within(LIMIT, || {
        for (file, text, part) in [
            ("book/src/SUMMARY.md", "- [One](nowhere.md)\n", "nowhere.md"),
            ("book/src/SUMMARY.md", BROKEN, "SUMMARY.md"),
            ("book/book.toml", "[book\n", "book.toml"),
        ] {
            let tree = Tree::with_book();
            tree.write(file, text);
            refuses(&tree.run(&["--port", "0"]), &["/book", part]);
        }
        let tree = Tree::with_book();
        fs::remove_dir_all(tree.0.join("book/src")).unwrap();
        refuses(&tree.run(&["--port", "0"]), &["SUMMARY.md"]);
    });
}

#[test]
fn a_port_that_is_taken_is_one_line() {
    let tree = Tree::with_book();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port().to_string();
    let output = tree.run(&["--port", &port]);
    refuses(&output, &[&format!("port {port} is taken"), "--port 0"]);
}

#[test]
fn bad_flags_get_the_usage_and_status_2() {
    let tree = Tree::with_book();
    for flags in [&["--port", "70000"][..], &["--what"], &["book"]] {
        let output = tree.run(flags);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        has(&String::from_utf8_lossy(&output.stderr), "Usage");
    }
}
