//! Filters from text to answer: what parses, what binds, what matches.

mod binding;
mod evaluation;
mod printing;
mod syntax;
