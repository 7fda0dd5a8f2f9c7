//! The shared SQL in PostgreSQL's words. The shared text keeps to what both understand; what is
//! left is replaced here, word by word. Texts in quotes are left alone.

/// What stands for what. `max` is only ever used with two arguments, `->>` only on columns of text.
const WORDS: &[(&str, &str)] = &[
    ("CROSS JOIN", "JOIN"),
    ("max(", "greatest("),
    ("instr(", "strpos("),
    (" ->> ", "::json ->> "),
];

/// PostgreSQL's text of a shared one: `?1` becomes `$1`, and index hints go.
pub(in crate::store::sql) fn postgres(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        if let Some(tail) = rest.strip_prefix("INDEXED BY ") {
            rest = tail.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        } else if let Some((shared, own)) = WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
            out.push_str(own);
            rest = rest.get(shared.len()..).unwrap_or_default();
        } else if first == '\'' {
            let end = rest
                .get(1..)
                .and_then(|text| text.find('\''))
                .map_or(rest.len(), |at| at + 2);
            out.push_str(rest.get(..end).unwrap_or(rest));
            rest = rest.get(end..).unwrap_or_default();
        } else {
            out.push(if first == '?' { '$' } else { first });
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_sql_becomes_postgresqls() {
        for (shared, own) in [
            (
                "SELECT 1 WHERE a = ?1 AND b = ?12",
                "SELECT 1 WHERE a = $1 AND b = $12",
            ),
            ("FROM r INDEXED BY r_by_name WHERE x", "FROM r  WHERE x"),
            ("SET a = max(a, ?2)", "SET a = greatest(a, $2)"),
            ("instr(body, ?3) > 0", "strpos(body, $3) > 0"),
            (
                "coalesce(r.body ->> 'max(', 'what?')",
                "coalesce(r.body::json ->> 'max(', 'what?')",
            ),
            ("x CROSS JOIN y ON true", "x JOIN y ON true"),
            ("'open", "'open"),
        ] {
            assert_eq!(postgres(shared), own);
        }
    }
}
