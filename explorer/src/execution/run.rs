//! Runs the closures of a model as coroutines: each thread has a stack of its own, and all
//! of them share one real thread. Stacks are kept for the next run.

#![allow(unsafe_code, reason = "switches stacks")]

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, Yielder};

use super::{Ended, Execution, Limits, Site, Trouble, Watch};
use crate::failure::Record;
use crate::memory::Memory;
use crate::objects::Objects;
use crate::panics;
use crate::search::{Guide, Root};

/// Bytes of stack for a thread of a model; the kernel gives pages as they are touched.
const STACK: usize = 1 << 20;

type Fiber = Coroutine<(), (), ()>;

thread_local! {
    /// The run that this real thread is in, if it is in one.
    static CURRENT: RefCell<Option<Box<Execution>>> = const { RefCell::new(None) };
    /// Where each thread of the model goes back to when it is suspended.
    static YIELDERS: RefCell<Vec<*const Yielder<(), ()>>> = const { RefCell::new(Vec::new()) };
    /// Threads that were spawned since the runner looked.
    static NEWBORN: RefCell<Vec<Fiber>> = const { RefCell::new(Vec::new()) };
    static STACKS: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
    /// Whether the code of a model runs right now: the panic hook and the ground ask.
    static IN_MODEL: Cell<bool> = const { Cell::new(false) };
}

/// Whether the caller is a thread of a model, so that its operations are to be modelled.
pub(crate) fn is_active() -> bool {
    IN_MODEL.get()
}

/// Looks into the run. Must not be called outside one, nor inside `look`.
pub(crate) fn with<R>(look: impl FnOnce(&mut Execution) -> R) -> R {
    CURRENT.with_borrow_mut(|current| {
        look(current.as_mut().expect("only called while a model runs"))
    })
}

/// Begins an operation: returns when it is the caller's turn. A failure ends the run: then
/// it never returns.
pub(crate) fn point(site: Site) {
    with(Execution::acted);
    turn(site);
}

/// As [`point`], for an operation that may turn out to have changed nothing.
pub(crate) fn turn(site: Site) {
    if !with(|execution| execution.arrive(site)) {
        suspend();
    }
    if with(|execution| {
        execution.begin_step();
        execution.failure.is_some()
    }) {
        abandon();
    }
}

/// Leaves the thread where it is until the scheduler comes back to it.
pub(crate) fn suspend() {
    let at = with(|execution| {
        panics::remember(execution);
        execution.at
    });
    let yielder = YIELDERS.with_borrow(|yielders| yielders[at]);
    // SAFETY: the yielder lives on the stack of the coroutine that is running: `at` is set
    // by the runner before it resumes one, and each stores its own when it starts.
    unsafe { (*yielder).suspend(()) }
}

/// Leaves the thread where it is for ever: the run has failed. Its stack is never unwound,
/// so no destructor of the model sees what must not be.
pub(crate) fn abandon() -> ! {
    loop {
        suspend();
    }
}

/// Ends the run with a failure if there is one by now.
pub(crate) fn abandon_if_failed() {
    if with(|execution| execution.failure.is_some()) {
        abandon();
    }
}

/// Adds a thread to the model that runs `body`. Its first operation is its first step.
pub(crate) fn spawn(body: Box<dyn FnOnce()>, name: Option<String>) -> usize {
    let thread = with(|execution| {
        let parent = execution.at;
        execution.add_thread(name, Some(parent))
    });
    let Some(thread) = thread else { abandon() };
    let fiber = fiber(thread, body);
    NEWBORN.with_borrow_mut(|newborn| newborn.push(fiber));
    thread
}

fn fiber(thread: usize, body: Box<dyn FnOnce()>) -> Fiber {
    let stack = STACKS.with_borrow_mut(Vec::pop);
    let stack = stack.unwrap_or_else(|| {
        DefaultStack::new(STACK).expect("the system has memory for a stack")
    });
    Coroutine::with_stack(stack, move |yielder: &Yielder<(), ()>, ()| {
        YIELDERS.with_borrow_mut(|yielders| {
            yielders.resize(yielders.len().max(thread + 1), std::ptr::null());
            yielders[thread] = yielder;
        });
        let ended = panic::catch_unwind(AssertUnwindSafe(body));
        let panic = ended.err().map(|payload| panics::heard(&*payload));
        with(|execution| execution.finish(panic));
    })
}

/// Runs `root` once as thread 0.
pub(crate) fn run(
    limits: &Limits,
    guide: &mut Guide,
    root: &Root,
    watch: Watch<'_>,
) -> Ended {
    panics::elsewhere_if_unwinding(|| run_here(limits, guide, root, watch))
}

fn run_here(
    limits: &Limits,
    guide: &mut Guide,
    root: &Root,
    watch: Watch<'_>,
) -> Ended {
    panics::listen();
    let is_read = limits.orderings || !matches!(watch, Watch::Nothing);
    let (record, mut drawing) = match watch {
        Watch::Nothing => (None, None),
        Watch::Record => (Some(Record::default()), None),
        Watch::Graph(builder) => (None, Some(builder)),
    };
    let mut execution = Box::new(Execution {
        number: next_number(),
        limits: limits.clone(),
        memory: Memory::default(),
        threads: Vec::new(),
        at: 0,
        next: Some(0),
        objects: Objects::default(),
        guide: std::mem::take(guide),
        now: Duration::ZERO,
        steps: 0,
        trouble: Trouble::default(),
        run_hash: 0,
        failure: None,
        candidates: Vec::new(),
        record,
        graph: drawing.as_deref_mut().map(std::mem::take),
        orderings: Vec::new(),
        is_read,
    });
    execution.add_thread(None, None);
    execution.draw_start();
    CURRENT.set(Some(execution));
    panics::forget();
    let root = Rc::clone(root);
    let mut fibers = vec![fiber(0, Box::new(move || root()))];
    IN_MODEL.set(true);
    while let Some(thread) = with(|execution| {
        let thread = execution.next.take();
        execution.at = thread.unwrap_or(execution.at);
        thread
    }) {
        // Until it is suspended, or ends; either has decided who is next.
        fibers[thread].resume(());
        fibers.append(&mut NEWBORN.take());
    }
    IN_MODEL.set(false);
    let mut execution = CURRENT.take().expect("it was put there above");
    give_stacks_back(fibers);
    execution.draw_end();
    crate::ground::thread::forget_run();
    std::mem::swap(guide, &mut execution.guide);
    if let (Some(builder), Some(drawn)) = (drawing, execution.graph.take()) {
        *builder = drawn;
    }
    let mut record = execution.record.take().unwrap_or_default();
    record.threads = (0..execution.threads.len())
        .map(|t| execution.thread_name(t))
        .collect();
    Ended {
        found: execution.verdict().filter(|_| !guide.is_pruned()),
        steps: execution.steps,
        run_hash: execution.run_hash,
        trouble: execution.trouble,
        record,
        orderings: std::mem::take(&mut execution.orderings),
    }
}

fn give_stacks_back(fibers: Vec<Fiber>) {
    for mut fiber in fibers {
        if !fiber.done() {
            // SAFETY: the thread never runs again. Whatever its stack owns is leaked; it is
            // plain memory, as nothing on it can be reached from outside: the run is over.
            unsafe { fiber.force_reset() }
        }
        let stack = fiber.into_stack();
        STACKS.with_borrow_mut(|stacks| stacks.push(stack));
    }
}

/// A number for each run of this process; 0 is none.
fn next_number() -> u64 {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    // ORDERING: Relaxed. Only that each number is given once matters.
    NUMBERS.fetch_add(1, Relaxed)
}
