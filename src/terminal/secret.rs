//! What nobody but the person at the terminal may see: shown there, whatever stderr is.

use secrecy::zeroize::Zeroizing;

use super::browser::qr;
use super::clean::clean;
use super::tty::Tty;

/// A secret that has to be seen.
#[derive(Clone, Copy)]
pub enum Secret<'s> {
    /// As a QR code.
    Qr(&'s str),
    /// As it is, in groups of four characters.
    Text(&'s str),
}

impl Tty {
    /// Shows it. False: the terminal is too narrow for the QR code, and nothing is shown.
    pub fn show_secret(&self, secret: Secret) -> bool {
        let shown = match secret {
            Secret::Qr(text) => match qr(text, self.size().1) {
                Some(drawn) => Zeroizing::new(drawn.replace('\n', "\r\n")),
                None => return false,
            },
            Secret::Text(text) => {
                let mut line = Zeroizing::new(String::with_capacity(2 * text.len() + 8));
                for (at, character) in clean(text).chars().enumerate() {
                    line.push_str(if at % 4 == 0 { " " } else { "" });
                    line.push(character);
                }
                line.push_str("\r\n");
                line
            }
        };
        self.show(shown.as_bytes());
        true
    }
}
