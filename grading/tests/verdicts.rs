//! The frame under graders that do what an answer can do at its worst: each must be
//! rejected with its sentence, and none may take the frame down with it.

use std::process::{self, ExitCode};
use std::sync::{Arc, Barrier};
use std::thread;

use grading::{Answer, ChapterSource, Exercise, Grader, Role};

const CHAPTER: ChapterSource = ChapterSource {
    root: concat!(env!("CARGO_MANIFEST_DIR"), "/.."),
    catalog: "chapter = '00_measuring'\ntitle = 'Measuring'",
    strict: true,
};

fn main() -> ExitCode {
    let answers = vec![
        wrong("panics", "//! must say: one item of three is lost", panics),
        wrong(
            "panics_elsewhere",
            "//! must say: lost an item (on thread w7)",
            elsewhere,
        ),
        wrong("compares", "//! must say: two items are due", compares),
        wrong(
            "deadlocks",
            "//! must say: last step: waiting for a second",
            deadlocks,
        ),
        #[cfg(target_os = "linux")]
        wrong("names_the_call", "//! must say: asleep in futex", deadlocks),
        wrong(
            "spins",
            "//! must say: the grader was counting for ever",
            spins,
        ),
        wrong("exits", "//! must say: the program ended by itself", exits),
        wrong(
            "aborts",
            "//! must say: the program was ended by signal 6",
            aborts,
        ),
        wrong(
            "overflows",
            "//! must say: is there a recursion without an end",
            overflows,
        ),
        wrong("floods", "//! must say: of a loop that has no end", floods),
        wrong("prints", "//! must say: | seven is seven", prints),
        wrong(
            "lets_a_job_panic",
            "//! must say: planned panic (boom) went through",
            job,
        ),
        of_model(wrong(
            "loses_a_wake_up",
            "//! must say: LOST WAKE-UP: main sleeps at",
            loses_a_wake_up,
        )),
        of_model(wrong(
            "shows_the_steps",
            "//! must say: wait(word == 0) sleeps",
            loses_a_wake_up,
        )),
        of_model(wrong(
            "panics_in_a_model",
            "//! must say: ASSERTION: one item of three is lost",
            || {
                explorer::Model::new("one thread").check(panics);
            },
        )),
        answer(Role::Stub, "unwritten", "", || todo!("use three numbers")),
        of_model(answer(Role::Stub, "unwritten_in_a_model", "", || {
            explorer::Model::new("one thread").check(|| todo!("use three numbers"));
        })),
        answer(Role::Right, "panics_as_planned", "", planned),
        answer(
            Role::Right,
            "leaves_a_thread_behind",
            "",
            leaves_a_thread_behind,
        ),
    ];
    grading::judge(CHAPTER, answers, Vec::new())
}

fn wrong(module: &'static str, source: &'static str, run: fn()) -> Answer {
    answer(Role::Wrong, module, source, run)
}

fn answer(
    role: Role,
    module: &'static str,
    source: &'static str,
    run: fn(),
) -> Answer {
    let graders = vec![("real", vec![Grader { name: "run", run }])];
    let exercise = Exercise {
        module,
        key: "e1",
        path: "grading/tests",
        source,
        graders,
    };
    Answer { role, exercise }
}

/// Its grader counts as one of the model checker's, which only the reader is told.
fn of_model(mut answer: Answer) -> Answer {
    answer.exercise.graders[0].0 = "model";
    answer
}

fn loses_a_wake_up() {
    use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
    use explorer::ground::{futex, sync::Arc, thread};

    explorer::Model::new("a wake-up before the sleep").check(|| {
        let word = Arc::new(AtomicU32::new(0));
        let waker = Arc::clone(&word);
        let thread = thread::spawn(move || futex::wake_one(&waker));
        while word.load(SeqCst) == 0 {
            futex::wait(&word, 0);
        }
        thread.join().unwrap();
    });
}

fn panics() {
    panic!("one item of three is lost");
}

fn elsewhere() {
    let _ = thread::Builder::new()
        .name("w7".to_owned())
        .spawn(|| panic!("lost an item"))
        .map(thread::JoinHandle::join);
    unreachable!("the panic ended the process");
}

fn compares() {
    assert_eq!(1, 2, "two items are due");
}

fn deadlocks() {
    grading::step("waiting for a second thread");
    Barrier::new(2).wait();
}

fn spins() {
    grading::step("counting for ever");
    loop {
        std::hint::spin_loop();
    }
}

fn exits() {
    process::exit(0);
}

fn aborts() {
    process::abort();
}

fn overflows() {
    fn deeper(n: u64) -> u64 {
        if n == 0 {
            0
        } else {
            1 + std::hint::black_box(deeper(std::hint::black_box(n + 1)))
        }
    }
    deeper(1);
}

fn floods() {
    for n in 0.. {
        println!("line {n} of a loop that has no end");
    }
}

fn prints() {
    println!("seven is seven");
    panic!("six is not seven");
}

fn job() {
    grading::planned_panic("boom");
}

fn planned() {
    let job = thread::spawn(|| grading::planned_panic("boom"));
    assert!(job.join().is_err(), "the job's panic reaches its handle");
}

fn leaves_a_thread_behind() {
    let meet = Arc::new(Barrier::new(2));
    let met = Arc::clone(&meet);
    thread::spawn(move || {
        met.wait();
        thread::park();
    });
    meet.wait();
}
