//! Lists of users or groups: paged, filtered, in both forms.

use axum::response::Response;

use super::{
    answer::document,
    entity::{Detail, Entity, Form},
    error::Failure,
    format::Format,
    page::Page,
    restriction::Restriction,
    stream::{Encode, Source, encode_all, stream},
    xml,
};

/// What a list holds and how it is written.
pub(super) struct List {
    /// How each entry is written.
    pub(super) form: Form,
    /// Which of the matching entries.
    pub(super) page: Page,
    /// Which entries match.
    pub(super) restriction: Restriction,
    /// The form of the answer.
    pub(super) format: Format,
}

impl List {
    /// Whether it is the whole listing, as a full synchronisation asks for.
    pub(super) fn is_everything(&self) -> bool {
        matches!(self.restriction, Restriction::Everything) && self.page == Page::everything()
    }

    /// Streams the list.
    pub(super) async fn stream<S>(mut self, source: S) -> Result<Response, Failure>
    where
        S: Source<Item: Entity>,
    {
        if self.restriction.is_never::<S::Item>() {
            // The first batch is read all the same: a store that cannot serve must not look like
            // a search without a hit.
            self.page = Page::nothing();
        }
        let format = self.format;
        stream(source, self.encoder(), format).await
    }

    /// Writes a list that is at hand.
    pub(super) fn write<E: Entity>(self, items: &[E]) -> Response {
        document(self.format, encode_all(self.encoder(), items))
    }

    fn encoder<E: Entity>(self) -> Encoder<E> {
        Encoder {
            list: self,
            is_first: true,
            entity: std::marker::PhantomData,
        }
    }
}

struct Encoder<E> {
    list: List,
    is_first: bool,
    entity: std::marker::PhantomData<fn(E)>,
}

impl<E: Entity> Encoder<E> {
    fn expanded(&self) -> Option<&'static str> {
        (self.list.form.detail != Detail::Name).then_some(E::ELEMENT)
    }

    fn open_json(&self, out: &mut String) {
        out.push('{');
        if let Some(element) = self.expanded() {
            for part in ["\"expand\":\"", element, "\","] {
                out.push_str(part);
            }
        }
        for part in ["\"", E::LIST, "\":["] {
            out.push_str(part);
        }
    }

    fn open_xml(&self, out: &mut String) {
        for part in [xml::DECLARATION, "<", E::LIST] {
            out.push_str(part);
        }
        if let Some(element) = self.expanded() {
            xml::attribute(out, "expand", element);
        }
        out.push('>');
    }
}

impl<E: Entity> Encode for Encoder<E> {
    type Item = E;

    fn open(&mut self, out: &mut String) {
        match self.list.format {
            Format::Xml => self.open_xml(out),
            Format::Json => self.open_json(out),
        }
    }

    fn item(&mut self, out: &mut String, item: &E) {
        if self.list.page.is_full()
            || !self.list.restriction.matches(item)
            || !self.list.page.admits()
        {
            return;
        }
        match self.list.format {
            Format::Xml => item.write_xml(out, &self.list.form),
            Format::Json => {
                if !self.is_first {
                    out.push(',');
                }
                out.push_str(&item.to_json(&self.list.form).to_string());
            }
        }
        self.is_first = false;
    }

    fn close(&mut self, out: &mut String) {
        match self.list.format {
            Format::Json => out.push_str("]}"),
            Format::Xml => {
                for part in ["</", E::LIST, ">"] {
                    out.push_str(part);
                }
            }
        }
    }

    fn is_full(&self) -> bool {
        self.list.page.is_full()
    }
}
