//! What an edit changes in an AWS file, for a person to look at before it is made: changed lines below their section's
//! header, and no others, for the lines around them may hold keys.

use bstr::ByteSlice;

use crate::terminal::{Colours, clean};

/// Lines that must be alike on both sides for the difference to be over.
const ALIKE: usize = 2;

/// The difference, a line each: `[section]`, `- old`, `+ new`.
pub fn shown(before: &[u8], after: &[u8], colours: Colours) -> String {
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) = (before.lines().collect(), after.lines().collect());
    let (mut at, mut to) = (0, 0);
    let mut out = String::new();
    let (mut header, mut header_shown): (&[u8], bool) = (b"", true);
    while at < old.len() || to < new.len() {
        if at < old.len() && old.get(at) == new.get(to) {
            if new[to].trim_ascii_start().starts_with(b"[") {
                (header, header_shown) = (new[to], false);
            }
            (at, to) = (at + 1, to + 1);
            continue;
        }
        let (gone, come) = next_alike(&old[at..], &new[to..]);
        let is_header = |line: Option<&&[u8]>| line.is_none_or(|l| l.is_empty() || l.starts_with(b"["));
        let begins_a_section = gone == 0 && is_header(new.get(to));
        if !header_shown && !begins_a_section {
            out += &format!("  {}\n", clean(header));
            header_shown = true;
        }
        for line in &old[at..at + gone] {
            out += &format!("{}\n", colours.bad(&format!("- {}", clean(line))));
        }
        for line in &new[to..to + come] {
            let text = if line.is_empty() { "+".to_owned() } else { format!("+ {}", clean(line)) };
            out += &format!("{}\n", colours.good(&text));
        }
        (at, to) = (at + gone, to + come);
    }
    out
}

/// How many old and new lines there are before both are alike again, as few as possible.
fn next_alike(old: &[&[u8]], new: &[&[u8]]) -> (usize, usize) {
    for lines in 1..old.len() + new.len() {
        let most = lines.min(old.len());
        for gone in (lines.saturating_sub(new.len())..=most).rev() {
            let (rest, other) = (&old[gone..], &new[lines - gone..]);
            let same = rest.iter().zip(other).take(ALIKE).take_while(|(a, b)| a == b).count();
            let enough = ALIKE.min(rest.len()).min(other.len());
            if same == enough && (enough > 0 || rest.len() == other.len()) {
                return (gone, lines - gone);
            }
        }
    }
    (old.len(), new.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        shown(before.as_bytes(), after.as_bytes(), Colours::none())
    }

    #[test]
    fn changed_lines_stand_below_their_header_and_no_others() {
        let before = "[profile a]\naws_secret_access_key = x\n\n[profile b]\none = 1\ntwo = 2\n[profile c]\n";
        let after = "[profile a]\naws_secret_access_key = x\n\n[profile b]\nother = 1\n[profile c]\n\n[new]\nk = v\n";
        assert_eq!(diff(before, after), "  [profile b]\n- one = 1\n- two = 2\n+ other = 1\n+\n+ [new]\n+ k = v\n");
        assert_eq!(diff(before, before), "");
        assert_eq!(diff("", "[a]\nb = 1\n"), "+ [a]\n+ b = 1\n");
        assert_eq!(diff("[a]\nb = 1", "[a]\n"), "  [a]\n- b = 1\n");
        assert_eq!(diff("[a]\nb = 1", "[a]\nb = 1\n\n[c]\n"), "+\n+ [c]\n");
    }

    #[test]
    fn ten_thousand_lines_at_the_end_are_quick() {
        let more: String = (0..10_000).map(|n| format!("k{n} = v\n")).collect();
        let shown = diff("[a]\n", &format!("[a]\n{more}"));
        assert_eq!(shown.lines().count(), 10_001);
    }
}
