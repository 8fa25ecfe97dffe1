//! The book's lists of exercises are those of `exercises.toml`.
//!
//! A chapter includes `NN_name/exercises.md`, and that file is rendered here and committed,
//! so that a stock mdbook can build the book.

use std::fs;
use std::path::Path;

use grading::catalog::{Catalog, Exercise};

use super::{Ci, Done, short, verdict};

pub(super) fn run(ci: &Ci) -> Result<Done, String> {
    let catalog = Catalog::load(&ci.root).map_err(|error| error.to_string())?;
    let book = ci.root.join("book").join("src");
    let mut problems = Vec::new();
    let mut count = 0;
    for chapter in &catalog.chapters {
        for exercise in &chapter.exercises {
            count += 1;
            problems.extend(no_page(&book, exercise));
        }
        let file = book.join(&chapter.key).join("exercises.md");
        let rendered = chapter.to_markdown();
        let found = fs::read_to_string(&file).unwrap_or_default();
        if found.replace("\r\n", "\n") == rendered {
            continue;
        }
        let name = short(&ci.root, &file);
        if ci.write {
            fs::create_dir_all(book.join(&chapter.key))
                .and_then(|()| fs::write(&file, rendered))
                .map_err(|error| format!("{name}: {error}"))?;
            anstream::println!("wrote {name}");
        } else {
            let how = "`cargo course ci lists --write` renders it";
            problems.push(format!("{name} is not what exercises.toml says: {how}"));
        }
    }
    verdict(&problems, format!("{count} exercises"))
}

/// Says so if the page that explains an exercise is not there. The anchor on it is looked up
/// in the built book, by `links`.
fn no_page(book: &Path, exercise: &Exercise) -> Option<String> {
    let page = exercise.section.split('#').next().unwrap_or_default();
    let id = exercise.id();
    (!book.join(page).is_file())
        .then(|| format!("{id}: section {} is no page", exercise.section))
}
