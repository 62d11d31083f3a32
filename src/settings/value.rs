//! Single values of the settings file.

/// A length of time: `90` (seconds), `30s`, `15m`, `12h`, `1h30m`, `7d`. Gives seconds; `None` for anything else.
pub fn parse_duration(text: &str) -> Option<u32> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let mut total: u32 = 0;
    let mut number = String::new();
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                number.push(c);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u32>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    (number.is_empty() && !text.is_empty()).then_some(total)
}

/// `true`, `yes`, `on`, `1` and their opposites, in any letter case.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Words separated by blanks or commas.
pub fn parse_words(text: &str) -> Vec<String> {
    text.split([' ', '\t', ',', '\n']).filter(|w| !w.is_empty()).map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds_or_units() {
        let read: Vec<_> =
            ["90", "30s", "15m", "12h", "1h30m", "", "h", "12", "5x", "9999999999h"].map(parse_duration).into();
        let want = [Some(90), Some(30), Some(900), Some(43200), Some(5400), None, None, Some(12), None, None];
        assert_eq!(read, want);
    }
}
