//! What a file is, by the last part of its name.

/// Declares the table: for each ending the whole line that goes out.
macro_rules! types {
    ($($ending:literal $media_type:literal)*) => {
        /// Sorted by ending.
        const TYPES: &[(&str, &str)] = &[
            $(($ending, concat!("Content-Type: ", $media_type, "\r\n"))),*
        ];
    };
}

types! {
    "atom" "application/atom+xml"
    "avif" "image/avif"
    "bmp" "image/bmp"
    "css" "text/css; charset=utf-8"
    "csv" "text/csv; charset=utf-8"
    "gif" "image/gif"
    "gz" "application/gzip"
    "htm" "text/html; charset=utf-8"
    "html" "text/html; charset=utf-8"
    "ico" "image/x-icon"
    "jpeg" "image/jpeg"
    "jpg" "image/jpeg"
    "js" "text/javascript; charset=utf-8"
    "json" "application/json"
    "map" "application/json"
    "md" "text/markdown; charset=utf-8"
    "mjs" "text/javascript; charset=utf-8"
    "mp3" "audio/mpeg"
    "mp4" "video/mp4"
    "ogg" "audio/ogg"
    "otf" "font/otf"
    "pdf" "application/pdf"
    "png" "image/png"
    "rs" "text/plain; charset=utf-8"
    "rss" "application/rss+xml"
    "svg" "image/svg+xml"
    "toml" "text/plain; charset=utf-8"
    "ttf" "font/ttf"
    "txt" "text/plain; charset=utf-8"
    "wasm" "application/wasm"
    "wav" "audio/wav"
    "webm" "video/webm"
    "webmanifest" "application/manifest+json"
    "webp" "image/webp"
    "woff" "font/woff"
    "woff2" "font/woff2"
    "xhtml" "application/xhtml+xml"
    "xml" "application/xml"
    "zip" "application/zip"
}

/// What is said of anything else.
const BYTES: &str = "Content-Type: application/octet-stream\r\n";
/// No ending above is longer.
const ENDING_MAX: usize = 11;

/// The line `Content-Type: ...` of a file of that name, with its end.
pub(super) fn line(name: &[u8]) -> &'static str {
    let Some(dot) = name.iter().rposition(|&byte| byte == b'.') else {
        return BYTES;
    };
    let ending = &name[dot + 1..];
    let mut small = [0; ENDING_MAX];
    let Some(small) = small.get_mut(..ending.len()) else {
        return BYTES;
    };
    small.copy_from_slice(ending);
    small.make_ascii_lowercase();
    match TYPES.binary_search_by(|(it, _)| it.as_bytes().cmp(small)) {
        Ok(at) => TYPES[at].1,
        Err(_) => BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ending_is_found() {
        assert!(TYPES.is_sorted_by(|a, b| a.0 < b.0));
        for (ending, expected) in TYPES {
            assert!(ending.len() <= ENDING_MAX);
            assert_eq!(line(format!("a/b.c.{ending}").as_bytes()), *expected);
        }
        assert!(line(b"A.HTML").contains("text/html; charset=utf-8"));
        for name in ["", "README", "a.", "a.html.unknown", "html", "a.html/b"] {
            assert_eq!(line(name.as_bytes()), BYTES, "{name}");
        }
        assert_eq!(line(b"a.a-very-long-ending"), BYTES);
    }
}
