//! Filters: text → tree → text is the identity, and a bound filter and its negation disagree.
#![no_main]

#[path = "../fixture.rs"]
mod fixture;

use libfuzzer_sys::fuzz_target;
use provost_scim::{
    filter::{Filter, MAX_LENGTH},
    member::{GroupRef, Member, MemberKind},
    profile::{self, COMPAT},
    schema::RESOURCE_TYPES,
};

fuzz_target!(|text: &str| {
    for profile in profile::ALL {
        let Ok(filter) = Filter::parse(text, profile) else {
            continue;
        };
        let canonical = filter.to_string();
        if canonical.len() <= MAX_LENGTH {
            assert_eq!(Filter::parse(&canonical, profile).as_ref(), Ok(&filter));
        }
        for kind in RESOURCE_TYPES {
            let Ok(bound) = filter.bind(kind, profile) else {
                continue;
            };
            let negated = Filter::Not(Box::new(filter.clone()))
                .bind(kind, profile)
                .expect("the negation of a filter that binds");
            let resource = fixture::resource(kind);
            let (groups, members) = memberships();
            let subject = fixture::subject(kind, &resource, &groups, &members);
            assert_ne!(bound.matches(&subject), negated.matches(&subject));
        }
    }
    assert!(Filter::parse(text, &profile::STRICT).is_err() || Filter::parse(text, &COMPAT).is_ok());
});

fn memberships() -> ([GroupRef; 1], [Member; 1]) {
    let group = GroupRef {
        id: "g-1".to_owned(),
        display: "Jira".to_owned(),
        direct: true,
    };
    let member = Member {
        id: "u-1".to_owned(),
        kind: MemberKind::User,
        display: "Ann".to_owned(),
    };
    ([group], [member])
}
