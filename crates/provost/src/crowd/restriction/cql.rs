//! Restrictions in Crowd's query language, as `GET /search` takes them (Atlassian's page "Crowd
//! Query Language"): `name = "admin*" and (active = false or createdDate > 2010-12)`.
//!
//! `and` binds closer than `or`; keywords and property names are read in any case. A value is a
//! bare word or stands in single or double quotes, in which a backslash takes the next character
//! as it is. `*` at the start or end of a text value stands for anything there.

use super::{
    Failure, Restriction,
    build::{Budget, Words, join, kind_of},
};

/// Longest query in bytes.
const MAX_QUERY: usize = 16 * 1024;

/// Reads a query; an empty one restricts nothing.
pub(super) fn parse(text: &str) -> Result<Restriction, Failure> {
    if text.len() > MAX_QUERY {
        let message = format!("A search restriction may have {MAX_QUERY} bytes at most");
        return Err(Failure::bad_request(message));
    }
    if text.trim().is_empty() {
        return Ok(Restriction::Everything);
    }
    let mut parser = Parser {
        tokens: Tokens { rest: text },
        ahead: None,
        budget: Budget::default(),
    };
    let restriction = parser.any(1)?;
    match parser.next()? {
        Token::End => Ok(restriction),
        _ => Err(malformed()),
    }
}

fn malformed() -> Failure {
    Failure::bad_request(
        "The search restriction is not in Crowd's query language; write for example \
         name = \"a*\" and active = true",
    )
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    /// `=`, `<`, `<=`, `>` or `>=`.
    Operator(&'static str),
    /// A bare word.
    Word(String),
    /// A text in quotes, in which a `*` that was escaped is a letter.
    Quoted(Vec<Letter>),
    End,
}

/// A character of a value, and whether it was escaped.
type Letter = (char, bool);

struct Tokens<'a> {
    rest: &'a str,
}

impl Tokens<'_> {
    fn take(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let first = characters.next();
        self.rest = characters.as_str();
        first
    }

    fn next(&mut self) -> Result<Token, Failure> {
        self.rest = self.rest.trim_start();
        let before = self.rest;
        let Some(first) = self.take() else {
            return Ok(Token::End);
        };
        Ok(match first {
            '(' => Token::Open,
            ')' => Token::Close,
            '=' => Token::Operator("="),
            '<' => Token::Operator(self.or_equal("<", "<=")),
            '>' => Token::Operator(self.or_equal(">", ">=")),
            '"' | '\'' => self.quoted(first)?,
            _ => {
                self.rest = before;
                self.word()?
            }
        })
    }

    fn or_equal(&mut self, plain: &'static str, equal: &'static str) -> &'static str {
        match self.rest.strip_prefix('=') {
            Some(rest) => {
                self.rest = rest;
                equal
            }
            None => plain,
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Token, Failure> {
        let mut letters = Vec::new();
        loop {
            match self.take().ok_or_else(malformed)? {
                '\\' => letters.push((self.take().ok_or_else(malformed)?, true)),
                end if end == quote => return Ok(Token::Quoted(letters)),
                other => letters.push((other, false)),
            }
        }
    }

    fn word(&mut self) -> Result<Token, Failure> {
        let is_end = |c: char| c.is_whitespace() || "()=<>\"'".contains(c);
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).ok_or_else(malformed)?;
        self.rest = rest;
        Ok(Token::Word(word.to_owned()))
    }
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    ahead: Option<Token>,
    budget: Budget,
}

impl Parser<'_> {
    fn next(&mut self) -> Result<Token, Failure> {
        match self.ahead.take() {
            Some(token) => Ok(token),
            None => self.tokens.next(),
        }
    }

    /// Takes a keyword if it is next.
    fn keyword(&mut self, keyword: &str) -> Result<bool, Failure> {
        let token = self.next()?;
        if matches!(&token, Token::Word(word) if word.eq_ignore_ascii_case(keyword)) {
            return Ok(true);
        }
        self.ahead = Some(token);
        Ok(false)
    }

    fn any(&mut self, depth: usize) -> Result<Restriction, Failure> {
        let mut parts = vec![self.all(depth)?];
        while self.keyword("or")? {
            parts.push(self.all(depth)?);
        }
        one_or_joined("OR", parts)
    }

    fn all(&mut self, depth: usize) -> Result<Restriction, Failure> {
        let mut parts = vec![self.primary(depth)?];
        while self.keyword("and")? {
            parts.push(self.primary(depth)?);
        }
        one_or_joined("AND", parts)
    }

    fn primary(&mut self, depth: usize) -> Result<Restriction, Failure> {
        self.budget.enter(depth)?;
        match self.next()? {
            Token::Open => {
                let inner = self.any(depth + 1)?;
                match self.next()? {
                    Token::Close => Ok(inner),
                    _ => Err(malformed()),
                }
            }
            Token::Word(name) => self.comparison(name),
            Token::Quoted(letters) => self.comparison(plain(&letters)),
            Token::Close | Token::Operator(_) | Token::End => Err(malformed()),
        }
    }

    fn comparison(&mut self, name: String) -> Result<Restriction, Failure> {
        let Token::Operator(operator) = self.next()? else {
            return Err(malformed());
        };
        let letters = match self.next()? {
            Token::Word(word) if operator == "=" && word.eq_ignore_ascii_case("null") => {
                return null(name);
            }
            Token::Word(word) => word.chars().map(|c| (c, false)).collect(),
            Token::Quoted(letters) => letters,
            Token::Open | Token::Close | Token::Operator(_) | Token::End => {
                return Err(malformed());
            }
        };
        compare(name, operator, &letters)
    }
}

fn one_or_joined(logic: &str, mut parts: Vec<Restriction>) -> Result<Restriction, Failure> {
    match parts.pop() {
        Some(only) if parts.is_empty() => Ok(only),
        last => {
            parts.extend(last);
            join(Some(logic), parts)
        }
    }
}

fn null(name: String) -> Result<Restriction, Failure> {
    words(name, "NULL", String::new())
}

fn compare(
    name: String,
    operator: &'static str,
    letters: &[Letter],
) -> Result<Restriction, Failure> {
    let mode = match operator {
        "<" => "LESS_THAN",
        "<=" => "LESS_THAN_OR_EQUAL",
        ">" => "GREATER_THAN",
        ">=" => "GREATER_THAN_OR_EQUAL",
        _ => return equal(name, letters),
    };
    words(name, mode, plain(letters))
}

const STAR: Letter = ('*', false);

fn equal(name: String, letters: &[Letter]) -> Result<Restriction, Failure> {
    if kind_of(&name) != "STRING" {
        return words(name, "EXACTLY_MATCHES", plain(letters));
    }
    let (mode, rest) = match letters {
        [STAR, inner @ .., STAR] => ("CONTAINS", inner),
        [STAR] => ("CONTAINS", &[][..]),
        [STAR, rest @ ..] => ("ENDS_WITH", rest),
        [rest @ .., STAR] => ("STARTS_WITH", rest),
        all => ("EXACTLY_MATCHES", all),
    };
    words(name, mode, plain(rest))
}

fn words(name: String, mode: &str, value: String) -> Result<Restriction, Failure> {
    Words {
        kind: None,
        mode: Some(mode.to_owned()),
        value: Some(value),
        name: Some(name),
    }
    .check()
}

fn plain(letters: &[Letter]) -> String {
    letters.iter().map(|(letter, _)| letter).collect()
}
