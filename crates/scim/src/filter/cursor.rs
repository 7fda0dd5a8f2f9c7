//! A position in the text of a filter or path, and the words around it.

use super::CompareOp;
use crate::ScimError;

/// Most characters of the input that an error quotes.
const EXCERPT: usize = 20;

/// Reads forward only; never past the end and never into a character.
pub(super) struct Cursor<'a> {
    /// What the text is, for errors.
    what: &'static str,
    text: &'a str,
    position: usize,
}

impl<'a> Cursor<'a> {
    /// `position` is a byte position at the start of a character; `what` names the text in errors.
    pub(super) fn new(what: &'static str, text: &'a str, position: usize) -> Self {
        Self {
            what,
            text,
            position,
        }
    }

    /// In bytes.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.position >= self.text.len()
    }

    pub(super) fn is_before(&self, token: &str) -> bool {
        self.rest().starts_with(token)
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.position += bytes;
    }

    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.is_before(token);
        if found {
            self.advance(token.len());
        }
        found
    }

    /// The text up to the next space, quote, bracket or parenthesis.
    pub(super) fn peek_word(&self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .bytes()
            .position(|byte| matches!(byte, b' ' | b'"' | b'(' | b')' | b'[' | b']'));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }

    /// ` and ` or ` or ` in any case.
    ///
    /// # Errors
    /// When the keyword is there and the space after it is not.
    pub(super) fn eat_connective(&mut self, keyword: &str) -> Result<bool, ScimError> {
        let Some(rest) = self.rest().strip_prefix(' ') else {
            return Ok(false);
        };
        let Some((word, rest)) = rest.as_bytes().split_at_checked(keyword.len()) else {
            return Ok(false);
        };
        if !word.eq_ignore_ascii_case(keyword.as_bytes())
            || rest.first().is_some_and(u8::is_ascii_alphanumeric)
        {
            return Ok(false);
        }
        self.advance(1 + keyword.len());
        if self.eat(" ") {
            Ok(true)
        } else {
            Err(self.expected("a space and another condition"))
        }
    }

    /// `not (` or `not(`, with the parenthesis (erratum 7319).
    pub(super) fn eat_not(&mut self) -> bool {
        let rest = self.rest().as_bytes();
        let Some((word, rest)) = rest.split_at_checked(3) else {
            return false;
        };
        if !word.eq_ignore_ascii_case(b"not") {
            return false;
        }
        let gap = match rest {
            [b'(', ..] => 1,
            [b' ', b'(', ..] => 2,
            _ => return false,
        };
        self.advance(3 + gap);
        true
    }

    /// The error for an input that is not `what` at this position.
    pub(super) fn expected(&self, what: &str) -> ScimError {
        self.error_at(self.position, what)
    }

    /// The error for an input that is not `what` at the byte `position`.
    pub(super) fn error_at(&self, position: usize, what: &str) -> ScimError {
        let name = self.what;
        let (before, after) = self
            .text
            .split_at_checked(position)
            .unwrap_or((self.text, ""));
        let place = before.chars().count() + 1;
        if after.is_empty() {
            return super::invalid(format!(
                "The {name} ends at character {place}, where {what} is expected."
            ));
        }
        let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        let found: String = after.chars().take(EXCERPT).map(printable).collect();
        let more = match after.chars().nth(EXCERPT) {
            Some(_) => "…",
            None => "",
        };
        super::invalid(format!(
            "At character {place} of the {name}, {what} is expected instead of `{found}{more}`."
        ))
    }
}

/// Whether `word` belongs to the grammar, so that it is no value.
pub(super) fn is_keyword(word: &str) -> bool {
    CompareOp::parse(word).is_some()
        || ["and", "or", "not", "pr"]
            .iter()
            .any(|keyword| word.eq_ignore_ascii_case(keyword))
}
