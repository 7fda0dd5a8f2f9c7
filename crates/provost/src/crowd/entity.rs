//! Users and groups as Crowd entities, in both forms.

use std::sync::Arc;

use axum::response::Response;
use serde_json::{Map, Value};

use super::{answer::document, format::Format, restriction::Subject, xml};

/// Fields longer than this many UTF-16 units are cut by the applications' database anyway.
const MAX_FIELD: usize = 255;

/// How much of an entity is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Name and link.
    Name,
    /// All fields.
    Fields,
    /// All fields and the attributes.
    Attributes,
}

/// How entities are written in one answer.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// How much of each.
    pub(super) detail: Detail,
    /// `public_url` of the application listener, without a slash at the end.
    pub(super) app_url: Arc<str>,
}

/// A user or a group.
pub(super) trait Entity: Subject + Send + 'static {
    /// The name of one entry, also the word that expands it: `user`, `group`.
    const ELEMENT: &'static str;
    /// The name of a list: `users`, `groups`.
    const LIST: &'static str;

    /// Writes the XML element.
    fn write_xml(&self, out: &mut String, form: &Form);

    /// The JSON object.
    fn to_json(&self, form: &Form) -> Value;
}

/// A single entity as an answer.
pub(super) fn answer<E: Entity>(entity: &E, form: &Form, format: Format) -> Response {
    let body = match format {
        Format::Json => entity.to_json(form).to_string(),
        Format::Xml => {
            let mut out = String::from(xml::DECLARATION);
            entity.write_xml(&mut out, form);
            out
        }
    };
    document(format, body)
}

/// A JSON object that can still grow.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    let owned = |(name, value): (&str, Value)| (name.to_owned(), value);
    fields.into_iter().map(owned).collect()
}

/// The address of a resource, such as `user?username=` with the name.
pub(super) fn href(app_url: &str, resource: &str, name: &str) -> String {
    let mut out = format!("{app_url}/crowd/rest/usermanagement/1/{resource}");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                out.push(digit.to_ascii_uppercase());
            }
        }
    }
    out
}

/// Writes `<link href="…" rel="self"/>`.
pub(super) fn write_link(out: &mut String, href: &str) {
    out.push_str("<link");
    xml::attribute(out, "href", href);
    out.push_str(" rel=\"self\"/>");
}

/// A display field in the length that applications store.
pub(super) fn cut(text: &str) -> &str {
    if text.len() <= MAX_FIELD {
        return text;
    }
    let mut units = 0;
    let too_far = |(_, character): &(usize, char)| {
        units += character.len_utf16();
        units > MAX_FIELD
    };
    let end = text.char_indices().find(too_far).map(|(at, _)| at);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_cut_at_255_utf16_units() {
        for (text, expect) in [
            ("a".repeat(255), 255),
            ("a".repeat(256), 255),
            ("é".repeat(200), 200),
            ("é".repeat(300), 255),
            ("🦀".repeat(128), 127),
            ("🦀".repeat(127), 127),
        ] {
            assert_eq!(cut(&text).chars().count(), expect, "{} bytes", text.len());
        }
    }

    #[test]
    fn links_encode_every_reserved_byte() {
        assert_eq!(
            href("http://h", "group?groupname=", "dev team+ø&"),
            "http://h/crowd/rest/usermanagement/1/group?groupname=dev%20team%2B%C3%B8%26"
        );
    }
}
