//! Graders of 06.6: the deque as it is, and with each of its orderings weaker.

#![allow(unsafe_code, reason = "what a job needs is plain memory")]

use super::on_model::ground::atomic::{
    AtomicU32,
    Ordering::{Relaxed, Release},
};
use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Failure, Kind, Model, Weakened};

use super::on_model::answer::Deque;

grading::graders![
    one_thread_alone,
    the_last_job,
    a_job_above_the_last,
    two_jobs_two_takers,
    a_job_in_a_place_used_before,
    nothing_is_stronger_than_it_has_to_be,
];

/// Numbers of jobs begin here, so that none of them is a slot's first value or an index.
const FIRST: u32 = 10;

const NAMES: [&str; 4] = ["job 10's data", "job 11's data", "job 12's data", ""];

/// A deque, and for each job what it needs: written before it is pushed, read by whoever
/// runs it.
struct Pool<const N: usize> {
    deque: Deque,
    data: [UnsafeCell<u32>; N],
}

// SAFETY: a job's data is written before the job is pushed, and read by the one who took it,
// if the deque is right. If it is not, the explorer says so before anything is read.
unsafe impl<const N: usize> Sync for Pool<N> {}

impl<const N: usize> Pool<N> {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            deque: Deque::new(),
            data: std::array::from_fn(|job| UnsafeCell::new(0).named(NAMES[job])),
        })
    }

    fn push(&self, job: u32) {
        // SAFETY: nobody knows of this job yet.
        self.data[(job - FIRST) as usize].with_mut(|data| unsafe { *data = job });
        self.deque.push(job);
    }

    /// Runs what `who` took.
    fn run(&self, who: &'static str, taken: Option<u32>, ran: &mut Vec<Ran>) {
        let Some(job) = taken else {
            return;
        };
        let known = job.checked_sub(FIRST).map(|index| index as usize);
        let Some(data) = known.and_then(|index| self.data.get(index)) else {
            panic!("{who} took job {job}, and nobody has pushed that");
        };
        // SAFETY: nobody writes after the job was pushed.
        let data = data.with(|data| unsafe { *data });
        assert!(
            data == job,
            "{who} took job {job}, and what the owner wrote for it is not there"
        );
        ran.push(Ran { job, who });
    }

    fn pop(&self, ran: &mut Vec<Ran>) {
        self.run("the owner", self.deque.pop(), ran);
    }

    fn steal(&self, ran: &mut Vec<Ran>) {
        self.run("the thief", self.deque.steal(), ran);
    }

    /// Takes what is left, and looks whether each of `jobs` was run once.
    fn end(&self, jobs: u32, mut ran: Vec<Ran>) {
        while let Some(job) = self.deque.pop() {
            self.run("the owner, at the end", Some(job), &mut ran);
        }
        for job in FIRST..FIRST + jobs {
            let mut by = ran.iter().filter(|ran| ran.job == job).map(|ran| ran.who);
            match (by.next(), by.next()) {
                (Some(_), None) => {}
                (None, _) => panic!("job {job} was pushed, and nobody has run it"),
                (Some(first), Some(second)) => {
                    panic!("job {job} was run twice: by {first}, and by {second}")
                }
            }
        }
    }
}

/// A job that was run.
struct Ran {
    job: u32,
    who: &'static str,
}

/// The owner does `own`; meanwhile a thief steals `thefts` times.
fn race<const N: usize>(thefts: usize, own: fn(&Pool<N>, &mut Vec<Ran>)) {
    let pool = Pool::<N>::new();
    let thief = {
        let pool = Arc::clone(&pool);
        thread::spawn(move || {
            let mut ran = Vec::new();
            for _ in 0..thefts {
                pool.steal(&mut ran);
            }
            ran
        })
    };
    let mut ran = Vec::new();
    own(&pool, &mut ran);
    ran.extend(thief.join().unwrap());
    pool.end(N as u32, ran);
}

fn last_job() {
    race::<1>(1, |pool, ran| {
        pool.push(10);
        pool.pop(ran);
    });
}

fn job_above() {
    race::<2>(1, |pool, ran| {
        pool.push(10);
        pool.push(11);
        pool.pop(ran);
    });
}

fn two_jobs() {
    race::<2>(2, |pool, ran| {
        pool.push(10);
        pool.push(11);
        pool.pop(ran);
    });
}

fn place_used_before() {
    race::<3>(2, |pool, ran| {
        pool.push(10);
        pool.push(11);
        pool.pop(ran);
        pool.push(12);
    });
}

fn named(name: &str) -> Model {
    Model::new(name)
            .spurious(false)
            .hint(
                Kind::DataRace,
                "the owner wrote this before it pushed the job. Which store of the owner \
                 did the thief's look at `bottom` read, and does that store publish what \
                 was written before `push`? There are two stores that count jobs",
            )
            .hint(
                Kind::Assertion,
                "the owner writes `bottom` and looks at `top`, the thief writes `top` and \
                 looks at `bottom`. If both read an old value, both take the same job: \
                 chapter 03 has that pair, and says what it takes",
            )
}

/// Those that say which ordering is needed, the small ones first.
fn models() -> [(Model, fn()); 3] {
    [
        (named("the last job"), last_job),
        (named("the owner pops, a thief steals below"), job_above),
        (named("a slot is used again"), place_used_before),
    ]
}

fn check(name: &str, root: fn()) {
    grading::step("exploring a model");
    let stats = named(name).check(root);
    assert!(stats.complete, "the model is small, and was not finished");
}

fn the_last_job() {
    check("the last job", last_job);
}

fn a_job_above_the_last() {
    check("the owner pops, a thief steals below", job_above);
}

fn two_jobs_two_takers() {
    check("the owner pops, a thief steals twice", two_jobs);
}

fn a_job_in_a_place_used_before() {
    check("a slot is used again", place_used_before);
}

fn one_thread_alone() {
    Model::new("one thread alone").check(|| {
        let deque = Deque::new();
        let expect = |what: &str, got: Option<u32>, want: Option<u32>| {
            assert!(
                got == want,
                "{what} returned {got:?}, and {want:?} is right"
            );
        };
        expect("pop() of an empty deque", deque.pop(), None);
        expect("steal() from an empty deque", deque.steal(), None);
        deque.push(10);
        deque.push(11);
        deque.push(12);
        expect(
            "after push(10), push(11), push(12), steal()",
            deque.steal(),
            Some(10),
        );
        expect("then pop()", deque.pop(), Some(12));
        expect("then pop()", deque.pop(), Some(11));
        expect("then pop()", deque.pop(), None);
        expect("then steal()", deque.steal(), None);
    });
}

fn nothing_is_stronger_than_it_has_to_be() {
    grading::step("exploring all models with each ordering weaker");
    let look = the_thiefs_look();
    if !look.is_fenced && look.text.contains("Relaxed") {
        let sentence = format!(
            "line {}, {}: without a fence behind it, Relaxed lets the look at `bottom` \
             come first, and be older. ARM processors do that; the explorer, which runs \
             all that is SeqCst in one order, can't show it. Take it up with Acquire",
            look.line, look.text,
        );
        grading::reject(look.run, sentence);
    }
    let first = ::explorer::needlessly_strong(&models());
    let Ok(mut needless) = first else {
        panic!(
            "these orderings are too weak as they are: see the graders before this one"
        );
    };
    if needless
        .as_ref()
        .is_some_and(|it| nobody_can_tell(it, &look))
    {
        // Then it takes longer.
        let all = ::explorer::weaken(&models()).unwrap_or_default();
        needless = all
            .into_iter()
            .find(|it| it.caught.is_none() && !nobody_can_tell(it, &look));
    }
    if let Some(it) = needless {
        panic!("{}", sentence(&it));
    }
}

/// The first thing that `steal` does: it looks at `top`.
struct Look {
    run: Failure,
    line: u32,
    /// As the report has it.
    text: String,
    /// Whether there is a fence behind it that takes up what it read.
    is_fenced: bool,
    /// Whether this is a `SeqCst` fence: then the explorer is exact.
    is_exact: bool,
    /// The lines of both.
    lines: Vec<u32>,
}

fn the_thiefs_look() -> Look {
    const STEALS: &str = "here it steals";
    let program = || {
        let deque = Deque::new();
        deque.push(FIRST);
        let mark = AtomicU32::new(0).named(STEALS);
        mark.store(1, Relaxed);
        deque.steal();
        // A run that goes well brings no record, so let it end with a panic.
        grading::planned_panic("the program is over");
    };
    let ended = Model::new("one thread steals a job").replay("", program);
    let run = *ended.expect_err("it ends with a panic");
    let mut events = run
        .events
        .iter()
        .skip_while(|event| !event.text.contains(STEALS))
        .skip(1)
        .peekable();
    let Some(first) = events.next() else {
        panic!("steal() of a deque with one job does nothing at all");
    };
    let (line, text) = (first.line, first.text.clone());
    let mut look = Look {
        line,
        text: text.split(" -> ").next().unwrap_or_default().to_owned(),
        is_fenced: false,
        is_exact: false,
        lines: vec![line],
        run: run.clone(),
    };
    while let Some(fence) = events.next_if(|event| event.text.starts_with("fence("))
    {
        look.is_exact |= fence.text.contains("SeqCst");
        look.is_fenced |= !fence.text.contains("Release)");
        look.lines.push(fence.line);
    }
    look
}

/// Where the explorer is too strict with the machine to judge: without a `SeqCst` fence in
/// `steal`, its look at `top` has to come before that at `bottom`, and what is exchanged
/// for the last job has to be told.
fn nobody_can_tell(it: &Weakened, look: &Look) -> bool {
    let line = it.used.site.rsplit(':').next().unwrap_or_default();
    let is_look = look.lines.iter().any(|&look| line == look.to_string());
    let is_told = it.used.operation.starts_with("compare") && it.from == Release;
    !look.is_exact && (is_look || is_told)
}

/// What is too strong, and where.
fn sentence(it: &Weakened) -> String {
    let line = it.used.site.rsplit(':').next().unwrap_or_default();
    let operation = it.used.operation;
    let what = match it.used.location.as_str() {
        "" => operation.to_owned(),
        location => format!("{location}.{operation}"),
    };
    let failed = if it.on_failure { " that fails" } else { "" };
    let instead = match (operation, format!("{:?}", it.to).as_str()) {
        ("fence", "Relaxed") => "no fence".to_owned(),
        (_, to) => to.to_owned(),
    };
    format!(
        "line {line}, {what}{failed}: {:?} is stronger than it has to be, {instead} would \
         do",
        it.from
    )
}
