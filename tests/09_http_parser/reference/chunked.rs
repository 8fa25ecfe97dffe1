//! A body in chunks.

use super::head::field_line;
use super::{Caps, Cursor, Read, Stop, is_in_value, is_tchar, refuse};

/// A chunked body, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// How many bytes of the input it is.
    pub(crate) len: usize,
}

/// Reads the chunked body that `input` begins with.
// chunked-body = *chunk last-chunk trailer-section CRLF
pub(crate) fn chunked(input: &[u8], caps: &Caps) -> Read<Body> {
    let mut cursor = Cursor { input, at: 0 };
    let mut bytes = Vec::new();
    let mut extensions = Extensions {
        count: 0,
        cap: caps.extensions,
    };
    loop {
        let room = caps.body - bytes.len() as u64;
        let size = chunk_line(&mut cursor, &mut extensions, room)?;
        if size == 0 {
            break;
        }
        for _ in 0..size {
            bytes.push(cursor.next()?);
        }
        cursor.expect(b"\r\n")?;
    }
    trailers(&mut cursor, caps)?;
    let len = cursor.at;
    Ok(Body { bytes, len })
}

/// The line before a chunk. Everything from behind the size up to the line end counts as
/// extensions.
// chunk-size [ chunk-ext ] CRLF
fn chunk_line(
    cursor: &mut Cursor<'_>,
    extensions: &mut Extensions,
    room: u64,
) -> Read<u64> {
    let size = chunk_size(cursor)?;
    // Whatever comes: it is too large. But if the next byte is wrong, then it is that.
    match cursor.look()? {
        b';' | b' ' | b'\t' if extensions.count == extensions.cap => {
            return refuse(400);
        }
        b';' | b' ' | b'\t' | b'\r' if size > room => return refuse(413),
        b';' | b' ' | b'\t' | b'\r' => {}
        _ => return refuse(400),
    }
    while extension(cursor, extensions)? {}
    cursor.expect(b"\r\n")?;
    Ok(size)
}

// chunk-size = 1*HEXDIG
// Decided: not more digits than a u64 has, leading zeros included.
fn chunk_size(cursor: &mut Cursor<'_>) -> Read<u64> {
    let mut digits = String::new();
    while cursor.look()?.is_ascii_hexdigit() {
        digits.push(char::from(cursor.next()?));
        if digits.len() > 16 {
            return refuse(400);
        }
    }
    u64::from_str_radix(&digits, 16).or(refuse(400))
}

/// How many bytes of extensions there were, and may be.
struct Extensions {
    count: usize,
    cap: usize,
}

impl Extensions {
    /// The next byte, which must be one of them.
    fn next(&mut self, cursor: &mut Cursor<'_>, is: fn(u8) -> bool) -> Read<u8> {
        let byte = cursor.look()?;
        if !is(byte) {
            return refuse(400);
        }
        cursor.next()?;
        self.count += 1;
        if self.count > self.cap {
            return refuse(400);
        }
        Ok(byte)
    }

    // BWS = *( SP / HTAB ); how many there are
    fn blanks(&mut self, cursor: &mut Cursor<'_>) -> Read<usize> {
        let mut count = 0;
        while is_blank(cursor.look()?) {
            self.next(cursor, is_blank)?;
            count += 1;
        }
        Ok(count)
    }

    // token = 1*tchar
    fn token(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        self.next(cursor, is_tchar)?;
        while is_tchar(cursor.look()?) {
            self.next(cursor, is_tchar)?;
        }
        Ok(())
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// One extension, if there is any.
// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
// chunk-ext-val = token / quoted-string
fn extension(cursor: &mut Cursor<'_>, extensions: &mut Extensions) -> Read<bool> {
    let is_blank = extensions.blanks(cursor)? > 0;
    if cursor.look()? != b';' {
        // Blanks belong to what follows them. Nothing does.
        return if is_blank { refuse(400) } else { Ok(false) };
    }
    extensions.next(cursor, |byte| byte == b';')?;
    extensions.blanks(cursor)?;
    extensions.token(cursor)?;
    // Do these blanks stand before "=" or before ";"?
    let before = (cursor.at, extensions.count);
    extensions.blanks(cursor)?;
    if cursor.look()? != b'=' {
        (cursor.at, extensions.count) = before;
        return Ok(true);
    }
    extensions.next(cursor, |byte| byte == b'=')?;
    extensions.blanks(cursor)?;
    if cursor.look()? == b'"' {
        quoted(cursor, extensions)?;
    } else {
        extensions.token(cursor)?;
    }
    Ok(true)
}

// quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
fn quoted(cursor: &mut Cursor<'_>, extensions: &mut Extensions) -> Read<()> {
    extensions.next(cursor, |byte| byte == b'"')?;
    loop {
        match extensions.next(cursor, is_in_value)? {
            b'"' => return Ok(()),
            // quoted-pair = "\" ( HTAB / SP / VCHAR / obs-text )
            b'\\' => {
                extensions.next(cursor, is_in_value)?;
            }
            _ => {}
        }
    }
}

// trailer-section = *( field-line CRLF ), and the CRLF that ends the body
fn trailers(cursor: &mut Cursor<'_>, caps: &Caps) -> Read<()> {
    let start = cursor.at;
    let cut = start.saturating_add(caps.trailers).min(cursor.input.len());
    let mut section = Cursor {
        input: &cursor.input[..cut],
        at: start,
    };
    let result = trailer_lines(&mut section, caps);
    if result == Err(Stop::More) && cut - start == caps.trailers {
        return refuse(431);
    }
    cursor.at = section.at;
    result
}

fn trailer_lines(section: &mut Cursor<'_>, caps: &Caps) -> Read<()> {
    let mut count = 0;
    while section.look()? != b'\r' {
        if count == caps.headers && is_tchar(section.look()?) {
            return refuse(431);
        }
        field_line(section, |name| {
            // Decided: what would change the framing or the host is refused.
            let name = name.to_ascii_lowercase();
            match &*name {
                "content-length" | "transfer-encoding" | "host" => refuse(400),
                _ => Ok(()),
            }
        })?;
        count += 1;
    }
    section.expect(b"\r\n")
}
