//! Tokens are kept with the form in which they are presented.

use crate::{
    credential::{Form, HeaderName, Presented},
    testing::{Bench, block_on},
    token::{Access, NewToken},
};

fn forms() -> [Form; 4] {
    let header = |name| Form::Header(HeaderName::parse(name).unwrap());
    [
        Form::Bearer,
        Form::Basic,
        header("X-Provost-Key"),
        header("Authorization"),
    ]
}

/// The id and the secret of a new token of tenant `one`.
fn make(bench: &Bench, form: Form) -> (String, String) {
    let new = NewToken {
        label: String::new(),
        expires_days: None,
        access: Access::ReadWrite,
        form,
    };
    let (token, secret) = block_on(bench.directory.create_token("one", new)).unwrap();
    (token.id.0, secret.reveal().to_owned())
}

pub(crate) fn a_secret_is_valid_in_its_own_form_only(bench: &mut Bench) {
    let made = forms().map(|form| (form.clone(), make(bench, form)));
    let other = HeaderName::parse("x-PROVOST-key").unwrap();
    let authorization = HeaderName::parse("authorization").unwrap();
    for (form, (id, secret)) in &made {
        let password = secret.as_str();
        let presented = [
            Presented::Bearer(password),
            Presented::Basic {
                username: id,
                password,
            },
            Presented::Header {
                name: &other,
                value: password,
            },
            Presented::Header {
                name: &authorization,
                value: password,
            },
            Presented::Basic {
                username: "another",
                password,
            },
            Presented::Basic {
                username: "",
                password,
            },
        ];
        let admitted = presented.map(|presented| {
            let caller = block_on(bench.directory.authenticate("one", presented)).unwrap();
            caller.is_some_and(|caller| caller.token.0 == *id)
        });
        let expect = forms().map(|other| other == *form);
        assert_eq!(admitted[..4], expect, "{form}");
        assert_eq!(admitted[4..], [false, false], "{form}");
    }
    let mut kept: Vec<_> = block_on(bench.directory.tokens("one"))
        .unwrap()
        .into_iter()
        .map(|token| (token.id.0, token.form))
        .collect();
    let mut given: Vec<_> = made.into_iter().map(|(form, (id, _))| (id, form)).collect();
    kept.sort_by(|a, b| a.0.cmp(&b.0));
    given.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(kept, given);
}

pub(crate) fn a_tenant_knows_the_headers_of_its_tokens(bench: &mut Bench) {
    let headers = |bench: &Bench, slug: &str| {
        let names = block_on(bench.directory.credential_headers(slug)).unwrap();
        let mut names: Vec<_> = names.iter().map(|name| name.as_str().to_owned()).collect();
        names.sort_unstable();
        names
    };
    assert!(headers(bench, "one").is_empty());
    let key = || Form::Header(HeaderName::parse("X-Provost-Key").unwrap());
    let ids = forms().map(|form| make(bench, form).0);
    let again = make(bench, key()).0;
    assert_eq!(headers(bench, "one"), ["Authorization", "X-Provost-Key"]);
    assert!(headers(bench, "two").is_empty());
    assert!(headers(bench, "nobody").is_empty());
    for id in ids.iter().chain([&again]) {
        block_on(bench.directory.revoke_token(id)).unwrap();
    }
    assert!(headers(bench, "one").is_empty());
}
