//! Reads small XML documents into a tree; just enough for the answers of Crowd.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

/// Deeper documents are refused.
const MAX_DEPTH: usize = 32;

/// An element.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    /// Its name.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// The text directly inside.
    pub(super) text: String,
    /// The elements directly inside.
    pub(super) children: Vec<Element>,
}

impl Element {
    fn open(start: &BytesStart<'_>) -> Result<Self, String> {
        let mut element = Self {
            name: start.name().as_ref().to_owned(),
            ..Self::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| error.to_string())?;
            let name = attribute.key.as_ref().to_owned();
            element.attributes.push((name, value.into_owned()));
        }
        Ok(element)
    }

    /// The value of an attribute; empty if absent.
    pub(super) fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of that name.
    pub(super) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of that name; empty if absent.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| &child.text)
    }
}

/// Reads a document; the error is a sentence.
pub(super) fn parse(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    // The document itself stands at the bottom, so that closing always finds a parent.
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(_) if open.len() > MAX_DEPTH => return Err("the XML is too deep".into()),
            Event::Start(start) => open.push(Element::open(&start)?),
            Event::Empty(start) => adopt(&mut open, Element::open(&start)?)?,
            Event::End(_) => {
                let closed = open.pop().ok_or("an element is closed twice")?;
                adopt(&mut open, closed)?;
            }
            Event::Text(text) => write(&mut open, &text.xml10_content()),
            Event::CData(text) => write(&mut open, &text.xml10_content()),
            Event::GeneralRef(entity) => {
                let text = resolve(&entity.xml10_content());
                write(&mut open, &text.ok_or("the XML has an unknown entity")?);
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => (),
        }
    }
    let [document] = open.as_slice() else {
        return Err("the XML ends too early".to_owned());
    };
    let root = document.children.first().cloned();
    root.ok_or_else(|| "the XML is empty".to_owned())
}

fn adopt(open: &mut [Element], child: Element) -> Result<(), String> {
    let parent = open.last_mut().ok_or("the XML closes more than it opens")?;
    parent.children.push(child);
    Ok(())
}

fn write(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolve(entity: &str) -> Option<String> {
    if let Some(number) = entity.strip_prefix('#') {
        let code = match number.strip_prefix('x') {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32).map(String::from);
    }
    quick_xml::escape::resolve_predefined_entity(entity).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let text = r#"<?xml version="1.0"?><users><user name="a &amp; b"><email>x&#64;y &lt;z&gt;</email><active>true</active></user><user name="c"/></users>"#;
        let users = parse(text).unwrap();
        let names: Vec<_> = users
            .named("user")
            .map(|user| user.attribute("name"))
            .collect();
        assert_eq!(names, ["a & b", "c"]);
        let first = users.child("user").unwrap();
        assert_eq!(first.text_of("email"), "x@y <z>");
        assert_eq!(first.text_of("active"), "true");
        assert_eq!(first.text_of("key"), "");
    }

    #[test]
    fn a_cut_or_foreign_document_is_refused() {
        for text in [
            "",
            "<users>",
            "<users></user>",
            "<a>&unknown;</a>",
            "not xml",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        let deep = "<a>".repeat(100);
        assert!(parse(&deep).is_err());
    }
}
