//! Keeps what criterion does not measure: single latencies (for p50, p99 and max), memory,
//! system calls, counts.
//!
//! # The format
//! One file for each group, `target/raw/CHAPTER/GROUP.csv`, one line for each value:
//!
//! ```text
//! # title: What does one reading of the clock cost?
//! # ratio: time
//! # chart: time
//! # note: Taken with the core to itself.
//! row,metric,unit,value
//! Instant::now,time,ns,24
//! Instant::now,time,ns,25
//! SystemTime::now,time,ns,31
//! SystemTime::now,system calls,,0
//! ```
//!
//! - Lines that start with `#` come first: the title, the metrics of which the report shows
//!   the ratio to the row `std` (or the first), the metrics that it charts, and notes to
//!   print below the table. Only the title is usually given; the first metric is then the
//!   one to compare and to chart.
//! - Rows keep the order in which they were first named, and so do metrics.
//! - A metric with several values in some row is reported as p50, p99 and max; one with a
//!   single value everywhere becomes one column.
//! - `unit` may be empty. Times are nanoseconds (`ns`) and memory is bytes (`B`): the report
//!   picks what reads best.
//! - A field with a comma or a quote in it is quoted as in any CSV.

use crate::place;
use std::fmt::Write as _;
use std::io::ErrorKind::InvalidInput;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

/// The most values that one recorder takes.
///
/// A million lines are some 30 MB, and a p99 needs a few thousand. Whoever has more should
/// thin them out and say so: nothing is dropped silently, the recorder refuses.
pub const VALUES_MAX: usize = 1_000_000;

const COLUMNS: &str = "row,metric,unit,value";

/// Collects the values of one group and writes them in one go.
///
/// # Example
/// ```
/// use benches::raw::Recorder;
/// use std::time::Duration;
///
/// let mut clock = Recorder::new("00_measuring", "clock_read");
/// clock.title("What does one reading of the clock cost?");
/// clock
///     .row("Instant::now")
///     .ns([24, 25, 24, 31])
///     .value("system calls", "", 0.0);
/// clock.row("SystemTime::now").durations([Duration::from_nanos(30)]);
/// assert!(clock.to_csv().contains("Instant::now,time,ns,25\n"));
/// // clock.write()?;
/// ```
#[derive(Debug)]
#[must_use = "nothing is on disk before `write`"]
pub struct Recorder {
    chapter: String,
    group: String,
    header: String,
    lines: String,
    values: usize,
}

impl Recorder {
    /// Starts a group. `chapter` is the chapter's key; `group` names the question as in
    /// criterion's `benchmark_group`: letters, digits, `_` and `-`.
    pub fn new(chapter: &str, group: &str) -> Self {
        Self {
            chapter: chapter.into(),
            group: group.into(),
            header: String::new(),
            lines: String::new(),
            values: 0,
        }
    }

    /// Says in one line what the group asks; the report prints it above the table.
    pub fn title(&mut self, title: &str) -> &mut Self {
        self.head("title", title)
    }

    /// Names a metric of which the report shows the ratio between rows.
    pub fn ratio(&mut self, metric: &str) -> &mut Self {
        self.head("ratio", metric)
    }

    /// Names a metric to chart.
    pub fn chart(&mut self, metric: &str) -> &mut Self {
        self.head("chart", metric)
    }

    /// Adds a sentence below the table: under which conditions, or why a cell is blank.
    pub fn note(&mut self, note: &str) -> &mut Self {
        self.head("note", note)
    }

    fn head(&mut self, key: &str, text: &str) -> &mut Self {
        let text = text.replace(['\n', '\r'], " ");
        writeln!(self.header, "# {key}: {text}")
            .expect("a String takes every write");
        self
    }

    /// Starts a row, or goes on with one. Named like criterion's functions: `naive`, `std`,
    /// our versions, then the peers.
    pub fn row(&mut self, name: &str) -> Row<'_> {
        Row {
            name: name.into(),
            recorder: self,
        }
    }

    /// Returns what [`Recorder::write`] would put into the file.
    pub fn to_csv(&self) -> String {
        format!("{}{COLUMNS}\n{}", self.header, self.lines)
    }

    /// Writes `target/raw/CHAPTER/GROUP.csv`, says so on standard error, and returns the
    /// path. An earlier file is replaced.
    ///
    /// In a trial run (see [`trial`]) nothing is written: figures taken with a thousandth of
    /// the repetitions must not end up in the book.
    ///
    /// # Errors
    /// If the names cannot be file names, there are more than [`VALUES_MAX`] values, or the
    /// disk refuses.
    pub fn write(self) -> io::Result<PathBuf> {
        for name in [&self.chapter, &self.group] {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if name.is_empty() || !name.chars().all(plain) {
                let why = format!("{name:?} is no name for a file of samples");
                return Err(io::Error::new(InvalidInput, why));
            }
        }
        if self.values > VALUES_MAX {
            let (group, values) = (&self.group, self.values);
            let why = format!("{group}: {values} values, the limit is {VALUES_MAX}");
            return Err(io::Error::new(InvalidInput, why));
        }
        let folder = place::raw_dir(&self.chapter);
        let path = folder.join(self.group.clone() + ".csv");
        if !trial() {
            self.write_to(&path)?;
            eprintln!(
                "{}: {} values in {}",
                self.group,
                self.values,
                path.display()
            );
        }
        Ok(path)
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, self.to_csv())
    }
}

/// One row of a [`Recorder`]; what it is given is appended to the row's values.
#[derive(Debug)]
pub struct Row<'a> {
    name: String,
    recorder: &'a mut Recorder,
}

impl Row<'_> {
    /// Appends times in nanoseconds, as the metric `time`.
    pub fn ns(self, samples: impl IntoIterator<Item = u64>) -> Self {
        let samples = samples.into_iter().map(|ns| ns as f64);
        self.samples("time", "ns", samples)
    }

    /// Appends times, as the metric `time`.
    pub fn durations(self, samples: impl IntoIterator<Item = Duration>) -> Self {
        let samples = samples.into_iter().map(|time| time.as_nanos() as f64);
        self.samples("time", "ns", samples)
    }

    /// Appends values of any metric.
    pub fn samples(
        self,
        metric: &str,
        unit: &str,
        samples: impl IntoIterator<Item = f64>,
    ) -> Self {
        let start =
            format!("{},{},{}", quoted(&self.name), quoted(metric), quoted(unit));
        for value in samples {
            self.recorder.values += 1;
            if self.recorder.values <= VALUES_MAX {
                writeln!(self.recorder.lines, "{start},{value}")
                    .expect("a String takes every write");
            }
        }
        self
    }

    /// Appends one value, for what is counted or weighed rather than timed.
    pub fn value(self, metric: &str, unit: &str, value: f64) -> Self {
        self.samples(metric, unit, [value])
    }
}

/// A file of samples, read back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The lines at the top, as key (`title`, `ratio`, `chart`, `note`) and text.
    pub header: Vec<(String, String)>,
    /// All values, in the order of the file.
    pub values: Vec<Value>,
}

/// One line of a file of samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Which row of the table it belongs to.
    pub row: String,
    /// What was measured.
    pub metric: String,
    /// In which unit; may be empty.
    pub unit: String,
    /// The number.
    pub value: f64,
}

impl Table {
    /// Reads what [`Recorder::to_csv`] wrote.
    ///
    /// # Errors
    /// A sentence that names the first line which cannot be read.
    pub fn parse(csv: &str) -> Result<Self, String> {
        let mut table = Self::default();
        for (number, line) in (1..).zip(csv.lines()) {
            if let Some(header) = line.strip_prefix("# ") {
                let (key, text) =
                    header.split_once(": ").unwrap_or(("note", header));
                table.header.push((key.into(), text.into()));
            } else if line != COLUMNS {
                let fields = unquoted(line);
                let value = fields.as_deref().and_then(|fields| match fields {
                    [row, metric, unit, value] => Some(Value {
                        row: row.clone(),
                        metric: metric.clone(),
                        unit: unit.clone(),
                        value: value.parse().ok().filter(|v: &f64| v.is_finite())?,
                    }),
                    _ => None,
                });
                let wrong = || format!("line {number} is not `{COLUMNS}`: {line}");
                table.values.push(value.ok_or_else(wrong)?);
            }
        }
        Ok(table)
    }
}

/// Tells whether this is a trial run: `cargo bench --bench X -- --test` (or `cargo test
/// --benches`), which only shows that the benches work. Do everything once then.
pub fn trial() -> bool {
    env::args().any(|arg| arg == "--test" || arg == "--list")
}

/// Tells whether to measure `group`: false if `-- FILTER` on the command line asks for
/// other ones, as criterion decides for its own groups, and under `--list`.
pub fn wanted(group: &str) -> bool {
    wanted_by(env::args().skip(1), group)
}

fn wanted_by(args: impl Iterator<Item = String>, group: &str) -> bool {
    let mut filter = None;
    let mut args = args.peekable();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--list" => return false,
            "--bench" | "--test" | "--exact" | "--verbose" | "--quiet"
            | "--noplot" | "--discard-baseline" | "--quick" | "-v" | "-n" => {}
            // Every other flag of criterion takes a value.
            flag if flag.starts_with('-') => {
                if !flag.contains('=') {
                    args.next();
                }
            }
            text => filter = Some(text.to_string()),
        }
    }
    filter.is_none_or(|filter| group.contains(&filter) || filter.contains(group))
}

/// Quotes a field of a CSV line if it must be. No field has a line break in it: a name or a
/// unit is one line.
pub fn quoted(field: &str) -> String {
    let field = field.replace(['\n', '\r'], " ");
    if field.starts_with('#') || field.contains([',', '"']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

/// Splits a CSV line into its fields; `None` if a quote is not closed.
fn unquoted(line: &str) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut in_quotes = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, in_quotes) {
            ('"', true) if chars.next_if_eq(&'"').is_some() => {
                fields.last_mut()?.push('"')
            }
            ('"', _) => in_quotes = !in_quotes,
            (',', false) => fields.push(String::new()),
            (c, _) => fields.last_mut()?.push(c),
        }
    }
    (!in_quotes).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_value_in_the_order_given() {
        let mut recorder = Recorder::new("00_measuring", "clock");
        recorder.title("Dear\nclock?").note("x");
        recorder.row("a, b").ns([3, 1]).value("memory", "B", 0.5);
        recorder
            .row("c \"d\"")
            .durations([Duration::from_micros(2)]);
        let csv = "# title: Dear clock?\n# note: x\nrow,metric,unit,value\n\
            \"a, b\",time,ns,3\n\"a, b\",time,ns,1\n\"a, b\",memory,B,0.5\n\
            \"c \"\"d\"\"\",time,ns,2000\n";
        assert_eq!(recorder.to_csv(), csv);

        let table = Table::parse(csv).unwrap();
        let title = ("title".to_string(), "Dear clock?".to_string());
        assert_eq!(table.header, [title, ("note".into(), "x".into())]);
        let rows: Vec<&str> = table.values.iter().map(|value| &*value.row).collect();
        assert_eq!(rows, ["a, b", "a, b", "a, b", "c \"d\""]);
        assert_eq!((&*table.values[2].unit, table.values[2].value), ("B", 0.5));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        for line in [
            "a,time,ns",
            "a,time,ns,x",
            "\"a,time,ns,1",
            "a,time,ns,1,2",
            "a,t,,NaN",
        ] {
            let err = Table::parse(&format!("{COLUMNS}\n{line}")).unwrap_err();
            assert!(err.contains("line 2 ") && err.ends_with(line), "{err}");
        }
    }

    #[test]
    fn a_path_is_no_name() {
        for group in ["", "../x", "a b"] {
            let err = Recorder::new("00_measuring", group).write().unwrap_err();
            assert_eq!(err.kind(), InvalidInput, "{group:?}");
        }
    }

    #[test]
    fn too_many_values_are_refused_not_cut() {
        let mut recorder = Recorder::new("00_measuring", "too_many");
        recorder.row("r").ns(0..=VALUES_MAX as u64);
        let err = recorder.write().unwrap_err().to_string();
        assert!(err.contains("1000001 values"), "{err}");
    }

    #[test]
    fn a_filter_selects_groups_as_in_criterion() {
        let wanted = |args: &str, group| {
            wanted_by(args.split_whitespace().map(String::from), group)
        };
        assert!(wanted("--bench", "clock"));
        assert!(wanted("--bench clock", "clock_read"));
        assert!(wanted("clock_read/std --bench", "clock_read"));
        assert!(!wanted("--bench hash", "clock_read"));
        assert!(wanted("--bench --warm-up-time 1", "clock_read"));
        assert!(wanted("--bench --warm-up-time=1 clock", "clock_read"));
        assert!(!wanted("--list", "clock_read"));
    }
}
