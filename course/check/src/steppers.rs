//! Plays every stepper of a page: with the mouse, with the keyboard alone, with a finger on a
//! narrow screen, and looks at what is printed. A chapter's pages show all that it has.
//!
//! The way to an ending is searched here, in the graph that the page carries; the figure's
//! own search is what is tried.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use serde_json::Value;

use crate::browser::{LOOK, SCREENS};
use crate::webdriver::Browser;

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const BACKSPACE: &str = "\u{E003}";

/// How often Tab is pressed at most until the focus is in a figure: from the end of the
/// figure before it, that is past the links of the text between them.
const TABS_MAX: usize = 60;

/// What came of playing.
#[derive(Debug, Default)]
pub(crate) struct Played {
    /// The id of each.
    pub(crate) played: Vec<String>,
    pub(crate) problems: Vec<String>,
}

/// One figure in an open page.
struct Stepper<'b> {
    browser: &'b Browser,
    /// Its id, and so the selector.
    id: String,
    way: Way,
    /// Whether it is shown to a reader who likes things to move: the first of a page is. That
    /// takes half a second a step.
    moves: bool,
}

/// A shortest way from the start to an ending, a bad one if there is any.
#[derive(Debug, PartialEq, Eq)]
struct Way {
    /// Which of the offered steps is taken, counted from 0.
    choices: Vec<usize>,
    end: String,
    bad: bool,
    /// How many endings there are.
    ends: usize,
}

/// A way to play: what it is called, which screen it is for, and how it goes.
struct Manner {
    name: &'static str,
    screen: (u32, u32),
    play: fn(&Stepper<'_>) -> Result<(), String>,
}

const MANNERS: &[Manner] = &[
    Manner {
        name: "by mouse",
        screen: SCREENS[0],
        play: |stepper| stepper.by_mouse(),
    },
    Manner {
        name: "by keyboard",
        screen: SCREENS[0],
        play: |stepper| stepper.by_keyboard(),
    },
    Manner {
        name: "by touch, and on paper",
        screen: SCREENS[1],
        play: |stepper| stepper.by_touch(),
    },
];

/// Plays all steppers of the page at `url`, which is loaded once for each manner: to load it
/// for each figure takes as long as all of the playing.
pub(crate) fn play(browser: &Browser, url: &str) -> Result<Played, String> {
    let mut all = Played::default();
    let steppers = steppers(browser, url, &mut all.problems)?;
    if steppers.is_empty() {
        return Ok(all);
    }
    for manner in MANNERS {
        let (width, height) = manner.screen;
        browser.screen(width, height)?;
        browser.open(url)?;
        for stepper in &steppers {
            let end = stepper.is_fresh().and_then(|()| (manner.play)(stepper));
            let here = format!("{}, {}", stepper.id, manner.name);
            if let Err(problem) = end {
                all.problems.push(format!("{here}: {problem}"));
            }
            for complaint in browser.complaints()? {
                all.problems
                    .push(format!("{here}: the console says {complaint}"));
            }
        }
    }
    all.played = steppers.into_iter().map(|stepper| stepper.id).collect();
    Ok(all)
}

/// The figures of a page, each with a way to one of its endings.
fn steppers<'b>(
    browser: &'b Browser,
    url: &str,
    problems: &mut Vec<String>,
) -> Result<Vec<Stepper<'b>>, String> {
    browser.open(url)?;
    let figures = browser.run(
        "return [...document.querySelectorAll('figure.stepper')].map(f => \
         ({ id: f.id, data: f.querySelector('script').textContent }))",
    )?;
    let mut steppers = Vec::new();
    for figure in figures.as_array().into_iter().flatten() {
        let id = figure["id"].as_str().unwrap_or_default().to_owned();
        let data: Value =
            serde_json::from_str(figure["data"].as_str().unwrap_or_default())
                .map_err(|error| format!("{id}: its data: {error}"))?;
        let moves = steppers.is_empty();
        match way(&data) {
            Some(way) => steppers.push(Stepper {
                browser,
                id,
                way,
                moves,
            }),
            None => problems.push(format!("{id}: no ending can be reached")),
        }
    }
    Ok(steppers)
}

/// The figures in the folder of a chapter that none of its pages has shown.
pub(crate) fn missed(book: &Path, chapter: &str, played: &[String]) -> Vec<String> {
    let folder = book.join(chapter).join("steppers");
    let files = folder.read_dir().into_iter().flatten().flatten();
    let names = files.filter_map(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.strip_suffix(".html").map(str::to_owned)
    });
    names
        .filter(|name| !played.contains(&format!("stepper-{name}")))
        .map(|name| format!("{chapter}: no page shows the stepper {name}"))
        .collect()
}

impl Stepper<'_> {
    /// To the ending by clicks, and all the way back by Undo.
    fn by_mouse(&self) -> Result<(), String> {
        self.browser.medium("", true)?;
        let start = self.board()?;
        for &choice in &self.way.choices {
            self.browser.click(&self.choice(choice)?)?;
        }
        self.is_at_the_end("the last click")?;
        for _ in &self.way.choices {
            self.browser.click(&self.inside(".undo"))?;
        }
        if self.board()? != start {
            return Err("Undo does not lead back to the start".into());
        }
        self.browser.click(&self.inside(".find"))?;
        if self.way.bad {
            // Without motion the ending is there at once.
            return self.is_at_a_bad_end("the button");
        }
        self.says("There is no bad ending")
    }

    /// The same without a mouse: Tab into the figure, digits and Enter, Backspace, r, b.
    fn by_keyboard(&self) -> Result<(), String> {
        self.browser.medium("", !self.moves)?;
        let start = self.board()?;
        self.tab_into()?;
        for (at, &choice) in self.way.choices.iter().enumerate() {
            self.choice(choice)?;
            if at == 0 && choice == 0 {
                // Past the board itself and its bar, to the first step.
                self.tab_to(".steps button")?;
                self.browser.keys(ENTER)?;
            } else {
                self.browser.keys(&(choice + 1).to_string())?;
            }
            if !self.is_true("f.contains(document.activeElement)")? {
                return Err(format!("step {} loses the focus", at + 1));
            }
        }
        self.is_at_the_end("the last key")?;
        self.browser.keys(BACKSPACE)?;
        if self.is_true("f.querySelector('.status strong') !== null")? {
            return Err("Backspace does not leave the ending".into());
        }
        self.browser.keys("r")?;
        if self.board()? != start {
            return Err("r does not lead back to the start".into());
        }
        self.browser.keys("b")?;
        if self.way.bad {
            let ended = self.script("f.querySelector('.status.bad') !== null");
            self.browser.wait("b leads to a bad ending", &ended)?;
            return self.is_at_a_bad_end("b");
        }
        self.says("There is no bad ending")
    }

    /// On a narrow screen, with a finger; nothing reaches beyond the screen afterwards. Then
    /// printed.
    fn by_touch(&self) -> Result<(), String> {
        self.browser.medium("", true)?;
        for (at, &choice) in self.way.choices.iter().enumerate() {
            self.browser.touch(&self.choice(choice)?)?;
            let taken = at + 1;
            let seen = self.script(&format!(
                "f.querySelectorAll('.trace li').length === {taken}"
            ));
            self.browser.wait("a touch takes a step", &seen)?;
        }
        self.is_at_the_end("the last touch")?;
        let small = "[...f.querySelectorAll('button')].filter(b => \
                     b.getBoundingClientRect().height < 40).map(b => b.textContent)";
        let small = self.browser.run(&self.script(small))?;
        if small.as_array().is_none_or(|small| !small.is_empty()) {
            return Err(format!("too small for a finger: {small}"));
        }
        let seen = self.browser.run(LOOK)?;
        match seen["wrong"].as_array().and_then(|wrong| wrong.first()) {
            Some(wrong) => Err(wrong.to_string()),
            None => self.on_paper(),
        }
    }

    /// A table with all the endings, and nothing to press.
    fn on_paper(&self) -> Result<(), String> {
        self.browser.medium("print", true)?;
        let ends = self.way.ends;
        let good = self.is_true(&format!(
            "f.querySelector('.board').offsetHeight === 0 \
             && f.querySelector('table.ways').offsetHeight > 0 \
             && f.querySelectorAll('table.ways tbody tr').length === {ends}"
        ));
        self.browser.medium("", false)?;
        if good? {
            Ok(())
        } else {
            Err("on paper there is no table of endings, or more than that".into())
        }
    }

    /// Waits until it is there, and looks at what a screen reader needs.
    fn is_fresh(&self) -> Result<(), String> {
        let built = self.script("f.classList.contains('live')");
        self.browser.wait("the board is built", &built)?;
        for (what, so) in [
            (
                "a live region",
                "f.querySelector('[role=status][aria-live]').textContent !== ''",
            ),
            (
                "a name for the board",
                "f.querySelector('.board').getAttribute('aria-label') !== ''",
            ),
            (
                "a name for every button",
                "[...f.querySelectorAll('button')].every(b => \
                 (b.getAttribute('aria-label') || b.textContent).trim() !== '')",
            ),
            (
                "the line that each thread is at",
                "[...f.querySelectorAll('.column')].every(c => \
                 c.dataset.run === 'done' \
                 || c.querySelectorAll('[aria-current=step]').length === 1)",
            ),
        ] {
            if !self.is_true(so)? {
                return Err(format!("lacks {what}"));
            }
        }
        Ok(())
    }

    /// Tab from just before the figure, and on until the focus is inside.
    fn tab_into(&self) -> Result<(), String> {
        self.browser.run(&self.script(
            "(() => { const before = document.createElement('button'); \
             f.before(before); before.focus(); })()",
        ))?;
        self.tab_to("")
    }

    /// Tab until the focus is on something inside the figure that the selector accepts.
    fn tab_to(&self, selector: &str) -> Result<(), String> {
        let selector = if selector.is_empty() { "*" } else { selector };
        for _ in 0..TABS_MAX {
            self.browser.keys(TAB)?;
            if self.is_true(&format!(
                "f.contains(document.activeElement) \
                 && document.activeElement.matches('{selector}')"
            ))? {
                return Ok(());
            }
        }
        Err(format!("Tab does not lead to {selector}"))
    }

    fn is_at_the_end(&self, after: &str) -> Result<(), String> {
        let Way { end, bad, ends, .. } = &self.way;
        let class = if *bad { "bad" } else { "good" };
        self.says(end).map_err(|why| format!("{after}: {why}"))?;
        let so = format!(
            "f.querySelector('.status').classList.contains('{class}') \
             && f.querySelectorAll('.found .found').length === 1 \
             && f.querySelector('.count').textContent.startsWith('1 of {ends} ')"
        );
        if self.is_true(&so)? {
            Ok(())
        } else {
            Err(format!("{after}: \"{end}\" is not counted as found"))
        }
    }

    fn is_at_a_bad_end(&self, after: &str) -> Result<(), String> {
        if self.is_true("f.querySelector('.status.bad strong') !== null")? {
            Ok(())
        } else {
            Err(format!("{after} does not lead to a bad ending"))
        }
    }

    fn says(&self, text: &str) -> Result<(), String> {
        let said =
            self.run_text("f.querySelector('.status').textContent || 'nothing'")?;
        if said.contains(text) {
            Ok(())
        } else {
            Err(format!("\"{text}\" is expected, and it says \"{said}\""))
        }
    }

    /// The selector of the step that is offered at this place, once it is marked.
    fn choice(&self, at: usize) -> Result<String, String> {
        let marked = self.is_true(&format!(
            "(() => {{ const b = f.querySelectorAll('.steps button')[{at}]; \
             if (b) b.classList.add('next-{at}'); return !!b; }})()"
        ))?;
        if marked {
            Ok(self.inside(&format!(".next-{at}")))
        } else {
            Err(format!("step {} is not offered", at + 1))
        }
    }

    /// All that the reader sees of the state.
    fn board(&self) -> Result<String, String> {
        self.run_text(
            "[...f.querySelectorAll('.memory, .column, .trace')]\
             .map(e => e.textContent + e.querySelectorAll('[aria-current]').length)\
             .join()",
        )
    }

    fn inside(&self, selector: &str) -> String {
        format!("#{} {selector}", self.id)
    }

    /// A script with the figure as `f`.
    fn script(&self, expression: &str) -> String {
        let id = &self.id;
        format!("const f = document.getElementById('{id}'); return {expression};")
    }

    fn is_true(&self, expression: &str) -> Result<bool, String> {
        Ok(self.browser.run(&self.script(expression))? == Value::Bool(true))
    }

    fn run_text(&self, expression: &str) -> Result<String, String> {
        let answer = self.browser.run(&self.script(expression))?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }
}

/// The shortest way to a bad ending, or to any if none is bad: breadth first.
fn way(data: &Value) -> Option<Way> {
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    let states = data["states"].as_array()?;
    let ends = data["ends"].as_array()?;
    let any_bad = ends.iter().any(|end| number(&end[1]) == Some(1));
    let mut came: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    let mut todo = VecDeque::from([0]);
    while let Some(at) = todo.pop_front() {
        if let Some(end) = number(&states[at][3]) {
            let bad = number(&ends[end][1]) == Some(1);
            if bad == any_bad {
                let mut choices = Vec::new();
                let mut back = at;
                while back != 0 {
                    let (from, choice) = came[&back];
                    choices.push(choice);
                    back = from;
                }
                choices.reverse();
                let end = ends[end][0].as_str()?.to_owned();
                let ends = ends.len();
                return Some(Way {
                    choices,
                    end,
                    bad,
                    ends,
                });
            }
        }
        let mut steps: Vec<&Value> = states[at][2].as_array()?.iter().collect();
        // They are offered thread by thread.
        steps.sort_by_key(|step| {
            number(&step[0]).and_then(|step| number(&data["steps"][step][0]))
        });
        for (choice, step) in steps.iter().enumerate() {
            let to = number(&step[1])?;
            if to != 0 && !came.contains_key(&to) {
                came.insert(to, (at, choice));
                todo.push_back(to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_figure_that_no_page_shows_is_missed() {
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src");
        let all = missed(&book, "04_explorer", &[]);
        let two_locks = "04_explorer: no page shows the stepper two_locks";
        assert!(all.iter().any(|problem| problem == two_locks));
        let played = ["stepper-two_locks".to_owned()];
        let rest = missed(&book, "04_explorer", &played);
        assert_eq!(rest.len(), all.len() - 1);
        assert!(missed(&book, "introduction", &[]).is_empty());
    }

    #[test]
    fn the_way_is_the_shortest_to_a_bad_ending() {
        let steps = json!([[1, "b", 0], [0, "a", 0]]);
        let states = json!([
            [[], [], [[0, 1], [1, 2]], -1],
            [[], [], [], 0],
            [[], [], [[0, 3]], -1],
            [[], [], [], 1],
        ]);
        let data = |bad: u8| {
            json!({
                "steps": steps, "states": states,
                "ends": [["good", 0], ["bad", bad]],
            })
        };
        // Thread 0 is offered first, although its step comes second in the data.
        let found = way(&data(1)).map(|way| (way.choices, way.end));
        assert_eq!(found, Some((vec![0, 0], "bad".to_owned())));
        let found = way(&data(0)).map(|way| (way.choices, way.end));
        assert_eq!(found, Some((vec![1], "good".to_owned())));
    }
}
