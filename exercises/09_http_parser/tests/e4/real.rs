//! Graders of 09.4: every byte at every place of a word, beside every other; and texts of all
//! lengths.

use super::on_real::answer::given::{self, Text, Word};
use super::on_real::answer::{first_stop, skip};

grading::graders![
    one_byte_of_eight,
    one_beside_another,
    a_tab_beside_another,
    words_at_random,
    how_many_operations,
    texts_of_all_lengths,
    from_anywhere,
    each_word_once,
];

/// Those at which something changes, and others.
const SOME: [u8; 24] = [
    8, 9, 10, 31, 32, 33, 126, 127, 128, 129, 137, 255, 0, 1, 13, 97, 64, 95, 96,
    159, 160, 161, 223, 254,
];

/// Whether a value may not have this byte.
fn stops(byte: u8) -> bool {
    byte != b'\t' && (byte < 32 || byte == 127)
}

#[track_caller]
fn check(bytes: [u8; 8]) {
    let word = Word::new(u64::from_le_bytes(bytes));
    let got = first_stop(word);
    let must = bytes.iter().position(|byte| stops(*byte));
    if got != must {
        let what =
            format!("first_stop({word:?}) is {got:?}, and it has to be {must:?}");
        let of = |place: usize| format!("b\"{}\"", bytes[place].escape_ascii());
        match (got, must) {
            (Some(8..), _) => panic!("{what}: a word has eight bytes, 0 to 7"),
            (Some(place), _) if must.is_none_or(|must| place < must) => {
                panic!("{what}: {} may be in a value", of(place))
            }
            (_, Some(place)) => {
                panic!("{what}: {} may not be in a value", of(place))
            }
            _ => panic!("{what}"),
        }
    }
}

fn one_byte_of_eight() {
    for other in [b'a', b' ', b'~', b'\t', 0x80, 0xff, 0x89, 0xa0] {
        for byte in 0..=255 {
            for place in 0..8 {
                let mut bytes = [other; 8];
                bytes[place] = byte;
                check(bytes);
            }
        }
    }
}

fn one_beside_another() {
    for one in SOME {
        for two in 0..=255 {
            for place in [0, 6] {
                let mut bytes = *b"abcdefgh";
                (bytes[place], bytes[place + 1]) = (one, two);
                check(bytes);
            }
        }
    }
}

/// Nothing is carried or borrowed, over any distance.
fn a_tab_beside_another() {
    for first in [b'\t', b' ', 0x7e, 0x80, 0xff] {
        for between in [b'\t', b' ', 0x7e, 0x80, 0xff] {
            for last in 0..=255 {
                let mut bytes = [between; 8];
                (bytes[0], bytes[7]) = (first, last);
                check(bytes);
                (bytes[6], bytes[7]) = (last, b'a');
                check(bytes);
            }
        }
    }
}

fn words_at_random() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..6_000 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        check(random.to_le_bytes());
        check(
            random
                .to_be_bytes()
                .map(|byte| SOME[usize::from(byte % 24)]),
        );
    }
}

fn how_many_operations() {
    let words = [
        *b"abcdefgh",
        *b"\t\t\t\t\t\t\t\t",
        *b"abcdefg\r",
        *b"\0abcdefg",
        [127; 8],
        [255; 8],
        *b"\ta\tb\tc\td",
        *b"\ta\tb\tc\t\n",
    ];
    for bytes in words {
        let word = Word::new(u64::from_le_bytes(bytes));
        given::steps();
        let got = first_stop(word);
        let steps = given::steps();
        assert!(
            steps <= 30,
            "first_stop({word:?}) is {got:?}, after {steps} operations on words: 30 are \
             enough if each is for all eight bytes"
        );
        assert!(
            steps >= 4,
            "first_stop({word:?}) is {got:?}, after {steps} operations on words: it has to \
             be made of the operations of `Word`"
        );
    }
}

#[track_caller]
fn check_skip(bytes: &[u8], from: usize) {
    let rest = &bytes[from..];
    let must = rest.iter().position(|byte| stops(*byte));
    let must = from + must.unwrap_or(rest.len());
    let text = Text::new(bytes);
    let what = || {
        let shown = match bytes.len() {
            ..=60 => format!("\"{}\"", bytes.escape_ascii()),
            count => format!("{count} bytes"),
        };
        format!("a text of {shown}: skip from {from}")
    };
    grading::step(format!("in skip: {}", what()));
    let got = skip(&text, from);
    assert!(
        got == must,
        "{} is {got}, and it has to be {must}: {}",
        what(),
        match bytes.get(must) {
            Some(byte) => format!("b\"{}\" stands there", byte.escape_ascii()),
            None => "the text ends there".to_owned(),
        }
    );
    let (words, singles) = text.asked();
    let skipped = must - from;
    let most = skipped / 8 + 1;
    assert!(
        words <= most,
        "{} has asked for {words} words: {most} are enough to skip {skipped} bytes",
        what()
    );
    // If a whole word is there from where it stops, or before, no single one is needed.
    let tail = rest.len() % 8;
    let most = if skipped < rest.len() - tail {
        0
    } else {
        tail + 1
    };
    assert!(
        singles <= most,
        "{} has asked for {singles} single bytes, and there are words up to byte {}: {most} \
         are enough",
        what(),
        bytes.len() - tail
    );
}

fn texts_of_all_lengths() {
    for length in 0..40 {
        let text = &b"text/html, */*;q=0.8\t\xe9\xff (but \"not\" this) ~"[..length];
        check_skip(text, 0);
        for place in 0..length {
            for byte in [b'\r', b'\0', 127, b'\n', 31, b'\t', b' '] {
                let mut text = text.to_vec();
                text[place] = byte;
                check_skip(&text, 0);
            }
        }
    }
}

fn from_anywhere() {
    let text = b"Accept: text/html\r\nHost: a.example\r\nCookie: \x80\xff\ta=b\x7f";
    for from in 0..=text.len() {
        check_skip(text, from);
    }
}

fn each_word_once() {
    let mut text = vec![b'x'; 10_000];
    check_skip(&text, 0);
    check_skip(&text, 9_995);
    check_skip(&text, 3);
    text[9_001] = b'\r';
    check_skip(&text, 0);
    check_skip(&text, 9_001);
    check_skip(&text, 5);
}
