//! [`Filter`] → canonical text, which parses to the same tree.

use std::fmt::{self, Display, Formatter, Write as _};

use super::{Filter, Literal};

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(terms) => joined(f, terms, " and "),
            Self::Or(terms) => joined(f, terms, " or "),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(attribute) => write!(f, "{attribute} pr"),
            Self::Compare(attribute, op, literal) => {
                write!(f, "{attribute} {} {literal}", op.as_str())
            }
            Self::Values(attribute, inner) => write!(f, "{attribute}[{inner}]"),
        }
    }
}

/// Terms that bind weaker than what they stand in get parentheses.
fn joined(f: &mut Formatter<'_>, terms: &[Filter], separator: &str) -> fmt::Result {
    for (index, term) in terms.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        if matches!(term, Filter::Or(_)) {
            write!(f, "({term})")?;
        } else {
            write!(f, "{term}")?;
        }
    }
    Ok(())
}

/// How deep parentheses and brackets are nested in the canonical text.
pub(super) fn nesting(filter: &Filter) -> usize {
    let of_term = |term: &Filter| nesting(term) + usize::from(matches!(term, Filter::Or(_)));
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().map(of_term).max().unwrap_or(0),
        Filter::Not(inner) | Filter::Values(_, inner) => 1 + nesting(inner),
        Filter::Present(_) | Filter::Compare(..) => 0,
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(text) => quoted(f, text),
        }
    }
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\0'..' ' => write!(f, "\\u{:04x}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
