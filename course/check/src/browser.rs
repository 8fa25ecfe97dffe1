//! The built book in a real browser: every written page, wide and narrow, light and dark.
//!
//! The pages are opened as files, the way in which an offline reader opens them. On each
//! one: the console is silent, nothing makes the page wider than the screen, figures are there
//! and their words can be read and lie inside the drawing. Then every stepper is played, and
//! search, the arrow keys and the page for printing are tried once.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::webdriver::Browser;
use crate::{Done, Verdict, steppers, twins, verdict};

/// Width and height of a screen.
pub(crate) const SCREENS: &[(u32, u32)] = &[(1280, 900), (390, 844)];

const THEMES: &[&str] = &["light", "navy"];

/// Pages without a number that are looked at as well.
const PAGES: &[&str] = &[
    "introduction",
    "commands",
    "glossary",
    "memory_ordering",
    "pitfalls",
    "teaching",
];

/// How high one picture is at most.
const PICTURE_HEIGHT: u32 = 2400;

/// The right arrow key, and the left one, as WebDriver writes them.
const ARROW_RIGHT: &str = "\u{E014}";
const ARROW_LEFT: &str = "\u{E012}";

/// Looks at the page as a reader would and returns a list of what is wrong with it.
pub(crate) const LOOK: &str = r#"
const wrong = [];
const wide = document.documentElement.clientWidth;
const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '')
    + (e.className && e.className.baseVal === undefined ? '.' + e.className : '')
    + ' "' + (e.textContent || '').trim().slice(0, 40) + '"';
// What scrolls in a box of its own may be as wide as it likes.
const boxed = (e) => {
    for (let up = e.parentElement; up && up.tagName !== 'MAIN'; up = up.parentElement) {
        if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(up).overflowX)) return true;
    }
    return false;
};
if (document.documentElement.scrollWidth > wide) {
    wrong.push('the page is ' + document.documentElement.scrollWidth + ' px wide');
}
const content = document.querySelector('#mdbook-content');
if (content.scrollWidth > content.clientWidth + 1) {
    wrong.push('its content is ' + content.scrollWidth + ' px wide');
}
for (const e of document.querySelectorAll('main *')) {
    if (e.closest('svg') && e.tagName !== 'svg') continue;
    const box = e.getBoundingClientRect();
    if (box.width > 0 && box.right > wide + 1 && !boxed(e)) {
        wrong.push('reaches beyond the screen: ' + name(e));
    }
}
let figures = 0;
for (const e of document.querySelectorAll('main figure svg, main img')) {
    // mdBook keeps a second copy of a picture, for zooming.
    if (e.closest('.fa-svg, .img-wrapper') || e.closest('details:not([open])')) continue;
    figures += 1;
    const box = e.getBoundingClientRect();
    if (box.width < 100 || box.height < 40) {
        wrong.push('is ' + box.width + ' by ' + box.height + ' px: ' + name(e));
    }
    if (e.tagName === 'IMG' && e.naturalWidth === 0) {
        wrong.push('does not load: ' + e.getAttribute('src'));
    }
    const view = e.viewBox && e.viewBox.baseVal;
    if (!view || !view.width) continue;
    const scale = box.width / view.width;
    for (const text of e.querySelectorAll('text')) {
        const size = parseFloat(getComputedStyle(text).fontSize) * scale;
        if (size < 8) {
            wrong.push('is ' + size.toFixed(1) + ' px high: ' + name(text));
        }
        const own = text.getBoundingClientRect();
        if (own.left < box.left - 2 || own.right > box.right + 2
            || own.top < box.top - 4 || own.bottom > box.bottom + 4) {
            wrong.push('sticks out of its drawing: ' + name(text));
        }
    }
}
return { wrong, figures, height: document.documentElement.scrollHeight };
"#;

pub(crate) fn run(root: &Path, shots: Option<&Path>) -> Verdict {
    let built = root.join("book").join("book");
    if !built.join("index.html").is_file() {
        let how = "the book is not built: `mdbook build book`";
        return Ok(Done::Skipped(how.into()));
    }
    let profile = root.join("target").join("ci").join("browser");
    let browser = match Browser::start(&profile) {
        Ok(browser) => browser,
        Err(Ok(missing)) => return Ok(Done::Skipped(missing)),
        Err(Err(problem)) => return Err(problem),
    };
    // The page for printing opens the print dialogue, for which nobody is there.
    browser.before_each_page("window.print = () => {};")?;
    let pages = pages(&built);
    let mut problems = Vec::new();
    let mut figures = 0;
    for (screen, &(width, height)) in SCREENS.iter().enumerate() {
        browser.screen(width, height)?;
        for (number, theme) in THEMES.iter().enumerate() {
            // What is looked for is lengths, and these a theme does not change: each theme
            // on one screen is enough, unless somebody wants to see all of it.
            if shots.is_none() && number != screen % THEMES.len() {
                continue;
            }
            for page in &pages {
                let url = url(&built, page);
                show(&browser, &url, theme)?;
                let seen = browser.run(LOOK)?;
                figures += seen["figures"].as_u64().unwrap_or_default();
                let here = format!("{page} at {width} px, {theme}");
                for what in seen["wrong"].as_array().into_iter().flatten() {
                    let what = what.as_str().unwrap_or_default();
                    problems.push(format!("{here}: {what}"));
                }
                for complaint in browser.complaints()? {
                    problems.push(format!("{here}: the console says {complaint}"));
                }
                if let Some(dir) = shots {
                    let high = seen["height"].as_u64().unwrap_or_default();
                    let page = page.replace('/', "-");
                    let name = format!("{page}-{width}-{theme}");
                    take(&browser, dir, &name, width, high)?;
                }
            }
        }
    }
    let mut played = Vec::new();
    for page in &pages {
        let found = steppers::play(&browser, &url(&built, page))?;
        played.extend(found.played);
        problems.extend(found.problems.iter().map(|what| format!("{page}: {what}")));
    }
    for chapter in pages.iter().filter(|page| !page.contains('/')) {
        problems.extend(steppers::missed(&root.join("book/src"), chapter, &played));
    }
    let (width, height) = SCREENS[0];
    browser.screen(width, height)?;
    let base = base(&built);
    for (what, end) in [
        ("search", search(&browser, &base)),
        ("the arrow keys", arrows(&browser, &base)),
        ("the page for printing", print(&browser, &base)),
        ("two columns", twins::look(&browser, &built)),
    ] {
        if let Err(problem) = end {
            problems.push(format!("{what}: {problem}"));
        }
    }
    problems.sort();
    problems.dedup();
    let what = format!(
        "{} pages, {figures} figures seen, {} steppers played",
        pages.len(),
        played.len()
    );
    verdict(&problems, what)
}

/// The chapters that are there with the pages below them, and the pages that are always
/// there.
fn pages(built: &Path) -> Vec<String> {
    let mut pages = Vec::new();
    for name in names(built) {
        let chapter = name.starts_with(|c: char| c.is_ascii_digit());
        if !(chapter && name.contains('_') || PAGES.contains(&name.as_str())) {
            continue;
        }
        let below = names(&built.join(&name));
        pages.extend(below.map(|below| format!("{name}/{below}")));
        pages.push(name);
    }
    pages.sort();
    pages
}

/// The pages of one folder, without their ending.
fn names(folder: &Path) -> impl Iterator<Item = String> + use<> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.strip_suffix(".html").map(str::to_owned)
    })
}

pub(crate) fn url(built: &Path, page: &str) -> String {
    format!("{}/{page}.html", base(built))
}

/// What the addresses of pages begin with that are opened as files.
fn base(built: &Path) -> String {
    let path = built.to_string_lossy().replace('\\', "/");
    format!("file:///{}", path.trim_start_matches('/'))
}

/// Opens a page in a theme, as a reader would who has chosen it.
pub(crate) fn show(browser: &Browser, url: &str, theme: &str) -> Result<(), String> {
    browser.open(url)?;
    // The browser remembers it for all pages, so it is mostly that one already.
    let chosen =
        format!("return localStorage.getItem('mdbook-theme') === '{theme}'");
    if browser.run(&chosen)? != Value::Bool(true) {
        let choose = format!("localStorage.setItem('mdbook-theme', '{theme}')");
        browser.run(&choose)?;
        browser.open(url)?;
    }
    browser.wait(
        "the theme, and the fonts",
        &format!(
            "return document.documentElement.classList.contains('{theme}') \
             && document.fonts.status === 'loaded' && document.readyState === 'complete'"
        ),
    )
}

fn take(
    browser: &Browser,
    dir: &Path,
    name: &str,
    width: u32,
    height: u64,
) -> Result<(), String> {
    fs::create_dir_all(dir).map_err(|error| error.to_string())?;
    let height = u32::try_from(height).unwrap_or(u32::MAX);
    let mut top = 0;
    for number in 1.. {
        let part = PICTURE_HEIGHT.min(height - top);
        let picture = browser.picture(width, top, part)?;
        let file = dir.join(format!("{name}-{number:02}.png"));
        fs::write(file, picture).map_err(|error| error.to_string())?;
        top += part;
        if top >= height {
            break;
        }
    }
    Ok(())
}

/// A word from a heading is typed, and a result leads to its chapter.
pub(crate) fn search(browser: &Browser, base: &str) -> Result<(), String> {
    browser.open(&format!("{base}/introduction.html"))?;
    browser.keys("s")?;
    let focus = "return document.activeElement.id === 'mdbook-searchbar'";
    browser.wait("the search field", focus)?;
    browser.keys("median")?;
    let found = "return [...document.querySelectorAll('#mdbook-searchresults a')]\
                 .some(a => a.href.includes('00_measuring.html'))";
    browser.wait("\"median\" is found in chapter 00", found)
}

pub(crate) fn arrows(browser: &Browser, base: &str) -> Result<(), String> {
    browser.open(&format!("{base}/introduction.html"))?;
    for (key, page) in [
        (ARROW_RIGHT, "00_measuring"),
        (ARROW_RIGHT, "01_threads"),
        (ARROW_LEFT, "00_measuring"),
    ] {
        browser.keys(key)?;
        let there = format!(
            "return location.pathname.endsWith('/{page}.html') \
             && document.readyState === 'complete'"
        );
        let seen = browser.wait(page, &there);
        seen.map_err(|why| format!("{why}, still at {:?}", browser.url()))?;
    }
    Ok(())
}

fn print(browser: &Browser, base: &str) -> Result<(), String> {
    browser.open(&format!("{base}/print.html"))?;
    let titles =
        browser.run("return document.querySelectorAll('main h1').length")?;
    match titles {
        Value::Number(count) if count.as_u64() >= Some(3) => Ok(()),
        other => Err(format!("it has {other} titles")),
    }
}
