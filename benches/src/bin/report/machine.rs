//! On what a measurement was taken: without it a figure says nothing.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, thread};

#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    pub(crate) compiler: String,
}

impl Machine {
    /// Describes the machine that this program runs on.
    pub(crate) fn this() -> Self {
        Self {
            cpu: cpu().unwrap_or_else(|| env::consts::ARCH.into()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            kernel: kernel().unwrap_or_else(|| env::consts::OS.into()),
            compiler: compiler().unwrap_or_else(|| "an unknown rustc".into()),
        }
    }
}

fn cpu() -> Option<String> {
    if cfg!(target_os = "linux") {
        let info = fs::read_to_string("/proc/cpuinfo").ok()?;
        let name = info
            .lines()
            .find_map(|line| line.strip_prefix("model name"))?;
        Some(tidy(name.trim_start_matches([':', '\t', ' '])))
    } else if cfg!(windows) {
        env::var("PROCESSOR_IDENTIFIER").ok()
    } else {
        let name = output("sysctl", &["-n", "machdep.cpu.brand_string"]);
        name.or_else(|| output("sysctl", &["-n", "hw.model"]))
    }
}

fn kernel() -> Option<String> {
    if cfg!(windows) {
        return output("cmd", &["/C", "ver"]);
    }
    let (name, release) = (output("uname", &["-s"])?, output("uname", &["-r"])?);
    // What a distribution or host appends says nothing to a reader.
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let end = release.find(|c| !is_number(c)).unwrap_or(release.len());
    Some(format!("{name} {}", &release[..end]))
}

fn compiler() -> Option<String> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = output(&rustc, &["--version"])?;
    // "rustc 1.95.0 (f2d3ce0bd 2026-03-21)"
    Some(version.split(" (").next().unwrap_or(&version).to_string())
}

fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = tidy(&text);
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// Makes every run of white space one space.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the day of a moment in UTC, as in `2026-11-20`.
pub(crate) fn date(when: SystemTime) -> String {
    let seconds = when
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    // Days to a date, by Howard Hinnant's `civil_from_days`: years begin in March, so that
    // the leap day is the last of its year, and 400 of them have 146,097 days.
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524
        - day_of_era / 146_096)
        / 365;
    let day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_709_251_200, "2024-03-01"),
            (1_767_225_599, "2025-12-31"),
            (1_795_177_800, "2026-11-20"),
        ] {
            assert_eq!(date(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }
}
