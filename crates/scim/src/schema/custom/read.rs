//! One JSON object of a schema document, read key by key; keys are compared without case, and
//! what nobody asked for is refused, because a misspelt characteristic would silently become its
//! default.

use serde_json::{Map, Value};

use super::SchemaError;
use crate::validate::{take, what};

/// An object and what an error calls it.
pub(super) struct Fields {
    subject: String,
    fields: Map<String, Value>,
}

impl Fields {
    pub(super) fn of(subject: &str, value: Value) -> Result<Self, SchemaError> {
        match value {
            Value::Object(fields) => Ok(Self {
                subject: subject.to_owned(),
                fields,
            }),
            other => Err(SchemaError::new(format_args!(
                "{subject} is {}; write an object in braces",
                what(&other)
            ))),
        }
    }

    /// What an error calls the object from now on.
    pub(super) fn call(&mut self, subject: &str) {
        subject.clone_into(&mut self.subject);
    }

    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    /// A sentence about the object.
    pub(super) fn refuse(&self, problem: impl std::fmt::Display) -> SchemaError {
        SchemaError::new(format_args!("{} {problem}", self.subject))
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        take(&mut self.fields, key)
    }

    fn mistyped(&self, key: &str, expected: &str, value: &Value) -> SchemaError {
        self.refuse(format_args!(
            "has a \"{key}\" that is {}; write {expected}",
            what(value)
        ))
    }

    /// A text of at most so many characters.
    pub(super) fn text(&mut self, key: &str, most: usize) -> Result<Option<String>, SchemaError> {
        match self.take(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.chars().count() > most => Err(self.refuse(
                format_args!("has a \"{key}\" longer than {most} characters; shorten it"),
            )),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.mistyped(key, "text in quotes", &other)),
        }
    }

    pub(super) fn flag(&mut self, key: &str) -> Result<Option<bool>, SchemaError> {
        match self.take(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(self.mistyped(key, "true or false", &other)),
        }
    }

    /// A list; an absent one is empty.
    pub(super) fn list(&mut self, key: &str) -> Result<Vec<Value>, SchemaError> {
        match self.take(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(self.mistyped(key, "a list in brackets", &other)),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, key: &str, most: usize) -> Result<Vec<String>, SchemaError> {
        let items = self.list(key)?;
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::String(text) if text.chars().count() <= most => texts.push(text),
                Value::String(_) => {
                    return Err(self.refuse(format_args!(
                        "has a \"{key}\" with a text longer than {most} characters; shorten it"
                    )));
                }
                other => return Err(self.mistyped(key, "a list of texts", &other)),
            }
        }
        Ok(texts)
    }

    /// One of a closed set of keywords, which are compared without case.
    pub(super) fn keyword<T: Copy>(
        &mut self,
        key: &str,
        known: &[(&str, T)],
    ) -> Result<Option<T>, SchemaError> {
        let Some(text) = self.text(key, super::MAX_TEXT)? else {
            return Ok(None);
        };
        let found = known
            .iter()
            .find(|(word, _)| crate::name::same(word, &text));
        if let Some((_, value)) = found {
            return Ok(Some(*value));
        }
        let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
        Err(self.refuse(format_args!(
            "has the {key} \"{}\"; use one of {}",
            text.escape_debug(),
            words.join(", ")
        )))
    }

    /// Nothing may be left.
    pub(super) fn finish(self, known: &[&str]) -> Result<(), SchemaError> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(key) => Err(self.refuse(format_args!(
                "has an unknown \"{}\"; there are {}",
                key.escape_debug(),
                known.join(", ")
            ))),
        }
    }
}
