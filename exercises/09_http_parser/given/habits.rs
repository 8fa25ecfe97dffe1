//! Given for 09.5: parsers with habits. All of them split a stream into requests in the same
//! way, but for three questions that each of them answers as it likes.

/// What a parser makes of what should have been refused.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// It knows `Transfer-Encoding`, and then does not look at the length. (If not, that is a
    /// field like any other.)
    pub knows_chunks: bool,
    /// Of several lengths it takes the first. (If not, the last.)
    pub first_length: bool,
    /// A blank before the colon does not count. (If not, it is a part of the name, and the
    /// field is one that nobody knows.)
    pub trims_names: bool,
}

/// What it has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `POST /`.
    pub method_and_target: String,
    /// How many bytes of the stream are its body.
    pub body: usize,
}

/// How it went on behind the last request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The stream ended there.
    Complete,
    /// For what is missing.
    Waits(String),
    /// What is wrong.
    Refuses(String),
}

/// The requests that a parser with these habits finds in a stream.
pub fn cut(habits: Habits, stream: &str) -> (Vec<Request>, End) {
    let (mut requests, mut rest) = (Vec::new(), stream);
    while !rest.is_empty() {
        let Some((head, behind)) = rest.split_once("\r\n\r\n") else {
            let what = format!("for the end of the head {rest:?}");
            return (requests, End::Waits(what));
        };
        match request(habits, head, behind) {
            Ok(request) => {
                rest = &behind[request.body..];
                requests.push(request);
            }
            Err(end) => return (requests, end),
        }
    }
    (requests, End::Complete)
}

fn request(habits: Habits, head: &str, behind: &str) -> Result<Request, End> {
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let Some(method_and_target) = first
        .strip_suffix(" HTTP/1.1")
        .filter(|two| two.split(' ').all(|word| !word.is_empty()))
        .filter(|two| two.split(' ').count() == 2)
    else {
        return refuses(format!("{first:?} is no request line"));
    };
    let (mut length, mut chunked) = (None, false);
    for line in lines {
        let Some((mut name, value)) = line.split_once(':') else {
            return refuses(format!("{line:?} has no colon"));
        };
        if habits.trims_names {
            name = name.trim_end();
        }
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            match value.parse::<usize>() {
                Ok(_) if length.is_some() && habits.first_length => {}
                Ok(number) if digits => length = Some(number),
                _ => return refuses(format!("{value:?} is no length")),
            }
        } else if name.eq_ignore_ascii_case("transfer-encoding")
            && habits.knows_chunks
        {
            if !value.eq_ignore_ascii_case("chunked") {
                return refuses(format!("{value:?} is no coding"));
            }
            chunked = true;
        }
    }
    let body = if chunked {
        chunks(behind)?
    } else {
        length.unwrap_or(0)
    };
    if behind.len() < body {
        let missing = body - behind.len();
        let bytes = if missing == 1 { "byte" } else { "bytes" };
        return Err(End::Waits(format!("for {missing} more {bytes} of a body")));
    }
    if !behind.is_char_boundary(body) {
        return refuses("a body ends within a character".to_owned());
    }
    Ok(Request {
        method_and_target: method_and_target.to_owned(),
        body,
    })
}

/// How many bytes of a stream are chunks, with the empty line at their end.
fn chunks(stream: &str) -> Result<usize, End> {
    let mut rest = stream;
    loop {
        let Some((line, behind)) = rest.split_once("\r\n") else {
            return Err(End::Waits(format!("for the end of the chunk {rest:?}")));
        };
        let is_hex = line.bytes().all(|byte| byte.is_ascii_hexdigit());
        let size = usize::from_str_radix(line, 16).ok();
        let Some(size) = size.filter(|size| is_hex && *size < 1_000_000) else {
            return refuses(format!("{line:?} is no size of a chunk"));
        };
        if behind.len() < size + 2 {
            return Err(End::Waits(format!("for the end of a chunk of {size}")));
        }
        let Some(next) = behind.get(size..).and_then(|it| it.strip_prefix("\r\n"))
        else {
            return refuses(format!("there is no CRLF behind a chunk of {size}"));
        };
        rest = next;
        if size == 0 {
            return Ok(stream.len() - rest.len());
        }
    }
}

fn refuses<T>(what: String) -> Result<T, End> {
    Err(End::Refuses(what))
}
