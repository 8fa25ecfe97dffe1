use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::http::{Config, TestClient};

/// A directory of its own for a test, which goes with it.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // ORDERING: only the number counts, and each is given once: no partner.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("threadbare-files-{}-{number}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        fs::create_dir_all(dir.join("root/sub")).unwrap();
        fs::write(dir.join("secret"), "secret").unwrap();
        fs::write(dir.join("root/a.txt"), "a").unwrap();
        fs::write(dir.join("root/sub/index.html"), "index").unwrap();
        Self(dir)
    }

    fn root(&self) -> PathBuf {
        self.0.join("root")
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn status(files: StaticFiles, targets: &[&str]) -> Vec<u16> {
    let mut client = TestClient::new(Config::default(), files);
    targets
        .iter()
        .map(|it| client.get(it).send().status)
        .collect()
}

/// The two ways to open agree, but for links.
#[test]
fn step_by_step_leads_to_the_same_files() {
    let dir = Dir::new();
    symlink("../secret", dir.root().join("out")).unwrap();
    symlink("..", dir.root().join("up")).unwrap();
    symlink("sub", dir.root().join("in")).unwrap();
    symlink(dir.root().join("sub"), dir.root().join("absolute")).unwrap();
    let targets = [
        "/a.txt",
        "/sub/",
        "/sub/index.html",
        "/sub",
        "/",
        "/a.txt/",
        "/a.txt/b",
        "/none",
        "/sub/none/a",
        "/out",
        "/up/secret",
        "/up/root/a.txt",
        "/absolute/index.html",
        "/in/index.html",
    ];
    let mut expected = [
        200, 200, 200, 308, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404,
    ];
    let mut files = StaticFiles::new(dir.root()).unwrap();
    files.root.forget_how();
    assert_eq!(status(files, &targets), expected);
    let files = StaticFiles::new(dir.root()).unwrap();
    if files.root.at_once() {
        expected[13] = 200;
    }
    assert_eq!(status(files, &targets), expected);
}

#[test]
fn what_the_system_says_is_a_status() {
    for (code, status) in [
        (libc::ENOENT, 404),
        (libc::ENOTDIR, 404),
        (libc::ELOOP, 404),
        (libc::EXDEV, 404),
        (libc::ENAMETOOLONG, 404),
        (libc::EACCES, 403),
        (libc::EMFILE, 503),
        (libc::EAGAIN, 503),
        (libc::EIO, 500),
    ] {
        let error = io::Error::from_raw_os_error(code);
        assert_eq!(Refused::from(error).status(), status, "errno {code}");
    }
    let cut = io::Error::from(ErrorKind::UnexpectedEof);
    assert_eq!(Refused::from(cut), Refused::Cut);
}

#[test]
fn a_root_that_is_none_is_named() {
    let dir = Dir::new();
    for name in ["root/none", "root/a.txt"] {
        let path = dir.0.join(name);
        let error = StaticFiles::new(&path).unwrap_err().to_string();
        assert!(error.starts_with(&path.display().to_string()), "{error}");
    }
}

#[test]
fn a_part_is_read_where_it_cant_be_sent() {
    let dir = Dir::new();
    let bytes: Vec<u8> = (0..200_000_u32).map(|it| it as u8).collect();
    let path = dir.root().join("large");
    fs::write(&path, &bytes).unwrap();
    let file = || File::open(&path).unwrap();
    let mut part = FilePart::new(file(), 100..150_100).copied();
    assert!(!part.is_sent());
    let mut out = Vec::new();
    while part.fill(&mut out).unwrap() {}
    assert_eq!(out, bytes[100..150_100]);
    let mut part = FilePart::new(file(), 190_000..200_001).copied();
    let error = part.fill(&mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(out.len(), 150_000);
    // A range that goes backwards has nothing in it.
    let mut part = FilePart::new(file(), std::ops::Range { start: 5, end: 3 });
    assert!(!part.is_sent() && !part.fill(&mut out).unwrap());
}

#[test]
#[should_panic(expected = "is no name of a file below the root")]
fn an_index_is_below_the_root() {
    let dir = Dir::new();
    let _ = StaticFiles::new(dir.root()).unwrap().index("../secret");
}

/// What a handler does with a file, and what a client gets.
fn answer(
    handler: impl Fn(File, &mut Response<'_>) -> io::Result<()> + Send + Sync + 'static,
) -> crate::http::Answer {
    let dir = Dir::new();
    let path = dir.root().join("file");
    let bytes: Vec<u8> = (0..200_000_u32).map(|it| (it % 251) as u8).collect();
    fs::write(&path, bytes).unwrap();
    let handler = move |_: &Request<'_>, response: &mut Response<'_>| {
        let done = handler(File::open(&path).unwrap(), response);
        done.map_err(|error| crate::http::Refusal::new(500, error.to_string()))
    };
    let mut client = TestClient::new(Config::default(), handler);
    let answer = client.get("/").send();
    let head = client.head("/").send();
    assert_eq!(
        (head.status, &head.headers),
        (answer.status, &answer.headers)
    );
    assert!(head.body.is_empty());
    answer
}

#[test]
fn a_handler_may_send_a_part_of_any_file() {
    for range in [
        0..0,
        0..1,
        7..65_543,
        7..65_544,
        0..200_000,
        199_999..200_000,
    ] {
        let expected: Vec<u8> = range.clone().map(|it| (it % 251) as u8).collect();
        let answer = answer(move |file, response| {
            response.header("X-A", "b").file(file, range.clone())
        });
        assert_eq!(answer.status, 200);
        assert!(answer.body == expected, "{} bytes", answer.body.len());
        let len = expected.len().to_string();
        assert_eq!(answer.header("Content-Length"), Some(&*len));
        let bytes = Some("application/octet-stream");
        assert_eq!(answer.header("Content-Type"), bytes);
        assert_eq!(answer.header("X-A"), Some("b"));
    }
    let typed = answer(|file, response| {
        response.content_type("image/png").file(file, 0..100_000)
    });
    assert_eq!(typed.header("Content-Type"), Some("image/png"));
}

#[test]
fn a_file_that_is_shorter_than_said_is_told() {
    let answer = answer(|file, response| {
        let result = response.status(201).file(file, 199_999..200_001);
        assert_eq!(
            result.as_ref().unwrap_err().kind(),
            ErrorKind::UnexpectedEof
        );
        result
    });
    assert_eq!(answer.status, 500);
}

#[test]
fn the_last_body_counts() {
    let text = answer(|file, response| {
        response.file(file, 0..100_000)?;
        response.append("text");
        Ok(())
    });
    assert_eq!(text.text(), "text");
    let file = answer(|file, response| {
        response.text("text");
        response.file(file, 251..253)
    });
    assert_eq!(file.body, [0, 1]);
    let none = answer(|file, response| response.status(204).file(file, 0..100_000));
    assert_eq!((none.status, none.body.len()), (204, 0));
}
