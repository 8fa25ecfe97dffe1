//! Writes a graph as a figure of the book that can be stepped through.
//!
//! The figure is HTML without a blank line, so that Markdown leaves it alone: a caption, a
//! table of the endings for paper and for whoever has no JavaScript, and the graph as JSON,
//! which `book/theme/stepper.js` reads. What occurs often (a situation of a thread, the
//! values of a place, a step) is written once and meant by its number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Graph, Run, Situation, Step};

/// What a figure says besides the graph.
#[derive(Clone, Copy, Debug)]
pub struct Caption<'a> {
    /// Of the HTML element, and of the file.
    pub name: &'a str,
    /// The question that the figure asks.
    pub title: &'a str,
    /// The model's source. `// ANCHOR: main`, `// ANCHOR: thread_1` ... enclose the lines
    /// of one thread, `// ANCHOR: shared` those that stand in every column.
    pub source: &'a str,
    /// Which of the values that the model returned are bad endings; a failure always is.
    pub is_bad: fn(&str) -> bool,
}

/// A thread as it is shown: its name, and its numbered lines.
#[derive(Debug)]
struct Column<'a> {
    name: &'a str,
    lines: Vec<(u32, &'a str)>,
}

/// An ending, and the steps that lead to it soonest.
struct Ending<'a> {
    text: String,
    bad: bool,
    way: Vec<&'a Step>,
}

/// A state, and the state and step from which it was reached; the start from none.
type Reached<'a> = (usize, Option<(usize, &'a Step)>);

impl Graph {
    /// The figure.
    ///
    /// Thread 0 is left out unless the source has lines for it.
    ///
    /// # Errors
    /// If the source lacks the lines of a thread, or thread 0 is left out and does more
    /// than to wait for the others.
    pub fn figure(&self, caption: &Caption<'_>) -> Result<String, String> {
        let main = !anchored(caption.source, "main").is_empty();
        let graph = if main {
            self.after_the_start()
        } else {
            self.without_main()?
        };
        let graph = graph.for_the_book(caption.name, main).smallest();
        let first = usize::from(!main);
        let mut columns = Vec::new();
        for (at, name) in graph.threads.iter().enumerate() {
            let anchor = match at + first {
                0 => "main".to_owned(),
                number => format!("thread_{number}"),
            };
            let mut lines = anchored(caption.source, &anchor);
            lines.extend(anchored(caption.source, "shared"));
            if lines.is_empty() {
                return Err(format!(
                    "{name} has no lines: set `// ANCHOR: {anchor}`"
                ));
            }
            columns.push(Column { name, lines });
        }
        graph.lines_are_shown(&columns)?;
        let endings = graph.endings(caption.is_bad);
        let mut html = String::new();
        let name = caption.name;
        let title = escaped(caption.title);
        let _ =
            writeln!(html, "<figure class=\"fig stepper\" id=\"stepper-{name}\">");
        let _ = writeln!(html, "<figcaption>{title}</figcaption>");
        html += &graph.table(&columns, &endings);
        html += "<script type=\"application/json\">\n";
        html += &graph.json(&columns, &endings);
        html += "</script>\n</figure>\n";
        Ok(html)
    }

    /// The graph without what only a report needs.
    fn for_the_book(mut self, name: &str, main: bool) -> Self {
        let file = format!("{name}.rs");
        for state in &mut self.states {
            for it in &mut state.threads {
                if !it.file.ends_with(&file) || it.run == Run::Done {
                    it.line = 0;
                }
                it.file = "";
            }
            if let Some(end) = state.end.as_mut().filter(|end| end.failed) {
                end.text = brief(&end.text, &file, main);
            }
        }
        // Such as the lock inside a channel: held only in the middle of steps.
        let never_taken = |place: &usize| {
            let mut values = self.states.iter().map(|state| &state.memory[*place]);
            values.all(|values| values == &["free"] || values == &["–"])
        };
        let idle: Vec<usize> =
            (0..self.places.len()).rev().filter(never_taken).collect();
        for place in idle {
            self.places.remove(place);
            for state in &mut self.states {
                state.memory.remove(place);
                for it in &mut state.threads {
                    it.sees.remove(place);
                }
            }
        }
        self
    }

    /// Every line that a thread can be at is one of its column.
    fn lines_are_shown(&self, columns: &[Column<'_>]) -> Result<(), String> {
        for state in &self.states {
            for (it, column) in state.threads.iter().zip(columns) {
                let known =
                    column.lines.iter().any(|(number, _)| *number == it.line);
                if it.line != 0 && !known {
                    return Err(format!(
                        "{} is at line {}, which is not in its column: move the anchors, \
                         or set `// ANCHOR: shared`",
                        column.name, it.line
                    ));
                }
            }
        }
        Ok(())
    }

    /// All endings, good ones first, with the shortest way to each: one without old values
    /// if there is any.
    fn endings(&self, is_bad: fn(&str) -> bool) -> Vec<Ending<'_>> {
        let mut endings = BTreeMap::new();
        for old in [false, true] {
            let came = self.reach(old);
            let ends = came.iter().filter_map(|(at, _)| {
                let end = self.states[*at].end.as_ref()?;
                Some((*at, end, end.failed || is_bad(&end.text)))
            });
            for (at, end, bad) in ends {
                endings.entry((bad, &end.text)).or_insert_with(|| {
                    let came: BTreeMap<_, _> = came.iter().copied().collect();
                    let mut way = Vec::new();
                    let mut back = at;
                    while let Some((from, step)) = came[&back] {
                        way.push(step);
                        back = from;
                    }
                    way.reverse();
                    let text = end.text.clone();
                    Ending { text, bad, way }
                });
            }
        }
        endings.into_values().collect()
    }

    /// Each state that can be reached, nearest first, and from where; by steps that read
    /// `old` values as well, or not.
    fn reach(&self, old: bool) -> Vec<Reached<'_>> {
        let mut seen = BTreeSet::from([0]);
        let mut came = vec![(0, None)];
        let mut done = 0;
        while let Some(&(at, _)) = came.get(done) {
            for step in self.states[at].next.iter().filter(|step| old || !step.old) {
                if seen.insert(step.to) {
                    came.push((step.to, Some((at, step))));
                }
            }
            done += 1;
        }
        came
    }

    /// The endings as they are printed.
    fn table(&self, columns: &[Column<'_>], endings: &[Ending<'_>]) -> String {
        let mut html = String::from(
            "<table class=\"ways\">\n<thead><tr><th>Ending</th>\
             <th>A shortest way there</th></tr></thead>\n<tbody>\n",
        );
        for Ending { text, bad, way } in endings {
            let bad = if *bad { " (bad)" } else { "" };
            let _ = write!(html, "<tr><td>{}{bad}</td><td>", escaped(text));
            let mut last = None;
            for step in way {
                if last == Some(step.thread) {
                    html += ", ";
                } else {
                    let stop = if last.is_some() { "; " } else { "" };
                    let _ = write!(html, "{stop}{}: ", columns[step.thread].name);
                }
                let old = if step.old { " (old)" } else { "" };
                let _ = write!(
                    html,
                    "<code>{}</code>{old}",
                    escaped(&shown(&step.text))
                );
                last = Some(step.thread);
            }
            html += "</td></tr>\n";
        }
        html + "</tbody>\n</table>\n"
    }

    /// The graph as `stepper.js` reads it.
    fn json(&self, columns: &[Column<'_>], endings: &[Ending<'_>]) -> String {
        let mut at = Numbered::default();
        let mut values = Numbered::default();
        let mut steps = Numbered::default();
        let states = list(self.states.iter().map(|state| {
            let places: Vec<_> = (0..self.places.len())
                .map(|place| self.readable(state, place))
                .collect();
            let threads =
                list(state.threads.iter().enumerate().map(|(thread, it)| {
                    let sees = places.iter().map(|(_, sees)| sees[thread]);
                    at.number(situation(it, sees))
                }));
            let memory = list(places.iter().map(|(messages, _)| {
                values.number(list(messages.iter().map(|value| text(value))))
            }));
            let next = list(state.next.iter().map(|step| {
                let Step {
                    thread, old, to, ..
                } = step;
                let old = u8::from(*old);
                let step = format!("[{thread},{},{old}]", text(&shown(&step.text)));
                format!("[{},{to}]", steps.number(step))
            }));
            let end = state.end.as_ref().and_then(|end| {
                endings.iter().position(|ending| ending.text == end.text)
            });
            let end = end.map_or("-1".to_owned(), |end| end.to_string());
            format!("[{threads},{memory},{next},{end}]")
        }));
        let threads = list(columns.iter().map(|column| {
            let line =
                |(number, line): &(u32, &str)| format!("[{number},{}]", text(line));
            let lines = list(column.lines.iter().map(line));
            format!("{{\"name\":{},\"lines\":{lines}}}", text(column.name))
        }));
        let places = list(self.places.iter().map(|place| text(place)));
        let ends = list(endings.iter().map(|ending| {
            format!("[{},{}]", text(&ending.text), u8::from(ending.bad))
        }));
        let mut json = String::from("{");
        for (name, value) in [
            ("threads", threads),
            ("places", places),
            ("ends", ends),
            ("at", list(at.written)),
            ("values", list(values.written)),
            ("steps", list(steps.written)),
            ("states", states),
        ] {
            let comma = if name == "states" { "}" } else { "," };
            let _ = writeln!(json, "\"{name}\":{value}{comma}");
        }
        json
    }
}

fn situation(it: &Situation, sees: impl Iterator<Item = Option<usize>>) -> String {
    let run = match it.run {
        Run::Ready => "ready",
        Run::Spins => "spins",
        Run::Sleeps => "sleeps",
        Run::Waits => "waits",
        Run::Done => "done",
    };
    let sees = list(sees.map(|at| at.map_or("-1".to_owned(), |at| at.to_string())));
    format!("[{},{},{},{sees}]", it.line, text(run), text(&it.why))
}

/// The sentence of a failure without the places of the model's own file, which the figure
/// shows, and without what a thread that is not shown waits for.
fn brief(sentence: &str, file: &str, main: bool) -> String {
    let parts = sentence.split("; ");
    let parts: Vec<&str> = parts
        .filter(|part| main || !part.starts_with("main "))
        .collect();
    let sentence = parts.join("; ");
    let mut brief = String::new();
    let mut rest = sentence.as_str();
    while let Some(at) = rest.find(&format!(" at {file}:")) {
        brief.push_str(&rest[..at]);
        rest = rest[at + " at :".len() + file.len()..]
            .trim_start_matches(|c: char| c.is_ascii_digit());
        // "sleeps at x.rs:3, in wait(..)" is to read "sleeps in wait(..)".
        rest = rest
            .strip_prefix(",")
            .filter(|rest| rest.starts_with(" in "))
            .unwrap_or(rest);
    }
    brief + rest
}

/// Things that are written once, each on a line of its own.
#[derive(Default)]
struct Numbered {
    numbers: BTreeMap<String, usize>,
    written: Vec<String>,
}

impl Numbered {
    fn number(&mut self, thing: String) -> String {
        let next = self.written.len();
        let number = *self.numbers.entry(thing.clone()).or_insert(next);
        if number == next {
            self.written.push(thing);
        }
        number.to_string()
    }
}

/// A JSON list. A long one gets a line for each item, so that differences can be read.
fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    let long = items.iter().map(String::len).sum::<usize>() > 100;
    format!("[{}]", items.join(if long { ",\n" } else { "," }))
}

/// A JSON string that may stand in a script element.
fn text(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '<' | '\u{0}'..='\u{1F}' => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            _ => json.push(c),
        }
    }
    json.push('"');
    json
}

/// Text of an HTML element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A step as it is shown: with an arrow before what it returned.
fn shown(step: &str) -> String {
    step.replace(" -> ", " → ")
}

/// The lines between `ANCHOR: name` and `ANCHOR_END: name` with their numbers, without
/// anchors, and as far to the left as they go.
fn anchored<'a>(source: &'a str, name: &str) -> Vec<(u32, &'a str)> {
    let mut inside = false;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(source.lines()) {
        let mark = line.trim_start().strip_prefix("// ANCHOR");
        if let Some(mark) = mark {
            if mark
                .trim_start_matches("_END")
                .trim_start_matches(':')
                .trim()
                == name
            {
                inside = mark.starts_with(':');
            }
        } else if inside {
            lines.push((number, line));
        }
    }
    let indented = |line: &str| line.len() - line.trim_start().len();
    let filled = lines.iter().filter(|(_, line)| !line.trim().is_empty());
    let least = filled.map(|(_, line)| indented(line)).min().unwrap_or(0);
    for (_, line) in &mut lines {
        *line = line.get(least..).unwrap_or_default();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_out_with_their_numbers_and_moved_to_the_left() {
        let source = "fn f() {\n    // ANCHOR: thread_1\n    a();\n        // ANCHOR: x\n\
                      \x20       b();\n    // ANCHOR_END: thread_1\n    c();\n}\n";
        assert_eq!(anchored(source, "thread_1"), [(3, "a();"), (5, "    b();")]);
        // Without its end it goes on to the end of the file.
        assert_eq!(anchored(source, "x").len(), 3);
        assert!(anchored(source, "thread").is_empty());
    }

    #[test]
    fn a_failure_is_told_without_the_places_that_the_figure_shows() {
        let sentence = "LOST WAKE-UP: thread 1 sleeps at m.rs:12, in wait(bell == 1); main \
                        waits at m.rs:30 for the end of thread 1; nobody is left";
        assert_eq!(
            brief(sentence, "m.rs", false),
            "LOST WAKE-UP: thread 1 sleeps in wait(bell == 1); nobody is left"
        );
        let sentence =
            "thread 1 writes x at m.rs:1, thread 2 wrote it at m.rs:2, and more";
        assert_eq!(
            brief(sentence, "m.rs", true),
            "thread 1 writes x, thread 2 wrote it, and more"
        );
    }

    #[test]
    fn json_can_stand_in_a_script_element() {
        assert_eq!(
            text("a\"b\\c\n</script>"),
            r#""a\"b\\c\u000a\u003c/script>""#
        );
    }
}
