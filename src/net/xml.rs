//! The XML that IAM answers, as a tree. A document type, and an entity that is not one of XML's own five, is refused: AWS
//! sends neither.

use secrecy::zeroize::Zeroizing;
use xmlparser::{ElementEnd, Token, Tokenizer};

/// How deep AWS's answers are nested, and some more.
const DEEPEST: usize = 32;

/// One element. It may hold a secret, so it has no `Debug`.
pub(super) struct Element {
    pub name: String,
    /// The text in it, blanks around it left out where it has children.
    pub text: Zeroizing<String>,
    children: Vec<Element>,
}

impl Element {
    /// The root of a document; `None` for anything that is no whole document.
    pub(super) fn read(bytes: &[u8]) -> Option<Element> {
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        for token in Tokenizer::from(std::str::from_utf8(bytes).ok()?) {
            let closed = match token.ok()? {
                Token::ElementStart { local, .. } if root.is_none() && open.len() < DEEPEST => {
                    open.push(Element {
                        name: local.as_str().into(),
                        text: Zeroizing::default(),
                        children: Vec::new(),
                    });
                    continue;
                }
                Token::Text { text } if root.is_none() || text.as_str().trim().is_empty() => {
                    if let Some(inner) = open.last_mut() {
                        unescape(text.as_str(), &mut inner.text)?;
                    }
                    continue;
                }
                Token::Cdata { text, .. } => {
                    open.last_mut()?.text.push_str(text.as_str());
                    continue;
                }
                Token::ElementEnd { end: ElementEnd::Open, .. }
                | Token::Attribute { .. }
                | Token::Declaration { .. }
                | Token::Comment { .. } => continue,
                Token::ElementEnd { end: ElementEnd::Empty, .. } => open.pop()?,
                Token::ElementEnd { end: ElementEnd::Close(_, name), .. } => {
                    open.pop().filter(|element| element.name == name.as_str())?
                }
                _ => return None,
            };
            match open.last_mut() {
                Some(outer) => outer.children.push(closed),
                None => root = Some(closed),
            }
        }
        root.filter(|_| open.is_empty())
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The members of a list.
    pub(super) fn members<'e>(&'e self, list: &str) -> impl Iterator<Item = &'e Element> + use<'e> {
        self.child(list).into_iter().flat_map(|list| &list.children).filter(|child| child.name == "member")
    }
}

fn unescape(text: &str, into: &mut String) -> Option<()> {
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        into.push_str(before);
        let (entity, behind) = behind.split_once(';')?;
        into.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let number = number.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        });
        rest = behind;
    }
    into.push_str(rest);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_a_tree() {
        let text = "<?xml version=\"1.0\"?>\n<R xmlns=\"u\"><List><member><A>x &amp; &#x201c;y&#65;</A><B/></member>\n\
                    <member><A>z</A></member></List><T>true</T></R>\n";
        let root = Element::read(text.as_bytes()).expect("a tree");
        let members: Vec<_> = root.members("List").map(|m| m.text_of("A").unwrap_or("none")).collect();
        assert_eq!(members, ["x & “yA", "z"]);
        assert_eq!((root.name.as_str(), root.text_of("T"), root.text_of("B")), ("R", Some("true"), None));
    }

    #[test]
    fn what_is_no_whole_answer_is_none() {
        let deep = "<a>".repeat(10_000);
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&evil;</a>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            "<html><body>no",
            deep.as_str(),
            "{}",
        ] {
            assert!(Element::read(text.as_bytes()).is_none(), "{:.40}", text);
        }
    }
}
