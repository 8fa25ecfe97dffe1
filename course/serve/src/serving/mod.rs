//! From a folder of Markdown to a page in a browser, and to the next one after a change.
//!
//! | file | what it does |
//! |---|---|
//! | `place` | where the book is, and where it is built |
//! | `press` | builds it, each time into another folder |
//! | `complaints` | what mdbook warns of |
//! | `pages` | the handler: the files of the last book that could be built |
//! | `reload` | tells the pages that there is another one |
//! | `watch` | notices that a file was saved |
//! | `browser` | opens a browser |
//!
//! Three threads and a pool. This one runs the loop of the server; four handler threads read
//! files; one waits for changes and builds. What they share is a folder's name behind a lock,
//! and a list of the pages that listen.

mod browser;
mod complaints;
mod pages;
mod place;
mod press;
mod reload;
mod watch;

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::process;
use std::sync::Arc;
use std::time::Instant;

use threadbare::http::{Config, Router, Server};

use crate::Flags;
use pages::Pages;
use press::Press;
use reload::Reload;

/// A page and what belongs to it come as six requests at once, each some small files; more
/// threads would only wait for each other.
const HANDLER_THREADS: usize = 4;

/// Serves until Ctrl-C, or another signal that asks for an end.
///
/// # Errors
/// One sentence for the reader.
pub(crate) fn run(flags: &Flags) -> Result<(), String> {
    let book = place::book()?;
    let reload = Arc::new(Reload::new());
    let pages = Arc::new(Pages::default());
    let config = Config {
        port: flags.port,
        handler_threads: HANDLER_THREADS,
        ..Config::default()
    };
    // Before the book, which takes seconds: that the port is taken should be said at once.
    let mut server = Server::bind(config, routes(&pages, &reload))
        .map_err(|error| refused(flags.port, &error))?;
    let address = server.address();

    let mut press = Press::new(&book, &place::built(&book, address.port()));
    let printed = patiently(|| press.print(&reload.edition()))?;
    warn(&printed.complaints);
    pages.show(&printed.folder)?;
    let folder = press.folder();

    // Before the address is printed: what is changed by somebody who has seen it is noticed.
    let watching = watch::start(&book, flags.poll)?;
    if let Some(note) = &watching.note {
        say(&format!("note: {note}"));
    }
    watching.each(move || build_again(&mut press, &pages, &reload));
    server
        .shutdown_on_signals()
        .map_err(|error| format!("cannot listen for signals: {error}"))?;
    let url = format!("http://{address}");
    say(&format!("The book is at {url} (Ctrl-C ends it)"));
    if flags.open && !browser::open(&url) {
        say(
            "There is no browser that could be opened from here: open that address.",
        );
    }
    let end = server.run();
    let _ = std::fs::remove_dir_all(folder);
    end.map_err(|error| format!("the server has stopped: {error}"))
}

/// What the server answers: two addresses of its own, and files.
fn routes(pages: &Arc<Pages>, reload: &Arc<Reload>) -> Router {
    let mut router = Router::new();
    reload::add(&mut router, reload);
    pages::add(&mut router, pages);
    router
}

/// Builds the book after a change and shows it. If it can't be built, what was shown stays.
fn build_again(press: &mut Press, pages: &Pages, reload: &Reload) {
    let started = Instant::now();
    let edition = reload.next();
    let done = press.print(&edition).and_then(|printed| {
        pages.show(&printed.folder)?;
        Ok(printed)
    });
    match done {
        Ok(printed) => {
            warn(&printed.complaints);
            reload.announce(edition);
            let seconds = started.elapsed().as_secs_f32();
            say(&format!("Built again in {seconds:.1} s"));
        }
        Err(sentence) => {
            complain("error", &sentence);
            say("Not built again: the pages stay as they were.");
        }
    }
}

/// Why there is no server at this port, for somebody who has typed it.
fn refused(port: u16, error: &io::Error) -> String {
    let other = "choose another with --port N, or --port 0 for any that is free";
    match error.kind() {
        ErrorKind::AddrInUse => format!("port {port} is taken: {other}"),
        ErrorKind::PermissionDenied => {
            format!("port {port} is not allowed here: {other}")
        }
        _ => format!("cannot listen: {error}"),
    }
}

fn warn(complaints: &[String]) {
    for complaint in complaints {
        complain("warning", complaint);
    }
}

/// Writes a line to standard error. If nobody reads it any more, that is no reason to stop
/// serving, as the panic of `eprintln` would be.
fn complain(kind: &str, sentence: &str) {
    let _ = writeln!(io::stderr(), "{kind}: {sentence}");
}

/// Shows that the book is being built while it is, to whoever sits at a terminal.
fn patiently<T>(build: impl FnOnce() -> T) -> T {
    let seen = io::stderr().is_terminal();
    if seen {
        eprint!("building the book");
    }
    let done = build();
    if seen {
        // To the beginning of the line, and all of it taken away.
        eprint!("\r\u{1b}[K");
    }
    done
}

/// Writes a line to standard output. If nobody reads it any more (`| head`), that is the end,
/// and a quiet one.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let done = writeln!(out, "{line}").and_then(|()| out.flush());
    if done.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        // What a shell makes of SIGPIPE.
        process::exit(141);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_cannot_be_had_says_why_and_what_to_do() {
        for (kind, why) in [
            (ErrorKind::AddrInUse, "port 80 is taken: "),
            (ErrorKind::PermissionDenied, "port 80 is not allowed here: "),
        ] {
            let sentence = refused(80, &kind.into());
            assert!(sentence.starts_with(why), "{sentence}");
            assert!(sentence.ends_with("--port 0 for any that is free"));
        }
    }
}
