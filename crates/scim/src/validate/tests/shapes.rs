//! Types and the deviations from them that clients send.

use super::*;

#[test]
fn text() {
    check(&[
        (r#""title":"Lead""#, r#"{"title":"Lead"}"#, "="),
        (r#""TITLE":"Lead""#, r#"{"title":"Lead"}"#, "="),
        (r#""title":null"#, "{}", "="),
        (r#""title":"""#, "{}", r#"{"title":""}"#),
        (r#""title":" a ""#, r#"{"title":" a "}"#, "="),
        (r#""title":"😀 e\u0301""#, r#"{"title":"😀 e\u0301"}"#, "="),
        (
            r#""title":5"#,
            "invalidValue title must be text, but a number",
            "=",
        ),
        (
            r#""title":true"#,
            "invalidValue title must be text, but a boolean",
            "=",
        ),
        (
            r#""title":{}"#,
            "invalidValue title must be text, but an object",
            "=",
        ),
        (
            r#""title":{"value":"x"}"#,
            "invalidValue title must be text",
            "=",
        ),
        (
            r#""title":["x"]"#,
            r#"{"title":"x"}"#,
            "invalidValue title must be text, but a list",
        ),
        (
            r#""title":[{"value":"x"}]"#,
            r#"{"title":"x"}"#,
            "invalidValue title",
        ),
        (
            r#""title":[{"$ref":null,"Value":"x"}]"#,
            r#"{"title":"x"}"#,
            "invalidValue title",
        ),
        (
            r#""title":[{"other":"x"}]"#,
            "invalidValue title must be text, but an object",
            "invalidValue title",
        ),
        (r#""title":[]"#, "{}", "invalidValue title"),
        (
            r#""title":["x","y"]"#,
            "invalidValue title must be text, but a list",
            "=",
        ),
        (r#""externalId":"X""#, r#"{"externalId":"X"}"#, "="),
        (
            r#""externalId":7"#,
            "invalidValue externalId must be text",
            "=",
        ),
        (
            r#""locale":"en_US","preferredLanguage":"en-US;q=0.8, fr""#,
            r#"{"locale":"en_US","preferredLanguage":"en-US;q=0.8, fr"}"#,
            "=",
        ),
    ]);
}

#[test]
fn booleans() {
    check(&[
        (r#""active":true"#, r#"{"active":true}"#, "="),
        (r#""active":false"#, r#"{"active":false}"#, "="),
        (r#""Active":false"#, r#"{"active":false}"#, "="),
        (
            r#""active":"True""#,
            r#"{"active":true}"#,
            "invalidValue active must be true or false, but text",
        ),
        (
            r#""active":"FALSE""#,
            r#"{"active":false}"#,
            "invalidValue active",
        ),
        (
            r#""active":"false""#,
            r#"{"active":false}"#,
            "invalidValue active",
        ),
        (
            r#""active":[{"value":false}]"#,
            r#"{"active":false}"#,
            "invalidValue active",
        ),
        (r#""active":null"#, "{}", "="),
        (
            r#""active":"yes""#,
            "invalidValue active must be true or false",
            "=",
        ),
        (r#""active":" true""#, "invalidValue active", "="),
        (r#""active":0"#, "invalidValue active", "="),
        (r#""active":1"#, "invalidValue active", "="),
        (r#""active":{}"#, "invalidValue active", "="),
        (r#""active":[true,false]"#, "invalidValue active", "="),
    ]);
}

#[test]
fn complex_attributes() {
    check(&[
        (
            r#""name":{"givenName":"A","FAMILYNAME":"B"}"#,
            r#"{"name":{"givenName":"A","familyName":"B"}}"#,
            "=",
        ),
        (r#""name":{}"#, "{}", "="),
        (r#""name":null"#, "{}", "="),
        (r#""name":{"givenName":null}"#, "{}", "="),
        (
            r#""name":{"givenName":"","familyName":"B"}"#,
            r#"{"name":{"familyName":"B"}}"#,
            r#"{"name":{"givenName":"","familyName":"B"}}"#,
        ),
        (
            r#""name":[]"#,
            "{}",
            "invalidValue name must be an object, but a list",
        ),
        (
            r#""name":[{"givenName":"A"}]"#,
            r#"{"name":{"givenName":"A"}}"#,
            "invalidValue name",
        ),
        (
            r#""name":[{"givenName":"A"},{}]"#,
            "invalidValue name must be an object, but a list",
            "=",
        ),
        (
            r#""name":"Ada""#,
            "invalidValue name must be an object, but text",
            "=",
        ),
        (r#""name":5"#, "invalidValue name must be an object", "="),
        (
            r#""name":{"givenName":{"x":1}}"#,
            "invalidValue name.givenName must be text, but an object",
            "=",
        ),
        (
            r#""name":{"givenName":7}"#,
            "invalidValue name.givenName must be text",
            "=",
        ),
        (
            r#""name":{"nick":"x","givenName":"A"}"#,
            r#"{"name":{"givenName":"A"}}"#,
            r#"invalidSyntax "name.nick" does not exist"#,
        ),
    ]);
}

#[test]
fn manager_in_every_shape() {
    let ok = r#"{"E:":{"manager":{"value":"m1"}}}"#;
    check(&[
        (r#""E:":{"manager":{"value":"m1"}}"#, ok, "="),
        (
            r#""E:":{"manager":"m1"}"#,
            ok,
            "invalidValue manager must be an object",
        ),
        (
            r#""E:":{"manager":[{"value":"m1"}]}"#,
            ok,
            "invalidValue manager",
        ),
        (r#""E:":{"manager":["m1"]}"#, ok, "invalidValue manager"),
        (r#""E:":{"manager":{"value":"m1","$ref":null}}"#, ok, "="),
        (
            r#""E:":{"manager":{"value":"m1","$ref":"https://x/Users/m2","displayName":"Boss"}}"#,
            ok,
            "=",
        ),
        (r#""E:":{"manager":{"$ref":"../Users/m1"}}"#, ok, "="),
        (
            r#""E:":{"manager":{"value":null,"$ref":"../Users/m1/?x#y"}}"#,
            ok,
            "=",
        ),
        (
            r#""E:":{"manager":{"$ref":"///"}}"#,
            "invalidValue manager has a $ref without an id",
            "=",
        ),
        (
            r#""E:":{"manager":{"value":"","displayName":" "}}"#,
            "{}",
            r#"{"E:":{"manager":{"value":""}}}"#,
        ),
        (r#""E:":{"manager":""}"#, "{}", "invalidValue manager"),
        (r#""E:":{"manager":null}"#, "{}", "="),
        (
            r#""E:":{"manager":{"value":"m1","$ref":"{not a uri}"}}"#,
            ok,
            "=",
        ),
        (
            r#""E:":{"manager":{"$ref":"{not a uri}"}}"#,
            "invalidValue manager.$ref must be a URI",
            "=",
        ),
        (r#""E:":{"manager":{"displayName":5}}"#, "{}", "="),
        (
            r#""E:":{"manager":5}"#,
            "invalidValue manager must be an object",
            "=",
        ),
        (
            r#""E:":{"manager":{"value":5}}"#,
            "invalidValue manager.value must be text",
            "=",
        ),
        (r#""manager":"m1""#, ok, r#"invalidSyntax "manager""#),
        (r#""manager":null"#, "{}", r#"invalidSyntax "manager""#),
    ]);
}

#[test]
fn lists() {
    let one = r#"{"emails":[{"value":"a@x"}]}"#;
    check(&[
        (r#""emails":[{"value":"a@x"}]"#, one, "="),
        (r#""emails":[{"VALUE":"a@x"}]"#, one, "="),
        (
            r#""emails":{"value":"a@x"}"#,
            one,
            "invalidValue emails must be a list, but an object",
        ),
        (
            r#""emails":"a@x""#,
            one,
            "invalidValue emails must be a list, but text",
        ),
        (
            r#""emails":["a@x"]"#,
            one,
            "invalidValue emails must be an object, but text",
        ),
        (r#""emails":[{"value":"a@x"},null,{}]"#, one, "="),
        (r#""emails":[]"#, "{}", "="),
        (r#""emails":null"#, "{}", "="),
        (r#""emails":[{}]"#, "{}", "="),
        (r#""emails":{}"#, "{}", "invalidValue emails must be a list"),
        (r#""emails":[{"value":null,"type":null}]"#, "{}", "="),
        (
            r#""emails":[{"value":"","type":"work"}]"#,
            "{}",
            r#"{"emails":[{"value":"","type":"work"}]}"#,
        ),
        (
            r#""emails":[{"type":"work","primary":true}]"#,
            "{}",
            r#"{"emails":[{"type":"work","primary":true}]}"#,
        ),
    ]);
}

#[test]
fn elements_of_lists() {
    let one = r#"{"emails":[{"value":"a@x"}]}"#;
    check(&[
        (
            r#""emails":5"#,
            "invalidValue emails must be a list, but a number",
            "=",
        ),
        (
            r#""emails":[5]"#,
            "invalidValue emails must be an object, but a number",
            "=",
        ),
        (
            r#""emails":[[{"value":"a@x"}]]"#,
            one,
            "invalidValue emails must be an object, but a list",
        ),
        (
            r#""emails":[{"value":{"a":1}}]"#,
            "invalidValue emails.value must be text",
            "=",
        ),
        (
            r#""emails":[{"value":"a@x","kind":"z"}]"#,
            one,
            r#"invalidSyntax "emails.kind""#,
        ),
        (
            r#""emails":[{"value":"a@x","type":"odd"}]"#,
            r#"{"emails":[{"value":"a@x","type":"odd"}]}"#,
            "=",
        ),
        (
            r#""addresses":[{"type":"work","city":"X","locality":"Y"}]"#,
            r#"{"addresses":[{"type":"work","locality":"Y"}]}"#,
            "invalidSyntax addresses.city",
        ),
        (
            r#""addresses":[{"locality":"","region":""}]"#,
            "{}",
            r#"{"addresses":[{"locality":"","region":""}]}"#,
        ),
        (
            r#""phoneNumbers":[{"value":"1","type":"work"},{"value":"","type":"fax"}]"#,
            r#"{"phoneNumbers":[{"value":"1","type":"work"}]}"#,
            r#"{"phoneNumbers":[{"value":"1","type":"work"},{"value":"","type":"fax"}]}"#,
        ),
        (
            r#""groups":[{"value":"g"}],"id":"x","meta":{"created":5}"#,
            "{}",
            "=",
        ),
        (r#""groups":"nonsense","ID":7,"meta":[]"#, "{}", "="),
    ]);
}

#[test]
fn the_same_value_and_type_is_kept_once() {
    check(&[
        (
            r#""emails":[{"value":"a","type":"work"},{"value":"A","type":"WORK"}]"#,
            r#"{"emails":[{"value":"A","type":"WORK"}]}"#,
            "=",
        ),
        (
            r#""emails":[{"value":"a","type":"work"},{"value":"a","type":"work","display":"d"}]"#,
            r#"{"emails":[{"value":"a","type":"work","display":"d"}]}"#,
            "=",
        ),
        (
            r#""emails":[{"value":"a","type":"work"},{"value":"a","type":"home"},{"value":"a"}]"#,
            r#"{"emails":[{"value":"a","type":"work"},{"value":"a","type":"home"},{"value":"a"}]}"#,
            "=",
        ),
        (
            r#""addresses":[{"locality":"a"},{"locality":"a"},{"locality":"b"}]"#,
            r#"{"addresses":[{"locality":"a"},{"locality":"b"}]}"#,
            "=",
        ),
        (
            r#""photos":[{"value":"http://x/a"},{"value":"http://x/A"}]"#,
            r#"{"photos":[{"value":"http://x/a"},{"value":"http://x/A"}]}"#,
            "=",
        ),
    ]);
}

#[test]
fn one_value_is_primary() {
    check(&[
        (
            r#""emails":[{"value":"a","primary":true},{"value":"b","primary":true},{"value":"c","primary":false}]"#,
            r#"{"emails":[{"value":"a","primary":true},{"value":"b","primary":false},{"value":"c","primary":false}]}"#,
            "invalidValue emails has more than one value with primary true",
        ),
        (
            r#""roles":[{"value":"a","primary":"True"},{"value":"b","primary":"false"}]"#,
            r#"{"roles":[{"value":"a","primary":true},{"value":"b","primary":false}]}"#,
            "invalidValue roles.primary must be true or false",
        ),
    ]);
}

#[test]
fn references_and_binaries() {
    check(&[
        (
            r#""profileUrl":"https://X/Ab?c=%20#d""#,
            r#"{"profileUrl":"https://X/Ab?c=%20#d"}"#,
            "=",
        ),
        (
            r#""profileUrl":"../Users/x""#,
            r#"{"profileUrl":"../Users/x"}"#,
            "=",
        ),
        (
            r#""profileUrl":"https://x/ø""#,
            r#"{"profileUrl":"https://x/ø"}"#,
            "=",
        ),
        (
            r#""profileUrl":"""#,
            "{}",
            "invalidValue profileUrl must be a URI",
        ),
        (
            r#""profileUrl":"not a uri""#,
            "invalidValue profileUrl must be a URI",
            "=",
        ),
        (
            r#""profileUrl":"a\u0007b""#,
            "invalidValue profileUrl must be a URI",
            "=",
        ),
        (
            r#""profileUrl":5"#,
            "invalidValue profileUrl must be text",
            "=",
        ),
        (
            r#""x509Certificates":[{"value":"AAA="}]"#,
            r#"{"x509Certificates":[{"value":"AAA="}]}"#,
            "=",
        ),
        (
            r#""x509Certificates":[{"value":"AAA"}]"#,
            r#"{"x509Certificates":[{"value":"AAA"}]}"#,
            "=",
        ),
        (
            r#""x509Certificates":[{"value":"AA\nAA"}]"#,
            r#"{"x509Certificates":[{"value":"AAAA"}]}"#,
            "invalidValue x509Certificates.value must be base64",
        ),
        (
            r#""x509Certificates":[{"value":"AAAAA"}]"#,
            "invalidValue x509Certificates.value must be base64",
            "=",
        ),
        (
            r#""x509Certificates":[{"value":"AA-_"}]"#,
            "invalidValue x509Certificates.value must be base64",
            "=",
        ),
        (
            r#""x509Certificates":[{"value":"AA=A"}]"#,
            "invalidValue x509Certificates.value must be base64",
            "=",
        ),
        (
            r#""x509Certificates":[{"value":"===="}]"#,
            "invalidValue x509Certificates.value must be base64",
            "=",
        ),
    ]);
}

#[test]
fn app_roles_packed_as_json_text_are_unpacked() {
    let packed = r#"{\"id\":\"06b0\",\"value\":\"25\",\"displayName\":\"Role\"}"#;
    check(&[
        (
            &format!(r#""roles":[{{"value":"{packed}"}}]"#),
            r#"{"roles":[{"value":"25"}]}"#,
            &format!(r#"{{"roles":[{{"value":"{packed}"}}]}}"#),
        ),
        (
            &format!(r#""roles":["{packed}"]"#),
            r#"{"roles":[{"value":"25"}]}"#,
            "invalidValue roles",
        ),
        (
            r#""roles":[{"value":"{not json}"},{"value":"{\"a\":1}"}]"#,
            r#"{"roles":[{"value":"{not json}"},{"value":"{\"a\":1}"}]}"#,
            "=",
        ),
    ]);
}

#[test]
fn lengths_are_limited_at_the_limit() {
    let text = |n: usize| "ü".repeat(n);
    let with = |n: usize| format!(r#""displayName":"{}""#, text(n));
    let fits = format!(r#"{{"displayName":"{}"}}"#, text(MAX_TEXT));
    let uri = |n: usize| format!(r#""profileUrl":"{}""#, "x".repeat(n));
    let long = format!("{{{}}}", uri(MAX_BINARY));
    let values = |n: usize| {
        let items: Vec<String> = (0..n).map(|i| format!(r#"{{"value":"{i}"}}"#)).collect();
        format!(r#""roles":[{}]"#, items.join(","))
    };
    let many = format!("{{{}}}", values(MAX_VALUES));
    check(&[
        (&with(MAX_TEXT), &fits, "="),
        (
            &with(MAX_TEXT + 1),
            "invalidValue displayName is longer than 1024 characters",
            "=",
        ),
        (&uri(MAX_BINARY), &long, "="),
        (
            &uri(MAX_BINARY + 1),
            "invalidValue profileUrl is longer than 65536 bytes",
            "=",
        ),
        (&values(MAX_VALUES), &many, "="),
        (
            &values(MAX_VALUES + 1),
            "invalidValue roles has 1001 values",
            "=",
        ),
    ]);
}
