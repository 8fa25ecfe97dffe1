use super::*;

#[test]
fn every_pair_has_an_answer() {
    for life in Life::ALL {
        for event in Event::ALL {
            let (after, action) = next(life, event);
            assert_eq!(action == Action::Ignore && after != life, false);
        }
    }
}
