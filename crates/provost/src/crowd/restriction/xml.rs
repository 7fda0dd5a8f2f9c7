//! Restrictions in XML.

use super::{
    super::xml_read::{Tag, XmlReader, document, malformed},
    Failure, Restriction,
    build::{Budget, Words, join},
};

/// Reads a document that holds one restriction.
pub(super) fn parse(text: &str) -> Result<Restriction, Failure> {
    let mut budget = Budget::default();
    document(text, |reader, root| {
        restriction(reader, root, 1, &mut budget)
    })
}

fn restriction<'a>(
    reader: &mut XmlReader<'a>,
    tag: &Tag<'a>,
    depth: usize,
    budget: &mut Budget,
) -> Result<Restriction, Failure> {
    budget.enter(depth)?;
    if tag.is("null-search-restriction") {
        reader.children(tag, |_, _| Err(malformed()))?;
        Ok(Restriction::Everything)
    } else if tag.is("property-search-restriction") {
        property(reader, tag)
    } else if tag.is("boolean-search-restriction") {
        boolean(reader, tag, depth, budget)
    } else {
        Err(Failure::bad_request("The search restriction is unknown"))
    }
}

fn property<'a>(reader: &mut XmlReader<'a>, tag: &Tag<'a>) -> Result<Restriction, Failure> {
    let mut words = Words::default();
    reader.children(tag, |reader, child| {
        if child.is("property") {
            described(reader, &child, &mut words)
        } else if child.is("match-mode") {
            words.mode = Some(reader.text(&child)?.trim().to_owned());
            Ok(())
        } else if child.is("value") {
            words.value = Some(reader.text(&child)?);
            Ok(())
        } else {
            Err(malformed())
        }
    })?;
    words.check()
}

fn described<'a>(
    reader: &mut XmlReader<'a>,
    tag: &Tag<'a>,
    words: &mut Words,
) -> Result<(), Failure> {
    reader.children(tag, |reader, child| {
        let slot = if child.is("name") {
            &mut words.name
        } else if child.is("type") {
            &mut words.kind
        } else {
            return Err(malformed());
        };
        *slot = Some(reader.text(&child)?.trim().to_owned());
        Ok(())
    })
}

fn boolean<'a>(
    reader: &mut XmlReader<'a>,
    tag: &Tag<'a>,
    depth: usize,
    budget: &mut Budget,
) -> Result<Restriction, Failure> {
    let logic = tag.attribute("boolean-logic")?;
    let mut parts = Vec::new();
    reader.children(tag, |reader, child| {
        if !child.is("restrictions") {
            return Err(malformed());
        }
        reader.children(&child, |reader, part| {
            parts.push(restriction(reader, &part, depth + 1, budget)?);
            Ok(())
        })
    })?;
    join(logic.as_deref(), parts)
}
