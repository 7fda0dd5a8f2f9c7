//! Text → [`Filter`]: recursive descent over RFC 7644 figure 1 with errata 4670, 4690, 7319, 7322.
//!
//! Separators are single spaces, as in the grammar. Every limit is checked before the step it
//! limits, so neither time nor stack follows the input beyond them.

use super::{
    CompareOp, Filter, Literal, MAX_DEPTH, MAX_LENGTH, MAX_TERMS,
    cursor::{Cursor, is_keyword},
    literal, notation, print,
};
use crate::{Profile, ScimError};

pub(super) fn filter(text: &str, profile: &Profile) -> Result<Filter, ScimError> {
    if text.len() > MAX_LENGTH {
        return Err(super::invalid(format!(
            "The filter is longer than {MAX_LENGTH} bytes; split the query."
        )));
    }
    filter_of_any_length(text, profile)
}

/// [`filter`] without the limit on length; the other limits must hold without it.
pub(super) fn filter_of_any_length(text: &str, profile: &Profile) -> Result<Filter, ScimError> {
    let mut parser = Parser::new(Cursor::new("filter", text, 0), profile);
    let filter = parser.alternatives()?;
    if parser.cursor.is_at_end() {
        Ok(filter)
    } else {
        Err(parser.cursor.expected("`and`, `or` or the end"))
    }
}

/// Reads the inside of `[ ]` that begins at byte `start` of `text`; also gives the position after
/// the closing bracket. The caller has limited the length.
pub(crate) fn value_filter(
    text: &str,
    start: usize,
    profile: &Profile,
) -> Result<(Filter, usize), ScimError> {
    let mut parser = Parser::new(Cursor::new("path", text, start), profile);
    let filter = parser.bracketed()?;
    Ok((filter, parser.cursor.position()))
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    profile: &'a Profile,
    depth: usize,
    terms: usize,
    in_brackets: bool,
}

impl<'a> Parser<'a> {
    fn new(cursor: Cursor<'a>, profile: &'a Profile) -> Self {
        Self {
            cursor,
            profile,
            depth: 0,
            terms: 0,
            in_brackets: false,
        }
    }

    fn alternatives(&mut self) -> Result<Filter, ScimError> {
        let first = self.conjunction()?;
        if !self.cursor.eat_connective("or")? {
            return Ok(first);
        }
        let mut terms = Vec::with_capacity(2);
        push_alternative(&mut terms, first);
        loop {
            push_alternative(&mut terms, self.conjunction()?);
            if !self.cursor.eat_connective("or")? {
                return Ok(Filter::Or(terms));
            }
        }
    }

    fn conjunction(&mut self) -> Result<Filter, ScimError> {
        let first = self.term()?;
        if !self.cursor.eat_connective("and")? {
            return Ok(first);
        }
        let mut terms = Vec::with_capacity(2);
        push_conjunct(&mut terms, first);
        loop {
            push_conjunct(&mut terms, self.term()?);
            if !self.cursor.eat_connective("and")? {
                return Ok(Filter::And(terms));
            }
        }
    }

    fn term(&mut self) -> Result<Filter, ScimError> {
        if self.cursor.eat("(") {
            return self.parenthesised();
        }
        if self.cursor.eat_not() {
            return Ok(Filter::Not(Box::new(self.parenthesised()?)));
        }
        self.expression()
    }

    /// What follows an opening parenthesis, up to and with the closing one.
    fn parenthesised(&mut self) -> Result<Filter, ScimError> {
        self.descend()?;
        let inner = self.alternatives()?;
        self.depth -= 1;
        if self.cursor.eat(")") {
            Ok(inner)
        } else {
            Err(self.cursor.expected("`and`, `or` or `)`"))
        }
    }

    /// What follows an opening bracket, up to and with the closing one.
    fn bracketed(&mut self) -> Result<Filter, ScimError> {
        self.descend()?;
        self.in_brackets = true;
        let inner = self.alternatives()?;
        self.in_brackets = false;
        self.depth -= 1;
        if self.cursor.eat("]") {
            Ok(inner)
        } else {
            Err(self.cursor.expected("`and`, `or` or `]`"))
        }
    }

    fn descend(&mut self) -> Result<(), ScimError> {
        if self.depth >= MAX_DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        Ok(())
    }

    fn count_term(&mut self) -> Result<(), ScimError> {
        if self.terms >= MAX_TERMS {
            return Err(super::invalid(format!(
                "The filter has more than {MAX_TERMS} terms; split the query."
            )));
        }
        self.terms += 1;
        Ok(())
    }

    fn expression(&mut self) -> Result<Filter, ScimError> {
        self.count_term()?;
        let attribute = self.attribute()?;
        if self.cursor.is_before("[") {
            self.value_path(attribute)
        } else {
            self.comparison(attribute)
        }
    }

    fn attribute(&mut self) -> Result<String, ScimError> {
        let word = self.cursor.peek_word();
        if !notation::is_attribute(word) {
            return Err(self.cursor.expected("an attribute name, `(` or `not (`"));
        }
        self.cursor.advance(word.len());
        Ok(word.to_owned())
    }

    fn comparison(&mut self, attribute: String) -> Result<Filter, ScimError> {
        if !self.cursor.eat(" ") {
            return Err(self.cursor.expected("a space and an operator"));
        }
        let word = self.cursor.peek_word();
        if word.eq_ignore_ascii_case("pr") {
            self.cursor.advance(word.len());
            return Ok(Filter::Present(attribute));
        }
        let Some(op) = CompareOp::parse(word) else {
            return Err(self
                .cursor
                .expected("one of the operators eq, ne, co, sw, ew, gt, ge, lt, le, pr"));
        };
        self.cursor.advance(word.len());
        if !self.cursor.eat(" ") {
            return Err(self.cursor.expected("a space and a value"));
        }
        let value = self.value()?;
        Ok(Filter::Compare(attribute, op, value))
    }

    fn value(&mut self) -> Result<Literal, ScimError> {
        if self.cursor.is_before("\"") {
            return literal::string(&mut self.cursor).map(Literal::Text);
        }
        let word = self.cursor.peek_word();
        let value = literal::bare(word).or_else(|| self.tolerated(word));
        match value {
            Some(value) => {
                self.cursor.advance(word.len());
                Ok(value)
            }
            None => Err(self
                .cursor
                .expected("a value: text in double quotes, a number, true, false or null")),
        }
    }

    /// A bare word as the value; one that is a keyword means that the value is missing.
    fn tolerated(&self, word: &str) -> Option<Literal> {
        if is_keyword(word) {
            return None;
        }
        self.profile.quirks.word(word)
    }

    fn value_path(&mut self, attribute: String) -> Result<Filter, ScimError> {
        if self.in_brackets {
            return Err(self
                .cursor
                .expected("an operator, because `[ ]` cannot be nested"));
        }
        self.cursor.advance(1);
        let inner = self.bracketed()?;
        if !(self.profile.sub_after_filter && self.cursor.eat(".")) {
            return Ok(Filter::Values(attribute, Box::new(inner)));
        }
        self.sub_attribute_after(attribute, inner)
    }

    /// D-31: `emails[type eq "work"].value eq "x"` means
    /// `emails[type eq "work" and value eq "x"]`.
    fn sub_attribute_after(
        &mut self,
        attribute: String,
        inner: Filter,
    ) -> Result<Filter, ScimError> {
        self.count_term()?;
        let sub = self.attribute()?;
        let last = self.comparison(sub)?;
        // In canonical form the alternatives stand in parentheses of their own.
        if matches!(inner, Filter::Or(_)) && self.depth + 2 + print::nesting(&inner) > MAX_DEPTH {
            return Err(too_deep());
        }
        let mut terms = Vec::with_capacity(2);
        push_conjunct(&mut terms, inner);
        terms.push(last);
        Ok(Filter::Values(attribute, Box::new(Filter::And(terms))))
    }
}

fn push_conjunct(terms: &mut Vec<Filter>, term: Filter) {
    match term {
        Filter::And(inner) => terms.extend(inner),
        other => terms.push(other),
    }
}

fn push_alternative(terms: &mut Vec<Filter>, term: Filter) {
    match term {
        Filter::Or(inner) => terms.extend(inner),
        other => terms.push(other),
    }
}

fn too_deep() -> ScimError {
    super::invalid(format!(
        "The filter is nested deeper than {MAX_DEPTH} levels; simplify it."
    ))
}
