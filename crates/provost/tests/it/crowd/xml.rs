//! XML as a tree, for comparing.

use quick_xml::{Reader, events::Event};

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// Its own text, without that of its children.
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// Reads a whole document; fails on anything that is not well-formed.
    pub(super) fn parse(document: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let current = open.last_mut().ok_or("too many end tags")?;
            match event {
                Event::Start(start) => open.push(Self::begin(&start)?),
                Event::Empty(start) => current.children.push(Self::begin(&start)?),
                Event::End(_) => {
                    let done = open.pop().ok_or("too many end tags")?;
                    let parent = open.last_mut().ok_or("too many end tags")?;
                    parent.children.push(done);
                }
                Event::Text(text) => current.text.push_str(&text),
                Event::CData(text) => current.text.push_str(&text),
                Event::GeneralRef(name) => {
                    let escaped = format!("&{};", &*name);
                    let text = quick_xml::escape::unescape(&escaped);
                    current
                        .text
                        .push_str(&text.map_err(|error| error.to_string())?);
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        let [document] = open.as_mut_slice() else {
            return Err("the document is cut".to_owned());
        };
        match document.children.len() {
            1 => Ok(document.children.remove(0)),
            count => Err(format!("{count} root elements")),
        }
    }

    fn begin(start: &quick_xml::events::BytesStart<'_>) -> Result<Self, String> {
        let mut element = Self {
            name: start.name().as_ref().to_owned(),
            ..Self::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = quick_xml::escape::unescape(&attribute.value);
            let value = value.map_err(|error| error.to_string())?.into_owned();
            let name = attribute.key.as_ref().to_owned();
            element.attributes.push((name, value));
        }
        Ok(element)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The `name` attributes of the children.
    pub(super) fn names(&self) -> Vec<&str> {
        let names = self.children.iter().map(|child| child.attribute("name"));
        names.map(Option::unwrap_or_default).collect()
    }
}
