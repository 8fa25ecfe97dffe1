//! The graph of a model's states, and the figure that the book makes of it.

#![allow(unsafe_code, reason = "a model frees a box that an AtomicPtr holds")]

use std::collections::BTreeSet;
use std::ptr;

use explorer::graph::{Graph, Run};
use explorer::ground::atomic::Ordering::{Acquire, Relaxed, Release};
use explorer::ground::atomic::{AtomicBool, AtomicPtr, AtomicU32};
use explorer::ground::sync::Arc;
use explorer::ground::{futex, thread};
use explorer::{Caption, Model};

/// Store buffering.
fn program() -> String {
    let x = Arc::new(AtomicU32::new(0));
    let y = Arc::new(AtomicU32::new(0));
    let (a, b) = (Arc::clone(&x), Arc::clone(&y));
    let one = thread::spawn(move || {
        // ANCHOR: thread_1
        a.store(1, Relaxed);
        b.load(Relaxed)
        // ANCHOR_END: thread_1
    });
    let two = thread::spawn(move || {
        // ANCHOR: thread_2
        y.store(1, Relaxed);
        x.load(Relaxed)
        // ANCHOR_END: thread_2
    });
    format!("{} {}", one.join().unwrap(), two.join().unwrap())
}

fn graph(root: fn() -> String) -> Graph {
    Model::new("graph").spurious(false).graph(root)
}

fn endings(graph: &Graph) -> BTreeSet<String> {
    let ends = graph.states.iter().filter_map(|state| state.end.as_ref());
    ends.map(|end| end.text.clone()).collect()
}

fn caption(source: &str) -> Caption<'_> {
    Caption {
        name: "graph",
        title: "x < y?",
        source,
        is_bad: |end| end == "0 0",
    }
}

#[test]
fn every_ending_is_in_the_graph_and_stays_in_the_smaller_ones() {
    let all = graph(program);
    let expected = ["0 0", "0 1", "1 0", "1 1"].map(str::to_owned);
    let shown = all.without_main().expect("main only joins");
    let smallest = shown.smallest();
    for graph in [&all, &shown, &smallest] {
        assert_eq!(endings(graph), BTreeSet::from(expected.clone()));
        for state in &graph.states {
            assert_eq!(state.next.is_empty(), state.end.is_some(), "{state:?}");
            assert!(state.next.iter().all(|step| step.to < graph.states.len()));
        }
    }
    // Two threads with two steps each are in nine situations. What they have read tells
    // some of these apart, but never more than sixteen.
    assert!((9..=16).contains(&smallest.states.len()), "{smallest:#?}");
    assert_eq!(smallest.smallest(), smallest);
}

#[test]
fn a_load_of_an_old_value_is_a_step_that_says_so() {
    let graph = graph(program).without_main().expect("main only joins");
    let steps = || graph.states.iter().flat_map(|state| &state.next);
    assert!(
        steps().any(|step| step.old && step.text.ends_with("load(Relaxed) -> 0"))
    );
    assert!(!steps().any(|step| step.old && step.text.contains("-> 1")));
}

#[test]
fn values_are_written_as_the_program_writes_them_and_pointers_without_addresses() {
    let graph = graph(|| {
        let node = Arc::new(AtomicPtr::new(ptr::null_mut()));
        let full = Arc::new(AtomicBool::new(false));
        let (other, told) = (Arc::clone(&node), Arc::clone(&full));
        let thread = thread::spawn(move || {
            other.store(Box::into_raw(Box::new(7)), Release);
            told.store(true, Release);
        });
        let seen = (full.load(Acquire), node.load(Acquire).is_null());
        thread.join().unwrap();
        // SAFETY: the other thread has stored a box, and nobody else takes it.
        drop(unsafe { Box::from_raw(node.load(Relaxed)) });
        format!("{seen:?}")
    });
    let values: BTreeSet<&String> = graph
        .states
        .iter()
        .flat_map(|state| state.memory.iter().flatten())
        .collect();
    let expected = ["&1", "false", "null", "true", "–"].map(str::to_owned);
    assert_eq!(values, expected.iter().collect());
    let steps = graph.states.iter().flat_map(|state| &state.next);
    let texts: BTreeSet<&str> = steps.map(|step| step.text.as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("-> &1")), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains("0x")), "{texts:?}");
}

#[test]
fn a_failure_is_an_ending_and_says_who_sleeps() {
    let graph = graph(|| {
        let bell = Arc::new(AtomicU32::new(0));
        let other = Arc::clone(&bell);
        let sleeper = thread::spawn(move || futex::wait(&other, 0));
        bell.store(1, Relaxed);
        sleeper.join().unwrap();
        "woken".to_owned()
    });
    let state = graph.states.iter().find(|state| match &state.end {
        Some(end) => {
            end.failed && end.text.starts_with("LOST WAKE-UP: thread 1 sleeps")
        }
        None => false,
    });
    let state = state.expect("the wake-up is lost in one of the runs");
    assert_eq!(state.threads[1].run, Run::Sleeps);
    assert!(endings(&graph).contains("woken"));
}

#[test]
fn a_figure_holds_the_lines_of_each_thread_and_a_table_of_the_endings() {
    let source = include_str!("graph.rs");
    let figure = graph(program)
        .figure(&caption(source))
        .expect("it can be drawn");
    assert!(
        !figure.contains("\n\n"),
        "Markdown ends at a blank line:\n{figure}"
    );
    for part in [
        "<figcaption>x &lt; y?</figcaption>",
        "<td>0 0 (bad)</td>",
        "\"a.store(1, Relaxed);\"",
        "\"x.load(Relaxed)\"",
        "[\"0 0\",1]",
    ] {
        assert!(figure.contains(part), "{part} is not in\n{figure}");
    }
}

#[test]
fn a_figure_that_would_hide_something_is_refused() {
    let refused = |root, source: &str| {
        let figure = graph(root).figure(&caption(source));
        figure.expect_err("it can't be drawn")
    };
    let source = include_str!("graph.rs");
    let why = refused(program, &source.replace("ANCHOR: thread_2", "ANCHOR: two"));
    assert!(why.contains("thread 2 has no lines"), "{why}");
    // One line further up, and the lines are not those that run.
    let why = refused(
        program,
        source.split_once('\n').map_or("", |(_, rest)| rest),
    );
    assert!(why.contains("which is not in its column"), "{why}");
    let busy = || {
        let x = Arc::new(AtomicU32::new(0));
        let other = Arc::clone(&x);
        let thread = thread::spawn(move || other.store(1, Relaxed));
        x.store(2, Relaxed);
        thread.join().unwrap();
        String::new()
    };
    let why = refused(busy, source);
    assert!(why.contains("main takes part"), "{why}");
}
