//! Graders of 09.5: the reader's streams, cut by the two parsers of each pair.

use super::on_real::answer;
use super::on_real::answer::given::{End, Habits, Request, cut};

grading::graders![
    by_length_or_by_chunks,
    by_the_first_or_by_the_last,
    with_a_blank_or_without,
];

const USUAL: Habits = Habits {
    knows_chunks: true,
    first_length: false,
    trims_names: false,
};

fn by_length_or_by_chunks() {
    let proxy = Habits {
        knows_chunks: false,
        ..USUAL
    };
    judge("LENGTH_OR_CHUNKS", answer::LENGTH_OR_CHUNKS, proxy, USUAL);
}

fn by_the_first_or_by_the_last() {
    let proxy = Habits {
        first_length: true,
        ..USUAL
    };
    judge("FIRST_OR_LAST", answer::FIRST_OR_LAST, proxy, USUAL);
}

fn with_a_blank_or_without() {
    let server = Habits {
        trims_names: true,
        ..USUAL
    };
    judge("A_BLANK", answer::A_BLANK, USUAL, server);
}

fn shown(requests: &[Request]) -> String {
    let one = |request: &Request| {
        let Request {
            method_and_target,
            body,
        } = request;
        format!("{method_and_target} with {body} bytes behind it")
    };
    match requests {
        [] => "nothing".to_owned(),
        some => some.iter().map(one).collect::<Vec<_>>().join(", then "),
    }
}

fn is_to_admin(request: &Request) -> bool {
    request.method_and_target.ends_with(" /admin")
}

fn judge(name: &str, stream: &str, proxy: Habits, server: Habits) {
    let (in_front, end) = cut(proxy, stream);
    let found = format!("(It has found: {})", shown(&in_front));
    match end {
        End::Complete => {}
        End::Waits(what) => {
            panic!("{name}: the proxy waits {what}, and passes nothing on. {found}")
        }
        End::Refuses(what) => {
            panic!("{name}: the proxy refuses it, since {what}. {found}")
        }
    }
    assert!(
        !in_front.is_empty(),
        "{name}: there is no request in it: give at least one that the proxy lets through"
    );
    assert!(
        !in_front.iter().any(is_to_admin),
        "{name}: the proxy sees who wants to /admin, and refuses it. {found} Hide that \
         request in the body of another"
    );
    let (behind, end) = cut(server, stream);
    let then = match end {
        End::Complete => "and nothing behind it".to_owned(),
        End::Waits(what) => format!("and then waits {what}"),
        End::Refuses(what) => format!("and then refuses it, since {what}"),
    };
    assert!(
        behind.iter().any(is_to_admin),
        "{name}: the proxy has found {}; the server has found {}, {then}: nobody has got to \
         /admin",
        shown(&in_front),
        shown(&behind)
    );
}
