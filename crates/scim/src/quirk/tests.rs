//! The table itself, and the set. What each rewrite does is told by stories over HTTP.

use std::collections::BTreeSet;

use super::*;

#[test]
fn rows_have_one_bit_and_one_name_each() {
    let ids: BTreeSet<_> = TABLE.iter().map(|quirk| quirk.id).collect();
    let names: BTreeSet<_> = TABLE.iter().map(|quirk| quirk.name()).collect();
    assert_eq!((ids.len(), names.len()), (TABLE.len(), TABLE.len()));
    for (place, quirk) in TABLE.iter().enumerate() {
        assert_eq!(usize::from(quirk.id), place, "{}", quirk.name());
        assert!(quirk.id < 32 && quirk.setting.starts_with(SETTING));
        for text in [quirk.sent, quirk.becomes, quirk.idps, quirk.source] {
            assert!(!text.is_empty() && !text.contains('|'), "{}", quirk.name());
        }
    }
}

#[test]
fn switches_survive_a_change_of_the_profile() {
    let [first, second] = [TABLE[0], TABLE[1]];
    let changed = QuirkSet::ALL.with(first, false);
    assert!(!changed.has(first) && changed.has(second));
    let moved = QuirkSet::NONE.with(second, true).with_changes_of(changed);
    assert!(!moved.has(first) && !moved.has(second));
    let strict = QuirkSet::NONE.with_changes_of(QuirkSet::NONE.with(second, true));
    assert!(!strict.has(first) && strict.has(second));
    let switched: Vec<_> = strict.changes().map(|(quirk, on)| (quirk.id, on)).collect();
    assert_eq!(switched, [(1, true)]);
    assert_eq!(QuirkSet::ALL.changes().count(), 0);
}

#[test]
fn an_identity_provider_chooses_settings_by_its_name() {
    let chosen = |idp| {
        choices(idp)
            .map(|choice| choice.setting)
            .collect::<Vec<_>>()
    };
    assert_eq!(chosen("Keycloak"), ["put_without_members"]);
    assert!(chosen("entra").is_empty() && chosen("").is_empty());
}
