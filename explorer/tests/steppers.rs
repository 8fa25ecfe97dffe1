//! The steppers in the book are what the explorer draws of their models today.
//!
//! `STEPPERS=write cargo test -p explorer --test steppers` writes them.

use std::fs;
use std::path::{Path, PathBuf};

use explorer::{Caption, Graph, Model};

#[path = "../models/mod.rs"]
#[allow(
    unreachable_pub,
    reason = "the chapters show them as a reader would write them"
)]
mod models;

use models::{ALL, Stepper};

/// More than this nobody wants to explore by hand.
const STATES_MAX: usize = 600;

/// A page holds several figures, and somebody loads it on a phone.
const BYTES_MAX: usize = 64 * 1024;

fn graph(stepper: &Stepper) -> Graph {
    (stepper.limits)(Model::new(stepper.name)).graph(stepper.model)
}

fn figure(stepper: &Stepper) -> String {
    let caption = Caption {
        name: stepper.name,
        title: stepper.title,
        source: stepper.source,
        is_bad: stepper.is_bad,
    };
    let figure = graph(stepper).figure(&caption);
    figure.unwrap_or_else(|why| panic!("{}: {why}", stepper.name))
}

fn folder(chapter: &str) -> PathBuf {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/src");
    book.join(chapter).join("steppers")
}

#[test]
fn the_book_has_the_figures_of_today() {
    let write = std::env::var("STEPPERS").is_ok_and(|what| what == "write");
    let mut stale = Vec::new();
    for stepper in ALL {
        let figure = figure(stepper);
        let states = figure
            .lines()
            .skip_while(|line| !line.starts_with("\"states\""));
        let states = states.take_while(|line| !line.starts_with('<')).count();
        assert!(states < STATES_MAX, "{}: {states} states", stepper.name);
        assert!(
            figure.len() < BYTES_MAX,
            "{}: {}",
            stepper.name,
            figure.len()
        );
        println!("{}: {states} states, {} bytes", stepper.name, figure.len());
        let folder = folder(stepper.chapter);
        let path = folder.join(format!("{}.html", stepper.name));
        let there = fs::read_to_string(&path).unwrap_or_default();
        if there.replace("\r\n", "\n") == figure {
            continue;
        }
        if write {
            fs::create_dir_all(folder).expect("the book is there");
            fs::write(&path, figure).expect("it can be written");
        } else {
            stale.push(stepper.name);
        }
    }
    assert!(
        stale.is_empty(),
        "{stale:?} are not what the explorer draws: \
         STEPPERS=write cargo test -p explorer --test steppers"
    );
}

#[test]
fn every_figure_has_its_model() {
    for stepper in ALL {
        let folder = folder(stepper.chapter);
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let known = ALL.iter().any(|it| {
                it.chapter == stepper.chapter && file == format!("{}.html", it.name)
            });
            assert!(known, "{} has no model", entry.path().display());
        }
    }
}

/// What each of these shows is that there is none.
const WITHOUT_A_BAD_ENDING: &[&str] =
    &["message_passing_acquire", "publish_release"];

#[test]
fn every_other_one_asks_a_question_and_has_a_bad_ending() {
    for stepper in ALL {
        let (name, title) = (stepper.name, stepper.title);
        assert!(title.ends_with('?'), "{name}: {title}");
        assert!(!title.contains('`'), "{name}: a title is no Markdown");
        let endings = graph(stepper).states.into_iter().filter_map(|it| it.end);
        let bad = endings
            .into_iter()
            .any(|end| end.failed || (stepper.is_bad)(&end.text));
        assert_eq!(bad, !WITHOUT_A_BAD_ENDING.contains(&name), "{name}");
    }
}
