use super::scalar;
use crate::http::head::{is_text, is_token, is_visible};

type Scan = fn(&[u8], usize) -> usize;

/// The twin that was picked, the scalar one, and what they look for, of one byte.
type Rule = (Scan, Scan, fn(u8) -> bool);

const RULES: [Rule; 3] = [
    (super::plain, scalar::plain, |byte| {
        !(byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
    }),
    (super::visible, scalar::visible, |byte| !is_visible(byte)),
    (super::control, scalar::control, |byte| {
        byte.is_ascii_control()
    }),
];

#[test]
fn each_byte_at_each_place() {
    for (twin, scalar, stops) in RULES {
        let filler = b'x';
        for len in 0..40 {
            for place in 0..len {
                for byte in 0..=255 {
                    let mut bytes = vec![filler; len];
                    bytes[place] = byte;
                    let want = if stops(byte) { place } else { len };
                    assert_eq!(twin(&bytes, 0), want, "{byte:#x} {place} of {len}");
                    assert_eq!(
                        scalar(&bytes, 0),
                        want,
                        "{byte:#x} {place} of {len}"
                    );
                }
            }
        }
    }
}

#[test]
fn neighbours_do_not_matter() {
    // Each pair of bytes, in a block and across the end of one.
    for (twin, scalar, stops) in RULES {
        let mut bytes = [b'x'; 24];
        for pair in 0..=u16::MAX {
            let pair = pair.to_le_bytes();
            for place in [3, 7, 15, 22] {
                bytes[place..place + 2].copy_from_slice(&pair);
                let want = pair.iter().position(|&byte| stops(byte));
                let want = want.map_or(24, |first| place + first);
                assert_eq!(scalar(&bytes, 0), want, "{pair:?} at {place}");
                assert_eq!(twin(&bytes, 0), want, "{pair:?} at {place}");
                bytes[place..place + 2].fill(b'x');
            }
        }
    }
}

#[test]
fn what_is_before_does_not_matter() {
    for (twin, scalar, _) in RULES {
        for len in 0..40 {
            for from in 0..=len {
                let mut bytes = vec![0; len];
                bytes[from..].fill(b'x');
                assert_eq!(twin(&bytes, from), len, "{from} of {len}");
                assert_eq!(scalar(&bytes, from), len, "{from} of {len}");
            }
        }
    }
}

#[test]
fn what_they_pass_by_is_allowed_where_they_are_used() {
    for byte in 0..=255 {
        assert!(super::plain(&[byte], 0) == 0 || is_token(byte), "{byte:#x}");
        assert!(
            super::control(&[byte], 0) == 0 || is_text(byte),
            "{byte:#x}"
        );
    }
}
