//! `provost allowlist` as scripts use it: against files, a server of documents, and a running server.

mod support;

#[path = "allowlist/documents.rs"]
mod documents;
#[path = "allowlist/effect.rs"]
mod effect;
#[path = "allowlist/explain.rs"]
mod explain;
#[path = "allowlist/refusals.rs"]
mod refusals;
#[path = "allowlist/stage.rs"]
mod stage;
