//! The terminal: lines of text, and one line at the bottom that moves.
//!
//! Text is only ever added at the end, on the ordinary screen, so that it can be scrolled
//! back to, also after the end. Without a terminal it is printed as it comes.

use std::io::{self, IsTerminal, Write};
use std::panic;
use std::sync::Once;

use crossterm::{cursor, execute, queue, terminal};

use crate::paint;

/// Standard output as `watch` uses it.
#[derive(Debug)]
pub(crate) struct Screen {
    /// Whether there are keys to read and a line to move.
    live: bool,
    /// Whether the bottom line has something in it.
    dirty: bool,
}

impl Screen {
    /// Takes the terminal over, if there is one.
    pub(crate) fn open() -> Self {
        let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        let live = terminal && terminal::enable_raw_mode().is_ok();
        if live {
            restore_on_panic();
        }
        Self { live, dirty: false }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    /// How many lines the terminal has, if there is one.
    pub(crate) fn rows(&self) -> Option<usize> {
        let size = terminal::size().ok().filter(|_| self.live);
        size.map(|(_, rows)| usize::from(rows))
    }

    /// An empty screen; what was on it stays in the scrollback where there is one.
    pub(crate) fn clear(&mut self) {
        if self.live {
            let rows = terminal::size().map_or(24, |(_, rows)| rows);
            let mut out = io::stdout().lock();
            let _ = write!(out, "\r{}", "\n".repeat(usize::from(rows)));
            let _ = execute!(
                out,
                terminal::Clear(terminal::ClearType::All),
                cursor::MoveTo(0, 0)
            );
        }
        self.dirty = false;
    }

    /// Adds text above the bottom line.
    pub(crate) fn add(&mut self, text: &str) {
        self.wipe();
        if self.live {
            // A raw terminal does not go back to the first column by itself.
            paint::say(&text.replace('\n', "\r\n"));
        } else {
            paint::say(text);
        }
    }

    /// Shows `text` in the bottom line, in place of what was there. Without a terminal
    /// there is no such line.
    pub(crate) fn bottom(&mut self, text: &str) {
        if !self.live {
            return;
        }
        self.wipe();
        paint::say(&fit(text, paint::columns().saturating_sub(1)));
        self.dirty = true;
    }

    fn wipe(&mut self) {
        if self.dirty {
            let mut out = io::stdout().lock();
            let _ = queue!(out, terminal::Clear(terminal::ClearType::CurrentLine));
            let _ = write!(out, "\r");
            let _ = out.flush();
            self.dirty = false;
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.wipe();
        if self.live {
            let _ = terminal::disable_raw_mode();
        }
    }
}

/// A panic's message must not run down a raw terminal like stairs, and the shell behind it
/// wants its echo back.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let _ = terminal::disable_raw_mode();
            before(info);
        }));
    });
}

/// The beginning of `text` that has at most `room` visible columns; colours take none.
fn fit(text: &str, room: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            out.push(letter);
            for letter in letters.by_ref() {
                out.push(letter);
                if letter == 'm' {
                    break;
                }
            }
        } else if used < room {
            out.push(letter);
            used += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn a_line_is_cut_by_what_is_seen_of_it() {
        assert_eq!(
            fit("\u{1b}[32mabcdef\u{1b}[0m", 3),
            "\u{1b}[32mabc\u{1b}[0m"
        );
        assert_eq!(fit("abc", 8), "abc");
    }
}
