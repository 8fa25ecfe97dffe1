//! The build file under the model checker, and versions that are wrong by a line.

use explorer::Kind;

use super::{Action, Builder, Event, State};
use crate::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::ground::on_std::sync::{Arc, Mutex};
use crate::ground::thread;
use crate::modelled::{caught, holds, start};
use crate::thread::WaitGroup;

/// A build file, or what somebody took for one. What it finds is a number.
trait File: Send + Sync + 'static {
    fn new(run: Run) -> Self;
    fn invalidate(&self);
    /// Waits until no job is active.
    fn wait(&self);
    fn found(&self) -> Option<usize>;
    fn is_idle(&self) -> bool;
}

type Run = Box<dyn Fn() -> usize + Send + Sync>;

impl File for (Builder, super::BuildFile<usize>) {
    fn new(run: Run) -> Self {
        let builder = Builder::new();
        let file = builder.file(run);
        (builder, file)
    }

    fn invalidate(&self) {
        self.1.invalidate();
    }

    fn wait(&self) {
        self.0.wait();
    }

    fn found(&self) -> Option<usize> {
        self.1.found().map(|found| *found)
    }

    fn is_idle(&self) -> bool {
        self.1.state() == State::Idle
    }
}

/// What is wrong with a version.
trait Fault: Send + Sync + 'static {
    /// The table.
    const NEXT: fn(State, Event) -> (State, Action) = State::next;
    /// Counts the job in its own thread instead of before.
    const COUNTS_LATE: bool = false;
    /// A panic ends the thread, and nothing else.
    const DIES_RUNNING: bool = false;
    /// The lock is let go between the look at the state and its change.
    const LETS_GO: bool = false;
}

/// A build file that has a fault.
struct Wrong<F: Fault>(Arc<Shared<F>>);

struct Shared<F> {
    progress: Mutex<(State, Option<usize>)>,
    run: Run,
    active: WaitGroup,
    _fault: std::marker::PhantomData<F>,
}

impl<F: Fault> Shared<F> {
    /// One step of the machine.
    fn step(&self, event: Event, found: Option<usize>) -> Action {
        let mut progress = self.progress.lock().unwrap();
        let (state, action) = F::NEXT(progress.0, event);
        if F::LETS_GO {
            drop(progress);
            progress = self.progress.lock().unwrap();
        }
        progress.0 = state;
        if action == Action::Publish {
            progress.1 = found.or(progress.1);
        }
        action
    }

    fn work(&self) {
        loop {
            let run = || (self.run)();
            let found = if F::DIES_RUNNING {
                Some(run())
            } else {
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).ok()
            };
            if self.step(Event::Finished, found) == Action::Publish {
                return;
            }
        }
    }
}

impl<F: Fault> File for Wrong<F> {
    fn new(run: Run) -> Self {
        Self(Arc::new(Shared {
            progress: Mutex::default(),
            run,
            active: WaitGroup::new(),
            _fault: std::marker::PhantomData,
        }))
    }

    fn invalidate(&self) {
        if self.0.step(Event::Invalidated, None) == Action::Start {
            let early = (!F::COUNTS_LATE).then(|| self.0.active.add());
            let shared = Arc::clone(&self.0);
            thread::spawn(move || {
                let member = early.unwrap_or_else(|| shared.active.add());
                shared.work();
                drop(shared);
                member.done();
            });
        }
    }

    fn wait(&self) {
        self.0.active.wait();
    }

    fn found(&self) -> Option<usize> {
        self.0.progress.lock().unwrap().1
    }

    fn is_idle(&self) -> bool {
        self.0.progress.lock().unwrap().0 == State::Idle
    }
}

macro_rules! faults {
    ($($(#[$story:meta])* $Name:ident: $FAULT:ident = $value:expr;)*) => {
        $($(#[$story])*
        struct $Name;
        impl Fault for $Name {
            const $FAULT: fault_type!($FAULT) = $value;
        })*
    };
}

macro_rules! fault_type {
    (NEXT) => { fn(State, Event) -> (State, Action) };
    ($FAULT:ident) => { bool };
}

faults! {
    /// What was changed while a job runs is forgotten.
    ForgetsWhileRunning: NEXT = |state, event| match (state, event) {
        (State::Running, Event::Invalidated) => (State::Running, Action::Nothing),
        _ => state.next(event),
    };
    /// A change while a job runs starts a second one beside it.
    StartsASecond: NEXT = |state, event| match (state, event) {
        (State::Running, Event::Invalidated) => (State::Running, Action::Start),
        (State::Idle, Event::Finished) => (State::Idle, Action::Publish),
        _ => state.next(event),
    };
    /// What was out of date before it was there is published.
    PublishesStale: NEXT = |state, event| match (state, event) {
        (State::RunningStale, Event::Finished) => (State::Idle, Action::Publish),
        _ => state.next(event),
    };
    /// Runs again, and forgets that it does.
    RunsAsIdle: NEXT = |state, event| match (state, event) {
        (State::RunningStale, Event::Finished) => (State::Idle, Action::StartAgain),
        (State::Idle, Event::Finished) => (State::Idle, Action::Publish),
        _ => state.next(event),
    };
    CountsLate: COUNTS_LATE = true;
    DiesRunning: DIES_RUNNING = true;
    LetsGo: LETS_GO = true;
}

/// A text that makes the run of the build file panic.
const BROKEN: usize = 100;

/// The file's text, how many jobs read it at the moment, and how often one was not alone.
/// (A job can't assert that: its panic would end in the job.)
#[derive(Default)]
struct Disk {
    text: AtomicUsize,
    readers: AtomicUsize,
    meetings: AtomicUsize,
}

impl Disk {
    fn read(&self) -> usize {
        // ORDERING: Relaxed, here and below: that the build file orders them is tested.
        let others = self.readers.fetch_add(1, Relaxed);
        // ORDERING: as above.
        self.meetings.fetch_add(others, Relaxed);
        // ORDERING: as above.
        let text = self.text.load(Relaxed);
        // ORDERING: as above.
        self.readers.fetch_sub(1, Relaxed);
        text
    }

    fn write(&self, text: usize) {
        // ORDERING: as in `read`.
        self.text.store(text, Relaxed);
    }
}

impl Disk {
    /// A disk, and the build file on it.
    fn with_file<F: File>() -> (Arc<Self>, Arc<F>) {
        let disk = Arc::new(Self::default());
        let theirs = Arc::clone(&disk);
        let file = F::new(Box::new(move || match theirs.read() {
            BROKEN => std::panic::resume_unwind(Box::new("planned")),
            text => text,
        }));
        (disk, Arc::new(file))
    }

    fn assert_one_at_a_time(&self) {
        // ORDERING: as in `read`.
        let meetings = self.meetings.load(Relaxed);
        assert_eq!(meetings, 0, "two jobs ran at the same time");
    }
}

/// The file is saved several times. When nobody is at work any more, the last text was found.
fn the_last_change_is_found<F: File, const CHANGES: usize>() {
    let (disk, file) = Disk::with_file::<F>();
    for text in 1..=CHANGES {
        disk.write(text);
        file.invalidate();
    }
    file.wait();
    assert!(file.is_idle(), "at work, and nobody is");
    assert_eq!(file.found(), Some(CHANGES), "what was found is out of date");
    disk.assert_one_at_a_time();
}

/// Two threads say that the file has changed.
fn one_job_at_a_time<F: File>() {
    let (disk, file) = Disk::with_file::<F>();
    let other = start(&file, F::invalidate);
    file.invalidate();
    other.join().unwrap();
    file.wait();
    assert_eq!(file.found(), Some(0));
    disk.assert_one_at_a_time();
}

/// The first run panics. What comes later is found all the same.
fn a_panic_is_not_the_end<F: File>() {
    let (disk, file) = Disk::with_file::<F>();
    disk.write(BROKEN);
    file.invalidate();
    file.wait();
    assert_eq!(file.found(), None);
    disk.write(2);
    file.invalidate();
    file.wait();
    assert_eq!(file.found(), Some(2), "nobody reads the file any more");
}

type Right = (Builder, super::BuildFile<usize>);

#[test]
fn the_build_file_keeps_its_promises_in_every_order() {
    holds("two changes", the_last_change_is_found::<Right, 2>);
    holds("three changes", the_last_change_is_found::<Right, 3>);
    holds("one job at a time", one_job_at_a_time::<Right>);
    holds("a panic", a_panic_is_not_the_end::<Right>);
}

#[test]
fn versions_that_are_wrong_by_one_line_are_caught() {
    caught(
        "build file",
        &[
            (
                "ForgetsWhileRunning",
                the_last_change_is_found::<Wrong<ForgetsWhileRunning>, 2>,
                Kind::Assertion,
            ),
            (
                "StartsASecond",
                one_job_at_a_time::<Wrong<StartsASecond>>,
                Kind::Assertion,
            ),
            (
                "PublishesStale",
                the_last_change_is_found::<Wrong<PublishesStale>, 2>,
                Kind::Assertion,
            ),
            (
                "RunsAsIdle",
                the_last_change_is_found::<Wrong<RunsAsIdle>, 3>,
                Kind::Assertion,
            ),
            (
                "CountsLate",
                the_last_change_is_found::<Wrong<CountsLate>, 2>,
                Kind::Assertion,
            ),
            (
                "DiesRunning",
                a_panic_is_not_the_end::<Wrong<DiesRunning>>,
                Kind::Assertion,
            ),
            (
                "LetsGo",
                the_last_change_is_found::<Wrong<LetsGo>, 2>,
                Kind::Assertion,
            ),
        ],
    );
}

/// Every state with every event that it can meet, as the table in the documentation has it.
#[test]
fn the_table_is_the_function() {
    use Action::{Nothing, Publish, Start, StartAgain};
    use Event::{Finished, Invalidated};
    use State::{Idle, Running, RunningStale};
    for (state, event, next, action) in [
        (Idle, Invalidated, Running, Start),
        (Running, Invalidated, RunningStale, Nothing),
        (Running, Finished, Idle, Publish),
        (RunningStale, Invalidated, RunningStale, Nothing),
        (RunningStale, Finished, Running, StartAgain),
    ] {
        assert_eq!(state.next(event), (next, action), "{state:?}, {event:?}");
    }
}

#[test]
#[should_panic = "a job ended that nobody began"]
fn the_pair_that_cannot_happen_is_refused() {
    let _ = State::Idle.next(Event::Finished);
}
