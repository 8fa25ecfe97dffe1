//! Builds the book with mdbook as a library: each time into another folder, so that the pages
//! of the last one are there until the next one is complete.

use std::fs;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use mdbook_driver::errors::Error;

use super::complaints;
use super::reload;

/// How many folders there are: one is shown while the other is written.
const FOLDERS: u64 = 2;

/// Builds the book again and again.
#[derive(Debug)]
pub(super) struct Press {
    book: PathBuf,
    /// What the folders are in.
    folder: PathBuf,
    /// How many times it was built, or tried to.
    times: u64,
}

/// A book that was built.
#[derive(Debug)]
pub(super) struct Printed {
    /// Where its pages are.
    pub(super) folder: PathBuf,
    /// What mdbook had to say, one line each. Mostly it is silent.
    pub(super) complaints: Vec<String>,
}

impl Press {
    /// Will build `book` into a folder in `folder`.
    pub(super) fn new(book: &Path, folder: &Path) -> Self {
        complaints::listen();
        Self {
            book: book.to_path_buf(),
            folder: folder.to_path_buf(),
            times: 0,
        }
    }

    /// What all folders are in.
    pub(super) fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Builds the book. Its pages know that they are of `edition`.
    ///
    /// # Errors
    /// One line that says why it can't be built. The book of the last time is still there.
    pub(super) fn print(&mut self, edition: &str) -> Result<Printed, String> {
        // One that failed has shown nothing, so its folder is used again.
        let folder = self.folder.join((self.times % FOLDERS).to_string());
        drop(complaints::take());
        let built = panic::catch_unwind(AssertUnwindSafe(|| self.build(&folder)));
        let said = complaints::take();
        match built {
            Ok(done) => done?,
            // Its own message has been printed.
            Err(_) => return Err("mdbook has panicked".into()),
        }
        add_script(&folder, edition).map_err(|error| {
            format!("cannot write into {}: {error}", folder.display())
        })?;
        self.times += 1;
        Ok(Printed {
            folder,
            complaints: said,
        })
    }

    fn build(&self, folder: &Path) -> Result<(), String> {
        let file = self.book.join("book.toml");
        let about = |path: &Path, error: Error| {
            one_line(&format!("{}: {error:#}", path.display()))
        };
        let sentence = |error| about(&self.book, error);
        let config = Config::from_disk(&file);
        let mut config = config.map_err(|error| about(&file, error))?;
        config.update_from_env().map_err(sentence)?;
        config.build.build_dir = folder.to_path_buf();
        // Whoever serves a book does not want it written.
        config.build.create_missing = false;
        // On the web it is below a folder, here it is not.
        let site = config.set("output.html.site-url", "/");
        site.map_err(sentence)?;
        let book = MDBook::load_with_config(&self.book, config).map_err(sentence)?;
        book.build().map_err(sentence)
    }
}

/// Has every page listen for the next edition: a line at its end.
fn add_script(folder: &Path, edition: &str) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            add_script(&path, edition)?;
        } else if path.extension().is_some_and(|end| end == "html") {
            let mut page = fs::read_to_string(&path)?;
            // What is no whole page, such as the table of contents for those without
            // scripts, has no end either.
            if let Some(end) = page.rfind("</body>") {
                page.insert_str(end, &reload::tag(edition));
                fs::write(&path, page)?;
            }
        }
    }
    Ok(())
}

/// A message of several lines as one, without the lines that show an excerpt.
pub(super) fn one_line(text: &str) -> String {
    let excerpt = |line: &str| {
        let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
        number.trim_start().starts_with('|')
    };
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !excerpt(line));
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_message_of_several_lines_becomes_one_without_its_excerpt() {
        let text = "parse error at line 1, column 6\n  |\n1 | [book\n  |      ^\nunclosed\n";
        assert_eq!(one_line(text), "parse error at line 1, column 6 unclosed");
        assert_eq!(one_line("one line"), "one line");
    }
}
