//! PowerShell's grammar, by tree-sitter.

use tree_sitter::{Node, Parser, Tree};

/// The tree of this text.
///
/// # Panics
/// Where the text has anything that is no PowerShell, with its line.
pub fn parse(what: &str, text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).expect("the grammar fits the parser");
    let tree = parser.parse(text, None).expect("no time limit is set");
    each(tree.root_node(), &mut |node| {
        let line = node.start_position().row;
        let shown = text.lines().nth(line).unwrap_or_default();
        assert!(!node.is_error() && !node.is_missing(), "{what}:{}: {shown}", line + 1);
    });
    tree
}

/// Visits every node.
pub fn each<'t>(node: Node<'t>, visit: &mut impl FnMut(Node<'t>)) {
    visit(node);
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        each(child, visit);
    }
}

/// The text with comments and what stands in single quotes blanked out.
pub fn code(what: &str, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    each(parse(what, text).root_node(), &mut |node| {
        if matches!(node.kind(), "comment" | "verbatim_string_characters" | "verbatim_here_string_characters") {
            bytes[node.byte_range()].iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
        }
    });
    String::from_utf8(bytes).expect("whole nodes were blanked")
}
