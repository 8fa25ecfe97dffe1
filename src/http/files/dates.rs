//! Reading dates as clients send them.
//!
//! There is one form that may be sent, and there are two older ones that must be understood.
//!
//! Source: RFC 9110, section 5.6.7.

use crate::http::date::year_of;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LONG_DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    "Dec",
];

/// The second since 1970 of a date; nothing if it is none. `now` is for the form whose years
/// have two digits.
pub(super) fn parse(text: &[u8], now: i64) -> Option<i64> {
    let mut text = Text(text);
    let (day, month, year, second);
    if text.one_of(&DAYS).is_some() {
        if text.is(", ").is_some() {
            // Sun, 06 Nov 1994 08:49:37 GMT
            day = text.number(2)?;
            text.is(" ")?;
            month = text.one_of(&MONTHS)?;
            text.is(" ")?;
            year = text.number(4)?;
            text.is(" ")?;
            second = text.time()?;
            text.is(" GMT")?;
        } else {
            // Sun Nov  6 08:49:37 1994
            text.is(" ")?;
            month = text.one_of(&MONTHS)?;
            text.is(" ")?;
            day = match text.is(" ") {
                Some(()) => text.number(1)?,
                None => text.number(2)?,
            };
            text.is(" ")?;
            second = text.time()?;
            text.is(" ")?;
            year = text.number(4)?;
        }
    } else {
        // Sunday, 06-Nov-94 08:49:37 GMT
        text.one_of(&LONG_DAYS)?;
        text.is(", ")?;
        day = text.number(2)?;
        text.is("-")?;
        month = text.one_of(&MONTHS)?;
        text.is("-")?;
        year = full_year(text.number(2)?, now);
        text.is(" ")?;
        second = text.time()?;
        text.is(" GMT")?;
    }
    let is_over = text.0.is_empty();
    let is_day = (1..=days_of(year, month)).contains(&day);
    (is_over && is_day).then(|| days_before(year, month, day) * 86_400 + second)
}

/// A year of two digits is never more than fifty years ahead.
fn full_year(two_digits: i64, now: i64) -> i64 {
    let this = year_of(now);
    let year = this - this.rem_euclid(100) + two_digits;
    match year > this + 50 {
        true => year - 100,
        false => year,
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 => 28 + i64::from(leap),
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

/// How many days are between a day and the first of 1970. Months count from 0.
///
/// As in `date`: years from the first of March, so that the day that only some of them have
/// is the last one.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = match month < 2 {
        true => (year - 1, month + 10),
        false => (year, month - 2),
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// What is left of a date.
struct Text<'a>(&'a [u8]);

impl Text<'_> {
    fn is(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected.as_bytes())?;
        Some(())
    }

    fn one_of(&mut self, names: &[&str]) -> Option<i64> {
        // "Mon" is how "Monday" begins, too: a longer word is not meant.
        let end = self.0.iter().position(|byte| !byte.is_ascii_alphabetic());
        let (word, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        let at = names.iter().position(|name| name.as_bytes() == word)?;
        self.0 = rest;
        Some(at as i64)
    }

    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |number, byte| {
            let digit = char::from(*byte).to_digit(10)?;
            Some(number * 10 + i64::from(digit))
        })
    }

    /// A second of the day, of which some have one more.
    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2)?;
        self.is(":")?;
        let minute = self.number(2)?;
        self.is(":")?;
        let second = self.number(2)?;
        (hour < 24 && minute < 60 && second <= 60)
            .then_some(hour * 3_600 + minute * 60 + second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::date::http_date;

    /// A day in 2026.
    const NOW: i64 = 1_790_000_000;

    fn of(text: &str) -> Option<i64> {
        parse(text.as_bytes(), NOW)
    }

    #[test]
    fn all_three_forms_are_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(of(text), Some(784_111_777), "{text}");
        }
        assert_eq!(of("Sat Nov 26 00:00:00 1994"), Some(785_808_000));
        assert_eq!(of("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(of("Wed, 31 Dec 1969 23:59:59 GMT"), Some(-1));
        assert_eq!(of("Thu, 31 Dec 1998 23:59:60 GMT"), Some(915_148_800));
        assert_eq!(of("Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
    }

    #[test]
    fn two_digits_are_never_far_ahead() {
        let year = |text: &str| year_of(of(text).unwrap());
        assert_eq!(year("Sunday, 06-Nov-26 08:49:37 GMT"), 2026);
        assert_eq!(year("Sunday, 06-Nov-76 08:49:37 GMT"), 2076);
        assert_eq!(year("Sunday, 06-Nov-77 08:49:37 GMT"), 1977);
        assert_eq!(year("Sunday, 06-Nov-00 08:49:37 GMT"), 2000);
    }

    #[test]
    fn what_we_write_we_read() {
        for step in 0..2_000_u64 {
            let second = step * 12_345_677;
            let text = http_date(second);
            assert_eq!(parse(&text, NOW), Some(second as i64));
        }
        assert_eq!(
            parse(&http_date(253_402_300_799), NOW),
            Some(253_402_300_799)
        );
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "0",
            "784111777",
            "Sun",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
            "sun, 06 nov 1994 08:49:37 gmt",
            "Son, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 November 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Tue, 29 Feb 2001 00:00:00 GMT",
            "Thu, 29 Feb 2100 00:00:00 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 99999 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06 Nov 1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "1994-11-06T08:49:37Z",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
