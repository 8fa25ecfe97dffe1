//! Files: what is below a directory, and nothing else.
//!
//! A path comes from a stranger and ends in a system call. In between it is decoded once and
//! checked (`path`), opened in a way that can't leave the root whatever links there are
//! (`open`), and looked at: only a file is served, no directory, no device, no pipe. Then it
//! is asked whether the client has it already (`conditions`), and which part it wants
//! (`ranges`). A small file is copied behind the head of its answer; a large one goes from
//! the file to the socket (`sendfile`).
//!
//! ```text
//!  /a%20b/ ──► Way "a b/index.html" ──► openat2 ──► is it a file? ──► 304, 412?
//!      400, 404 ◄──┘             404 ◄────┘                               │
//!                                              206, 416 ◄── range? ◄──────┘
//! ```
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

mod conditions;
mod dates;
mod mime;
mod open;
mod part;
mod path;
mod ranges;
mod sendfile;

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::SystemTime;

use super::{Handler, Method, Request, Response, reason};

use conditions::{Validators, Verdict};
use open::Root;
pub(crate) use part::{FilePart, read};
use path::Way;
use ranges::Wanted;

/// How often a file is opened again because it was cut off while it was read.
const TRIES: usize = 3;

// ANCHOR: static_files
/// Serves the files below a directory.
///
/// ```
/// use threadbare::http::{Config, Method, Router, StaticFiles, TestClient};
///
/// # let dir = std::env::temp_dir().join(format!("threadbare-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// std::fs::write(dir.join("index.html"), "<p>Hello.")?;
/// let mut router = Router::new();
/// router.get("/hello", |_, response| response.text("not a file"));
/// router.route(Method::Get, "/*path", StaticFiles::new(&dir)?);
///
/// let mut client = TestClient::new(Config::default(), router);
/// let answer = client.get("/").send();
/// assert_eq!(answer.text(), "<p>Hello.");
/// assert_eq!(answer.header("Content-Type"), Some("text/html; charset=utf-8"));
/// assert_eq!(client.get("/hello").send().text(), "not a file");
/// assert_eq!(client.get("/%2e%2e/etc/passwd").send().status, 400);
///
/// let tag = answer.header("ETag").unwrap();
/// let again = client.get("/").header("If-None-Match", tag).send();
/// assert_eq!(again.status, 304);
/// let part = client.get("/index.html").header("Range", "bytes=3-7").send();
/// assert_eq!((part.status, part.text()), (206, "Hello"));
/// assert_eq!(part.header("Content-Range"), Some("bytes 3-7/9"));
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// | asked for | answer |
/// |---|---|
/// | a file, with GET or HEAD | 200, `Content-Type` by the ending of its name, `ETag`, `Last-Modified` |
/// | the same, and the client has it | 304; or 412, if it wanted another one |
/// | one range of it | 206; 416 if there is no such part. Several: all of it, 200 |
/// | a directory, with a slash behind | its index: [`index`](Self::index) |
/// | without | 308 to the path with a slash |
/// | `..`, an encoded slash, a backslash, NUL, `%zz` | 400 |
/// | a name with a dot in front, except `.well-known`; a link that leads out; a pipe, a device | 404 |
/// | what this process may not read | 403 |
/// | with another method | 405 |
///
/// The root is opened when this is made, and stays the same directory, even if another one
/// gets its name. On Linux a link is followed if it stays below the root, and is not
/// absolute; elsewhere none is.
///
/// Nobody reads a path for you: a *hard* link, or another file system mounted below the root,
/// is a part of it.
///
/// # Blocking
/// It opens and reads on the thread it is called on, and so its place is in the pool. What is
/// longer than 64 KiB is sent by the loop, which stops while its disk is read, if it was not
/// in memory.
/// # Cost
/// Four system calls for a small file, besides those of the request; no allocation. A large
/// one keeps a descriptor until it has been sent.
#[derive(Debug)]
pub struct StaticFiles {
    root: Root,
    index: Way,
    not_found: Option<Way>,
}
// ANCHOR_END: static_files

/// The same as [`StaticFiles::new`].
///
/// # Errors
/// As there.
/// # Example
/// ```
/// use threadbare::http::{Config, TestClient, static_files};
///
/// let mut client = TestClient::new(Config::default(), static_files("src/http")?);
/// let answer = client.head("/mod.rs").send();
/// assert_eq!(answer.header("Content-Type"), Some("text/plain; charset=utf-8"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn static_files(root: impl AsRef<Path>) -> io::Result<StaticFiles> {
    StaticFiles::new(root)
}

/// Why there is no file in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// No client that means well asks for that.
    Malformed,
    /// It is not there, or nobody shall know.
    Missing,
    /// This process may not read it.
    Forbidden,
    /// There are no descriptors left, or it is being changed all the time.
    Busy,
    /// Its disk, or whatever.
    Failed,
    /// It has become shorter since it was opened.
    Cut,
}

impl Refused {
    fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Missing => 404,
            Self::Forbidden => 403,
            Self::Busy | Self::Cut => 503,
            Self::Failed => 500,
        }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            None if error.kind() == ErrorKind::UnexpectedEof => Self::Cut,
            // EXDEV, ELOOP, EMLINK: a link that leads out, or any. ENXIO: a socket, or a
            // device that is not there. EILSEQ: a name that this file system can't have.
            Some(
                libc::ENOENT
                | libc::ENOTDIR
                | libc::ENAMETOOLONG
                | libc::EXDEV
                | libc::ELOOP
                | libc::EMLINK
                | libc::ENXIO
                | libc::ENODEV
                | libc::EILSEQ
                | libc::EINVAL,
            ) => Self::Missing,
            Some(libc::EACCES | libc::EPERM) => Self::Forbidden,
            Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EAGAIN) => {
                Self::Busy
            }
            _ => Self::Failed,
        }
    }
}

impl StaticFiles {
    /// Opens the root.
    ///
    /// ```
    /// use threadbare::http::StaticFiles;
    ///
    /// let error = StaticFiles::new("no/such/directory").unwrap_err();
    /// assert!(error.to_string().starts_with("no/such/directory: "));
    /// ```
    ///
    /// # Errors
    /// If it is not there, is no directory, or may not be read; the message names it.
    pub fn new(root: impl AsRef<Path>) -> io::Result<Self> {
        let root = root.as_ref();
        match Root::open(root) {
            Ok(root) => Ok(Self {
                root,
                index: named("index.html"),
                not_found: None,
            }),
            Err(error) => {
                let sentence = format!("{}: {error}", root.display());
                Err(io::Error::new(error.kind(), sentence))
            }
        }
    }

    /// What is served for a directory: `index.html`, unless something else is said.
    ///
    /// ```
    /// use threadbare::http::{Config, StaticFiles, TestClient};
    ///
    /// let files = StaticFiles::new("src")?.index("README.md");
    /// let mut client = TestClient::new(Config::default(), files);
    /// assert_eq!(client.head("/http/").send().status, 200);
    /// let answer = client.head("/http").send();
    /// assert_eq!(answer.header("Location"), Some("/http/"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    /// If it is no name of a file below the root.
    #[must_use]
    #[track_caller]
    pub fn index(mut self, name: &str) -> Self {
        self.index = named(name);
        self
    }

    /// A page for what is not there: it is sent with 404.
    ///
    /// ```
    /// use threadbare::http::{Config, StaticFiles, TestClient};
    ///
    /// let files = StaticFiles::new("src/http")?.not_found("README.md");
    /// let answer = TestClient::new(Config::default(), files).get("/none").send();
    /// assert_eq!(answer.status, 404);
    /// assert!(answer.text().starts_with("# "));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    /// If it is no name of a file below the root.
    #[must_use]
    #[track_caller]
    pub fn not_found(mut self, name: &str) -> Self {
        self.not_found = Some(named(name));
        self
    }

    // ANCHOR: answer
    fn answer(
        &self,
        request: &Request<'_>,
        response: &mut Response<'_>,
    ) -> Result<(), Refused> {
        let mut way = Way::parse(below(request))?;
        if way.is_dir() {
            way.join(&self.index)?;
        }
        let file = self.root.file(&way)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() && !way.is_dir() {
            return redirect(request, response);
        }
        // What may block, or has no length, is not read, however it got there.
        if !metadata.is_file() {
            return Err(Refused::Missing);
        }
        send(file, &metadata, &way, request, response)
    }
    // ANCHOR_END: answer

    #[cold]
    fn refuse(
        &self,
        refused: Refused,
        request: &Request<'_>,
        response: &mut Response<'_>,
    ) {
        let status = refused.status();
        response.status(status);
        if refused == Refused::Missing
            && let Some(way) = &self.not_found
            && self.send_page(way, request, response).is_ok()
        {
            return;
        }
        if status == 503 {
            response.header("Retry-After", 1);
        }
        response.text(reason(status));
    }

    /// Sends a file as the body of an answer that is about something else.
    fn send_page(
        &self,
        way: &Way,
        request: &Request<'_>,
        response: &mut Response<'_>,
    ) -> io::Result<()> {
        let file = self.root.file(way)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(ErrorKind::NotFound.into());
        }
        let is_head = request.method() == Method::Head;
        let line = mime::line(way.as_bytes());
        response.set_file(line, file, 0..metadata.len(), is_head)
    }
}

impl Handler for StaticFiles {
    fn handle(&self, request: &Request<'_>, response: &mut Response<'_>) {
        if !matches!(request.method(), Method::Get | Method::Head) {
            response.header("Allow", "GET, HEAD");
            response.status(405).text(reason(405));
            return;
        }
        let mut answered = self.answer(request, response);
        for _ in 1..TRIES {
            if answered != Err(Refused::Cut) {
                break;
            }
            answered = self.answer(request, response);
        }
        if let Err(refused) = answered {
            self.refuse(refused, request, response);
        }
    }
}

/// The path below where this is mounted: what a route's `*rest` has matched, as it came, or
/// all behind the first slash.
fn below<'a>(request: &Request<'a>) -> &'a [u8] {
    match request.params.last() {
        Some((_, rest)) => rest.as_bytes(),
        None => request.split_target().0.get(1..).unwrap_or_default(),
    }
}

/// A way that a programmer has written.
#[track_caller]
fn named(name: &str) -> Way {
    match Way::parse(name.as_bytes()) {
        Ok(way) if !way.is_dir() && !name.contains('%') => way,
        _ => panic!("{name:?} is no name of a file below the root"),
    }
}

// ANCHOR: redirect
/// Sends a client to the same path with a slash behind, or what is relative in the page would
/// be looked for beside it.
///
/// The location is a path, so it stays on this host. It would not if it began with two
/// slashes; and a way that begins so is refused before.
fn redirect(
    request: &Request<'_>,
    response: &mut Response<'_>,
) -> Result<(), Refused> {
    let path = request.path();
    if path.starts_with("//") {
        return Err(Refused::Missing);
    }
    match request.raw_query() {
        Some(query) => response.redirect(308, &format!("{path}/?{query}")),
        None => response.redirect(308, &format!("{path}/")),
    }
    Ok(())
}
// ANCHOR_END: redirect

// ANCHOR: send
/// Answers with a file, with a part of it, or that the client has it.
fn send(
    file: File,
    metadata: &Metadata,
    way: &Way,
    request: &Request<'_>,
    response: &mut Response<'_>,
) -> Result<(), Refused> {
    let (headers, size) = (request.headers(), metadata.len());
    let validators = Validators::of(metadata, SystemTime::now());
    match validators.check(&headers) {
        Verdict::Goes => {}
        Verdict::NotModified => {
            response.status(304).header("ETag", validators.tag());
            return Ok(());
        }
        Verdict::Failed => {
            response.status(412).text(reason(412));
            return Ok(());
        }
    }
    let if_range = headers.get("If-Range");
    // Source: RFC 9110, section 14.2: a range is for GET, and for no other method.
    let wanted = match request.method() {
        Method::Get if if_range.is_none_or(|it| validators.allows_part(it)) => {
            ranges::wanted(&headers, size)
        }
        _ => Wanted::All,
    };
    let range = match &wanted {
        Wanted::All => 0..size,
        Wanted::Part(range) => range.clone(),
        Wanted::Nothing => {
            response.header("Content-Range", format_args!("bytes */{size}"));
            response.status(416).text(reason(416));
            return Ok(());
        }
    };
    // Who has one part of it already knows what it is.
    // Source: RFC 9110, section 15.3.7.
    let is_more = if_range.is_some() && wanted != Wanted::All;
    let line = match is_more {
        true => "",
        false => mime::line(way.as_bytes()),
    };
    let (first, last) = (range.start, range.end.saturating_sub(1));
    let is_head = request.method() == Method::Head;
    response.set_file(line, file, range, is_head)?;
    if wanted != Wanted::All {
        let range = format_args!("bytes {first}-{last}/{size}");
        response.status(206).header("Content-Range", range);
    }
    response.header("ETag", validators.tag());
    if is_more {
        return Ok(());
    }
    let modified = validators.last_modified();
    response
        .header(
            "Last-Modified",
            str::from_utf8(&modified).unwrap_or_default(),
        )
        .header("Accept-Ranges", "bytes");
    Ok(())
}
// ANCHOR_END: send

#[cfg(test)]
mod tests;
