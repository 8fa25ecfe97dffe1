//! Graders of 00.5: they read the same log, and say what speaks against an answer.

use super::on_real::answer;

grading::graders![
    which_hash_was_removed,
    how_long_the_warm_up_lasted,
    which_line_was_interrupted,
    how_fast_sip13_is,
    what_crc32_really_costs,
];

/// Each call hashed this much.
const CALL_BYTES: u64 = 64 * 1024;

/// A line of the log.
struct Run {
    line: u64,
    hash: &'static str,
    calls: u64,
    total_ns: u64,
}

impl Run {
    fn call_ns(&self) -> u64 {
        self.total_ns / self.calls
    }
}

fn trace() -> Vec<Run> {
    answer::TRACE
        .trim()
        .lines()
        .skip(1)
        .map(|text| {
            let words: Vec<&'static str> = text.split_whitespace().collect();
            let number =
                |word: &str| word.parse().expect("TRACE is not to be edited");
            let [line, hash, calls, total_ns] = words[..] else {
                panic!(
                    "the line {text:?} of TRACE was changed: cargo course reset 00.5"
                );
            };
            let (line, calls) = (number(line), number(calls));
            Run {
                line,
                hash,
                calls,
                total_ns: number(total_ns),
            }
        })
        .collect()
}

fn runs_of(hash: &str) -> Vec<Run> {
    trace().into_iter().filter(|run| run.hash == hash).collect()
}

#[track_caller]
fn asked<T>(name: &str, question: &str, answer: Option<T>) -> T {
    match answer {
        Some(answer) => answer,
        None => panic!("{name} is still None: {question}"),
    }
}

/// How many lines of `sip13` are warm-up: those before the times of a call are
/// level.
fn warm_up(runs: &[Run]) -> usize {
    let level = median_call_ns(runs);
    runs.iter()
        .take_while(|run| run.call_ns() * 100 > level * 105)
        .count()
}

fn median_call_ns(runs: &[Run]) -> u64 {
    let mut times: Vec<u64> = runs.iter().map(Run::call_ns).collect();
    times.sort_unstable();
    times[(times.len() - 1) / 2]
}

/// Work that is not there costs the same however often it is not done.
fn which_hash_was_removed() {
    let hash = asked(
        "REMOVED",
        "what must happen to a total when there are twice as many calls?",
        answer::REMOVED,
    );
    let runs = runs_of(hash);
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
        panic!("there is no line with the hash {hash:?} in TRACE");
    };
    assert!(
        last.total_ns < first.total_ns * 2,
        "{hash} took {} ns for {} calls (line {}) and {} ns for {} calls (line {}): \
         more calls took more time, so the calls were made; what would work that is \
         gone look like?",
        first.total_ns,
        first.calls,
        first.line,
        last.total_ns,
        last.calls,
        last.line
    );
}

/// The lines before the level.
fn how_long_the_warm_up_lasted() {
    let lines = asked(
        "WARM_UP_LINES",
        "from which line on do the times of a call stop falling?",
        answer::WARM_UP_LINES,
    );
    let runs = runs_of("sip13");
    let right = warm_up(&runs);
    let level = median_call_ns(&runs[right..]);
    if lines < right as u64 {
        let cold = &runs[lines as usize];
        panic!(
            "with {lines} lines of warm-up, line {} would count, but it took {} ns \
             a call, where most later lines take about {level}: still cold",
            cold.line,
            cold.call_ns()
        );
    }
    if lines > right as u64 {
        let warm = &runs[right];
        panic!(
            "with {lines} lines of warm-up, line {} would be thrown away, but it \
             took {} ns a call, as fast as most later lines (about {level}): \
             already warm",
            warm.line,
            warm.call_ns()
        );
    }
}

/// The one line that leaves the level.
fn which_line_was_interrupted() {
    let line = asked(
        "INTERRUPTED_LINE",
        "which line takes several times as long for a call as the lines around it?",
        answer::INTERRUPTED_LINE,
    );
    let runs = runs_of("sip13");
    let Some(run) = runs.iter().find(|run| run.line == line) else {
        panic!(
            "line {line} is not one of sip13, which has the lines 1 to {}",
            runs.len()
        );
    };
    let warm_up = warm_up(&runs) as u64;
    assert!(
        line > warm_up,
        "line {line} is slow, but it is among the first: that is warm-up; an \
         interruption comes out of the blue, in the middle of lines that are all \
         alike"
    );
    assert!(
        run.call_ns() > 2 * median_call_ns(&runs),
        "line {line} took {} ns a call, just like the lines around it: nothing \
         interrupted it (have you divided by the number of calls?)",
        run.call_ns()
    );
}

/// From the median, in units of 2^20 bytes.
fn how_fast_sip13_is() {
    let got = asked(
        "SIP13_MIB_PER_S",
        "the median time of a call after the warm-up is how many ns, and how many \
         MiB is 64 KiB?",
        answer::SIP13_MIB_PER_S,
    );
    let runs = runs_of("sip13");
    let steady = &runs[warm_up(&runs)..];
    let rate = |bytes: u64, ns: u64, unit: u64| {
        (u128::from(bytes) * 1_000_000_000 / u128::from(ns) / u128::from(unit))
            as u64
    };
    let median = median_call_ns(steady);
    let right = rate(CALL_BYTES, median, 1 << 20);
    if got == right {
        return;
    }
    let calls: u64 = steady.iter().map(|run| run.calls).sum();
    let total_ns: u64 = steady.iter().map(|run| run.total_ns).sum();
    let mean = rate(CALL_BYTES * calls, total_ns, 1 << 20);
    let decimal = rate(CALL_BYTES, median, 1_000_000);
    let near = |other: u64| got.abs_diff(other) <= 1;
    if near(mean) {
        panic!(
            "{got} MiB/s is what the mean says: one interrupted line takes a third \
             off the whole; the median does not mind it"
        );
    }
    if near(decimal) {
        panic!(
            "{got} is in megabytes of 1000 * 1000 bytes; a MiB has 1024 * 1024, and \
             64 KiB are a sixteenth of it"
        );
    }
    panic!(
        "{got} MiB/s would be {} ns for a call of 64 KiB; is that the median time \
         of a call in the lines of sip13 after the warm-up?",
        match got {
            0 => "endless".to_owned(),
            _ => (CALL_BYTES * 1_000_000_000 / (1 << 20) / got).to_string(),
        }
    );
}

/// A fixed part, and a part for each call: two unknowns, four lines.
fn what_crc32_really_costs() {
    let question = "how much longer do 16 more calls take, from line 15 to line 16?";
    let call_ns = asked("CRC32_CALL_NS", question, answer::CRC32_CALL_NS);
    let question = "what is left of line 15 without its 16 calls?";
    let set_up_ns = asked("CRC32_SET_UP_NS", question, answer::CRC32_SET_UP_NS);
    for run in runs_of("crc32") {
        let expected = set_up_ns.saturating_add(call_ns.saturating_mul(run.calls));
        assert!(
            expected == run.total_ns,
            "{set_up_ns} ns once and {call_ns} ns for each of {} calls would be \
             {expected} ns, but line {} took {} ns",
            run.calls,
            run.line,
            run.total_ns
        );
    }
}
