//! Custom schemas: kept for one tenant, checked against what is stored, and unique where they say so.

use std::{sync::Barrier, thread};

use provost_scim::{
    filter::Filter, list::ListRequest, member::MemberKind, patch::PatchRequest, profile::COMPAT,
    validate,
};
use serde_json::{Value, json};

use crate::{
    Created, DirectoryError,
    id::UserId,
    testing::{Bench, actor, block_on, patch},
    token::Caller,
    user::User,
};

const URN: &str = "urn:example:badges:1.0";

fn document(attributes: &Value) -> Vec<u8> {
    json!({"id": URN, "attributes": attributes})
        .to_string()
        .into_bytes()
}

impl Bench {
    /// Adds the schema to the users of tenant `one`.
    fn extend(&mut self, attributes: &Value) -> Result<(), DirectoryError> {
        let document = document(attributes);
        block_on(
            self.directory
                .add_schema("one", MemberKind::User, &document),
        )?;
        self.renew();
        Ok(())
    }

    fn renew(&mut self) {
        self.one = block_on(self.directory.administrator("one")).unwrap();
    }

    /// A user with these values under the schema.
    fn badged(&self, caller: &Caller, name: &str, values: &Value) -> Result<User, DirectoryError> {
        let body = json!({"userName": name, URN: values});
        let input = validate::input(caller.tenant.types.user, &COMPAT, body).unwrap();
        let mut hash = [0; 32];
        hash[..name.len()].copy_from_slice(name.as_bytes());
        let made = self.directory.create_user(caller, actor(), input, hash);
        block_on(made).map(Created::into_inner)
    }

    fn badge(&self, id: UserId, value: &str) -> Result<User, DirectoryError> {
        self.patch_user(
            id,
            json!([{"op": "replace", "path": format!("{URN}:badge"), "value": value}]),
        )
    }

    fn matching(&self, filter: &str) -> Vec<String> {
        let pairs = [("filter".to_owned(), filter.to_owned())];
        let request = ListRequest::parse(&pairs, self.one.tenant.types.user, &COMPAT).unwrap();
        let page = block_on(self.directory.users(&self.one, &request, 100)).unwrap();
        let names = page.items.iter();
        names
            .map(|user| user.resource.user_name().to_owned())
            .collect()
    }
}

fn unique() -> Value {
    json!([{"name": "badge", "uniqueness": "server"}])
}

fn clash(outcome: Result<User, DirectoryError>) -> (&'static str, String) {
    match outcome {
        Err(DirectoryError::Conflict {
            attribute,
            existing: Some(existing),
        }) => (attribute, existing),
        other => panic!("{other:?}"),
    }
}

fn invalid<T: std::fmt::Debug>(outcome: Result<T, DirectoryError>) -> String {
    match outcome {
        Err(DirectoryError::Invalid(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn a_schema_belongs_to_one_tenant(bench: &mut Bench) {
    bench.extend(&json!([{"name": "badge"}])).unwrap();
    let shown = |caller: &Caller| caller.tenant.types.user.extension(URN).is_some();
    assert!(shown(&bench.one));
    bench.two = block_on(bench.directory.administrator("two")).unwrap();
    assert!(!shown(&bench.two));
    assert!(bench.one.tenant.types.group.extension(URN).is_none());
    let document = document(&unique());
    let group = bench
        .directory
        .add_schema("one", MemberKind::Group, &document);
    assert!(invalid(block_on(group)).contains("another URN"));
    let list = |bench: &Bench| bench.one.tenant.schemas.list().len();
    assert_eq!(list(bench), 1);
    block_on(bench.directory.remove_schema("one", &URN.to_uppercase())).unwrap();
    bench.renew();
    assert!(!shown(&bench.one));
    assert_eq!(list(bench), 0);
    let again = block_on(bench.directory.remove_schema("one", URN));
    assert!(invalid(again).contains("schema list one"));
}

pub(crate) fn a_schema_fits_what_is_stored(bench: &mut Bench) {
    bench
        .extend(&json!([{"name": "badge"}, {"name": "room"}]))
        .unwrap();
    let values = json!({"badge": "b", "room": "r"});
    let ada = bench.badged(&bench.one, "ada", &values).unwrap();
    for attributes in [
        json!([{"name": "badge", "type": "integer"}]),
        json!([{"name": "badge", "multiValued": true}]),
        json!([{"name": "badge", "type": "complex", "subAttributes": [{"name": "value"}]}]),
    ] {
        let sentence = invalid(bench.extend(&attributes));
        assert!(
            sentence.contains("`ada`") && sentence.contains("badge"),
            "{sentence}"
        );
    }
    bench.extend(&json!([{"name": "badge"}])).unwrap();
    let of = |bench: &Bench| bench.read_user(ada.id).unwrap().resource;
    let kept = of(bench);
    let shown = kept.visible(bench.one.tenant.types.user);
    assert_eq!(shown[URN], json!({"badge": "b"}));
    bench
        .extend(&json!([{"name": "badge"}, {"name": "room"}]))
        .unwrap();
    let shown = of(bench).visible(bench.one.tenant.types.user);
    assert_eq!(shown[URN], values);
}

pub(crate) fn a_unique_value_has_one_owner(bench: &mut Bench) {
    bench.extend(&unique()).unwrap();
    let ada = bench
        .badged(&bench.one, "ada", &json!({"badge": "B1"}))
        .unwrap();
    let taken = || ("badge", ada.id.to_string());
    let made = bench.badged(&bench.one, "bob", &json!({"badge": "b1"}));
    assert_eq!(clash(made), taken());
    let head = bench.head();
    let bob = bench
        .badged(&bench.one, "bob", &json!({"badge": "b2"}))
        .unwrap();
    assert_eq!(clash(bench.badge(bob.id, "b1")), taken());
    assert_eq!(bench.head(), head + 1, "a refused change is not logged");
    let filter = format!("{URN}:badge eq \"B2\"");
    assert_eq!(bench.matching(&filter), ["bob"]);
    bench.badge(ada.id, "b3").unwrap();
    bench.badge(bob.id, "b1").unwrap();
    assert_eq!(bench.matching(&format!("{URN}:badge eq \"b1\"")), ["bob"]);
    bench.delete_user(&bench.one, bob.id).unwrap();
    bench.badge(ada.id, "b1").unwrap();
    assert_eq!(bench.matching(&filter), [""; 0]);
}

pub(crate) fn of_equal_values_at_the_same_time_one_wins(bench: &mut Bench) {
    bench.extend(&unique()).unwrap();
    let gate = Barrier::new(8);
    let bench = &*bench;
    let outcomes: Vec<_> = thread::scope(|scope| {
        let posts: Vec<_> = (0..8)
            .map(|number| {
                let gate = &gate;
                scope.spawn(move || {
                    gate.wait();
                    bench.badged(&bench.one, &format!("u{number}"), &json!({"badge": "same"}))
                })
            })
            .collect();
        posts.into_iter().map(|post| post.join().unwrap()).collect()
    });
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 7));
    for outcome in refused {
        assert_eq!(clash(outcome).0, "badge");
    }
}

pub(crate) fn values_become_unique_only_if_they_are(bench: &mut Bench) {
    bench.extend(&json!([{"name": "badge"}])).unwrap();
    let ada = bench
        .badged(&bench.one, "ada", &json!({"badge": "b1"}))
        .unwrap();
    bench
        .badged(&bench.one, "bob", &json!({"badge": "B1"}))
        .unwrap();
    let sentence = invalid(bench.extend(&unique()));
    assert!(
        sentence.contains("badge") && sentence.contains("another one"),
        "{sentence}"
    );
    bench.badge(ada.id, "b2").unwrap();
    bench.extend(&unique()).unwrap();
    assert_eq!(clash(bench.badge(ada.id, "b1")).0, "badge");
    // Without the schema nobody minds, and with it back what is there counts again.
    block_on(bench.directory.remove_schema("one", URN)).unwrap();
    bench.renew();
    bench.delete_user(&bench.one, ada.id).unwrap();
    bench.extend(&unique()).unwrap();
    let cy = bench
        .badged(&bench.one, "cy", &json!({"badge": "b2"}))
        .unwrap();
    assert_eq!(clash(bench.badge(cy.id, "b1")).0, "badge");
}

pub(crate) fn a_write_by_schemas_of_yesterday_is_refused(bench: &mut Bench) {
    let user = bench.user("ada");
    let old = bench.one.clone();
    bench.extend(&unique()).unwrap();
    let refused = |outcome: Result<User, DirectoryError>| match outcome {
        Err(DirectoryError::Refused(error)) => error.status() == 503,
        _ => false,
    };
    assert!(refused(bench.create(&old, json!({"userName": "bob"}))));
    let change = json!([{"op": "replace", "path": "title", "value": "x"}]);
    let late: PatchRequest = patch(change);
    let changed = bench
        .directory
        .patch_user(&old, actor(), user.id, None, late.clone());
    assert!(refused(block_on(changed)));
    let changed = bench
        .directory
        .patch_user(&bench.one, actor(), user.id, None, late);
    assert!(block_on(changed).is_ok());
    assert!(block_on(bench.directory.is_ready()));
}

pub(crate) fn schemas_have_names_that_can_be_told_apart(bench: &mut Bench) {
    bench.extend(&unique()).unwrap();
    let add = |id: &str| {
        let document = json!({"id": id, "attributes": [{"name": "badge"}]}).to_string();
        block_on(
            bench
                .directory
                .add_schema("one", MemberKind::User, document.as_bytes()),
        )
    };
    assert!(invalid(add("urn:example:badges:1.0:more")).contains(URN));
    assert!(invalid(add("urn:example:BADGES:1.0")).contains(URN));
    let beside = add("urn:example:other:1.0").unwrap();
    assert!(
        beside.warnings.concat().contains(URN),
        "{:?}",
        beside.warnings
    );
    for number in 2..20 {
        add(&format!("urn:example:other{number}:1.0")).unwrap();
    }
    assert!(invalid(add("urn:example:last:1.0")).contains("remove"));
    let both = Filter::parse("urn:example:other7:1.0:badge pr", &COMPAT).unwrap();
    let tenant = block_on(bench.directory.tenant("one")).unwrap();
    assert!(both.bind(tenant.types.user, &COMPAT).is_ok());
}
