//! Printing and parsing are inverse.

use proptest::{collection::vec, prelude::*};

use crate::{
    filter::{CompareOp, Filter, Literal},
    profile::{ALL, COMPAT},
};

fn attribute() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z][a-zA-Z0-9_$-]{0,8}",
        "[a-z]{1,5}\\.[$]?[a-z]{1,5}",
        Just("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName".to_owned()),
        "urn:x:[a-z]{1,5}:2\\.0:[a-z]{1,5}\\.[a-z]{1,5}",
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        any::<i64>().prop_map(|n| Literal::Number(n.into())),
        any::<u64>().prop_map(|n| Literal::Number(n.into())),
        any::<f64>().prop_filter_map("finite", |n| {
            serde_json::Number::from_f64(n).map(Literal::Number)
        }),
        "\\PC{0,10}".prop_map(Literal::Text),
        "[\\u0001-\\u0020\"\\\\()\\[\\]é😀]{0,10}".prop_map(Literal::Text),
    ]
}

fn expression() -> impl Strategy<Value = Filter> {
    let op = proptest::sample::select(CompareOp::ALL.to_vec());
    prop_oneof![
        attribute().prop_map(Filter::Present),
        (attribute(), op, literal())
            .prop_map(|(name, (_, op), literal)| Filter::Compare(name, op, literal)),
    ]
}

/// The parser never makes a conjunction directly inside a conjunction.
fn and(terms: Vec<Filter>) -> Filter {
    let flat = |term| match term {
        Filter::And(inner) => inner,
        other => vec![other],
    };
    Filter::And(terms.into_iter().flat_map(flat).collect())
}

fn or(terms: Vec<Filter>) -> Filter {
    let flat = |term| match term {
        Filter::Or(inner) => inner,
        other => vec![other],
    };
    Filter::Or(terms.into_iter().flat_map(flat).collect())
}

fn logic(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(and),
            vec(inner.clone(), 2..4).prop_map(or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let values = (attribute(), logic(expression()))
        .prop_map(|(name, inner)| Filter::Values(name, Box::new(inner)));
    logic(prop_oneof![3 => expression(), 1 => values])
}

proptest! {
    #[test]
    fn every_tree_is_read_back_from_its_text(filter in filter()) {
        let text = filter.to_string();
        prop_assume!(text.len() <= crate::filter::MAX_LENGTH);
        for profile in ALL {
            let parsed = Filter::parse(&text, profile);
            prop_assert_eq!(parsed.as_ref(), Ok(&filter), "{}", text);
        }
    }

    #[test]
    fn whatever_parses_has_a_canonical_text(
        text in "(not ?\\(|\\(|\\)|[ab]\\[|\\]|\\.value| and | or |[ab] pr|[ab] eq (x|1|\"x\")){1,12}",
    ) {
        if let Ok(filter) = Filter::parse(&text, &COMPAT) {
            let canonical = filter.to_string();
            let parsed = Filter::parse(&canonical, &COMPAT);
            prop_assert_eq!(parsed.as_ref(), Ok(&filter));
            prop_assert_eq!(filter.to_string(), canonical);
        }
    }

    #[test]
    fn no_input_panics(text in "[a-b\"\\\\()\\[\\]. :0-9é\\u0000eqprndotu]{0,30}") {
        let _ = Filter::parse(&text, &COMPAT);
    }
}
