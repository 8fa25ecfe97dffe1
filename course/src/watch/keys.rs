//! The keys of `watch`, one letter each.

use std::sync::mpsc::Sender;
use std::thread;

use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::session::Message;

/// Sends on each key as a letter; Ctrl-C and Escape are `q`.
pub(crate) fn read(sender: Sender<Message>) {
    thread::spawn(move || {
        loop {
            let message = match event::read() {
                Ok(event::Event::Key(key)) if key.kind != KeyEventKind::Release => {
                    match letter(key) {
                        Some(letter) => Message::Key(letter),
                        None => continue,
                    }
                }
                Ok(event::Event::Resize(..)) => Message::Resized,
                Ok(_) => continue,
                // The terminal is gone.
                Err(_) => Message::Key('q'),
            };
            let last = matches!(message, Message::Key('q'));
            if sender.send(message).is_err() || last {
                return;
            }
        }
    });
}

fn letter(key: KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char('c' | 'd')
            if key.modifiers.contains(KeyModifiers::CONTROL) =>
        {
            Some('q')
        }
        KeyCode::Char(_) if key.modifiers.contains(KeyModifiers::CONTROL) => None,
        KeyCode::Char(letter) => Some(letter.to_ascii_lowercase()),
        KeyCode::Enter => Some('r'),
        KeyCode::Esc => Some('q'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_out_is_q() {
        let key = |code, modifiers| letter(KeyEvent::new(code, modifiers));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some('q'));
        assert_eq!(key(KeyCode::Esc, KeyModifiers::NONE), Some('q'));
        assert_eq!(key(KeyCode::Char('Q'), KeyModifiers::SHIFT), Some('q'));
        assert_eq!(key(KeyCode::Char('z'), KeyModifiers::CONTROL), None);
    }
}
