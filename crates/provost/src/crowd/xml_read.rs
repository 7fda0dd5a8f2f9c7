//! Reading XML 1.0 step by step, for the few bodies that clients send.
//!
//! Namespaces do not count. A DOCTYPE is refused before anything it declares is looked at, and
//! only the five predefined entities and character references exist. The size of a document is
//! bounded by the body; how deep it may go is up to the reader of each kind of document.

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use super::error::Failure;

/// The answer to a body that is no XML, or not the XML that was expected.
pub(super) fn malformed() -> Failure {
    Failure::bad_request("The request body is not the well-formed XML that this resource takes")
}

/// Walks through one document.
pub(super) struct XmlReader<'a>(Reader<&'a [u8]>);

/// A start tag.
pub(super) struct Tag<'a> {
    start: BytesStart<'a>,
    /// `<a/>`, which has neither content nor an end tag.
    is_empty: bool,
}

/// What follows between elements.
enum Next<'a> {
    Child(Tag<'a>),
    EndOfParent,
    EndOfDocument,
}

impl Tag<'_> {
    /// Whether the element has this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.start.local_name().as_ref() == name
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<String>, Failure> {
        for attribute in self.start.attributes() {
            let attribute = attribute.map_err(|_| malformed())?;
            if attribute.key.local_name().as_ref() == name {
                let value = quick_xml::escape::unescape(&attribute.value);
                return Ok(Some(value.map_err(|_| malformed())?.into_owned()));
            }
        }
        Ok(None)
    }
}

/// Reads a whole document; `root` reads its one element.
pub(super) fn document<'a, T>(
    text: &'a str,
    root: impl FnOnce(&mut XmlReader<'a>, &Tag<'a>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut reader = XmlReader(Reader::from_str(text));
    let Next::Child(tag) = reader.next()? else {
        return Err(malformed());
    };
    let value = root(&mut reader, &tag)?;
    match reader.next()? {
        Next::EndOfDocument => Ok(value),
        Next::Child(_) | Next::EndOfParent => Err(malformed()),
    }
}

impl<'a> XmlReader<'a> {
    fn read(&mut self) -> Result<Event<'a>, Failure> {
        match self.0.read_event().map_err(|_| malformed())? {
            Event::DocType(_) => Err(Failure::bad_request("A DOCTYPE is not allowed")),
            event => Ok(event),
        }
    }

    /// Skips what carries no meaning and reads the next tag.
    fn next(&mut self) -> Result<Next<'a>, Failure> {
        loop {
            let (start, is_empty) = match self.read()? {
                Event::Start(start) => (start, false),
                Event::Empty(start) => (start, true),
                Event::End(_) => return Ok(Next::EndOfParent),
                Event::Eof => return Ok(Next::EndOfDocument),
                Event::Text(text) if text.trim().is_empty() => continue,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) | Event::DocType(_) => {
                    return Err(malformed());
                }
            };
            return Ok(Next::Child(Tag { start, is_empty }));
        }
    }

    /// Calls `each` for every child of `parent`; it must read the child to its end.
    pub(super) fn children(
        &mut self,
        parent: &Tag<'a>,
        mut each: impl FnMut(&mut Self, Tag<'a>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if parent.is_empty {
            return Ok(());
        }
        loop {
            match self.next()? {
                Next::Child(child) => each(self, child)?,
                Next::EndOfParent => return Ok(()),
                Next::EndOfDocument => return Err(malformed()),
            }
        }
    }

    /// The text of an element that has no children.
    pub(super) fn text(&mut self, tag: &Tag<'a>) -> Result<String, Failure> {
        let mut text = String::new();
        if tag.is_empty {
            return Ok(text);
        }
        loop {
            match self.read()? {
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::CData(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(reference) => text.push(resolve(&reference)?),
                Event::Comment(_) | Event::PI(_) => {}
                Event::End(_) => return Ok(text),
                Event::Start(_)
                | Event::Empty(_)
                | Event::Decl(_)
                | Event::DocType(_)
                | Event::Eof => return Err(malformed()),
            }
        }
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, Failure> {
    let resolved = reference.resolve_char_ref().map_err(|_| malformed())?;
    if let Some(character) = resolved {
        return Ok(character);
    }
    match &*reference.xml10_content() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(malformed()),
    }
}
