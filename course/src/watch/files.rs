//! Notices that an answer was saved.
//!
//! Some editors write into the file; others write a new one and rename it over the old,
//! after which a watch on the file itself would look at a file without a name. So the
//! folders are watched, and a message only means "look": whether an answer was saved is
//! told by its time and its length.

use std::fs;
use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};

use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::How;
use super::session::Message;
use crate::catalog::{Course, Exercise};

/// How often the files are looked at without help from the system.
const POLL: Duration = Duration::from_millis(500);

/// What tells one save from the next.
type Stamp = Option<(SystemTime, u64)>;

/// The answers as they were when last looked at.
#[derive(Debug)]
pub(crate) struct Stamps(Vec<Stamp>);

impl Stamps {
    pub(crate) fn now(course: &Course) -> Self {
        Self(
            course
                .exercises()
                .map(|exercise| stamp(&course.root, exercise))
                .collect(),
        )
    }

    /// The exercises that were saved since.
    pub(crate) fn saved(&mut self, course: &Course) -> Vec<Exercise> {
        let now = Self::now(course);
        let saved = course
            .exercises()
            .zip(now.0.iter().zip(&self.0))
            // A file that is gone is on its way to be replaced.
            .filter(|(_, (now, before))| now.is_some() && now != before)
            .map(|(exercise, _)| exercise.clone())
            .collect();
        self.0 = now.0;
        saved
    }
}

fn stamp(root: &Path, exercise: &Exercise) -> Stamp {
    let data = fs::metadata(root.join(exercise.answer())).ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// Keeps watching for as long as it lives.
pub(crate) struct Watching {
    _watcher: Option<RecommendedWatcher>,
    /// Look this often without being told to.
    pub(crate) every: Option<Duration>,
    /// Why it is done otherwise than the reader wished.
    pub(crate) note: Option<String>,
}

/// Sends [`Message::Look`] when something beside an answer changes.
pub(crate) fn watch(
    course: &Course,
    how: How,
    sender: &Sender<Message>,
) -> Watching {
    let unasked = |every, note| Watching {
        _watcher: None,
        every,
        note,
    };
    match how {
        How::Manual => unasked(None, None),
        How::Polling => unasked(Some(POLL), None),
        How::Notified => match notified(course, sender) {
            Ok(watcher) => Watching {
                _watcher: Some(watcher),
                every: None,
                note: None,
            },
            Err(error) => {
                let note = format!(
                    "the system does not say when files change ({error}), so they are looked \
                     at twice a second"
                );
                unasked(Some(POLL), Some(note))
            }
        },
    }
}

fn notified(
    course: &Course,
    sender: &Sender<Message>,
) -> notify::Result<RecommendedWatcher> {
    let mut watcher = RecommendedWatcher::new(look(sender), Config::default())?;
    for chapter in course
        .chapters
        .iter()
        .filter(|chapter| !chapter.exercises.is_empty())
    {
        let sources = course.root.join("exercises").join(&chapter.key).join("src");
        watcher.watch(&sources, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

fn look(sender: &Sender<Message>) -> impl Fn(notify::Result<Event>) + Send + use<> {
    let sender = sender.clone();
    move |event| {
        // cargo and this program read the answers too, and that is no save.
        if event.as_ref().is_ok_and(is_a_mere_read) {
            return;
        }
        let _ = sender.send(Message::Look);
    }
}

fn is_a_mere_read(event: &Event) -> bool {
    use notify::EventKind;
    use notify::event::{AccessKind, AccessMode};
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    }
}
