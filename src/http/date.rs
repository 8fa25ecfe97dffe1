//! The `Date` of each answer, written out once a second.
//!
//! Which day it is is a matter of some divisions, and the clock that knows it is not the one
//! that deadlines go by: it may be set, also backwards. So the 29 bytes are kept, and looked
//! at again when the second in which they were written is over. In between an answer copies
//! them.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::time::{Duration, SystemTime};

use super::deadlines::Moment;

/// `Date: Sun, 06 Nov 1994 08:49:37 GMT`, and the end of the line: the one form that may be
/// sent.
///
/// Source: RFC 9110, section 5.6.7.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date {
    line: [u8; LEN],
    /// When the second is over.
    until: Moment,
}

const LEN: usize = 37;
const DAYS: &[u8; 21] = b"ThuFriSatSunMonTueWed";
const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

impl Date {
    /// The date of a clock that is read at `now`.
    pub(crate) fn new(now: Moment) -> Self {
        let mut date = Self {
            line: write(0),
            until: now,
        };
        date.look(now);
        date
    }

    /// The line.
    #[inline]
    pub(crate) fn line(&self) -> &[u8; LEN] {
        &self.line
    }

    /// Writes it again if its second is over.
    ///
    /// # Cost
    /// A comparison; once a second a look at the clock, and some divisions.
    #[inline]
    pub(crate) fn look(&mut self, now: Moment) {
        if now >= self.until {
            self.write_again(now);
        }
    }

    #[cold]
    fn write_again(&mut self, now: Moment) {
        // A clock that stands before 1970 has not been set.
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or(Duration::ZERO);
        self.line = write(since.as_secs());
        let part = Duration::from_nanos(since.subsec_nanos().into());
        self.until = now.after(Duration::from_secs(1) - part);
    }
}

/// The line for a number of seconds since 1970.
fn write(seconds: u64) -> [u8; LEN] {
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day_of_month) = civil(day);
    let mut line = *b"Date: Thu, 00 Jan 0000 00:00:00 GMT\r\n";
    let weekday = (day % 7) as usize * 3;
    line[6..9].copy_from_slice(&DAYS[weekday..weekday + 3]);
    two(&mut line[11..13], day_of_month);
    let name = month as usize * 3;
    line[14..17].copy_from_slice(&MONTHS[name..name + 3]);
    two(&mut line[18..20], year / 100 % 100);
    two(&mut line[20..22], year % 100);
    two(&mut line[23..25], second / 3_600);
    two(&mut line[26..28], second / 60 % 60);
    two(&mut line[29..31], second % 60);
    line
}

/// The same without name and line end, for other fields.
pub(super) fn http_date(seconds: u64) -> [u8; 29] {
    let mut date = [0; 29];
    date.copy_from_slice(&write(seconds)[6..LEN - 2]);
    date
}

/// Which year it is, so many seconds after 1970.
pub(super) fn year_of(seconds: i64) -> i64 {
    // The calendar repeats itself after 400 years.
    const SPAN: i64 = 146_097 * 86_400;

    let spans = seconds.div_euclid(SPAN);
    let day = seconds.rem_euclid(SPAN) as u64 / 86_400;
    civil(day).0 as i64 + 400 * spans
}

/// Two digits.
fn two(into: &mut [u8], number: u64) {
    into[0] = b'0' + (number / 10) as u8;
    into[1] = b'0' + (number % 10) as u8;
}

/// Year, month (from 0) and day (from 1) of a day since 1970.
///
/// Years are counted from the first of March, so that the day that only some years have is
/// the last one: then the months before it always have the same lengths, 153 days for five.
fn civil(day: u64) -> (u64, u64, u64) {
    // From 1 March of the year 0, in spans of 400 years, which are all equally long.
    let day = day + 719_468;
    let (span, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day_of_month = day - (153 * month + 2) / 5 + 1;
    let year = span * 400 + year;
    match month < 10 {
        true => (year, month + 2, day_of_month),
        false => (year + 1, month - 10, day_of_month),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seconds: u64) -> String {
        let line = String::from_utf8(write(seconds).to_vec()).unwrap();
        let date = line.strip_prefix("Date: ").unwrap();
        date.strip_suffix("\r\n").unwrap().to_owned()
    }

    #[test]
    fn well_known_dates() {
        // The one of RFC 9110.
        assert_eq!(text(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(text(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(text(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(text(1_000_000_000), "Sun, 09 Sep 2001 01:46:40 GMT");
        assert_eq!(text(2_147_483_647), "Tue, 19 Jan 2038 03:14:07 GMT");
        assert_eq!(text(4_107_542_399), "Sun, 28 Feb 2100 23:59:59 GMT");
        assert_eq!(text(4_107_542_400), "Mon, 01 Mar 2100 00:00:00 GMT");
    }

    /// Counted day by day, as a calendar does.
    #[test]
    fn each_day_of_five_hundred_years() {
        let (mut year, mut month, mut day) = (1970, 0, 1);
        for number in 0..365 * 500 {
            assert_eq!(civil(number), (year, month, day), "day {number}");
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let days = match month {
                1 => 28 + u64::from(leap),
                3 | 5 | 8 | 10 => 30,
                _ => 31,
            };
            day += 1;
            if day > days {
                (month, day) = (month + 1, 1);
            }
            if month == 12 {
                (year, month) = (year + 1, 0);
            }
        }
    }

    #[test]
    fn a_date_stands_by_itself_too() {
        assert_eq!(&http_date(784_111_777), b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(year_of(784_111_777), 1994);
        assert_eq!((year_of(-1), year_of(0)), (1969, 1970));
        assert_eq!(year_of(-62_167_219_201), -1);
    }

    #[test]
    fn it_is_written_once_a_second() {
        let mut date = Date::new(Moment::default());
        let until = date.until;
        date.line = *b"what was there stays for the second..";
        date.look(Moment::default());
        assert_eq!(&date.line, b"what was there stays for the second..");
        date.look(until);
        assert!(date.line.ends_with(b" GMT\r\n"));
        assert!(date.until > until);
    }
}
