//! Archives: whatever the bytes are, reading them ends with a sentence or a summary; what is whole
//! is counted as its lines say, and is not whole any more once it is cut, altered or goes on.
//!
//! U+001F stands for the end of a line, because seeds are lines themselves.
#![no_main]

use std::{fmt::Write as _, io::Cursor, sync::Arc};

use libfuzzer_sys::fuzz_target;
use provost_directory::archive::{self, Summary};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

fuzz_target!(|bytes: &[u8]| {
    let bytes: Vec<u8> = bytes
        .iter()
        .map(|byte| if *byte == 0x1f { b'\n' } else { *byte })
        .collect();
    assert!(check(&bytes).is_none(), "nothing is whole without its checksum");
    let mut body = bytes;
    if !body.ends_with(b"\n") {
        body.push(b'\n');
    }
    let rows = rows(&body);
    let whole = sealed(&body, &rows);
    let Some(summary) = check(&whole) else {
        return;
    };
    assert_eq!(summary.rows, rows);
    for cut in [0, body.len() / 2, body.len(), whole.len() - 1] {
        assert!(check(&whole[..cut]).is_none(), "cut at {cut}");
    }
    assert!(check(&[&whole[..], b"\n"].concat()).is_none(), "it goes on");
    let mut altered = whole;
    altered[body.len() / 2] ^= 1;
    assert!(check(&altered).is_none(), "altered");
});

fn check(bytes: &[u8]) -> Option<Summary> {
    match archive::check(Box::new(Cursor::new(bytes.to_vec())), Arc::new(|_, _| {})) {
        Ok(summary) => Some(summary),
        Err(refusal) => {
            assert_eq!(refusal.to_string().lines().count(), 1, "{refusal}");
            None
        }
    }
}

/// The tables that begin in these lines, with how many rows follow each.
fn rows(body: &[u8]) -> Vec<(String, u64)> {
    let mut rows = Vec::<(String, u64)>::new();
    for line in body.split(|byte| *byte == b'\n').skip(1) {
        if line.starts_with(b"[") {
            if let Some((_, count)) = rows.last_mut() {
                *count += 1;
            }
        } else if let Ok(Value::Object(object)) = serde_json::from_slice(line)
            && let Some(Value::String(table)) = object.get("table")
        {
            rows.push((table.clone(), 0));
        }
    }
    rows
}

/// These lines with the last one that belongs to them.
fn sealed(body: &[u8], rows: &[(String, u64)]) -> Vec<u8> {
    let digest = Sha256::digest(body);
    let sha256 = digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text grows");
        text
    });
    let end = json!({"end": {"rows": rows, "sha256": sha256}});
    [body, end.to_string().as_bytes(), b"\n"].concat()
}
