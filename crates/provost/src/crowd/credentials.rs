//! The bodies of sign-ins: a password, and what opens or uses a session. XML or JSON.

use provost_directory::{session::Factors, token::Secret};
use serde_json::{Map, Value};

use super::{
    body::Body,
    error::Failure,
    xml_read::{Tag, XmlReader, document, malformed},
};

/// `<password><value>…</value></password>` or `{"value":"…"}`; an empty element is an empty
/// password.
pub(super) fn password(body: &Body) -> Result<Secret, Failure> {
    let text = body.text()?;
    let value = if body.is_json {
        member(&object(text)?, &["value"]).unwrap_or_default()
    } else {
        document(text, password_element)?
    };
    Ok(Secret::new(value))
}

fn password_element<'a>(reader: &mut XmlReader<'a>, tag: &Tag<'a>) -> Result<String, Failure> {
    let mut value = String::new();
    expect(tag, "password")?;
    reader.children(tag, |reader, child| {
        expect(&child, "value")?;
        value = reader.text(&child)?;
        Ok(())
    })?;
    Ok(value)
}

/// What opens a session: `<authentication-context>`.
pub(super) struct Context {
    /// The name of the user.
    pub(super) username: String,
    /// Its password; empty where it was not sent.
    pub(super) password: Secret,
    /// Where the session is opened.
    pub(super) factors: Factors,
}

/// Reads an authentication context.
pub(super) fn context(body: &Body) -> Result<Context, Failure> {
    let text = body.text()?;
    let (username, password, factors) = if body.is_json {
        let object = object(text)?;
        let factors = object.get("validation-factors").or(object.get(FACTORS));
        let factors = factors.map_or(Ok(Vec::new()), json_factors)?;
        let text = |name| member(&object, &[name]);
        (text("username"), text("password"), factors)
    } else {
        document(text, context_element)?
    };
    Ok(Context {
        username: username.ok_or_else(|| Failure::bad_request("The username is missing"))?,
        password: Secret::new(password.unwrap_or_default()),
        factors: Factors::new(factors),
    })
}

type Parts = (Option<String>, Option<String>, Vec<(String, String)>);

fn context_element<'a>(reader: &mut XmlReader<'a>, tag: &Tag<'a>) -> Result<Parts, Failure> {
    expect(tag, "authentication-context")?;
    let mut parts = Parts::default();
    reader.children(tag, |reader, child| {
        if child.is("username") {
            parts.0 = Some(reader.text(&child)?);
        } else if child.is("password") {
            parts.1 = Some(reader.text(&child)?);
        } else {
            parts.2 = factors_element(reader, &child)?;
        }
        Ok(())
    })?;
    Ok(parts)
}

/// `<validation-factors>`, with which a session is used. No body at all is no factor.
pub(super) fn factors(body: &Body) -> Result<Factors, Failure> {
    let text = body.text()?;
    let factors = if text.trim().is_empty() {
        Vec::new()
    } else if body.is_json {
        json_factors(&Value::Object(object(text)?))?
    } else {
        document(text, factors_element)?
    };
    Ok(Factors::new(factors))
}

fn factors_element<'a>(
    reader: &mut XmlReader<'a>,
    tag: &Tag<'a>,
) -> Result<Vec<(String, String)>, Failure> {
    expect(tag, "validation-factors")?;
    let mut factors = Vec::new();
    reader.children(tag, |reader, child| {
        expect(&child, "validation-factor")?;
        let (mut name, mut value) = (String::new(), String::new());
        reader.children(&child, |reader, part| {
            let slot = if part.is("name") {
                &mut name
            } else {
                &mut value
            };
            *slot = reader.text(&part)?;
            Ok(())
        })?;
        factors.push((name, value));
        Ok(())
    })?;
    Ok(factors)
}

fn expect(tag: &Tag<'_>, name: &str) -> Result<(), Failure> {
    if tag.is(name) {
        Ok(())
    } else {
        Err(malformed())
    }
}

const FACTORS: &str = "validationFactors";

/// A list of factors, or an object that holds one.
fn json_factors(value: &Value) -> Result<Vec<(String, String)>, Failure> {
    let names = [FACTORS, "validation-factors", "validation-factor"];
    let inner = names.iter().find_map(|name| value.get(name));
    match inner.unwrap_or(value) {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => list.iter().map(json_factor).collect(),
        Value::Object(fields) if fields.is_empty() => Ok(Vec::new()),
        Value::Object(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(Failure::bad_request("Validation factors are a list"))
        }
    }
}

fn json_factor(value: &Value) -> Result<(String, String), Failure> {
    let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
    text("name")
        .zip(text("value"))
        .ok_or_else(|| Failure::bad_request("A validation factor has a name and a value"))
}

fn object(text: &str) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(text)
        .map_err(|_| Failure::bad_request("The request body is not the JSON object it should be"))
}

fn member(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let found = names.iter().find_map(|name| object.get(*name));
    found.and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn body(text: &str) -> Body {
        Body {
            bytes: Bytes::copy_from_slice(text.as_bytes()),
            is_json: text.starts_with('{'),
        }
    }

    #[test]
    fn passwords_are_read_in_both_forms() {
        for (text, expect) in [
            (
                "<password><value>a&amp;b c</value></password>",
                Some("a&b c"),
            ),
            (
                "<?xml version='1.0'?><password><value> x </value></password>",
                Some(" x "),
            ),
            ("<password/>", Some("")),
            ("<password><value/></password>", Some("")),
            (r#"{"value":"p\"w"}"#, Some("p\"w")),
            (r#"{"value":null}"#, Some("")),
            ("{}", Some("")),
            ("", None),
            ("secret", None),
            ("<value>x</value>", None),
            ("<password>x</password>", None),
            (
                "<!DOCTYPE p [<!ENTITY e SYSTEM \"file:///x\">]><password><value>&e;</value></password>",
                None,
            ),
            ("{\"value\":", None),
        ] {
            let got = password(&body(text)).ok();
            let got = got.as_ref().map(Secret::reveal);
            assert_eq!(got, expect, "{text}");
        }
    }

    #[test]
    fn contexts_are_read_in_both_forms() {
        let expect = Factors::new(vec![
            ("remote_address".to_owned(), "192.0.2.1".to_owned()),
            ("X-Forwarded-For".to_owned(), "192.0.2.9".to_owned()),
        ]);
        for text in [
            "<authentication-context><username>asmith</username><password>pw</password>\
             <validation-factors><validation-factor><name>remote_address</name>\
             <value>192.0.2.1</value></validation-factor><validation-factor>\
             <name>X-Forwarded-For</name><value>192.0.2.9</value></validation-factor>\
             </validation-factors></authentication-context>",
            r#"{"username":"asmith","password":"pw","validation-factors":{"validationFactors":[
                {"name":"X-Forwarded-For","value":"192.0.2.9"},
                {"name":"remote_address","value":"192.0.2.1"}]}}"#,
            r#"{"username":"asmith","password":"pw","validation-factors":[
                {"name":"X-Forwarded-For","value":"192.0.2.9"},
                {"name":"remote_address","value":"192.0.2.1"}]}"#,
        ] {
            let got = context(&body(text)).ok().unwrap();
            assert_eq!(got.username, "asmith", "{text}");
            assert_eq!(got.password.reveal(), "pw", "{text}");
            assert_eq!(got.factors, expect, "{text}");
        }
        for text in ["{}", "<authentication-context/>", "<user/>", "", "[]"] {
            assert!(context(&body(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn factors_are_read_in_both_forms() {
        let one = || Factors::new(vec![("a".to_owned(), "b".to_owned())]);
        for (text, expect) in [
            ("", Some(Factors::default())),
            ("{}", Some(Factors::default())),
            ("<validation-factors/>", Some(Factors::default())),
            (
                r#"{"validationFactors":[{"name":"a","value":"b"}]}"#,
                Some(one()),
            ),
            (
                "<validation-factors><validation-factor><name>a</name><value>b</value>\
                 </validation-factor></validation-factors>",
                Some(one()),
            ),
            (r#"{"validationFactors":[{"name":"a"}]}"#, None),
            (r#"{"validationFactors":7}"#, None),
            ("<factors/>", None),
        ] {
            assert_eq!(factors(&body(text)).ok(), expect, "{text}");
        }
    }
}
