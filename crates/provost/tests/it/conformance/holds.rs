//! Compares an answer with what a story asks of it.

use serde_json::Value;

/// Whether `got` has everything of `want`.
///
/// `null` wants nothing to be there, `"*"` anything, `"!text"` another text. The keys of an object
/// that are not named are free; arrays have the same number of elements, in any order.
pub(super) fn holds(got: Option<&Value>, want: &Value) -> bool {
    match (got, want) {
        (got, Value::Null) => got.is_none(),
        (None, _) => false,
        (Some(got), Value::String(word)) if word == "*" => !got.is_null(),
        (Some(Value::String(got)), Value::String(want)) => match want.strip_prefix('!') {
            Some(other) => got != other,
            None => got == want,
        },
        (Some(Value::Object(got)), Value::Object(want)) => {
            want.iter().all(|(key, want)| holds(got.get(key), want))
        }
        (Some(Value::Array(got)), Value::Array(want)) => {
            let found = |want: &Value| got.iter().any(|got| holds(Some(got), want));
            got.len() == want.len() && want.iter().all(found)
        }
        (Some(got), want) => got == want,
    }
}

#[test]
fn subsets_are_told_from_differences() {
    use serde_json::json;

    for (got, want, expect) in [
        (json!({"a": 1, "b": 2}), json!({"a": 1}), true),
        (json!({"a": 1}), json!({"a": 1, "b": 2}), false),
        (json!({"a": 1}), json!({"b": null}), true),
        (json!({"a": 1}), json!({"a": null}), false),
        (json!({"a": "x"}), json!({"a": "*"}), true),
        (json!({}), json!({"a": "*"}), false),
        (json!({"a": "x"}), json!({"a": "!x"}), false),
        (json!({"a": "x"}), json!({"a": "!y"}), true),
        (json!([1, 2]), json!([2, 1]), true),
        (json!([1, 2]), json!([1]), false),
        (json!([]), json!([]), true),
        (json!("1"), json!(1), false),
    ] {
        assert_eq!(holds(Some(&got), &want), expect, "{got} against {want}");
    }
}
