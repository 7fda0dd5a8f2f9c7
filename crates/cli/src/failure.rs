//! What a command says when it fails: one plain sentence with the next step.
//!
//! The one place where errors of the directory become words of the command line.
#![deny(clippy::wildcard_enum_match_arm)]

use std::fmt;

use provost_directory::{ArchiveError, DirectoryError, OpenError};

/// Why a command ends without having done its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was asked properly and could not be done.
    Failed(String),
    /// It was asked wrongly.
    Usage(String),
}

impl Failure {
    /// The work could not be done.
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    /// The command was used wrongly.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    /// The exit code of the process.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(text) | Self::Usage(text) => f.write_str(text),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Refused(text) => Self::failed(text),
            ArchiveError::Closed(error) => error.into(),
            ArchiveError::Store(error) => Self::failed(format!(
                "{error}; nothing was changed: check free space and permissions of the database, then try again"
            )),
        }
    }
}

/// What a command was about, so that an error can name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// `tenant`, `token`, `application`, `set`, `user`, `group`.
    pub(crate) kind: &'static str,
    /// The name that was typed.
    pub(crate) name: &'a str,
    /// The command that lists what exists.
    pub(crate) list: &'static str,
}

impl<'a> Subject<'a> {
    /// A tenant.
    pub(crate) const fn tenant(slug: &'a str) -> Self {
        Self {
            kind: "tenant",
            name: slug,
            list: "provost tenant list",
        }
    }

    /// An application.
    pub(crate) const fn application(name: &'a str) -> Self {
        Self {
            kind: "application",
            name,
            list: "provost application list",
        }
    }

    /// A token.
    pub(crate) const fn token(id: &'a str) -> Self {
        Self {
            kind: "token",
            name: id,
            list: "provost token list TENANT",
        }
    }

    /// A named set of addresses.
    pub(crate) const fn ip_set(name: &'a str) -> Self {
        Self {
            kind: "set",
            name,
            list: "provost allowlist list",
        }
    }

    /// A user.
    pub(crate) const fn user(name: &'a str) -> Self {
        Self {
            kind: "user",
            name,
            list: "provost user list",
        }
    }

    /// A group.
    pub(crate) const fn group(name: &'a str) -> Self {
        Self {
            kind: "group",
            name,
            list: "provost group list",
        }
    }

    /// The sentence for "there is no such thing".
    pub(crate) fn missing(self) -> Failure {
        let Self { kind, name, list } = self;
        Failure::failed(format!(
            "there is no {kind} `{name}`; `{list}` shows what exists"
        ))
    }

    /// The sentence for an error about this subject; for `map_err`.
    pub(crate) fn explain(self, error: DirectoryError) -> Failure {
        let Self { kind, name, list } = self;
        match error {
            DirectoryError::NotFound => self.missing(),
            DirectoryError::Conflict { attribute, .. } => Failure::failed(format!(
                "the {kind} `{name}` exists already ({attribute} is in use); choose another name, or see `{list}`"
            )),
            DirectoryError::VersionMismatch => Failure::failed(format!(
                "the {kind} `{name}` was changed by someone else meanwhile; run the command again"
            )),
            DirectoryError::NothingProvisioned => Failure::failed(
                "no user has been provisioned yet; push the first one from the identity provider",
            ),
            DirectoryError::Held(_) => Failure::failed(format!(
                "the mass-change brake holds the view; `provost application show {name}` says what would change, then release or discard it"
            )),
            DirectoryError::Refused(refusal) => Failure::usage(refusal.detail().to_owned()),
            DirectoryError::Invalid(text) => Failure::usage(text),
            DirectoryError::Unavailable(text) => Failure::failed(format!(
                "the store cannot serve just now: {text}; check free space and permissions of the data directory, then try again"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_names_the_subject_or_the_next_step() {
        for (error, code, words) in [
            (DirectoryError::NotFound, 1, "provost tenant list"),
            (
                DirectoryError::Conflict {
                    attribute: "slug",
                    existing: None,
                },
                1,
                "exists already",
            ),
            (DirectoryError::VersionMismatch, 1, "again"),
            (
                DirectoryError::Invalid("a slug is 1 to 63 characters".into()),
                2,
                "a slug is",
            ),
            (
                DirectoryError::Unavailable("disk full".into()),
                1,
                "disk full",
            ),
        ] {
            let failure = Subject::tenant("acme").explain(error);
            assert_eq!(failure.exit_code(), code, "{failure}");
            assert!(failure.to_string().contains(words), "{failure}");
        }
    }
}
