//! A walk through all pairs: what must hold of each, the table, and the picture.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use super::*;

#[test]
fn every_pair_has_an_answer() {
    for life in Life::ALL {
        for event in Event::ALL {
            let (after, action) = next(life, event);
            if action == Action::Ignore {
                assert_eq!(after, life, "{life:?}, {event:?}");
            }
        }
    }
}

#[test]
fn a_cancel_is_answered_in_each_state_and_in_each_in_another_way() {
    let answers = Life::ALL.map(|life| next(life, Event::Cancel).1);
    let expected = [
        Action::Refuse,
        Action::Withdraw,
        Action::Ask,
        Action::Remember,
    ];
    assert_eq!(answers, expected);
}

#[test]
fn nothing_is_called_twice_and_nothing_ends_without_being_called() {
    for life in Life::ALL {
        for event in Event::ALL {
            let (after, action) = next(life, event);
            let calls = matches!(action, Action::Call | Action::Withdraw);
            assert_eq!(
                calls,
                after == Life::Done && life != Life::Done,
                "{life:?}, {event:?}"
            );
            if after == Life::Dead && life != Life::Dead {
                assert_eq!((life, event), (Life::Done, Event::Disarm));
            }
        }
    }
}

// ---- the table and the picture --------------------------------------------------------

/// Compares a file with what it should be, or writes it if `LIFE=write`.
fn is_drawn_from_the_walk(path: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var("LIFE").is_ok_and(|what| what == "write") {
        fs::write(&path, drawn).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written.replace("\r\n", "\n") == drawn,
        "{} is not what `next` says; write it with\n    \
         LIFE=write cargo test --lib completion::life",
        path.display(),
    );
}

#[test]
fn the_table_is_drawn_from_the_walk() {
    let mut table = String::from("| ");
    for life in Life::ALL {
        let _ = write!(table, "| {life:?} ");
    }
    let _ = writeln!(table, "|\n|---{}|", "|---".repeat(Life::ALL.len()));
    for event in Event::ALL {
        let _ = write!(table, "| **{event:?}** ");
        for life in Life::ALL {
            let _ = match next(life, event) {
                (_, Action::Ignore) => write!(table, "| · "),
                (after, action) if after == life => write!(table, "| `{action:?}` "),
                (after, action) => write!(table, "| `{action:?}` → {after:?} "),
            };
        }
        table.push_str("|\n");
    }
    table.push_str(
        "\nAn arrow leads to another state. A dot is `Ignore`: it can't happen there, or \
         comes too late.\n",
    );
    is_drawn_from_the_walk("src/completion/life.md", &table);
}

/// Where an arrow goes, and where its words stand. Which words is for the walk to say.
struct Arrow {
    from: Life,
    to: Life,
    line: &'static str,
    head: &'static str,
    /// x, y of the first word, and the way of anchoring it.
    words: (i32, i32, &'static str),
}

/// All of them. The boxes are 180 wide, and 64 high.
const ARROWS: [Arrow; 6] = [
    Arrow {
        from: Life::Dead,
        to: Life::Queued,
        line: "M200 80V124",
        head: "M200 135L194 122H206Z",
        words: (212, 113, "small"),
    },
    Arrow {
        from: Life::Queued,
        to: Life::InFlight,
        line: "M200 200V244",
        head: "M200 255L194 242H206Z",
        words: (212, 233, "small"),
    },
    Arrow {
        from: Life::InFlight,
        to: Life::Done,
        line: "M200 320V364",
        head: "M200 375L194 362H206Z",
        words: (212, 353, "small"),
    },
    Arrow {
        from: Life::Queued,
        to: Life::Done,
        line: "M290 168H326V408H302",
        head: "M291 408L304 402V414Z",
        words: (334, 284, "small"),
    },
    Arrow {
        from: Life::Done,
        to: Life::Queued,
        line: "M110 396H74V168H98",
        head: "M109 168L96 162V174Z",
        words: (66, 284, "small end"),
    },
    Arrow {
        from: Life::Done,
        to: Life::Dead,
        line: "M110 424H10V48H98",
        head: "M109 48L96 42V54Z",
        words: (16, 40, "small"),
    },
];

#[test]
fn the_picture_is_drawn_from_the_walk() {
    let (mut lines, mut said) = (String::new(), String::new());
    let mut drawn_pairs = 0;
    for arrow in &ARROWS {
        let leads = |event: &&Event| next(arrow.from, **event).0 == arrow.to;
        let words: Vec<String> = Event::ALL
            .iter()
            .filter(leads)
            .map(|event| format!("{event:?}"))
            .collect();
        assert!(!words.is_empty(), "{:?} -> {:?}", arrow.from, arrow.to);
        drawn_pairs += words.len();
        let _ = write!(
            said,
            " From {:?} to {:?}: {}.",
            arrow.from,
            arrow.to,
            words.join(", ")
        );
        let _ = writeln!(lines, r#"<path class="ink" d="{}"/>"#, arrow.line);
        let _ = writeln!(lines, r#"<path class="fill" d="{}"/>"#, arrow.head);
        let (x, mut y, class) = arrow.words;
        for word in &words {
            let _ = writeln!(
                lines,
                r#"<text class="{class}" x="{x}" y="{y}">{word}</text>"#
            );
            y += 18;
        }
    }
    let mut boxes = String::new();
    for (number, life) in (0..).zip(Life::ALL) {
        let y = 16 + 120 * number;
        let cancel = format!("{:?}", next(life, Event::Cancel).1).to_lowercase();
        let _ = writeln!(
            boxes,
            r#"<rect class="{}" x="110" y="{y}" width="180" height="64" rx="8"/>
<text class="bold mid" x="200" y="{}">{life:?}</text>
<text class="small mid" x="200" y="{}">{}</text>
<text class="small mid" x="200" y="{}">a cancel: {cancel}</text>"#,
            if life == Life::InFlight {
                "t2"
            } else {
                "panel"
            },
            y + 21,
            y + 39,
            who_has_it(life),
            y + 56,
        );
        let _ = write!(said, " A cancel in {life:?}: {cancel}.");
    }
    let moves = Life::ALL.iter().flat_map(|&life| {
        Event::ALL
            .iter()
            .filter(move |&&event| next(life, event).0 != life)
    });
    assert_eq!(drawn_pairs, moves.count(), "each change has its arrow");
    let drawn = format!(
        r#"<svg viewBox="0 0 400 456" role="img" aria-labelledby="ch08-life-t ch08-life-d">
<title id="ch08-life-t">The life of a completion, and what takes it from one state to the next</title>
<desc id="ch08-life-d">Four boxes from top to bottom: Dead, Queued, InFlight, Done. Each says who has the operation, and what a cancel does.{said}</desc>
{boxes}{lines}</svg>
"#
    );
    is_drawn_from_the_walk("book/src/figures/completion_life.svg", &drawn);
}

fn who_has_it(life: Life) -> &'static str {
    match life {
        Life::Dead => "nobody has it",
        Life::Queued => "only the loop has it",
        Life::InFlight => "somebody else has it",
        Life::Done => "the result is there",
    }
}
