//! Files: no way out of the root, conditions and ranges as RFC 9110 has them, and large ones
//! to slow readers. Each is put to a server that handles inline, and to one with two pools.

mod asking;
mod large;
mod ways_out;

use crate::conformance::client::{Answer, Client};
use crate::conformance::serve::{Serve, Start};
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;
use threadbare::http::{Config, StaticFiles};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(120);
/// What nobody may see.
const SECRET: &str = "the secret beside the root";

/// A directory of its own, with a root in it and a secret beside that; it goes with the test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // ORDERING: each number is given once, and nothing else is told by it: no partner.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("threadbare-11-files-{}-{number}", process::id());
        let dir = Self(std::env::temp_dir().join(name));
        let _ = fs::remove_dir_all(&dir.0);
        fs::create_dir_all(dir.0.join("outside")).unwrap();
        fs::write(dir.0.join("secret"), SECRET).unwrap();
        fs::write(dir.0.join("outside/secret"), SECRET).unwrap();
        dir.put("index.html", "<p>index");
        dir.put("a.txt", "0123456789");
        dir.put("empty.txt", "");
        dir.put("sub/index.html", "<p>sub");
        dir.put("sub/b.css", "b {}");
        dir.put(".hidden", SECRET);
        dir.put(".git/config", SECRET);
        dir.put(".well-known/a.json", "{}");
        dir
    }

    fn root(&self) -> PathBuf {
        self.0.join("root")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file below the root.
    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn files(&self) -> StaticFiles {
        StaticFiles::new(self.root()).unwrap()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Puts a case to both servers, each with a directory of its own.
fn each(case: impl Fn(&dyn Serve, &Dir) + Send + 'static) {
    each_with(|dir| dir.files(), case);
}

fn each_with(
    files: impl Fn(&Dir) -> StaticFiles + Send + 'static,
    case: impl Fn(&dyn Serve, &Dir) + Send + 'static,
) {
    const STARTS: [(&str, Start); 2] =
        [("inline", crate::pooled::<0, 1>), ("pooled", POOLED)];
    within(LIMIT, move || {
        for (name, start) in STARTS {
            step(name);
            let dir = Dir::new();
            let server = start(Config::default(), Arc::new(files(&dir)));
            case(&*server, &dir);
        }
    });
}

/// Two pools.
const POOLED: Start = crate::pooled::<2, 2>;

/// Asks on a connection of its own.
fn ask(server: &dyn Serve, line: &str, fields: &[(&str, &str)]) -> Answer {
    ask_on(&mut Client::connect(server), line, fields)
}

/// Asks: `GET /a.txt`, and the fields.
fn ask_on(client: &mut Client<'_>, line: &str, fields: &[(&str, &str)]) -> Answer {
    client.send(&request(line, fields));
    client.answer(line.starts_with("HEAD "))
}

fn request(line: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut request = format!("{line} HTTP/1.1\r\nHost: a\r\n");
    for (name, value) in fields {
        request += &format!("{name}: {value}\r\n");
    }
    (request + "\r\n").into_bytes()
}

/// Does something to the files again and again in another thread, while a test looks at them.
fn meanwhile(disturb: impl Fn() + Sync, look: impl FnOnce()) {
    struct Done<'a>(&'a AtomicBool);

    impl Drop for Done<'_> {
        fn drop(&mut self) {
            // ORDERING: it says when to stop, and nothing else: no partner.
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            // ORDERING: as above, no partner.
            while !done.load(Ordering::Relaxed) {
                disturb();
            }
        });
        // Also if it panics: the other one is waited for.
        let _done = Done(&done);
        look();
    });
}

/// Sets when a file was changed, in seconds since 1970.
fn set_changed(path: &Path, seconds: u64) {
    let time = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}
