//! The flags of the server programs, the same for chapters 10 and 11.
//!
//! Each flag that sets a field of [`Config`] has the field's name.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use threadbare::http::Config;

/// What a program says about itself when it is called wrongly.
pub(crate) const USAGE: &str = "[--port N] [--loops N] [--handler-threads N] \
    [--inline PATH,PATH] [--max-conn N] [--read-buf-cap BYTES] \
    [--timeout-request-ms N] [--timeout-keepalive-ms N] [--timeout-drain-ms N] \
    [--request-count N] [--backlog N] [--queue-cap N] [--root DIR]";

/// How the server is to run.
#[derive(Debug)]
pub(crate) struct Flags {
    pub(crate) config: Config,
    /// The routes that are handled on the loop, though there are threads for handlers.
    pub(crate) inline: Vec<String>,
    /// Files to serve in the place of the routes.
    pub(crate) root: Option<PathBuf>,
}

/// Reads the flags behind the program's name: `--flag value`, or `--flag=value`. `None` if
/// there are none.
///
/// # Errors
/// A sentence about the first that is wrong.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Option<Flags>, String> {
    let mut flags = Flags {
        config: Config::default(),
        inline: Vec::new(),
        root: None,
    };
    let mut arguments = arguments.into_iter().peekable();
    if arguments.peek().is_none() {
        return Ok(None);
    }
    while let Some(argument) = arguments.next() {
        let argument = argument.to_string_lossy().into_owned();
        if matches!(&*argument, "-h" | "--help") {
            return Err(
                "without a flag it tells its story, with one it serves / /echo /sleep \
                 /work /bytes /panic until a signal ends it; that of chapter 11 \
                 finishes first, and --loops --handler-threads --inline --queue-cap \
                 --timeout-drain-ms --root are for it"
                    .into()
            );
        }
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) => (flag, Some(OsString::from(value))),
            None => (&*argument, None),
        };
        if !flag.starts_with("--") {
            return Err(format!("{argument:?} is no flag"));
        }
        if !USAGE.contains(&format!("[{flag} ")) {
            return Err(format!("there is no flag {flag}"));
        }
        let value = value.or_else(|| arguments.next());
        let value = value.ok_or_else(|| format!("{flag} needs a value"))?;
        set(&mut flags, flag, value)?;
    }
    Ok(Some(flags))
}

fn set(flags: &mut Flags, flag: &str, value: OsString) -> Result<(), String> {
    let config = &mut flags.config;
    let text = value.to_string_lossy();
    match flag {
        "--port" => config.port = number(flag, &text)?,
        "--loops" => config.loops = number(flag, &text)?,
        "--handler-threads" => config.handler_threads = number(flag, &text)?,
        "--max-conn" => config.max_conn = number(flag, &text)?,
        "--read-buf-cap" => config.read_buf_cap = number(flag, &text)?,
        "--timeout-request-ms" => config.timeout_request = millis(flag, &text)?,
        "--timeout-keepalive-ms" => config.timeout_keepalive = millis(flag, &text)?,
        "--timeout-drain-ms" => config.timeout_drain = millis(flag, &text)?,
        "--request-count" => config.request_count = Some(number(flag, &text)?),
        "--backlog" => config.backlog = number(flag, &text)?,
        "--queue-cap" => config.queue_cap = number(flag, &text)?,
        "--inline" => flags.inline = text.split(',').map(str::to_owned).collect(),
        "--root" if text.is_empty() => return Err("--root needs a directory".into()),
        "--root" => flags.root = Some(PathBuf::from(value)),
        _ => return Err(format!("there is no flag {flag}")),
    }
    Ok(())
}

fn number<N: FromStr>(flag: &str, text: &str) -> Result<N, String> {
    let number = text.parse();
    number.map_err(|_| format!("{flag} needs a number that fits, not {text:?}"))
}

fn millis(flag: &str, text: &str) -> Result<Duration, String> {
    Ok(Duration::from_millis(number(flag, text)?))
}
