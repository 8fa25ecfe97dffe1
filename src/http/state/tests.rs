//! A walk through all pairs: what must hold of each, the table, and the picture.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use super::*;

const STATES: [State; 7] = State::ALL;
const EVENTS: [Event; 22] = Event::ALL;

#[test]
fn each_is_where_its_number_says_and_a_step_is_what_next_says() {
    for (number, state) in STATES.into_iter().enumerate() {
        assert_eq!(state as usize, number);
    }
    for (number, event) in EVENTS.into_iter().enumerate() {
        assert_eq!(event as usize, number);
    }
    for (state, event, after, action) in walk() {
        let step = step(state, event);
        assert_eq!((step.after, step.action), (after, action));
        // Nothing else may: a byte of a request now and then would keep its slot for ever.
        let progress = matches!(
            (state, event),
            (State::Writing, Event::SentSome) | (State::Lingering, Event::Bytes)
        );
        let renews = state != after || progress;
        assert_eq!(step.renews, renews, "{state:?} x {event:?}");
    }
}

/// Every pair with what follows from it.
fn walk() -> impl Iterator<Item = (State, Event, State, Action)> {
    STATES.into_iter().flat_map(|state| {
        EVENTS.into_iter().map(move |event| {
            let (after, action) = next(state, event);
            (state, event, after, action)
        })
    })
}

/// What can come of an action, as `Connection::act` does it.
fn outcomes(action: Action) -> &'static [Event] {
    use Event::*;
    match action {
        Action::Receive | Action::Drop => &[Bytes, Nothing, End, Broken],
        Action::Keep => &[Bytes, Nothing, End, Enough, Broken],
        Action::Parse => &[Empty, Part, Continue, Whole, Refused, Enough],
        Action::Handle => &[Answered, Handed, Broken],
        Action::Send => &[Sent, SentLast, SentSome, Full, Waits, Broken],
        Action::Refuse => &[Refused, Broken],
        Action::Linger => &[Broken],
        Action::Listen => &[More],
        Action::Pause | Action::Close | Action::Wait | Action::Ignore => &[],
    }
}

/// What an action can't come to in this state: nothing is in the output while a request is
/// read, but for the interim answer, after which the connection goes on.
fn is_excluded(state: State, event: Event) -> bool {
    state == State::Reading && matches!(event, Event::SentLast | Event::Waits)
}

#[test]
fn what_comes_of_an_action_is_never_ignored() {
    for (state, event, after, action) in walk() {
        for &outcome in outcomes(action) {
            if is_excluded(after, outcome) {
                continue;
            }
            let (_, then) = next(after, outcome);
            assert_ne!(
                then,
                Action::Ignore,
                "{state:?} x {event:?} = {action:?}, which came to {outcome:?}",
            );
        }
    }
}

#[test]
fn closed_is_reached_by_closing_and_never_left() {
    for (state, event, after, action) in walk() {
        let closes = state != State::Closed && after == State::Closed;
        assert_eq!(closes, action == Action::Close, "{state:?} x {event:?}");
        if state == State::Closed {
            assert_eq!((after, action), (State::Closed, Action::Ignore));
        }
    }
}

#[test]
fn ignoring_and_pausing_change_nothing() {
    for (state, event, after, action) in walk() {
        if matches!(action, Action::Ignore | Action::Pause) {
            assert_eq!(state, after, "{state:?} x {event:?}");
        }
    }
}

/// The exchange is with the handler: nobody else may read, parse or send.
#[test]
fn while_a_handler_runs_only_its_answer_goes_on() {
    for (state, event, after, action) in walk() {
        assert_eq!(
            action == Action::Handle,
            state != after && { after == State::Running }
        );
        if state == State::Running && event != Event::Answered {
            let harmless = matches!(
                action,
                Action::Pause | Action::Wait | Action::Ignore | Action::Close
            );
            assert!(harmless, "Running x {event:?} = {action:?}");
        }
    }
}

#[test]
fn what_needs_an_exchange_has_one() {
    for (state, event, after, action) in walk() {
        let needs = matches!(
            action,
            Action::Parse
                | Action::Handle
                | Action::Send
                | Action::Refuse
                | Action::Keep
                | Action::Listen
        );
        if needs {
            assert!(after.has_exchange(), "{state:?} x {event:?} = {action:?}");
        }
    }
}

/// Whoever waits is waited for, and then something happens.
#[test]
fn every_wait_ends() {
    for state in STATES {
        let (_, action) = next(state, Event::Late);
        match state.class() {
            Some(_) => assert_ne!(action, Action::Ignore, "{state:?}"),
            None => assert_eq!(action, Action::Ignore, "{state:?}"),
        }
        let woken = match state.interest() {
            Some(Interest::Read) => Event::Readable,
            Some(Interest::Write) => Event::Writable,
            Some(Interest::None) | None => continue,
        };
        assert_ne!(next(state, woken).1, Action::Ignore, "{state:?}");
    }
}

#[test]
fn from_every_state_the_connection_can_end() {
    for begin in STATES {
        let mut reached = vec![begin];
        let mut at = 0;
        while let Some(&state) = reached.get(at) {
            for event in EVENTS {
                let (after, _) = next(state, event);
                if !reached.contains(&after) {
                    reached.push(after);
                }
            }
            at += 1;
        }
        assert!(reached.contains(&State::Closed), "{begin:?}");
        if begin == State::Idle {
            assert_eq!(reached.len(), STATES.len(), "all can be reached");
        }
    }
}

// ---- the table and the picture --------------------------------------------------------

/// Compares a file with what it should be, or writes it if `STATES=write`.
fn is_drawn_from_the_walk(path: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var("STATES").is_ok_and(|what| what == "write") {
        fs::write(&path, drawn).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written.replace("\r\n", "\n") == drawn,
        "{} is not what `next` says; write it with\n    \
         STATES=write cargo test --lib http::state",
        path.display(),
    );
}

#[test]
fn the_table_is_drawn_from_the_walk() {
    let mut table = String::from("| ");
    let states = &STATES[..STATES.len() - 1];
    for state in states {
        let _ = write!(table, "| {state:?} ");
    }
    let _ = writeln!(table, "|\n|---{}|", "|---".repeat(states.len()));
    for event in EVENTS {
        let _ = write!(table, "| **{event:?}** ");
        for &state in states {
            let _ = match next(state, event) {
                (_, Action::Ignore) => write!(table, "| · "),
                (_, Action::Close) => write!(table, "| `Close` "),
                (after, action) if after == state => {
                    write!(table, "| `{action:?}` ")
                }
                (after, action) => {
                    write!(table, "| `{action:?}` → {after:?} ")
                }
            };
        }
        table.push_str("|\n");
    }
    table.push_str(
        "\nAn arrow leads to another state; `Close` always leads to `Closed`, where all is \
         ignored. A dot is `Ignore`: it can't happen there, or was meant for the state \
         before.\n",
    );
    is_drawn_from_the_walk("src/http/state.md", &table);
}

/// Where an arrow goes, and where its words stand. Which words is for the walk to say.
struct Arrow {
    from: State,
    to: State,
    line: &'static str,
    head: &'static str,
    /// x, y of the first word, the way of anchoring it, and how many words a line has.
    words: (i32, i32, &'static str, usize),
}

const fn arrow(
    from: State,
    to: State,
    line: &'static str,
    head: &'static str,
    words: (i32, i32, &'static str, usize),
) -> Arrow {
    Arrow {
        from,
        to,
        line,
        head,
        words,
    }
}

/// The middle of each state's box.
const fn place(state: State) -> (i32, i32) {
    match state {
        State::Idle => (215, 46),
        State::Reading => (215, 156),
        State::Running => (215, 266),
        State::Writing => (215, 376),
        State::Waiting => (65, 486),
        State::Lingering => (215, 486),
        State::Closed => (215, 596),
    }
}

const ARROWS: [Arrow; 15] = {
    use State::*;
    [
        arrow(
            Idle,
            Reading,
            "M190 74V116",
            "M190 127L185 115H195Z",
            (180, 106, "end", 1),
        ),
        arrow(
            Reading,
            Idle,
            "M240 128V86",
            "M240 75L235 87H245Z",
            (250, 106, "", 1),
        ),
        arrow(
            Reading,
            Running,
            "M190 184V226",
            "M190 237L185 225H195Z",
            (180, 216, "end", 1),
        ),
        arrow(
            Running,
            Writing,
            "M205 294V336",
            "M205 347L200 335H210Z",
            (196, 326, "end", 1),
        ),
        arrow(
            Writing,
            Running,
            "M240 348V306",
            "M240 295L235 307H245Z",
            (250, 326, "", 1),
        ),
        arrow(
            Reading,
            Writing,
            "M145 164H72V384H133",
            "M144 384L132 379V389Z",
            (65, 258, "end", 1),
        ),
        arrow(
            Writing,
            Reading,
            "M145 368H114V148H133",
            "M144 148L132 143V153Z",
            (107, 276, "end", 1),
        ),
        arrow(
            Writing,
            Lingering,
            "M215 404V446",
            "M215 457L210 445H220Z",
            (225, 436, "", 1),
        ),
        arrow(
            Writing,
            Waiting,
            "M155 404V424H50V446",
            "M50 457L45 445H55Z",
            (55, 418, "", 1),
        ),
        arrow(
            Waiting,
            Writing,
            "M100 458V440H185V416",
            "M185 405L180 417H190Z",
            (106, 454, "", 2),
        ),
        arrow(
            Waiting,
            Closed,
            "M65 514V596H133",
            "M144 596L132 591V601Z",
            (75, 560, "", 1),
        ),
        arrow(
            Idle,
            Closed,
            "M285 46H425V596H297",
            "M286 596L298 591V601Z",
            (292, 39, "", 2),
        ),
        arrow(Running, Closed, "M285 266H425", "", (292, 259, "", 2)),
        arrow(Writing, Closed, "M285 376H425", "", (292, 369, "", 2)),
        arrow(Lingering, Closed, "M285 486H425", "", (292, 479, "", 2)),
    ]
};

/// As `Running` to `Closed`: the line ends in that of `Idle`.
const READING_CLOSED: Arrow = arrow(
    State::Reading,
    State::Closed,
    "M285 156H425",
    "",
    (292, 149, "", 2),
);

#[test]
fn the_picture_is_drawn_from_the_walk() {
    let arrows: Vec<&Arrow> = ARROWS.iter().chain([&READING_CLOSED]).collect();
    let moves: BTreeSet<_> = walk()
        .filter(|(from, _, to, _)| from != to)
        .map(|(from, _, to, _)| (from as u8, to as u8))
        .collect();
    let drawn: BTreeSet<_> = arrows
        .iter()
        .map(|arrow| (arrow.from as u8, arrow.to as u8))
        .collect();
    assert_eq!(
        moves, drawn,
        "each move has an arrow, and each arrow a move"
    );

    let mut said = String::new();
    let mut lines = String::new();
    for arrow in arrows {
        let words: Vec<String> = walk()
            .filter(|(from, _, to, _)| (*from, *to) == (arrow.from, arrow.to))
            .map(|(_, event, _, _)| format!("{event:?}"))
            .collect();
        let (from, to) = (arrow.from, arrow.to);
        let _ = write!(said, " From {from:?} to {to:?}: {}.", words.join(", "));
        let _ = writeln!(lines, r#"<path class="ink" d="{}"/>"#, arrow.line);
        if !arrow.head.is_empty() {
            let _ = writeln!(lines, r#"<path class="fill" d="{}"/>"#, arrow.head);
        }
        let (x, mut y, anchor, each) = arrow.words;
        for line in words.chunks(each) {
            let class = ["small", anchor].join(" ");
            let text = line.join(", ");
            let class = class.trim_end();
            let _ = writeln!(
                lines,
                r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#
            );
            // The second line of words stands below that of the arrow.
            y += if each == 2 { 23 } else { 18 };
        }
    }
    let mut boxes = String::new();
    for state in STATES {
        let (x, y) = place(state);
        let _ = writeln!(
            boxes,
            r#"<rect class="panel" x="{}" y="{}" width="140" height="56" rx="8"/>"#,
            x - 70,
            y - 28,
        );
        let (name, asked) = (format!("{state:?}"), asked(state));
        let middle = if asked.is_empty() { y + 6 } else { y - 3 };
        let _ = writeln!(
            boxes,
            r#"<text class="bold mid" x="{x}" y="{middle}">{name}</text>"#
        );
        if !asked.is_empty() {
            let below = y + 17;
            let _ = writeln!(
                boxes,
                r#"<text class="small mute mid" x="{x}" y="{below}">{asked}</text>"#,
            );
        }
    }
    let drawn = format!(
        r#"<svg viewBox="0 0 456 640" role="img" aria-labelledby="ch10-states-t ch10-states-d">
<title id="ch10-states-t">The states of a connection, and what takes it from one to the next</title>
<desc id="ch10-states-d">Six boxes from top to bottom: Idle, Reading, Running, Writing, Lingering, Closed; and Waiting to the left of Lingering. Each says what the kernel is asked meanwhile.{said}</desc>
<g transform="translate(16 0)">
{boxes}{lines}</g>
</svg>
"#
    );
    is_drawn_from_the_walk("book/src/figures/http_states.svg", &drawn);
}

/// What the kernel is asked while it waits there, in words.
fn asked(state: State) -> &'static str {
    match state.interest() {
        Some(Interest::Read) => "readable?",
        Some(Interest::Write) => "writable?",
        Some(Interest::None) => "",
        None => "a handler has it",
    }
}
