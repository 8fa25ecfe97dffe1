//! The step `abi`: what the kqueue twin believes, asked of the C headers themselves.
//!
//! Rust's half of the check is the file that the library compiles, not a copy: it is a module
//! of this program, too. What it says of `struct kevent` and of the constants is written out
//! as C, one `_Static_assert` a fact, and a C compiler that has the headers of macOS and
//! FreeBSD judges. Such a compiler is a Python package: `ziglang` carries clang and these
//! headers, needs neither system, and nothing of it runs but the compiler.
//!
//! Each target is asked twice: once what we believe, which must compile, and once with a
//! wrong number among it, which must not. Otherwise a check that never says no would pass.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tools::{quiet, show};
use super::{Ci, Done};

#[path = "../../../src/event/kqueue/abi.rs"]
mod here;

use here::{Abi, CONSTANTS, DARWIN, FREEBSD};

/// The package, and the version whose headers were looked at.
const ZIGLANG: &str = "ziglang==0.17.1";

/// What the compiler calls a system, and what we believe of it.
const TARGETS: &[(&str, Abi)] = &[
    ("aarch64-macos", DARWIN),
    ("x86_64-macos", DARWIN),
    ("x86_64-freebsd", FREEBSD),
];

pub(super) fn run(ci: &Ci) -> Result<Done, String> {
    if usize::BITS != 64 {
        let why = "the layouts of 64-bit systems are known to 64-bit programs only";
        return Ok(Done::Skipped(why.into()));
    }
    let folder = ci.root.join("target/ci/abi");
    fs::create_dir_all(&folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let Some(zig) = compiler(&folder)? else {
        let why = format!("no compiler with the headers: `pip install {ZIGLANG}`");
        return Ok(Done::Skipped(why));
    };
    let mut facts = 0;
    for (target, abi) in TARGETS {
        let c = source(abi);
        facts += c.matches("_Static_assert").count();
        let (ok, said) = compile(&zig, &folder, target, &c)?;
        if !ok {
            return Err(format!("{said}\n{target}: the headers say otherwise"));
        }
        let wrong = Abi {
            evfilt_user: abi.evfilt_user - 1,
            ..*abi
        };
        let (ok, said) = compile(&zig, &folder, target, &source(&wrong))?;
        if ok || !said.contains("EVFILT_USER") {
            return Err(format!("{said}\n{target}: a wrong number was not noticed"));
        }
    }
    let names: Vec<_> = TARGETS.iter().map(|(target, _)| *target).collect();
    let names = names.join(", ");
    Ok(Done::Passed(format!("{facts} facts, for {names}")))
}

/// What we believe of one system, in C.
fn source(abi: &Abi) -> String {
    let mut c = String::from(
        "#include <stddef.h>\n#include <sys/types.h>\n#include <sys/event.h>\n\
         #include <sys/time.h>\n",
    );
    let mut fact = |what: &str, is: i64| {
        let line =
            format!("_Static_assert(({what}) == ({is}), \"{what} is {is}\");");
        writeln!(c, "{line}").expect("a String takes everything");
    };
    fact("sizeof(struct kevent)", abi.size as i64);
    fact("_Alignof(struct kevent)", abi.align as i64);
    for (name, offset, size) in abi.fields {
        fact(&format!("offsetof(struct kevent, {name})"), offset as i64);
        let field = format!("((struct kevent *)0)->{name}");
        fact(&format!("sizeof({field})"), size as i64);
    }
    for (name, value) in CONSTANTS {
        fact(name, *value);
    }
    fact("EVFILT_USER", abi.evfilt_user.into());
    // The calls: with another signature, a pointer of this type cannot hold their address.
    c.push_str(
        "int (*const opens)(void) = kqueue;\n\
         int (*const does)(int, const struct kevent *, int, struct kevent *, int,\n    \
         const struct timespec *) = kevent;\n",
    );
    c
}

/// Whether `c` compiles for `target`, and what the compiler said.
fn compile(
    zig: &Path,
    folder: &Path,
    target: &str,
    c: &str,
) -> Result<(bool, String), String> {
    let file = folder.join(format!("{target}.c"));
    fs::write(&file, c).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut command = Command::new(zig);
    // Its caches would otherwise go to the home folder of whoever runs this.
    command
        .env("ZIG_GLOBAL_CACHE_DIR", folder.join("cache"))
        .env("ZIG_LOCAL_CACHE_DIR", folder.join("cache"));
    command.args(["cc", "-target", target, "-std=c11", "-Werror", "-c", "-o"]);
    command.arg(file.with_extension("o")).arg(&file);
    quiet(&mut command)
}

/// The compiler, installed below `folder` if it is not there yet. `None` without Python, pip
/// or a network: then there is nothing to ask.
fn compiler(folder: &Path) -> Result<Option<PathBuf>, String> {
    let venv = folder.join("venv");
    // A version that was asked for before is not the one that is asked for now.
    let stamp = venv.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == ZIGLANG) {
        return Ok(find(&venv));
    }
    let python = if cfg!(windows) { "python" } else { "python3" };
    let mut create = Command::new(python);
    create.args(["-m", "venv"]).arg(&venv);
    // Some distributions leave out what a venv needs to have a pip of its own; with the
    // system's pip, a folder is as good.
    let mut install = match quiet(&mut create) {
        Ok((true, _)) => {
            let bin = if cfg!(windows) { "Scripts" } else { "bin" };
            let mut pip = Command::new(venv.join(bin).join(python));
            pip.args(["-m", "pip", "install"]);
            pip
        }
        _ => {
            let mut pip = Command::new(python);
            pip.args(["-m", "pip", "install", "--upgrade", "--target"]);
            pip.arg(&venv);
            pip
        }
    };
    install.args(["--quiet", "--disable-pip-version-check", "--no-input"]);
    // Without a network it would otherwise try for minutes.
    install.args(["--retries", "1", "--timeout", "20"]);
    if let Err(why) = show(install.arg(ZIGLANG)) {
        anstream::println!("{why}");
        return Ok(None);
    }
    fs::write(&stamp, ZIGLANG)
        .map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(find(&venv))
}

/// The compiler below `folder`: a package called `ziglang`, and the program in it.
fn find(folder: &Path) -> Option<PathBuf> {
    let program = format!("zig{}", env::consts::EXE_SUFFIX);
    let mut todo = vec![folder.to_path_buf()];
    while let Some(folder) = todo.pop() {
        let zig = folder.join(&program);
        if folder.ends_with("ziglang") && zig.is_file() {
            return Some(zig);
        }
        // Not through links: `lib64` is one to `lib`.
        let entries = folder.read_dir().into_iter().flatten().flatten();
        todo.extend(
            entries
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                .map(|entry| entry.path()),
        );
    }
    None
}
