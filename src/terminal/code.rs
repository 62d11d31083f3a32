//! A one-time code as a person gives it: typed, pasted or as an argument.

use std::fmt;

/// Six digits. `Debug` does not show them: a code is a secret for the half minute that it lives.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

/// The text is no code. Says nothing about the text, which may be a password typed by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code is six digits")]
pub struct WrongShape;

impl Code {
    /// Reads six digits, with any blanks before, between and behind them (apps show `492 039`).
    /// Full-width digits, as Japanese input methods type them, count.
    pub fn parse(text: &str) -> Result<Code, WrongShape> {
        let digit = |c: char| match c {
            '0'..='9' => Ok(c),
            '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10).ok_or(WrongShape),
            _ => Err(WrongShape),
        };
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).map(digit).collect::<Result<_, _>>()?;
        if digits.len() == 6 { Ok(Code(digits)) } else { Err(WrongShape) }
    }

    /// The six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Code {
    type Err = WrongShape;

    fn from_str(text: &str) -> Result<Self, WrongShape> {
        Code::parse(text)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_with_blanks_anywhere_and_nothing_else() {
        for good in ["492039", "492 039", " 4 9 2\u{a0}0 3 9\t", "４９２\u{3000}０３９"] {
            assert_eq!(Code::parse(good).map(|c| c.0), Ok("492039".into()), "{good:?}");
        }
        for bad in ["", "49203", "4920390", "49203a", "-92039", "492039;", "४९२०३९"] {
            assert_eq!(Code::parse(bad), Err(WrongShape), "{bad:?}");
        }
    }

    #[test]
    fn neither_the_code_nor_a_mistyped_password_shows() {
        assert_eq!(Code::parse("hunter2"), Err(WrongShape));
        assert_eq!(format!("{:?}", Code("492039".into())), "Code(…)");
        assert_eq!(WrongShape.to_string(), "a code is six digits");
    }
}
