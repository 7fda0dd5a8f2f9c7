//! Restrictions in XML. Namespaces do not count; a DOCTYPE is refused before anything it
//! declares is looked at, and only the five predefined entities and character references exist.

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    Failure, Restriction,
    build::{Budget, Words, join},
};

/// Reads a document that holds one restriction.
pub(super) fn parse(text: &str) -> Result<Restriction, Failure> {
    let mut parser = Parser {
        reader: Reader::from_str(text),
        budget: Budget::default(),
    };
    let Next::Child(root) = parser.next()? else {
        return Err(malformed());
    };
    let restriction = parser.restriction(&root, 1)?;
    match parser.next()? {
        Next::EndOfDocument => Ok(restriction),
        Next::Child(_) | Next::EndOfParent => Err(malformed()),
    }
}

fn malformed() -> Failure {
    Failure::bad_request("The search restriction is not well-formed XML")
}

struct Parser<'a> {
    reader: Reader<&'a [u8]>,
    budget: Budget,
}

/// A start tag.
struct Tag<'a> {
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
    fn is(&self, name: &str) -> bool {
        self.start.local_name().as_ref() == name
    }

    fn attribute(&self, name: &str) -> Result<Option<String>, Failure> {
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

impl<'a> Parser<'a> {
    fn read(&mut self) -> Result<Event<'a>, Failure> {
        match self.reader.read_event().map_err(|_| malformed())? {
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

    /// Calls `each` for every child of `parent`.
    fn children(
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
    fn text(&mut self, tag: &Tag<'a>) -> Result<String, Failure> {
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

    fn restriction(&mut self, tag: &Tag<'a>, depth: usize) -> Result<Restriction, Failure> {
        self.budget.enter(depth)?;
        if tag.is("null-search-restriction") {
            self.children(tag, |_, _| Err(malformed()))?;
            Ok(Restriction::Everything)
        } else if tag.is("property-search-restriction") {
            self.property(tag)
        } else if tag.is("boolean-search-restriction") {
            self.boolean(tag, depth)
        } else {
            Err(Failure::bad_request("The search restriction is unknown"))
        }
    }

    fn property(&mut self, tag: &Tag<'a>) -> Result<Restriction, Failure> {
        let mut words = Words::default();
        self.children(tag, |parser, child| {
            if child.is("property") {
                parser.described(&child, &mut words)
            } else if child.is("match-mode") {
                words.mode = Some(parser.text(&child)?.trim().to_owned());
                Ok(())
            } else if child.is("value") {
                words.value = Some(parser.text(&child)?);
                Ok(())
            } else {
                Err(malformed())
            }
        })?;
        words.check()
    }

    fn described(&mut self, tag: &Tag<'a>, words: &mut Words) -> Result<(), Failure> {
        self.children(tag, |parser, child| {
            let slot = if child.is("name") {
                &mut words.name
            } else if child.is("type") {
                &mut words.kind
            } else {
                return Err(malformed());
            };
            *slot = Some(parser.text(&child)?.trim().to_owned());
            Ok(())
        })
    }

    fn boolean(&mut self, tag: &Tag<'a>, depth: usize) -> Result<Restriction, Failure> {
        let logic = tag.attribute("boolean-logic")?;
        let mut parts = Vec::new();
        self.children(tag, |parser, child| {
            if !child.is("restrictions") {
                return Err(malformed());
            }
            parser.children(&child, |parser, part| {
                parts.push(parser.restriction(&part, depth + 1)?);
                Ok(())
            })
        })?;
        join(logic.as_deref(), parts)
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
