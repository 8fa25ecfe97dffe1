//! Every subcommand that needs no graders: what it prints, what it writes, how it ends.

mod common;

use std::process::Stdio;

use common::{FROM, HEADER, Said, TO, Tree};

const ESCAPE: &str = "\u{1b}[";

#[test]
fn the_map_shows_what_comes_next() {
    let said = Tree::new().run(&["map"]);
    said.ends_with(0).has(&[
        "0 of 2 exercises solved",
        "00  Measuring",
        "12  Futures by hand",
        "to come",
        "01.1  Sum two numbers",
        "cargo grade 01.1",
        "cargo hint 01.1",
        "exercises/01_threads/src/e1_sum.rs",
        "book/src/01_threads.md#sums",
        "The book   cargo run",
    ]);
    assert!(said.err.is_empty(), "{said:#?}");
}

/// What cargo says of a server that is a program of the system: it prints its arguments.
const BUILDS: &str = r#"
echo "   Compiling mdbook-driver v0.5.4" >&2
echo '{"reason":"compiler-artifact","target":{"name":"regex"},"executable":null}'
echo '{"reason":"compiler-artifact","target":{"name":"course-serve"},"executable":"/bin/echo"}'
"#;

#[test]
fn alone_it_shows_the_map_and_serves_the_book() {
    let tree = Tree::new();
    tree.fake_cargo(BUILDS);
    let said = tree.run(&["--port", "0", "--open"]);
    said.ends_with(0)
        .has(&["0 of 2 exercises solved", "\n--port 0 --open\n"]);
    assert_eq!(
        said.err, "building the server of the book: once, about a minute\n",
        "{said:#?}"
    );
}

#[test]
fn the_book_is_served_without_the_map_when_asked_so() {
    let tree = Tree::new();
    tree.fake_cargo(BUILDS);
    let said = tree.run(&["serve", "--port", "4000", "--poll"]);
    said.ends_with(0);
    assert_eq!(said.out, "--port 4000 --poll\n");
}

#[test]
fn a_server_that_cannot_be_built_is_one_line_below_what_cargo_said() {
    let tree = Tree::new();
    tree.fake_cargo("echo 'error: no space left' >&2; exit 101");
    let said = tree.run(&["serve"]);
    said.ends_with(1);
    assert_eq!(
        said.err,
        "error: no space left\nerror: cannot build the server of the book: \
         `cargo build -p course-serve` ended with exit status: 101\n"
    );
}

#[test]
fn an_edit_shows_on_the_map() {
    let tree = Tree::new();
    tree.solve("e1_sum");
    tree.run(&["map"]).has(&["changed, not graded"]);
}

#[test]
fn colours_come_and_go_as_asked() {
    let tree = Tree::new();
    let with = |name: &str, value: &str| {
        let mut command = tree.command(&["map"]);
        Said::from(command.env(name, value).output().unwrap())
    };
    tree.run(&["map"]).lacks(ESCAPE);
    with("CLICOLOR_FORCE", "1").has(&[ESCAPE]);
    with("NO_COLOR", "1").lacks(ESCAPE);
}

#[test]
fn it_works_from_a_sub_directory() {
    let tree = Tree::new();
    let mut command = tree.command(&["map"]);
    command.current_dir(tree.root.join("exercises/01_threads"));
    let said = Said::from(command.output().unwrap());
    said.ends_with(0).has(&[
        "edit     src/e1_sum.rs",
        "../../book/src/01_threads.md#sums",
    ]);
}

#[test]
fn outside_the_course_it_says_where_to_go() {
    let tree = Tree::new();
    let mut command = tree.command(&[]);
    command.current_dir(std::env::temp_dir());
    let said = Said::from(command.output().unwrap());
    said.ends_with(1);
    assert!(said.err.contains("is not inside the course"), "{said:#?}");
    assert_eq!(said.err.lines().count(), 1, "{said:#?}");
}

#[test]
fn bad_arguments_get_the_usage_and_status_2() {
    let tree = Tree::new();
    for arguments in [
        &["--what"][..],
        &["grade", "abc"],
        &["hint", "01.1", "--level", "0"],
        &["--port", "70000"],
        &["serve", "--port", "http"],
        &["--port", "1", "map"],
    ] {
        let said = tree.run(arguments);
        said.ends_with(2);
        assert!(said.err.contains("--help"), "{said:#?}");
    }
}

#[test]
fn a_wrong_number_gets_one_line_and_status_1() {
    let tree = Tree::new();
    for (number, sentence) in [
        (
            "01.9",
            "there is no exercise 01.9; chapter 01 has 01.1 to 01.2",
        ),
        (
            "07",
            "chapter 07 (One thread, many sockets) is still to come; exercises so far: 01.1 to 01.2",
        ),
        (
            "77.1",
            "there is no chapter 77; exercises so far: 01.1 to 01.2",
        ),
    ] {
        for command in ["grade", "hint", "solution", "reset"] {
            let said = tree.run(&[command, number]);
            said.ends_with(1);
            assert_eq!(said.err.trim(), format!("error: {sentence}"));
        }
    }
}

#[test]
fn help_names_every_command() {
    Tree::new().run(&["--help"]).ends_with(0).has(&[
        "serve", "map", "grade", "watch", "hint", "solution", "reset", "doctor",
        "ci",
    ]);
}

#[test]
fn hints_come_one_at_a_time() {
    let tree = Tree::new();
    let hint = || tree.run(&["hint", "01.1"]);
    hint()
        .ends_with(0)
        .has(&["hint 1 of 3", "look at plus"])
        .lacks("add them");
    hint()
        .has(&["look at plus", "hint 2 of 3", "add them"])
        .lacks("one line");
    hint().has(&["hint 3 of 3", "one line", "solution 01.1 --give-up"]);
    hint().has(&["hint 3 of 3"]);
    tree.run(&["hint", "01.1", "--level", "2"])
        .has(&["add them"])
        .lacks("look at plus");
    tree.run(&["hint", "01.2"])
        .has(&["hint 1 of 3", "look at Barrier"]);
    tree.run(&["map"]).has(&["(3 of 3 seen)"]);
}

#[test]
fn a_hint_without_a_number_is_for_what_comes_next() {
    Tree::new()
        .run(&["hint"])
        .has(&["01.1  Sum two numbers", "look at plus"]);
}

#[test]
fn a_solution_is_for_those_who_solved_it_or_give_up() {
    let tree = Tree::new();
    let said = tree.run(&["solution", "01.1"]);
    said.ends_with(1);
    assert!(said.err.contains("01.1 is not solved yet"), "{said:#?}");
    tree.write(
        "solutions/01_threads/right/e1_sum_wrapping.rs",
        "a.wrapping_add(b)\n",
    );
    tree.run(&["solution", "01.1", "--give-up"])
        .ends_with(0)
        .has(&[
            "--- exercises/01_threads/src/e1_sum.rs",
            "+++ solutions/01_threads/src/e1_sum.rs",
            "-todo!(\"add\")",
            "+a + b",
            "solutions/01_threads/right/e1_sum_wrapping.rs",
        ]);
}

#[test]
fn a_reset_keeps_what_was_written() {
    let tree = Tree::new();
    let file = "exercises/01_threads/src/e1_sum.rs";
    let stub = tree.read(file);
    for number in 1..=2 {
        let mine = format!("{HEADER}{FROM}mine, try {number}\n{TO}");
        tree.write(file, &mine);
        let backup = format!(".threadbare/backups/01_threads_e1_sum.{number}.rs");
        tree.run(&["reset", "01.1", "--yes"])
            .ends_with(0)
            .has(&[&backup]);
        assert_eq!(tree.read(file), stub);
        assert_eq!(tree.read(&backup), mine);
    }
    assert_eq!(tree.read(".threadbare/.gitignore"), "*\n");
    tree.run(&["reset", "01", "--yes"])
        .ends_with(0)
        .has(&["Nothing to do"]);
}

#[test]
fn a_reset_asks_and_without_a_terminal_does_nothing() {
    let tree = Tree::new();
    tree.solve("e1_sum");
    let mut command = tree.command(&["reset", "01"]);
    let said = Said::from(command.stdin(Stdio::null()).output().unwrap());
    said.ends_with(1);
    assert!(said.err.contains("--yes"), "{said:#?}");
    assert!(
        tree.read("exercises/01_threads/src/e1_sum.rs")
            .contains("a + b")
    );
}

#[test]
fn a_missing_answer_is_brought_back() {
    let tree = Tree::new();
    let file = "exercises/01_threads/src/e2_meet.rs";
    std::fs::remove_file(tree.root.join(file)).unwrap();
    tree.run(&["reset", "01.2", "--yes"])
        .ends_with(0)
        .lacks("kept in");
    assert!(tree.read(file).contains("todo!"));
}

#[test]
fn a_spoilt_catalog_is_an_error_in_one_sentence() {
    let tree = Tree::new();
    tree.write("exercises/01_threads/exercises.toml", "chapter = 1\n");
    let said = tree.run(&["map"]);
    said.ends_with(1);
    assert!(
        said.err.contains("the list of exercises cannot be used"),
        "{said:#?}"
    );
}

#[test]
fn doctor_tells_what_it_finds_and_what_it_cannot_show() {
    Tree::new().run(&["doctor"]).ends_with(0).has(&[
        "cores",
        "rustc",
        "mdbook",
        "Backends",
        "What can't be observed here",
    ]);
}

/// The doctor asks the kernel by itself: without the library it is built sooner.
#[test]
#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
fn doctor_names_the_backend_that_chapter_08_gets() {
    let backend = threadbare::completion::Loop::<()>::new().unwrap().backend();
    let line = format!("chapter 08 runs on {backend}");
    Tree::new().run(&["doctor"]).ends_with(0).has(&[&line]);
}
