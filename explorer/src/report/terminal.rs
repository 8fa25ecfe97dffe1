//! How wide standard output is, and whether it shows colours.

#![allow(unsafe_code, reason = "asks the terminal how wide it is; nothing else")]

use std::env;
use std::io::{self, IsTerminal};

/// How many columns there are for what is printed on standard output: as many as the
/// terminal has, and in a pipe as many as `COLUMNS` says. `None` if nothing says it.
pub fn terminal_width() -> Option<usize> {
    let terminal = io::stdout().is_terminal();
    terminal.then(columns).flatten().or_else(asked)
}

/// Whether standard output shows colours: it is a terminal, and neither `NO_COLOR` nor
/// `TERM=dumb` is set.
pub fn terminal_colour() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !dumb && !set("NO_COLOR")
}

/// What `COLUMNS` is set to, if to a number.
fn asked() -> Option<usize> {
    let columns = env::var("COLUMNS").ok()?.parse().ok()?;
    (columns > 0).then_some(columns)
}

/// How many columns the terminal at standard output has.
#[cfg(unix)]
fn columns() -> Option<usize> {
    let mut size = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the call writes one `winsize` to `size`, which outlives it, and keeps nothing.
    let asked =
        unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &raw mut size) };
    (asked == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn columns() -> Option<usize> {
    None
}
