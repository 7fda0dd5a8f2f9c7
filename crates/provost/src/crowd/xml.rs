//! Writing XML 1.0: escaping, and nothing else.
//!
//! Markup is written as literal text by those who know the element; only values pass through
//! here. Reading XML is done in `restriction`.

/// What every document begins with.
pub(super) const DECLARATION: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";

/// Adds `text` as content or as the value of an attribute in double quotes. Characters that XML
/// 1.0 cannot carry are left out; white space that a parser would normalise is written as a
/// reference.
pub(super) fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(is_special) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = tail.chars();
        if let Some(special) = characters.next() {
            out.push_str(replacement(special));
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
}

/// Adds `<name>text</name>`.
pub(super) fn element(out: &mut String, name: &str, text: &str) {
    for part in ["<", name, ">"] {
        out.push_str(part);
    }
    escape(out, text);
    for part in ["</", name, ">"] {
        out.push_str(part);
    }
}

/// Adds ` name="text"`.
pub(super) fn attribute(out: &mut String, name: &str, text: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(out, text);
    out.push('"');
}

fn is_special(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x1f' | '&' | '<' | '>' | '"' | '\'' | '\u{fffe}' | '\u{ffff}'
    )
}

fn replacement(special: char) -> &'static str {
    match special {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&#39;",
        '\t' => "&#9;",
        '\n' => "&#10;",
        '\r' => "&#13;",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_illegal_characters_removed() {
        for (text, expect) in [
            ("", ""),
            ("plain", "plain"),
            ("Ødegård 🦀", "Ødegård 🦀"),
            ("a<b>&\"c\" 'd'", "a&lt;b&gt;&amp;&quot;c&quot; &#39;d&#39;"),
            ("x\ty\r\nz", "x&#9;y&#13;&#10;z"),
            ("bell\u{7} nul\0 esc\u{1b}", "bell nul esc"),
            ("\u{fffe}\u{ffff}\u{fffd}", "\u{fffd}"),
            ("]]>", "]]&gt;"),
            ("&amp;", "&amp;amp;"),
        ] {
            let mut out = String::new();
            escape(&mut out, text);
            assert_eq!(out, expect, "{text:?}");
        }
    }

    #[test]
    fn a_parser_reads_back_what_was_written() {
        let text = "tab\t line\n return\r <&>\"' é 🦀";
        let mut out = String::from("<e");
        attribute(&mut out, "a", text);
        out.push_str("/>");
        let mut reader = quick_xml::Reader::from_str(&out);
        let quick_xml::events::Event::Empty(start) = reader.read_event().unwrap() else {
            panic!("no element");
        };
        let value = start.attributes().next().unwrap().unwrap();
        assert_eq!(quick_xml::escape::unescape(&value.value).unwrap(), text);
    }
}
