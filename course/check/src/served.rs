//! The book as `cargo run` serves it, in a real browser: the way in which most readers see it.
//!
//! First the course as it is: pages, figures, a stepper, search, the arrow keys, a part of a
//! file, a page that is not there; and Ctrl-C at the end. Then a copy of it: a page is
//! changed, and the open page shows it by itself; the book is broken, and nothing changes.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::browser::{self, LOOK, SCREENS};
use crate::webdriver::Browser;
use crate::{Done, Verdict, steppers, verdict};

/// Pages of different kinds: text, figures and tables, steppers.
const PAGES: &[&str] = &["introduction", "10_http_server", "05_futex_locks/condvar"];

/// The page whose steppers are played.
const STEPPERS: &str = "05_futex_locks/condvar";

/// What the book includes lies beside it.
const BESIDE: &[&str] = &[
    "benches",
    "examples",
    "exercises",
    "explorer",
    "solutions",
    "src",
    "tests",
];

/// Asks for a part of a file, as a player of videos would.
const RANGE: &str = r#"
return fetch('introduction.html', { headers: { Range: 'bytes=0-14' } })
    .then(async (a) => [a.status, a.headers.get('Content-Range'), await a.text()]);
"#;

pub(crate) fn run(root: &Path) -> Verdict {
    let profile = root.join("target").join("ci").join("served-browser");
    let browser = match Browser::start(&profile) {
        Ok(browser) => browser,
        Err(Ok(missing)) => return Ok(Done::Skipped(missing)),
        Err(Err(problem)) => return Err(problem),
    };
    let mut problems = Vec::new();
    let mut try_it = |what: &str, end: Result<(), String>| {
        problems.extend(end.err().map(|problem| format!("{what}: {problem}")));
    };
    // As a reader starts it, but for the name of the package, with which less is compiled.
    let mut companion = cargo(root);
    companion.args(["run", "--quiet", "-p", "course", "--", "--port", "0"]);
    let mut served = Served::start(companion.current_dir(root))?;
    let base = served.base.clone();
    try_it("pages", pages(&browser, &base));
    try_it("steppers", steppers(&browser, &base));
    try_it("search", browser::search(&browser, &base));
    try_it("the arrow keys", browser::arrows(&browser, &base));
    try_it("a part of a file", part(&browser, &base));
    try_it("a page that is not there", missing(&browser, &base));
    try_it("Ctrl-C", served.end());

    let copy = root.join("target").join("ci").join("served");
    copy_book(root, &copy).map_err(|error| format!("the copy: {error}"))?;
    let server = program(root)?;
    let mut command = Command::new(server);
    command.args(["--port", "0"]).current_dir(&copy);
    command.env_remove("CARGO_TARGET_DIR");
    let mut served = Served::start(&mut command)?;
    let end = reload(&browser, &mut served, &copy);
    try_it("a change", end);
    try_it("the end of the copy", served.end());
    verdict(
        &problems,
        format!("{} pages, a stepper, a reload", PAGES.len()),
    )
}

/// Each page wide and narrow, light and dark.
fn pages(browser: &Browser, base: &str) -> Result<(), String> {
    let mut figures = 0;
    for (&(width, height), theme) in SCREENS.iter().zip(["light", "navy"]) {
        browser.screen(width, height)?;
        for page in PAGES {
            browser::show(browser, &format!("{base}/{page}.html"), theme)?;
            let seen = browser.run(LOOK)?;
            figures += seen["figures"].as_u64().unwrap_or_default();
            let wrong = seen["wrong"].as_array().map_or(0, Vec::len);
            let complaints = browser.complaints()?;
            if wrong > 0 || !complaints.is_empty() {
                let wrong = &seen["wrong"];
                return Err(format!("{page}, {width} px: {wrong} {complaints:?}"));
            }
        }
    }
    let (width, height) = SCREENS[0];
    browser.screen(width, height)?;
    let enough = figures > 0;
    enough.then_some(()).ok_or_else(|| "no figure".to_owned())
}

fn steppers(browser: &Browser, base: &str) -> Result<(), String> {
    let played = steppers::play(browser, &format!("{base}/{STEPPERS}.html"))?;
    if played.played.is_empty() {
        return Err(format!("{STEPPERS} has none"));
    }
    let problems = played.problems;
    problems.is_empty().then_some(()).ok_or(problems.join("\n"))
}

fn part(browser: &Browser, base: &str) -> Result<(), String> {
    browser.open(&format!("{base}/introduction.html"))?;
    let seen = browser.run(RANGE)?;
    let length = browser.run(
        "return fetch('introduction.html').then(async (a) => (await a.blob()).size)",
    )?;
    let wanted = json!([206, format!("bytes 0-14/{length}"), "<!DOCTYPE HTML>"]);
    let right = seen == wanted;
    right
        .then_some(())
        .ok_or_else(|| format!("{seen}, not {wanted}"))
}

/// It is a page of the book, in its own style, wherever it is asked for.
fn missing(browser: &Browser, base: &str) -> Result<(), String> {
    browser.open(&format!("{base}/deep/down/nothing.html"))?;
    browser.wait(
        "a page that says so, with the chapters beside it",
        "return document.title.includes('not found') \
         && getComputedStyle(document.querySelector('main')).maxWidth !== 'none' \
         && document.querySelectorAll('#mdbook-sidebar a').length > 10",
    )?;
    // That it was not found is a complaint, too.
    browser.complaints().map(drop)
}

/// A page that is open follows the book.
fn reload(
    browser: &Browser,
    served: &mut Served,
    copy: &Path,
) -> Result<(), String> {
    let page = copy.join("book").join("src").join("introduction.md");
    let list = copy.join("book").join("src").join("SUMMARY.md");
    let text = fs::read_to_string(&page).map_err(|error| error.to_string())?;
    let chapters = fs::read_to_string(&list).map_err(|error| error.to_string())?;
    let write = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|error| error.to_string())
    };
    let shows = |words: &str| {
        // For a moment, while the page is loaded again, there is none.
        let script = format!(
            "return document.body?.textContent.includes('{words}') === true"
        );
        browser.wait(&format!("\"{words}\" appears"), &script)
    };
    browser.open(&format!("{}/introduction.html", served.base))?;
    // The page before this one has gone on asking for a server that is no more.
    browser.complaints()?;
    write(&page, &format!("{text}\nA line that was added.\n"))?;
    served.line_with("Built again")?;
    shows("A line that was added")?;
    write(&list, "- [Nothing](nothing.md)\n")?;
    served.line_with("Not built again")?;
    shows("A line that was added")?;
    write(&list, &chapters)?;
    served.line_with("Built again")?;
    write(&page, &format!("{text}\nAnd another one.\n"))?;
    served.line_with("Built again")?;
    shows("And another one")?;
    let quiet = browser.complaints()?;
    quiet.is_empty().then_some(()).ok_or(quiet.join("; "))
}

/// A server that runs. Dropped, it is killed.
struct Served {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    base: String,
}

impl Served {
    /// Starts it and waits until it says where it is.
    fn start(command: &mut Command) -> Result<Self, String> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| format!("{command:?}: {error}"))?;
        let out = child.stdout.take().ok_or("it has no output")?;
        let lines = BufReader::new(out).lines();
        let base = String::new();
        let mut served = Self { child, lines, base };
        let line = served.line_with("http://")?;
        let from = line.find("http://").unwrap_or_default();
        served.base = line[from..]
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_owned();
        Ok(served)
    }

    /// The next line that has `part`.
    fn line_with(&mut self, part: &str) -> Result<String, String> {
        let mut lines = self.lines.by_ref().map_while(Result::ok);
        lines
            .find(|line| line.contains(part))
            .ok_or_else(|| format!("it ended before it said {part:?}"))
    }

    /// Presses Ctrl-C.
    fn end(&mut self) -> Result<(), String> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status();
        sent.map_err(|error| format!("kill: {error}"))?;
        let status = self.child.wait().map_err(|error| error.to_string())?;
        let well = status.success();
        well.then_some(())
            .ok_or_else(|| format!("ended with {status}"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cargo(root: &Path) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root);
    command
}

/// The path of the server's program, which has been built before.
fn program(root: &Path) -> Result<String, String> {
    let mut command = cargo(root);
    command.args(["build", "-p", "course-serve", "--message-format=json"]);
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "course-serve")
        .find_map(|message| message["executable"].as_str().map(str::to_owned))
        .ok_or_else(|| "cargo names no program".into())
}

/// The book in a folder of its own, and links to what it includes.
fn copy_book(root: &Path, copy: &Path) -> io::Result<()> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    for folder in ["src", "theme"] {
        copy_tree(
            &root.join("book").join(folder),
            &copy.join("book").join(folder),
        )?;
    }
    let config = Path::new("book").join("book.toml");
    fs::copy(root.join(&config), copy.join(&config))?;
    #[cfg(unix)]
    for folder in BESIDE {
        std::os::unix::fs::symlink(root.join(folder), copy.join(folder))?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
