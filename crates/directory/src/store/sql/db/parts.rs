//! Lists in statements: as few statements as a list needs, of as few different texts as possible,
//! because each text is prepared once for each connection.

use super::{Conn, Result, Value};

/// Sizes of the parts into which lists are cut.
const SIZES: [usize; 3] = [64, 8, 1];

/// The part of a list that goes into the next statement, made as long as the text has places by
/// repeating its last value, which changes nothing in `IN (…)`.
fn padded<'v>(list: &[Value<'v>]) -> Vec<Value<'v>> {
    let size = SIZES
        .into_iter()
        .rev()
        .find(|size| *size >= list.len())
        .unwrap_or_else(|| SIZES.into_iter().max().unwrap_or(1));
    let mut part: Vec<_> = list.iter().take(size).copied().collect();
    if let Some(last) = part.last().copied() {
        part.resize(size, last);
    }
    part
}

/// Calls `run` for each part of a list: with the places of the part, as `?3, ?4`, and all values,
/// the fixed ones first.
pub(in crate::store::sql) fn each_part<'v, E>(
    fixed: &[Value<'v>],
    list: &[Value<'v>],
    mut run: impl FnMut(&str, &[Value<'v>]) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let mut rest = list;
    while !rest.is_empty() {
        let part = padded(rest);
        let places: Vec<String> = (1..=part.len())
            .map(|place| format!("?{}", fixed.len() + place))
            .collect();
        let mut values = fixed.to_vec();
        let used = part.len().min(rest.len());
        values.extend(part);
        run(&places.join(", "), &values)?;
        rest = rest.get(used..).unwrap_or_default();
    }
    Ok(())
}

/// Inserts rows; `head` is the statement up to `VALUES`.
pub(in crate::store::sql) fn insert_rows<const N: usize>(
    conn: &Conn,
    head: &str,
    rows: &[[Value<'_>; N]],
) -> Result<()> {
    let mut rest = rows;
    for size in SIZES {
        while rest.len() >= size {
            let (now, later) = rest.split_at(size);
            let values: Vec<Value<'_>> = now.iter().flatten().copied().collect();
            let sql = format!("{head} VALUES {}", tuples(size, N));
            conn.prepare_cached(&sql)?.post(&values)?;
            rest = later;
        }
    }
    Ok(())
}

fn tuples(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns)
            .map(|column| format!("?{}", row * columns + column))
            .collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    rows.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_cut_into_few_sizes() {
        for (length, parts) in [
            (0, vec![]),
            (1, vec![1]),
            (2, vec![8]),
            (8, vec![8]),
            (9, vec![64]),
            (64, vec![64]),
            (65, vec![64, 1]),
            (130, vec![64, 64, 8]),
        ] {
            let list: Vec<_> = (0..length).map(Value::Integer).collect();
            let (mut sizes, mut met) = (Vec::new(), Vec::new());
            each_part(&[Value::Null], &list, |places, values| {
                assert_eq!(places.split(", ").count() + 1, values.len());
                sizes.push(values.len() - 1);
                met.extend(values.iter().skip(1).copied());
                Ok::<_, ()>(())
            })
            .unwrap();
            met.dedup();
            assert_eq!((sizes, met), (parts, list), "{length}");
        }
    }

    #[test]
    fn places_are_numbered_row_by_row() {
        assert_eq!(tuples(2, 3), "(?1, ?2, ?3), (?4, ?5, ?6)");
    }
}
