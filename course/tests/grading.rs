//! `grade` and `watch` on verdicts that a script in the place of cargo makes up.

#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use common::{Said, Tree};
use threadbare::testkit::within;

/// Generous: only a fault makes a test wait this long.
const LIMIT: Duration = Duration::from_secs(60);

const BUILT: &str = r#"echo '{"reason":"build-finished","success":true}'"#;
const NOT_BUILT: &str = r#"echo '{"reason":"build-finished","success":false}'"#;

/// A line of the script that reports one verdict.
fn verdict(exercise: &str, grader: &str, outcome: &str, sentence: &str) -> String {
    format!(
        r#"echo '{{"exercise":"{exercise}","grader":"{grader}","outcome":"{outcome}","sentence":"{sentence}","at":"exercises/01_threads/src/e1_sum.rs:4","output":"mine: 7","ms":12}}' >> "$REPORT""#
    )
}

/// A line of the script that reports an error of the compiler in `file`.
fn compile_error(file: &str) -> String {
    format!(
        r#"echo '{{"reason":"compiler-message","message":{{"level":"error","rendered":"error: expected an expression in {file}","spans":[{{"file_name":"{file}","expansion":null}}]}}}}'"#
    )
}

fn all_pass() -> String {
    [
        verdict("01.1", "real::adds", "passed", ""),
        verdict("01.1", "real::adds_nothing", "passed", ""),
        verdict("01.2", "real::meets", "passed", ""),
    ]
    .join("\n")
}

#[test]
fn a_failure_says_what_where_and_how_to_go_on() {
    let tree = Tree::new();
    tree.solve("e1_sum");
    let fails = verdict(
        "01.1",
        "real::adds",
        "failed",
        "3 + 4 is 7, but the answer is 8",
    );
    let hangs = verdict(
        "01.1",
        "real::adds_nothing",
        "hung",
        "not finished after 15 s",
    );
    tree.fake_cargo(&format!(
        "{BUILT}\necho running 2 tests\n{hangs}\n{fails}\nexit 101"
    ));
    tree.run(&["grade", "01.1"]).ends_with(1).has(&[
        "2 of 2 graders fail",
        "adds nothing hangs",
        "3 + 4 is 7, but the answer is 8",
        "at exercises/01_threads/src/e1_sum.rs:4",
        "| mine: 7",
        "cargo hint 01.1",
        "book/src/01_threads.md#sums",
    ]);
    tree.run(&["map"]).has(&["0 of 2 graders pass"]);
}

#[test]
fn what_a_hang_kept_from_running_is_counted_and_the_run_is_whole() {
    let tree = Tree::new();
    tree.solve("e1_sum");
    let hangs = verdict("01.1", "real::adds", "hung", "not finished after 15 s");
    let skipped = verdict("01.1", "real::adds_nothing", "skipped", "not run");
    tree.fake_cargo(&format!(
        "{BUILT}\necho running 2 tests\n{hangs}\n{skipped}\nexit 101"
    ));
    tree.run(&["grade", "01.1"])
        .ends_with(1)
        .has(&[
            "1 of 2 graders fail, 1 were not run",
            "adds nothing was not run",
        ])
        .lacks("not whole");
}

/// What a model checker found is shown as it was set out; that a model was too large is
/// said although the grader passes.
#[test]
fn a_model_shows_its_interleaving_and_its_limits() {
    let tree = Tree::new();
    tree.solve("e1_sum");
    let fails = verdict(
        "01.1",
        "model::adds",
        "failed",
        "LOST WAKE-UP: main sleeps for ever",
    );
    let fails = fails.replace(
        r#""output":"#,
        r#""report":"  step  line  main\\n     1  7     sleeps","schedule":"0*3","output":"#,
    );
    let large = verdict("01.1", "model::adds_nothing", "passed", "");
    let large = large.replace(r#""output":"#, r#""note":"TOO LARGE: 7","output":"#);
    tree.fake_cargo(&format!(
        "{BUILT}\necho running 2 tests\n{fails}\n{large}\nexit 101"
    ));
    tree.run(&["grade", "01.1"]).ends_with(1).has(&[
        "LOST WAKE-UP: main sleeps for ever",
        "  step  line  main\n     1  7     sleeps\n",
        "model: adds nothing passes, but: TOO LARGE: 7",
    ]);
}

#[test]
fn what_is_solved_stays_so_until_something_changes() {
    let tree = Tree::new();
    for file in ["e1_sum", "e2_meet"] {
        tree.solve(file);
    }
    tree.fake_cargo(&format!("{BUILT}\n{}", all_pass()));
    tree.run(&["grade"])
        .ends_with(0)
        .has(&["2 of 2 exercises solved"]);
    tree.run(&["map"])
        .has(&["2 of 2 exercises solved", "Every exercise is solved"]);
    tree.run(&["solution", "01.1"])
        .ends_with(0)
        .has(&["The same, letter by letter"]);

    // An edit, a new grader, a new frame: each takes the marks away that it concerns.
    let answer = tree.read("exercises/01_threads/src/e1_sum.rs");
    tree.write(
        "exercises/01_threads/src/e1_sum.rs",
        &format!("{answer}//\n"),
    );
    tree.run(&["map"]).has(&["1 of 2 exercises solved"]);
    tree.write("exercises/01_threads/src/e1_sum.rs", &answer);
    tree.run(&["map"]).has(&["2 of 2 exercises solved"]);
    tree.write(
        "exercises/01_threads/tests/e2/real.rs",
        "grading::graders![other];\n",
    );
    tree.run(&["map"]).has(&["1 of 2 exercises solved"]);
    tree.write("grading/src/lib.rs", "// changed\n");
    tree.run(&["map"]).has(&["0 of 2 exercises solved"]);
}

#[test]
fn deleting_the_cache_costs_only_the_time_to_grade_again() {
    let tree = Tree::new();
    tree.solve("e1_sum");
    tree.fake_cargo(&format!("{BUILT}\n{}", all_pass()));
    tree.run(&["grade", "01.1"]).ends_with(0);
    fs::remove_dir_all(tree.root.join("target/threadbare")).unwrap();
    tree.run(&["map"])
        .has(&["0 of 2 exercises solved", "changed, not graded"]);
    tree.run(&["grade", "01.1"]).ends_with(0);
    tree.run(&["map"]).has(&["1 of 2 exercises solved"]);
}

#[test]
fn an_answer_that_does_not_compile_does_not_keep_the_others_from_being_graded() {
    let tree = Tree::new();
    tree.solve("e2_meet");
    let error = compile_error("exercises/01_threads/src/e1_sum.rs");
    let meets = verdict("01.2", "real::meets", "passed", "");
    tree.fake_cargo(&format!(
        "if [ \"$THREADBARE_ONLY\" = e2 ]\nthen\n{BUILT}\n{meets}\nelse\n{error}\n{NOT_BUILT}\nexit 101\nfi"
    ));
    tree.run(&["grade", "01"]).ends_with(1).has(&[
        "01.1  Sum two numbers  does not compile",
        "error: expected an expression",
        "cargo course reset 01.1",
        "01.2  Meet at a barrier  solved",
        "1 of 2 exercises solved",
    ]);
    tree.run(&["map"])
        .has(&["does not compile", "1 of 2 exercises solved"]);
    // Whoever asks for the other one never hears of it.
    tree.run(&["grade", "01.2"])
        .ends_with(0)
        .lacks("does not compile");
}

#[test]
fn an_error_that_is_in_no_answer_is_shown_as_that() {
    let tree = Tree::new();
    let error = compile_error("src/ground/mod.rs");
    tree.fake_cargo(&format!("{error}\n{NOT_BUILT}\nexit 101"));
    tree.run(&["grade", "01.1"]).ends_with(1).has(&[
        "error: expected an expression in src/ground/mod.rs",
        "the reason is not in an answer",
        "git status",
    ]);
}

#[test]
fn graders_that_die_without_a_word_are_not_taken_for_solved() {
    let tree = Tree::new();
    tree.fake_cargo(&format!("{BUILT}\necho last words\nexit 134"));
    tree.run(&["grade", "01.1"]).ends_with(1).has(&[
        "01.1  Sum two numbers  not graded",
        "ended with status 134",
        "last words",
    ]);
    tree.run(&["map"]).has(&["0 of 2 exercises solved"]);
}

#[test]
fn graders_that_die_half_way_are_not_taken_for_solved() {
    let tree = Tree::new();
    let passes = verdict("01.1", "real::adds", "passed", "");
    tree.fake_cargo(&format!(
        "{BUILT}\necho running 2 tests\n{passes}\nexit 134"
    ));
    tree.run(&["grade", "01.1"])
        .ends_with(1)
        .has(&["Verdicts that are missing: 1", "ended with status 134"]);
    tree.run(&["map"]).has(&["0 of 2 exercises solved"]);
}

#[test]
fn without_cargo_it_says_what_to_install() {
    let tree = Tree::new();
    let mut command = tree.command(&["grade", "01.1"]);
    command.env("CARGO", "/nowhere/cargo");
    let said = Said::from(command.output().unwrap());
    said.ends_with(1);
    assert!(said.err.contains("is Rust installed"), "{said:#?}");
}

#[test]
fn ctrl_c_ends_cargo_and_everything_below_it() {
    let tree = Tree::new();
    // The sleeping grandchild is what a hanging grader is: it must not be left behind.
    tree.fake_cargo(&format!("{BUILT}\nsleep 600 & echo $! > grandchild.new\nmv grandchild.new grandchild\nwait"));
    let child = tree
        .command(&["grade", "01.1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = tree.root.join("grandchild");
    within(LIMIT, || {
        while !pid.exists() {
            std::thread::yield_now()
        }
    });
    let grandchild = tree.read("grandchild");
    signal("INT", &child.id().to_string());
    let said = within(LIMIT, || Said::from(child.wait_with_output().unwrap()));
    said.ends_with(130).has(&["Interrupted"]);
    within(LIMIT, || {
        while alive(grandchild.trim()) {
            std::thread::yield_now()
        }
    });
}

#[test]
fn watch_grades_again_on_a_save_by_rename_and_ends_on_a_signal() {
    for poll in [false, true] {
        let tree = Tree::new();
        let fails = verdict("01.1", "real::adds", "failed", "it is not 7");
        let passes = verdict("01.1", "real::adds", "passed", "");
        tree.fake_cargo(&format!(
            "{BUILT}\nif grep -q todo exercises/01_threads/src/e1_sum.rs\nthen\n{fails}\nelse\n{passes}\nfi"
        ));
        let mut command = tree.command(&["watch"]);
        if poll {
            command.arg("--poll");
        }
        let watch = Watch::start(command);
        watch.until("there is no terminal");
        watch.until("it is not 7");
        watch.until("book/src/01_threads.md#sums");
        // What many editors do: write a new file, and move it over the old one.
        let solution = tree.read("solutions/01_threads/src/e1_sum.rs");
        tree.write("exercises/01_threads/src/.e1_sum.rs.new", &solution);
        let dir = tree.root.join("exercises/01_threads/src");
        fs::rename(dir.join(".e1_sum.rs.new"), dir.join("e1_sum.rs")).unwrap();
        watch.until("solved");
        watch.until("press n");
        watch.end();
    }
}

/// The companion while it watches; ended with the test, however that ends.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in out.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Reads on until a line has `part`.
    #[track_caller]
    fn until(&self, part: &str) {
        let mut heard = Vec::new();
        while !heard
            .last()
            .is_some_and(|line: &String| line.contains(part))
        {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) => heard.push(line),
                Err(error) => {
                    panic!("no line with {part:?} ({error}) in {heard:#?}")
                }
            }
        }
    }

    fn end(mut self) {
        signal("TERM", &self.child.id().to_string());
        let status = within(LIMIT, || self.child.wait().unwrap());
        assert!(status.success(), "{status}");
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(name: &str, pid: &str) {
    let status = Command::new("kill").args(["-s", name, pid]).status();
    assert!(status.unwrap().success());
}

fn alive(pid: &str) -> bool {
    // Where nobody collects orphans the dead stay in the list, as zombies.
    if let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) {
        return !stat.contains(") Z ");
    }
    let mut command = Command::new("kill");
    let status = command.args(["-0", pid]).stderr(Stdio::null()).status();
    status.unwrap().success()
}
