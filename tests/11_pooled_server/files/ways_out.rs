//! Whatever is asked for, and whatever lies below the root: what is outside stays there.

use super::*;
use crate::conformance::is_alone;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

/// Asks for each of them on one connection, which has to survive it.
fn all_refused(server: &dyn Serve, targets: &[&str], status: u16) {
    let mut client = Client::connect(server);
    for target in targets {
        for method in ["GET", "HEAD"] {
            let answer = ask_on(&mut client, &format!("{method} {target}"), &[]);
            assert_eq!(answer.status, status, "{method} {target}: {answer:?}");
            let body = String::from_utf8_lossy(&answer.body);
            assert!(!body.contains(SECRET), "{target}");
            assert!(answer.field("location").is_none(), "{target}: {answer:?}");
        }
    }
    assert_eq!(ask_on(&mut client, "GET /a.txt", &[]).status, 200);
}

#[test]
fn a_path_that_leads_elsewhere_is_refused() {
    each(|server, _| {
        let malformed = [
            "/../secret",
            "/sub/../../secret",
            "/sub/../a.txt",
            "/..",
            "/../",
            "/./a.txt",
            "/.",
            "/%2e%2e/secret",
            "/%2E%2e/secret",
            "/.%2e/secret",
            "/%2e./secret",
            "/..%2fsecret",
            "/..%2Fsecret",
            "/%2e%2e%2fsecret",
            "/sub%2fb.css",
            "/..\\secret",
            "/..%5csecret",
            "/sub\\b.css",
            "/\\evil.example",
            "/%5cevil.example",
            "/a.txt%00",
            "/a.txt%00.html",
            "/%00",
            "/%",
            "/a%",
            "/a%2",
            "/%zz",
            "/%2",
            "/%u002e%u002e/secret",
            "/sub/..",
            "/sub/%2e%2e",
            "/../../../../../../../../etc/passwd",
            "/%2fetc%2fpasswd",
        ];
        all_refused(server, &malformed, 400);
        let missing = [
            "/%252e%252e/secret",
            "/%252e%252e%252fsecret",
            "/%25%32%65%25%32%65/secret",
            "/%c0%ae%c0%ae/secret",
            "/%e0%80%ae%e0%80%ae/secret",
            "/...",
            "/..;/secret",
            "/~root",
            "//",
            "//etc/passwd",
            "//secret",
            "//evil.example",
            "//evil.example/",
            "//sub",
            "///sub",
            "/sub//",
            "/sub//b.css",
            "/etc/passwd",
            "/proc/self/environ",
            "/a.txt/",
            "/none",
            "/none/",
            "/sub/none",
            "/A.TXT/",
            "/.hidden",
            "/%2ehidden",
            "/.git",
            "/.git/",
            "/.git/config",
            "/sub/.x",
        ];
        all_refused(server, &missing, 404);
        let long = format!("/{}", "a".repeat(300));
        let longer = format!("/{}", "a/".repeat(2_000));
        all_refused(server, &[&long, &longer], 404);
        // Only the form of a path is a target here; the parser refuses it.
        let mut client = Client::connect(server);
        client.send(&request("GET http://a/a.txt", &[]));
        assert_eq!(client.answer(false).status, 400);
        // What is there is.
        for target in [
            "/.well-known/a.json",
            "/%61.txt",
            "/a%2etxt",
            "/a.txt?x=../..",
        ] {
            let answer = ask(server, &format!("GET {target}"), &[]);
            assert_eq!(answer.status, 200, "{target}");
        }
    });
}

#[test]
fn a_link_that_leads_out_is_refused() {
    each(|server, dir| {
        let outside = dir.0.join("outside");
        symlink("../secret", dir.path("relative")).unwrap();
        symlink(dir.0.join("secret"), dir.path("absolute")).unwrap();
        symlink("../outside", dir.path("dir")).unwrap();
        symlink(&outside, dir.path("absolute_dir")).unwrap();
        symlink("..", dir.path("up")).unwrap();
        symlink("../..", dir.path("sub/up")).unwrap();
        symlink("relative", dir.path("chain")).unwrap();
        symlink("sub/../../secret", dir.path("roundabout")).unwrap();
        symlink("../root/a.txt", dir.path("out_and_in")).unwrap();
        symlink("loop", dir.path("loop")).unwrap();
        symlink("nowhere", dir.path("nothing")).unwrap();
        symlink("/proc/self/root", dir.path("magic")).unwrap();
        symlink("/dev/zero", dir.path("zero")).unwrap();
        let targets = [
            "/relative",
            "/absolute",
            "/dir",
            "/dir/",
            "/dir/secret",
            "/absolute_dir/secret",
            "/up/secret",
            "/up/root/a.txt",
            "/sub/up/secret",
            "/chain",
            "/roundabout",
            "/out_and_in",
            "/loop",
            "/nothing",
            "/magic/etc/passwd",
            "/zero",
        ];
        all_refused(server, &targets, 404);
    });
}

/// A link that stays inside is followed where the kernel can see to it that it does.
#[test]
fn a_link_that_stays_inside_is_followed_or_refused() {
    each(|server, dir| {
        symlink("a.txt", dir.path("link.txt")).unwrap();
        symlink("sub", dir.path("dir")).unwrap();
        symlink("../a.txt", dir.path("sub/link.txt")).unwrap();
        for target in ["/link.txt", "/dir/b.css", "/sub/link.txt"] {
            let status = ask(server, &format!("GET {target}"), &[]).status;
            assert!([200, 404].contains(&status), "{target}: {status}");
        }
    });
}

/// Somebody swaps a directory and a link that leads out, as fast as it goes: each answer is
/// the file, or that there is none.
#[test]
fn a_directory_that_is_swapped_for_a_link_lets_nobody_out() {
    each(|server, dir| {
        dir.put("swapped/secret", "inside");
        symlink("../outside", dir.path("evil")).unwrap();
        let root = dir.root();
        let swap = |from, to| fs::rename(root.join(from), root.join(to)).unwrap();
        let disturb = || {
            swap("swapped", "kept");
            swap("evil", "swapped");
            swap("swapped", "evil");
            swap("kept", "swapped");
        };
        meanwhile(disturb, || {
            let mut client = Client::connect(server);
            for _ in 0..500 {
                let answer = ask_on(&mut client, "GET /swapped/secret", &[]);
                match answer.status {
                    200 => assert_eq!(answer.body, b"inside"),
                    // 503: it was moved as often as the kernel looked.
                    404 | 503 => {}
                    other => panic!("{other}: {answer:?}"),
                }
            }
        });
    });
}

#[test]
fn only_files_are_served() {
    each(|server, dir| {
        let made = Command::new("mkfifo").arg(dir.path("pipe")).status();
        assert!(made.unwrap().success());
        let _socket = UnixListener::bind(dir.path("socket")).unwrap();
        dir.put("index_is_a_dir/index.html/x", "");
        let targets = ["/pipe", "/socket", "/pipe/", "/index_is_a_dir/"];
        all_refused(server, &targets, 404);
        // Nor is a pipe an index, or a link to one.
        let made = Command::new("mkfifo").arg(dir.path("sub/pipe")).status();
        assert!(made.unwrap().success());
        fs::remove_file(dir.path("sub/index.html")).unwrap();
        symlink("pipe", dir.path("sub/index.html")).unwrap();
        all_refused(server, &["/sub/"], 404);
    });
}

#[test]
fn what_may_not_be_read_is_forbidden() {
    each(|server, dir| {
        dir.put("locked.txt", SECRET);
        dir.put("locked/a.txt", SECRET);
        let set = |name: &str, mode| {
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(dir.path(name), mode).unwrap();
        };
        set("locked.txt", 0);
        set("locked", 0);
        // The superuser reads anything.
        if fs::read(dir.path("locked.txt")).is_err() {
            all_refused(server, &["/locked.txt", "/locked/a.txt", "/locked/"], 403);
        }
        set("locked", 0o700);
    });
}

/// The bytes of a name are the file system's; the server has no opinion about them.
#[cfg(target_os = "linux")]
#[test]
fn names_are_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    each(|server, dir| {
        for (name, target) in [
            (&b"\xff\xfe.txt"[..], "/%ff%FE.txt"),
            ("€ + ü.txt".as_bytes(), "/%e2%82%ac%20+%20%c3%bc.txt"),
            (b"a\nb", "/a%0ab"),
            (b"a%2e", "/a%252e"),
            (b"a?b#c", "/a%3fb%23c"),
        ] {
            let path = dir.root().join(OsStr::from_bytes(name));
            fs::write(path, name).unwrap();
            let answer = ask(server, &format!("GET {target}"), &[]);
            assert_eq!(answer.status, 200, "{target}");
            assert_eq!(answer.body, name);
        }
        let long = "x".repeat(255);
        dir.put(&long, "long");
        assert_eq!(ask(server, &format!("GET /{long}"), &[]).body, b"long");
        // A directory's name stays encoded in the redirect, so nothing can be put into it.
        dir.put("d\r\nX-A: b/index.html", "");
        let answer = ask(server, "GET /d%0d%0aX-A:%20b", &[]);
        assert_eq!(answer.status, 308);
        assert_eq!(answer.field("location"), Some("/d%0d%0aX-A:%20b/"));
    });
}

/// The root is the directory that was opened, whoever has its name now.
#[test]
fn the_root_is_the_one_that_was_opened() {
    each(|server, dir| {
        fs::rename(dir.root(), dir.0.join("old")).unwrap();
        symlink("outside", dir.root()).unwrap();
        all_refused(server, &["/secret"], 404);
        fs::remove_file(dir.root()).unwrap();
        fs::rename(dir.0.join("old"), dir.root()).unwrap();
    });
}

/// With no descriptor left there is an answer, and it is not that the file is missing.
#[test]
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "std has no name for the limit")]
fn without_descriptors_the_client_is_asked_to_come_again() {
    let name = "files::ways_out::\
                without_descriptors_the_client_is_asked_to_come_again";
    if !crate::conformance::own_process::alone(name) {
        return;
    }
    assert!(is_alone());
    each(|server, _| {
        let mut client = Client::connect(server);
        assert_eq!(ask_on(&mut client, "GET /a.txt", &[]).status, 200);
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the kernel writes one `rlimit`, and reads one, which outlive the calls.
        let lowered = unsafe {
            libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
            let before = limit.rlim_cur;
            limit.rlim_cur = 3;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
            before
        };
        let answer = ask_on(&mut client, "GET /a.txt", &[]);
        limit.rlim_cur = lowered;
        // SAFETY: as above.
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
        assert_eq!(answer.status, 503);
        assert_eq!(answer.field("retry-after"), Some("1"));
        assert_eq!(ask_on(&mut client, "GET /a.txt", &[]).status, 200);
    });
}
