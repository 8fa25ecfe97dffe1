//! Looks at two files that stand side by side: on a wide screen each pair begins at the same
//! height, on a narrow one it stands one below the other, and where one column is moved
//! sideways the other follows.

use std::path::Path;

use serde_json::Value;

use crate::browser::{SCREENS, url};
use crate::webdriver::Browser;

/// The pages that have such pairs.
pub(crate) const PAGES: &[&str] = &["07_event_loop/twins", "09_http_parser/words"];

/// What is wrong with the pairs of an open page; whether they should stand abreast is the
/// first argument.
const LAYOUT: &str = r#"
const wrong = [];
const pairs = [...document.querySelectorAll('.twins')];
if (pairs.length === 0) wrong.push('there are no twins');
pairs.forEach((pair, index) => {
    const [left, right] = pair.querySelectorAll('.twin');
    const [a, b] = [left.getBoundingClientRect(), right.getBoundingClientRect()];
    const abreast = Math.abs(a.top - b.top) < 1 && a.right <= b.left;
    const below = a.bottom <= b.top && Math.abs(a.left - b.left) < 1;
    if (WIDE ? !abreast : !below) wrong.push('stands wrong: pair ' + (index + 1));
    for (const twin of [left, right]) {
        if (!/own|same/.test(twin.querySelector('p small')?.textContent)) {
            wrong.push('nothing is marked: pair ' + (index + 1));
        }
    }
});
return wrong;
"#;

/// Moves one column of the first pair that has room for it. Which it was, or null.
const MOVE: &str = r#"
const pairs = [...document.querySelectorAll('.twins')];
const codes = (pair) => [...pair.querySelectorAll('pre > code')];
const room = (code) => code.scrollWidth >= code.clientWidth + 40;
const pair = pairs.findIndex((pair) => codes(pair).every(room));
if (pair >= 0) codes(pairs[pair])[SIDE].scrollLeft = 40 - 20 * SIDE;
return pair;
"#;

/// Looks at all of it, at each width.
pub(crate) fn look(browser: &Browser, built: &Path) -> Result<(), String> {
    for &(width, height) in SCREENS {
        browser.screen(width, height)?;
        for page in PAGES {
            browser.open(&url(built, page))?;
            let is_wide = if width > 1000 { "true" } else { "false" };
            let wrong = browser.run(&LAYOUT.replace("WIDE", is_wide))?;
            let wrong = wrong.as_array().into_iter().flatten();
            if let Some(what) = wrong.filter_map(Value::as_str).next() {
                return Err(format!("{page} at {width} px: {what}"));
            }
            for (side, at) in [("0", 40), ("1", 20)] {
                let pair = browser.run(&MOVE.replace("SIDE", side))?;
                let Some(pair) = pair.as_u64() else {
                    return Err(format!("{page} at {width} px: no column scrolls"));
                };
                browser.wait(
                    "the other column to follow",
                    &format!(
                        "return [...document.querySelectorAll('.twins')[{pair}]\
                         .querySelectorAll('pre > code')]\
                         .every((code) => code.scrollLeft === {at});"
                    ),
                )?;
            }
        }
    }
    Ok(())
}
