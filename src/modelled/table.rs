//! The tables of weakened orderings that the book shows: each is what the explorer finds.
//!
//! After a change this writes them anew; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --lib ordering`

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use explorer::{Failure, Weakened};

const BOOK: &str = "book/src";
/// Whose tables the book shows, and in which file.
const SHOWN: [(&str, &str); 29] = [
    ("a letter and a flag", "03_atomics/weakened/publish"),
    ("progress", "03_atomics/weakened/progress"),
    ("racy lazy", "03_atomics/weakened/lazy"),
    ("a relay", "03_atomics/weakened/relay"),
    ("raise, then look", "03_atomics/weakened/looks"),
    ("the last owner", "03_atomics/weakened/owners"),
    ("spin lock v3", "03_atomics/weakened/spin_lock"),
    ("seqlock", "03_atomics/weakened/seqlock"),
    ("SPSC ring v1", "03_atomics/weakened/spsc_ring"),
    ("signal", "03_atomics/weakened/signal"),
    ("tagged stack", "03_atomics/weakened/tagged_stack"),
    ("arc v2", "03_atomics/weakened/arc"),
    ("one-shot channel", "03_atomics/weakened/one_shot"),
    ("mutex v3", "05_futex_locks/weakened/mutex_v3"),
    ("mutex v4", "05_futex_locks/weakened/mutex_v4"),
    ("semaphore v2", "05_futex_locks/weakened/semaphore"),
    ("manual-reset event", "05_futex_locks/weakened/event"),
    ("once", "05_futex_locks/weakened/once"),
    ("barrier", "05_futex_locks/weakened/barrier"),
    ("rwlock v2", "05_futex_locks/weakened/rwlock"),
    ("parker", "05_futex_locks/weakened/parker"),
    ("deque", "06_work_stealing/weakened/deque"),
    ("sleep", "06_work_stealing/weakened/sleep"),
    ("scope", "06_work_stealing/weakened/scope"),
    ("wait_group", "06_work_stealing/weakened/wait_group"),
    ("handshake", "07_event_loop/weakened/handshake"),
    ("notify", "08_completions/weakened/notify"),
    ("files", "08_completions/weakened/files"),
    ("ring indices", "08_completions/weakened/rings"),
];

/// The table of what came of it is the one in the book, if the book shows one of `subject`.
pub(super) fn keep(subject: &str, weakened: &[Weakened]) {
    let Some((_, name)) = SHOWN.iter().find(|shown| shown.0 == subject) else {
        return;
    };
    let mut table =
        "| in | operation | made weaker | caught |\n|---|---|---|---|\n".to_owned();
    let mut last = None;
    for it in weakened {
        // A place that serves several atomics is weakened once for each.
        let place = Some((&it.used.site, it.on_failure, it.to));
        if last == place {
            continue;
        }
        last = place;
        let (function, call) = code(it);
        let caught = it.caught.as_ref();
        let caught = caught.map_or("no".to_owned(), |caught| told(caught));
        let weaker = weaker(it);
        let _ = writeln!(table, "| `{function}` | `{call}` | {weaker} | {caught} |");
    }
    let at_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = at_root.join(BOOK).join(format!("{name}.md"));
    if env::var_os("THREADBARE_WRITE").is_some() {
        fs::write(path, table).unwrap();
        return;
    }
    let shown = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(shown, table, "{BOOK}/{name}.md shows what was found once");
}

/// What it was made.
fn weaker(it: &Weakened) -> String {
    match (it.used.operation, format!("{:?}", it.to)) {
        ("fence", to) if to == "Relaxed" => "no fence".to_owned(),
        (_, to) if it.on_failure => format!("`{to}` on failure"),
        (_, to) => format!("`{to}`"),
    }
}

/// How a model failed. A sentence that names lines says little to whoever does not have the
/// file open, and of an `assert_eq` the book shows what it says and the two values.
fn told(caught: &Failure) -> String {
    let kind = caught.kind;
    let mut lines = caught.sentence.lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    let said = first
        .split_once(" failed: ")
        .map_or(first, |(_, said)| said);
    let values: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    match values[..] {
        _ if first.contains(".rs:") => kind.to_string(),
        [("left", left), ("right", right)] => {
            format!("{kind}: {said}: {left}, {right}")
        }
        _ => format!("{kind}: {said}"),
    }
}

/// The function that it is in, and the operation as it is written: `ready.store(1, Release)`.
fn code(it: &Weakened) -> (String, String) {
    let (file, line) = it.used.site.rsplit_once(':').expect("file:line");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let line = line.parse::<usize>().unwrap() - 1;
    let function = lines[..line].iter().rev().find_map(|line| {
        let (_, name) = line.split_once("fn ")?;
        name.split(['(', '<']).next().map(str::to_owned)
    });
    // A chain of calls may begin further up, and its arguments end further down.
    let chained = |line: &&&str| line.starts_with('.');
    let above = lines[..=line].iter().rev().take_while(chained).count();
    let code = lines[line - above..].iter().take(above + 8);
    let code = code.fold(String::new(), |code, line| match line.chars().next() {
        Some('.' | ')') => code.trim_end_matches([',', ' ']).to_owned() + line,
        _ if code.ends_with('(') => code + line,
        _ => code + " " + line,
    });
    let operation = format!("{}(", it.used.operation);
    // An update by a function is made of exchanges, and written as one call.
    let names = [&operation, "try_update(", "fetch_update(", "update("];
    let start = names.iter().find_map(|name| code.find(name)).unwrap_or(0);
    let of = code[..start].trim_end_matches('.');
    let is_name = |letter: char| letter.is_alphanumeric() || "_[]".contains(letter);
    let of = &of[of.rfind(|letter| !is_name(letter)).map_or(0, |at| at + 1)..];
    let mut open = 0;
    let end = code[start..].find(|letter| {
        open += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ')' && open == 0
    });
    let call = &code[start..=start + end.unwrap_or(operation.len() - 1)];
    let call = match call.split_once('|') {
        Some((call, _function)) => format!("{call}...)"),
        None => call.to_owned(),
    };
    let call = match of {
        "" => call,
        of if of.starts_with(char::is_numeric) => {
            format!("{}.{call}", it.used.location)
        }
        of => format!("{of}.{call}"),
    };
    (function.unwrap_or_default(), call)
}
