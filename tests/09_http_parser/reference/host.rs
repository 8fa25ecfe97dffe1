//! What `Host` may say.

// Host = uri-host [ ":" port ]; in an authority-form the port may not be missing
// uri-host = IP-literal / IPv4address / reg-name: RFC 3986, 3.2.2. An IPv4 address is a
// reg-name, too. A reg-name may be empty, but not in an http URI (RFC 9110, 4.2.1).
pub(crate) fn is_host(text: &str, is_authority: bool) -> bool {
    let end = match text.strip_prefix('[') {
        Some(literal) => match literal.find(']') {
            Some(end) if is_literal(&literal[..end]) => end + 2,
            _ => return false,
        },
        None => text.find(':').unwrap_or(text.len()),
    };
    let (name, port) = text.split_at(end);
    let digits = port.strip_prefix(':').unwrap_or("");
    (port.is_empty() || port.starts_with(':'))
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (name.starts_with('[') || is_reg_name(name))
        && !name.is_empty()
        && !(is_authority && digits.is_empty())
}

// reg-name = *( unreserved / pct-encoded / sub-delims )
fn is_reg_name(name: &str) -> bool {
    let mut parts = name.split('%');
    let is_plain = |part: &str| part.bytes().all(is_in_name);
    // Behind each percent sign stand two hexadecimal digits.
    parts.next().is_some_and(is_plain)
        && parts.all(|part| {
            let hex = part.bytes().take(2).filter(u8::is_ascii_hexdigit);
            hex.count() == 2 && is_plain(part)
        })
}

fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

// IP-literal = "[" ( IPv6address / IPvFuture ) "]"
// IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
fn is_literal(text: &str) -> bool {
    if let Some(future) = text.strip_prefix(['v', 'V']) {
        return future.split_once('.').is_some_and(|(version, address)| {
            !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !address.is_empty()
                && address.bytes().all(|byte| is_in_name(byte) || byte == b':')
        });
    }
    match text.split_once("::") {
        None => groups(text, true) == Some(8),
        Some((before, after)) => {
            let count = groups(before, false).zip(groups(after, true));
            count.is_some_and(|(before, after)| before + after <= 7)
        }
    }
}

/// How many groups of 16 bits these are; the last one may be an IPv4 address, which is two.
fn groups(text: &str, may_end_in_ipv4: bool) -> Option<usize> {
    if text.is_empty() {
        return Some(0);
    }
    let mut count = 0;
    let mut parts = text.split(':').peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let is_hex = part.bytes().all(|byte| byte.is_ascii_hexdigit());
        count += match part.len() {
            1..=4 if is_hex => 1,
            _ if is_last && may_end_in_ipv4 && is_ipv4(part) => 2,
            _ => return None,
        };
    }
    Some(count)
}

fn is_ipv4(text: &str) -> bool {
    let is_octet = |part: &str| {
        part.parse::<u8>()
            .is_ok_and(|octet| octet.to_string() == part)
    };
    text.split('.').count() == 4 && text.split('.').all(is_octet)
}
