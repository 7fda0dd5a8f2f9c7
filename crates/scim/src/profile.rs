//! How strictly a tenant's requests are read: one table of switches.
//!
//! The numbers are the open points of the SCIM standards (D-nn in the project's reference); no
//! other code branches on a profile's name.

use crate::quirk::QuirkSet;

/// Switches of one profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of independent switches"
)]
pub struct Profile {
    /// The name in the tenant's settings.
    pub name: &'static str,
    /// The oddities of identity providers that are understood (D-20, D-21 and others).
    pub quirks: QuirkSet,
    /// D-11: unknown attributes are left out; otherwise 400 `invalidSyntax`.
    pub ignore_unknown: bool,
    /// D-12: `schemas` may be missing or list unknown URNs.
    pub infer_schemas: bool,
    /// D-07: `add` or `replace` through a value filter that matches nothing creates the element
    /// from the filter's `eq` terms; otherwise 400 `noTarget`.
    pub create_on_no_match: bool,
    /// D-27: a sub-attribute of a list, named without a filter, means that of every element.
    pub sub_attribute_of_all: bool,
    /// D-31: a name may follow a value filter inside a filter.
    pub sub_after_filter: bool,
    /// D-16: PUT without `externalId` keeps it.
    pub keep_external_id: bool,
    /// A PATCH may leave `active` without a value, which counts as usable; otherwise `invalidValue`,
    /// so that nobody is let in again by a removal.
    pub unassign_active: bool,
    /// Erratum 6011: members of a group carry `display`, which the published schema of the RFC lacks;
    /// otherwise only when it is named.
    pub member_names: bool,
    /// R-IP-09: every PATCH operation needs a path; otherwise 400 `invalidSyntax`.
    pub path_required: bool,
    /// R-IP-04: a PATCH path that names no attribute is `invalidSyntax`; otherwise `invalidPath`.
    pub unknown_path_is_syntax: bool,
    /// R-IP-11: `replace` of a whole complex attribute drops the sub-attributes it does not give;
    /// otherwise it merges, as RFC 7644 section 3.5.2.3 says.
    pub replace_drops_rest: bool,
    /// R-IP-13: a value filter in a path may select one value only (`invalidFilter`), of which
    /// `add` and `replace` name a sub-attribute (`invalidPath`). `remove` of a whole value stays:
    /// there is no other way to take one member out of a group.
    pub one_selected_value: bool,
    /// R-IP-01: `/ServiceProviderConfig` says `interopProfileConformant`.
    pub interop_conformant: bool,
    /// D-25: `attributes` wins over `excludedAttributes`; otherwise 400 `invalidValue`.
    pub attributes_win: bool,
}

/// What identity providers need; the default.
pub static COMPAT: Profile = Profile {
    name: "compat",
    quirks: QuirkSet::ALL,
    ignore_unknown: true,
    infer_schemas: true,
    create_on_no_match: true,
    sub_attribute_of_all: true,
    sub_after_filter: true,
    keep_external_id: true,
    unassign_active: false,
    member_names: true,
    path_required: false,
    unknown_path_is_syntax: false,
    replace_drops_rest: false,
    one_selected_value: false,
    interop_conformant: false,
    attributes_win: true,
};

/// What the RFCs say, to the letter.
pub static STRICT: Profile = Profile {
    name: "strict",
    quirks: QuirkSet::NONE,
    ignore_unknown: false,
    infer_schemas: false,
    create_on_no_match: false,
    sub_attribute_of_all: false,
    sub_after_filter: false,
    keep_external_id: false,
    unassign_active: true,
    member_names: false,
    path_required: false,
    unknown_path_is_syntax: false,
    replace_drops_rest: false,
    one_selected_value: false,
    interop_conformant: false,
    attributes_win: false,
};

/// The draft interoperability profile of SCIM 2.0: the RFCs to the letter, and its own rules
/// (R-IP-nn).
pub static INTEROP: Profile = Profile {
    name: "interop",
    quirks: QuirkSet::NONE,
    ignore_unknown: false,
    infer_schemas: false,
    create_on_no_match: false,
    sub_attribute_of_all: false,
    sub_after_filter: false,
    keep_external_id: false,
    unassign_active: true,
    member_names: false,
    path_required: true,
    unknown_path_is_syntax: true,
    replace_drops_rest: true,
    one_selected_value: true,
    interop_conformant: true,
    attributes_win: false,
};

/// Every profile.
pub static ALL: &[&Profile] = &[&COMPAT, &STRICT, &INTEROP];

/// The profile of that name.
pub fn find(name: &str) -> Option<&'static Profile> {
    ALL.iter().copied().find(|profile| profile.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_found_by_their_own_names() {
        for profile in ALL {
            assert_eq!(find(profile.name), Some(*profile));
        }
        assert_eq!(find("Compat"), None);
    }

    /// What is added to the letter of the RFCs is a rule of the profile, and nothing else differs.
    #[test]
    fn interop_is_strict_with_its_own_rules() {
        let rules_off = Profile {
            name: STRICT.name,
            path_required: false,
            unknown_path_is_syntax: false,
            replace_drops_rest: false,
            one_selected_value: false,
            interop_conformant: false,
            ..INTEROP
        };
        assert_eq!(rules_off, STRICT);
    }
}
