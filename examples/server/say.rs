//! What the server programs say, though perhaps nobody listens any more: the reader of a pipe
//! has gone (`| head -1`), or the disk is full. `println!` panics then.

use std::fmt::Arguments;
use std::io::{self, Write as _};

/// As `println!`, with an error in the place of a panic.
macro_rules! say {
    ($($what:tt)*) => { $crate::server::say::line(format_args!($($what)*)) };
}

/// As `eprintln!`. If that fails, nobody is left who could be told.
macro_rules! complain {
    ($($what:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($what)*);
    }};
}

pub(crate) use {complain, say};

pub(crate) fn line(what: Arguments<'_>) -> io::Result<()> {
    let said = writeln!(io::stdout(), "{what}");
    said.map_err(|error| io::Error::other(format!("standard output: {error}")))
}
