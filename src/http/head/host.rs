//! What a `Host` may say: RFC 9112, section 3.2; RFC 3986, section 3.2.

use crate::http::scan;

/// A host, and perhaps a colon and a port. The grammar would let the host be empty, but then
/// the request would be for `http:///path`, which RFC 9110, section 4.2.1, refuses.
///
/// Nearly all are of plain bytes. The byte behind the value is there, and not plain.
#[inline]
pub(super) fn is_host(input: &[u8], start: usize, end: usize) -> bool {
    let colon = scan::plain(input, start);
    let port = &input[colon..end];
    colon > start && (port.is_empty() || is_port(port))
        || is_host_slow(&input[start..end])
}

/// A colon and digits, or none.
#[inline]
fn is_port(port: &[u8]) -> bool {
    port[0] == b':' && port[1..].iter().all(u8::is_ascii_digit)
}

#[cold]
fn is_host_slow(value: &[u8]) -> bool {
    let (host, port) = split_port(value);
    !host.is_empty()
        && is_name(host)
        && port.is_none_or(|port| port.iter().all(u8::is_ascii_digit))
}

/// What `CONNECT` wants: a host that is not empty, and a port.
pub(super) fn is_authority(target: &[u8]) -> bool {
    let (host, port) = split_port(target);
    !host.is_empty()
        && is_name(host)
        && port.is_some_and(|port| {
            !port.is_empty() && port.iter().all(u8::is_ascii_digit)
        })
}

/// At the colon behind the host; those between brackets belong to an IPv6 address.
fn split_port(value: &[u8]) -> (&[u8], Option<&[u8]>) {
    let from = match value.first() {
        Some(b'[') => value.iter().position(|&byte| byte == b']').unwrap_or(0),
        _ => 0,
    };
    match value[from..].iter().position(|&byte| byte == b':') {
        Some(colon) => (&value[..from + colon], Some(&value[from + colon + 1..])),
        None => (value, None),
    }
}

/// A name, an IPv4 address, or an address in brackets.
fn is_name(host: &[u8]) -> bool {
    if let Some(inside) = host.strip_prefix(b"[") {
        return inside.strip_suffix(b"]").is_some_and(is_address);
    }
    let mut rest = host;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = match byte {
            b'%' => match behind {
                [high, low, behind @ ..]
                    if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
                {
                    behind
                }
                _ => return false,
            },
            _ if is_name_byte(byte) => behind,
            _ => return false,
        };
    }
    true
}

/// An IPv6 address, or one of a version that is yet to come.
fn is_address(inside: &[u8]) -> bool {
    if let Some(future) = inside.strip_prefix(b"v").or(inside.strip_prefix(b"V")) {
        let mut parts = future.splitn(2, |&byte| byte == b'.');
        let (version, rest) = (parts.next(), parts.next());
        return version.is_some_and(|version| {
            !version.is_empty() && version.iter().all(u8::is_ascii_hexdigit)
        }) && rest.is_some_and(|rest| {
            !rest.is_empty()
                && rest.iter().all(|&byte| is_name_byte(byte) || byte == b':')
        });
    }
    std::str::from_utf8(inside)
        .is_ok_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

/// Unreserved, or a sub-delimiter.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}
