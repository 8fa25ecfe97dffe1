//! Numbers as people read them: three digits, and a unit that suits them.

/// Returns a value with its unit: `ns`, `B`, `%`, `/s`, `MiB/s`, or any other, which follows
/// the number as it is.
pub(crate) fn quantity(value: f64, unit: &str) -> String {
    const TIMES: [(f64, &str); 4] =
        [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
    const SIZES: [(f64, &str); 4] = [
        (1.0, "B"),
        (1024.0, "KiB"),
        (1048576.0, "MiB"),
        (1073741824.0, "GiB"),
    ];
    const RATES: [(f64, &str); 4] =
        [(1.0, "/s"), (1e3, "k/s"), (1e6, "M/s"), (1e9, "G/s")];
    let scaled = |scale: &[(f64, &str)]| {
        let fits = |(factor, _): &&(f64, &str)| value.abs() >= *factor * 0.9995;
        let (factor, unit) = scale.iter().rev().find(fits).unwrap_or(&scale[0]);
        // Whole nanoseconds and bytes are counts; whole milliseconds are a coincidence.
        let number = match *factor {
            1.0 => digits(value),
            factor => three_digits(value / factor),
        };
        match unit.starts_with('/') {
            true => format!("{number}{unit}"),
            false => format!("{number} {unit}"),
        }
    };
    match unit {
        "ns" => scaled(&TIMES),
        "B" => scaled(&SIZES),
        "/s" => scaled(&RATES),
        "" => digits(value),
        other => format!("{} {other}", digits(value)),
    }
}

/// Returns a number with three digits that count, and commas between the thousands.
pub(crate) fn digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 {
            "0".into()
        } else {
            value.to_string()
        };
    }
    if value == value.round() && value.abs() < 1000.0 {
        return format!("{value:.0}");
    }
    three_digits(value)
}

fn three_digits(value: f64) -> String {
    // Rounded first, so that 9.996 counts as 10.0 and not as 9.996.
    let magnitude = value.abs().log10().floor() as i32;
    let unit = 10_f64.powi(magnitude - 2);
    let rounded = (value / unit).round() * unit;
    let magnitude = rounded.abs().log10().floor() as i32;
    let decimals = usize::try_from(2 - magnitude).unwrap_or(0).min(9);
    let text = format!("{rounded:.decimals$}");
    match decimals {
        0 => with_commas(&text),
        _ => text,
    }
}

/// Returns a factor: `1.00`, `12.3`, `4,570`, `1/4,570`.
pub(crate) fn ratio(value: f64) -> String {
    match value {
        f64::MIN_POSITIVE..0.01 => format!("1/{}", digits(1.0 / value)),
        0.995..9.995 => format!("{value:.2}"),
        _ => digits(value),
    }
}

fn with_commas(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let mut text = String::from(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_count() {
        for (value, text) in [
            (0.0, "0"),
            (0.04567, "0.0457"),
            (0.3, "0.300"),
            (1.0, "1"),
            (1.234, "1.23"),
            (9.996, "10.0"),
            (12.34, "12.3"),
            (99.96, "100"),
            (123.4, "123"),
            (1234.0, "1,230"),
            (142_359.0, "142,000"),
            (-1234.0, "-1,230"),
        ] {
            assert_eq!(digits(value), text, "{value}");
        }
    }

    #[test]
    fn the_unit_suits_the_number() {
        for (value, unit, text) in [
            (24.04, "ns", "24.0 ns"),
            (999.9, "ns", "1.00 µs"),
            (1_500_000.0, "ns", "1.50 ms"),
            (2.0e12, "ns", "2,000 s"),
            (18_217.0, "B", "17.8 KiB"),
            (500.0, "B", "500 B"),
            (16_384.0, "B", "16.0 KiB"),
            (1e6, "ns", "1.00 ms"),
            (142_359.0, "/s", "142 k/s"),
            (3_210.0, "MiB/s", "3,210 MiB/s"),
            (2.02, "", "2.02"),
            (12.5, "%", "12.5 %"),
        ] {
            assert_eq!(quantity(value, unit), text, "{value}");
        }
        for (value, text) in [
            (1.0, "1.00"),
            (0.5, "0.500"),
            (12.34, "12.3"),
            (0.0002, "1/5,000"),
        ] {
            assert_eq!(ratio(value), text);
        }
    }
}
