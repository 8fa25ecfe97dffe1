//! A build file that is read again whenever it changes, by at most one job at a time.
//!
//! A language server runs a project's build file to learn about the project. That takes
//! seconds, on a thread of its own. While it runs the file may be saved again, and then what
//! the run finds is out of date before it is there. A flag *is running* can't say that; it
//! takes three states, and a table of what happens in each of them. The table is a pure
//! function, [`State::next`], so it can be tested without a thread; the mutex around it is
//! held for a few lines, and never while a job runs.
//!
//! Source: `BuildFile` in the document store of [ZLS], the language server for Zig.
//!
//! [ZLS]: https://github.com/zigtools/zls

use std::fmt;
use std::panic::{self, AssertUnwindSafe};

use crate::ground::on_std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use crate::ground::thread;
use crate::thread::WaitGroup;

/// What a build file is doing.
///
/// | state | [`Invalidated`](Event::Invalidated) | [`Finished`](Event::Finished) |
/// |---|---|---|
/// | `Idle` | `Running`, [`Start`](Action::Start) | cannot happen |
/// | `Running` | `RunningStale`, [`Nothing`](Action::Nothing) | `Idle`, [`Publish`](Action::Publish) |
/// | `RunningStale` | `RunningStale`, [`Nothing`](Action::Nothing) | `Running`, [`StartAgain`](Action::StartAgain) |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing runs, and nothing has changed since the last run began. What was found is up to
    /// date, unless that run panicked or there was none yet.
    #[default]
    Idle,
    /// A job runs, and what it will find is up to date.
    Running,
    /// A job runs, and what it will find is out of date already.
    RunningStale,
}

/// What happens to a build file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The file has changed.
    Invalidated,
    /// The job has come to its end.
    Finished,
}

/// What has to be done about it, outside of the lock or as the last thing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start a job.
    Start,
    /// Nothing: the job that runs will find out at its end.
    Nothing,
    /// Let everybody see what the job has found.
    Publish,
    /// Throw away what the job has found, and run it again.
    StartAgain,
}

impl State {
    /// What comes next, and what has to be done.
    ///
    /// # Panics
    /// If a job is finished while none runs.
    // ANCHOR: next
    #[must_use]
    pub fn next(self, event: Event) -> (Self, Action) {
        match (self, event) {
            (Self::Idle, Event::Invalidated) => (Self::Running, Action::Start),
            (Self::Idle, Event::Finished) => panic!("a job ended that nobody began"),
            (Self::Running, Event::Invalidated) => {
                (Self::RunningStale, Action::Nothing)
            }
            (Self::Running, Event::Finished) => (Self::Idle, Action::Publish),
            (Self::RunningStale, Event::Invalidated) => {
                (Self::RunningStale, Action::Nothing)
            }
            (Self::RunningStale, Event::Finished) => {
                (Self::Running, Action::StartAgain)
            }
        }
    }
    // ANCHOR_END: next
}

/// Runs the jobs of any number of [`BuildFile`]s, and knows how many are active.
///
/// # Example
/// ```
/// use threadbare::locks::build::Builder;
///
/// let builder = Builder::new();
/// let file = builder.file(|| "what the build file says");
/// assert_eq!(file.found(), None);
/// file.invalidate();
/// builder.wait();
/// assert_eq!(file.found().as_deref(), Some(&"what the build file says"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    active: Arc<WaitGroup>,
}

impl Builder {
    /// A builder without files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A build file that is read by `run`; it has not run yet.
    pub fn file<C: Send + Sync + 'static>(
        &self,
        run: impl Fn() -> C + Send + Sync + 'static,
    ) -> BuildFile<C> {
        BuildFile {
            shared: Arc::new(Shared {
                progress: Mutex::new(Progress {
                    state: State::Idle,
                    found: None,
                    has_failed: false,
                }),
                run: Box::new(run),
                builder: self.clone(),
            }),
        }
    }

    /// How many jobs are active. Already out of date when you read it: for a progress bar.
    #[must_use]
    pub fn active(&self) -> usize {
        self.active.count()
    }

    /// Waits until no job is active. If nobody invalidates a file meanwhile, all of them are
    /// then idle, and each was run after its last change. Whether that run came to its end is
    /// what [`BuildFile::has_failed`] says.
    ///
    /// # Blocking
    /// As [`WaitGroup::wait`].
    pub fn wait(&self) {
        self.active.wait();
    }
}

/// A build file, and what the last run has found. Clones are handles to the same one.
///
/// # Poisoning
/// Ignored. Under the lock a state and a pointer change; `run` is called outside. If `run`
/// panics, the panic ends there (its message has been printed): nothing is published, what
/// was found before stays, [`has_failed`](Self::has_failed) says so, and the next
/// [`invalidate`](Self::invalidate) runs it again. A panic that left the state `Running`
/// would be worse: no job would ever start.
pub struct BuildFile<C> {
    shared: Arc<Shared<C>>,
}

struct Shared<C> {
    progress: Mutex<Progress<C>>,
    run: Box<dyn Fn() -> C + Send + Sync>,
    builder: Builder,
}

/// What the lock protects: all of it changes together.
struct Progress<C> {
    state: State,
    found: Option<Arc<C>>,
    has_failed: bool,
}

impl<C: Send + Sync + 'static> BuildFile<C> {
    /// Says that the file has changed: whatever was read before this call is out of date.
    /// Starts a job if none runs. If one does, it is run again when it ends, once, however
    /// often this is called until then.
    ///
    /// # Panics
    /// If the operating system can't start a thread; the file then stays as it was.
    /// # Memory ordering
    /// All that came before this call happens-before a run that begins after it, and so
    /// before whatever [`found`](Self::found) returns once the builder is idle.
    /// # Cost
    /// One lock and unlock; a thread, if none runs for this file.
    // ANCHOR: invalidate
    pub fn invalidate(&self) {
        let mut progress = self.shared.lock();
        let (state, action) = progress.state.next(Event::Invalidated);
        if action == Action::Start {
            // Counted here, before the thread exists.
            let member = self.shared.builder.active.add();
            // Under the lock, although it takes some microseconds: it may fail, and then
            // nothing must have changed.
            let shared = Arc::clone(&self.shared);
            thread::Builder::new()
                .name("build".to_owned())
                .spawn(move || {
                    shared.work();
                    drop(shared);
                    member.done();
                })
                .expect("the system can start a thread");
        }
        progress.state = state;
    }
    // ANCHOR_END: invalidate
}

impl<C> BuildFile<C> {
    /// What it is doing. Already out of date when you read it: for messages.
    #[must_use]
    pub fn state(&self) -> State {
        self.shared.lock().state
    }

    /// What the last run has found that came to its end and was not out of date; `None`
    /// before there was one.
    #[must_use]
    pub fn found(&self) -> Option<Arc<C>> {
        self.shared.lock().found.clone()
    }

    /// Whether the last run that was not out of date panicked. What was found is then older
    /// than the file.
    ///
    /// ```
    /// use threadbare::locks::build::Builder;
    ///
    /// let builder = Builder::new();
    /// let file = builder.file(|| -> u32 { std::panic::resume_unwind(Box::new("line 3")) });
    /// assert!(!file.has_failed()); // it has not run yet
    /// file.invalidate();
    /// builder.wait();
    /// assert!(file.has_failed() && file.found().is_none());
    /// ```
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.shared.lock().has_failed
    }
}

impl<C> Shared<C> {
    // ANCHOR: work
    /// A job: runs until what it has found is not out of date.
    fn work(&self) {
        loop {
            // Outside of the lock. What `run` captured is its own to keep whole.
            let found = panic::catch_unwind(AssertUnwindSafe(&self.run));
            let found = found.ok().map(Arc::new);
            let mut progress = self.lock();
            let (state, action) = progress.state.next(Event::Finished);
            progress.state = state;
            if action == Action::Publish {
                progress.has_failed = found.is_none();
                let old = found.and_then(|found| progress.found.replace(found));
                // Freed after the lock has been let go: its `Drop` is not ours.
                drop(progress);
                drop(old);
                return;
            }
        }
    }
    // ANCHOR_END: work

    #[track_caller]
    fn lock(&self) -> MutexGuard<'_, Progress<C>> {
        // See "Poisoning" at `BuildFile`.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> Clone for BuildFile<C> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<C> fmt::Debug for BuildFile<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lock is never held for long, and never while anything of the caller's runs.
        f.debug_struct("BuildFile")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
