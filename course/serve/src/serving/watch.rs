//! Notices that a file of the book was saved, or one that it includes.
//!
//! Editors write in their own ways, often several files for one save; so after the first
//! message it is waited until nothing has been heard for a moment.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use mdbook_driver::config::Config as BookConfig;
use notify::event::{AccessKind, AccessMode};
use notify::{
    Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode,
    Watcher,
};

/// A save is over when nothing was heard for this long.
const QUIET: Duration = Duration::from_millis(80);

/// And at the latest after this, should something write without end.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often the files are looked at without help from the system.
const POLL: Duration = Duration::from_millis(500);

/// Watches for as long as it lives.
pub(super) struct Watching {
    watcher: Box<dyn Watcher + Send>,
    changes: Receiver<()>,
    /// Why it is done otherwise than usual.
    pub(super) note: Option<String>,
}

/// Starts to watch the book's folder and what `book.toml` names in `extra-watch-dirs`.
///
/// # Errors
/// One sentence, if nothing can be watched.
pub(super) fn start(book: &Path, poll: bool) -> Result<Watching, String> {
    let (sender, changes) = mpsc::channel();
    let mut note = None;
    if !poll {
        let watcher =
            RecommendedWatcher::new(hear(book, &sender), Config::default())
                .and_then(|mut watcher| watch(&mut watcher, book).map(|()| watcher));
        match watcher {
            Ok(watcher) => {
                return Ok(Watching {
                    watcher: Box::new(watcher),
                    changes,
                    note,
                });
            }
            Err(error) => {
                note = Some(format!(
                    "the system does not say when files change ({error}), so they are \
                     looked at twice a second"
                ));
            }
        }
    }
    let config = Config::default().with_poll_interval(POLL);
    let watcher = PollWatcher::new(hear(book, &sender), config)
        .and_then(|mut watcher| watch(&mut watcher, book).map(|()| watcher))
        .map_err(|error| format!("cannot watch {}: {error}", book.display()))?;
    Ok(Watching {
        watcher: Box::new(watcher),
        changes,
        note,
    })
}

impl Watching {
    /// Calls `change` after each change, on a thread of its own, until the process ends.
    pub(super) fn each(self, mut change: impl FnMut() + Send + 'static) {
        thread::spawn(move || {
            // Dropped, it would watch no more.
            let _watcher = self.watcher;
            while self.changes.recv().is_ok() {
                let first = Instant::now();
                while first.elapsed() < PATIENCE
                    && self.changes.recv_timeout(QUIET).is_ok()
                {}
                change();
            }
        });
    }
}

/// Folders are watched, not files: some editors write a new file and rename it over the old.
fn watch(watcher: &mut dyn Watcher, book: &Path) -> notify::Result<()> {
    watcher.watch(book, RecursiveMode::NonRecursive)?;
    let config = BookConfig::from_disk(book.join("book.toml")).unwrap_or_default();
    let own = [config.book.src.clone(), PathBuf::from("theme")];
    for dir in own.iter().chain(&config.build.extra_watch_dirs) {
        let dir = book.join(dir);
        if dir.is_dir() {
            watcher.watch(&dir, RecursiveMode::Recursive)?;
        }
    }
    Ok(())
}

fn hear(
    book: &Path,
    sender: &Sender<()>,
) -> impl Fn(notify::Result<Event>) + Send + use<> {
    let sender = sender.clone();
    let book = book.to_path_buf();
    move |event| {
        // What can't be told apart is taken for a change.
        if event.as_ref().is_ok_and(|event| !is_a_change(&book, event)) {
            return;
        }
        let _ = sender.send(());
    }
}

/// Whether it can make a difference to the book: not that a file was read, and of what lies
/// beside `book.toml` nothing else; a book that `mdbook build` writes lies there.
fn is_a_change(book: &Path, event: &Event) -> bool {
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
        EventKind::Access(_) => return false,
        _ => {}
    }
    event.paths.is_empty()
        || event.paths.iter().any(|path| {
            path.parent() != Some(book)
                || path.file_name().is_some_and(|name| name == "book.toml")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, ModifyKind};

    #[test]
    fn only_what_can_make_a_difference_is_a_change() {
        let book = Path::new("/c/book");
        let changed = EventKind::Modify(ModifyKind::Any);
        let read = EventKind::Access(AccessKind::Open(AccessMode::Read));
        let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
        let made = EventKind::Create(CreateKind::Folder);
        for (kind, path, wanted) in [
            (changed, "/c/book/src/a.md", true),
            (read, "/c/book/src/a.md", false),
            (written, "/c/book/src/a.md", true),
            (changed, "/c/book/book.toml", true),
            (made, "/c/book/book", false),
            (written, "/c/book/words.txt", false),
            (written, "/c/examples/01_threads.rs", true),
        ] {
            let event = Event::new(kind).add_path(path.into());
            assert_eq!(is_a_change(book, &event), wanted, "{event:?}");
        }
        assert!(is_a_change(book, &Event::new(EventKind::Other)));
    }
}
