//! Everything that an answer can do wrong: its name, the rule it breaks, and what most identity
//! providers would do. What a particular one does differently stands in its table (`habits`).

use serde::Serialize;

use Severity::{Hurts, Notice};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Provisioning breaks, or the target is wrong afterwards.
    Hurts,
    /// The identity provider lives with it.
    Notice,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Trouble {
    NoAnswer,
    AnswerLost,
    Refused,
    LookupNotFound,
    NoEndpoint,
    Vanished,
    FalseConflict,
    Rejected,
    Unsupported,
    Throttled,
    ServerError,
    OddStatus,
    Html,
    ContentType,
    NotJson,
    NotAList,
    ListIncomplete,
    UnfilteredList,
    NoId,
    IdChanged,
    NoLocation,
    NoMeta,
    ValueChanged,
    OptionalDropped,
    NotFoundAfterWrite,
    InactiveHidden,
    DuplicateCreated,
    DuplicateOtherStatus,
    ErrorForm,
    ConfigIncomplete,
    MembersMissing,
    MembersExtra,
    GhostMembers,
    GroupsOfUser,
    StillThere,
    ListTorn,
}

/// What is known about a trouble.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulate) struct Facts {
    trouble: Trouble,
    /// What it is.
    pub(in crate::simulate) what: &'static str,
    /// How bad it is for most.
    pub(in crate::simulate) severity: Severity,
    /// What most identity providers do.
    pub(in crate::simulate) consequence: &'static str,
    /// The rule that is broken.
    pub(in crate::simulate) rule: &'static str,
}

impl Trouble {
    /// What is known about it.
    pub(in crate::simulate) fn facts(self) -> Facts {
        let row = FACTS.iter().find(|row| row.trouble == self);
        row.copied().unwrap_or(Facts {
            trouble: self,
            what: "an answer is wrong",
            severity: Severity::Hurts,
            consequence: "the change counts as failed",
            rule: "RFC 7644",
        })
    }

    /// Whether the form of the request may be the reason.
    pub(in crate::simulate) const fn may_come_from_form(self) -> bool {
        matches!(
            self,
            Self::Rejected
                | Self::Unsupported
                | Self::ServerError
                | Self::ValueChanged
                | Self::OptionalDropped
                | Self::MembersMissing
                | Self::MembersExtra
        )
    }
}

/// One row per trouble.
const FACTS: &[Facts] = &[
    Facts {
        trouble: Trouble::NoAnswer,
        what: "no answer came, not even after repetition",
        severity: Hurts,
        consequence: "the change waits for a later cycle or is lost",
        rule: "RFC 9110, section 15.6.4: what is down for a while answers 503 with Retry-After",
    },
    Facts {
        trouble: Trouble::AnswerLost,
        what: "an answer was lost, or the server failed, and the repetition was answered",
        severity: Notice,
        consequence: "the request is sent again, which must not have a second effect",
        rule: "RFC 9110, section 9.2.2: PUT and DELETE may be repeated",
    },
    Facts {
        trouble: Trouble::Refused,
        what: "the credentials were refused",
        severity: Hurts,
        consequence: "the integration is disabled until an administrator enters new credentials",
        rule: "RFC 7644, section 3.12: 401 and 403 are for missing rights only",
    },
    Facts {
        trouble: Trouble::LookupNotFound,
        what: "a search without hits was answered 404",
        severity: Hurts,
        consequence: "the search counts as failed and nothing is created",
        rule: "RFC 7644, section 3.4.2: no match is 200 with totalResults 0",
    },
    Facts {
        trouble: Trouble::NoEndpoint,
        what: "the endpoint does not exist",
        severity: Hurts,
        consequence: "the change is lost",
        rule: "RFC 7644, section 3.2: /Users and /Groups take POST, GET, PUT, PATCH and DELETE",
    },
    Facts {
        trouble: Trouble::Vanished,
        what: "an object that was created is not found under its id",
        severity: Hurts,
        consequence: "the link to the account is dropped, and the account may be created again",
        rule: "RFC 7644, section 3.1: an id stays valid as long as the resource exists",
    },
    Facts {
        trouble: Trouble::FalseConflict,
        what: "a new object was answered as a duplicate",
        severity: Hurts,
        consequence: "the object stays unprovisioned until somebody looks into it",
        rule: "RFC 7644, section 3.3: 409 only if a unique attribute is in use",
    },
    Facts {
        trouble: Trouble::Rejected,
        what: "a request that this identity provider sends was refused",
        severity: Hurts,
        consequence: "the change is not repeated and stays undone",
        rule: "RFC 7644, section 3.12: 400 is for requests that break the syntax or the schema",
    },
    Facts {
        trouble: Trouble::Unsupported,
        what: "the method or the body's type is not supported",
        severity: Hurts,
        consequence: "such changes never arrive",
        rule: "RFC 7644, sections 3.1 and 3.2: methods and the type application/scim+json",
    },
    Facts {
        trouble: Trouble::Throttled,
        what: "requests were throttled",
        severity: Hurts,
        consequence: "changes are late, and the integration may be paused",
        rule: "RFC 6585, section 4: 429 with Retry-After",
    },
    Facts {
        trouble: Trouble::ServerError,
        what: "the server failed",
        severity: Hurts,
        consequence: "the request is repeated again and again",
        rule: "RFC 7644, section 3.12: 500 is a fault of the server; 503 with Retry-After is for a pause",
    },
    Facts {
        trouble: Trouble::OddStatus,
        what: "the status is not the one for this request",
        severity: Hurts,
        consequence: "the change counts as failed although it may have happened",
        rule: "RFC 7644, sections 3.3 to 3.6: 201 for POST, 200 for PUT, 200 or 204 for PATCH, 204 for DELETE",
    },
    Facts {
        trouble: Trouble::Html,
        what: "a web page came instead of SCIM",
        severity: Hurts,
        consequence: "the answer cannot be read; it looks like a wrong URL or a proxy in between",
        rule: "RFC 7644, section 3.1: answers are JSON",
    },
    Facts {
        trouble: Trouble::ContentType,
        what: "the content type is not that of SCIM",
        severity: Notice,
        consequence: "the body is read all the same",
        rule: "RFC 7644, section 3.1: Content-Type application/scim+json",
    },
    Facts {
        trouble: Trouble::NotJson,
        what: "the body cannot be read as JSON",
        severity: Hurts,
        consequence: "the change counts as failed",
        rule: "RFC 7644, section 3.1: answers are JSON",
    },
    Facts {
        trouble: Trouble::NotAList,
        what: "the answer to a search is not a list",
        severity: Hurts,
        consequence: "the search counts as failed and nothing is created",
        rule: "RFC 7644, section 3.4.2: every query is answered with a ListResponse",
    },
    Facts {
        trouble: Trouble::ListIncomplete,
        what: "a list answer lacks a member or has it as text",
        severity: Hurts,
        consequence: "the list cannot be read, or only its first page is",
        rule: "RFC 7644, section 3.4.2: totalResults, and with paging startIndex and itemsPerPage, as numbers",
    },
    Facts {
        trouble: Trouble::UnfilteredList,
        what: "a search brought what was not asked for",
        severity: Hurts,
        consequence: "a wrong account is taken for the right one and overwritten",
        rule: "RFC 7644, section 3.4.2.2: a filter that is not supported is 400 invalidFilter",
    },
    Facts {
        trouble: Trouble::NoId,
        what: "the answer to a create has no id",
        severity: Hurts,
        consequence: "nothing can be linked, and every later change fails",
        rule: "RFC 7643, section 3.1: every resource has a non-empty id",
    },
    Facts {
        trouble: Trouble::IdChanged,
        what: "the answer is about another id",
        severity: Hurts,
        consequence: "the link breaks or points to the wrong account",
        rule: "RFC 7643, section 3.1: an id is stable and is never reused",
    },
    Facts {
        trouble: Trouble::NoLocation,
        what: "a create was answered without Location",
        severity: Notice,
        consequence: "the id of the body is used",
        rule: "RFC 7644, section 3.3: the Location header names the new resource",
    },
    Facts {
        trouble: Trouble::NoMeta,
        what: "a new resource has no meta.location",
        severity: Notice,
        consequence: "nothing, as long as the endpoint tells the type",
        rule: "RFC 7643, section 3.1: meta is part of every resource",
    },
    Facts {
        trouble: Trouble::ValueChanged,
        what: "a value is not the one that was sent",
        severity: Hurts,
        consequence: "the account is wrong, and the change is sent again at every comparison",
        rule: "RFC 7644, sections 3.3, 3.5.1 and 3.5.2: a success means that the values are stored",
    },
    Facts {
        trouble: Trouble::OptionalDropped,
        what: "an optional attribute was not stored",
        severity: Notice,
        consequence: "the change is sent again at every comparison",
        rule: "RFC 7644, section 3.3: attributes may be ignored, but then /Schemas should not list them",
    },
    Facts {
        trouble: Trouble::NotFoundAfterWrite,
        what: "a search does not find an object that exists",
        severity: Hurts,
        consequence: "a second account is created",
        rule: "RFC 7644, section 3.4.2: a query sees what was written before it",
    },
    Facts {
        trouble: Trouble::InactiveHidden,
        what: "an inactive user is not found any more",
        severity: Hurts,
        consequence: "a second account is created when the person comes back",
        rule: "RFC 7643, section 4.1.1: active is a value of the user, not its existence",
    },
    Facts {
        trouble: Trouble::DuplicateCreated,
        what: "a user name that was taken was given again",
        severity: Hurts,
        consequence: "two accounts share a name; changes reach one of them",
        rule: "RFC 7643, section 4.1.1: userName is unique; RFC 7644, section 3.3: 409 uniqueness",
    },
    Facts {
        trouble: Trouble::DuplicateOtherStatus,
        what: "a duplicate was not answered with 409 and scimType uniqueness",
        severity: Notice,
        consequence: "the reason is shown as a general failure",
        rule: "RFC 7644, section 3.3: 409 with scimType uniqueness",
    },
    Facts {
        trouble: Trouble::ErrorForm,
        what: "an error has no readable body",
        severity: Notice,
        consequence: "the administrator sees a number and no reason",
        rule: "RFC 7644, section 3.12: errors carry schemas, status and detail",
    },
    Facts {
        trouble: Trouble::ConfigIncomplete,
        what: "the configuration document lacks what is read from it",
        severity: Notice,
        consequence: "defaults are assumed that may not fit",
        rule: "RFC 7643, section 5: the members of ServiceProviderConfig are required",
    },
    Facts {
        trouble: Trouble::MembersMissing,
        what: "a group lacks members",
        severity: Hurts,
        consequence: "people lack what the group grants",
        rule: "RFC 7644, section 3.5.2: a PATCH that succeeds is applied",
    },
    Facts {
        trouble: Trouble::MembersExtra,
        what: "a group has members that were removed",
        severity: Hurts,
        consequence: "people keep what the group grants",
        rule: "RFC 7644, section 3.5.2.2: removed values are gone",
    },
    Facts {
        trouble: Trouble::GhostMembers,
        what: "a group has members that were deleted",
        severity: Notice,
        consequence: "an import shows members that do not exist",
        rule: "RFC 7643, section 4.2: members refer to resources, and RFC 7644, section 3.6: a deleted resource is gone for every operation",
    },
    Facts {
        trouble: Trouble::GroupsOfUser,
        what: "the groups of a user are not those that it is a member of",
        severity: Notice,
        consequence: "nothing, as long as members are read from groups",
        rule: "RFC 7643, section 4.1.2: groups lists the memberships",
    },
    Facts {
        trouble: Trouble::StillThere,
        what: "a deleted object is still there",
        severity: Hurts,
        consequence: "the account stays usable after the person has left",
        rule: "RFC 7644, section 3.6: a deleted resource is answered 404 and not listed",
    },
    Facts {
        trouble: Trouble::ListTorn,
        what: "the pages of a list do not fit together",
        severity: Hurts,
        consequence: "an import misses accounts or sees them twice",
        rule: "RFC 7644, section 3.4.2.4: startIndex counts from 1, and totalResults is the whole number",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_has_one_row() {
        for (place, row) in FACTS.iter().enumerate() {
            assert_eq!(row.trouble as usize, place, "{:?}", row.trouble);
        }
        assert_eq!(FACTS.len(), Trouble::ListTorn as usize + 1);
    }
}
