//! Lists for everything else: text, CSV and JSON, which [`crate::feed`] reads back.

use serde::Serialize;

use super::{File, Note, one, request::Job};
use crate::Prefix;

pub(super) fn text(job: &Job<'_>) -> Vec<File> {
    one(format!("{}.txt", job.id), document(job))
}

/// One network a line below the head.
pub(super) fn document(job: &Job<'_>) -> String {
    format!("{}{}", job.head("# "), job.set)
}

/// One row per network and source; texts hold neither commas nor quotes.
pub(super) fn csv(job: &Job<'_>) -> Vec<File> {
    let mut table = "cidr,family,port,source,edition,document_sha256\r\n".to_owned();
    for source in job.sources {
        let text = |note: &Option<Note>| note.as_ref().map_or(String::new(), Note::to_string);
        let (edition, digest) = (text(&source.edition), text(&source.digest));
        for prefix in source.set.prefixes() {
            let family = if prefix.address().is_ipv4() { 4 } else { 6 };
            let (port, name) = (job.port, &source.name);
            push!(
                table,
                "{prefix},{family},{port},{name},{edition},{digest}\r\n"
            );
        }
    }
    one(format!("{}.csv", job.id), table)
}

#[derive(Serialize)]
struct Document<'a> {
    made_by: &'static str,
    remark: Option<&'a Note>,
    port: u16,
    sha256: String,
    sources: Vec<Origin<'a>>,
    added: Option<Vec<String>>,
    removed: Option<Vec<String>>,
    prefixes: Vec<String>,
}

#[derive(Serialize)]
struct Origin<'a> {
    name: &'a Note,
    published: &'a Note,
    edition: Option<&'a Note>,
    document_sha256: Option<&'a Note>,
    prefixes: Vec<String>,
}

pub(super) fn json(job: &Job<'_>) -> Vec<File> {
    let difference = job.difference.as_ref();
    let document = Document {
        made_by: "provost firewall",
        remark: job.remark,
        port: job.port,
        sha256: job.checksum(),
        sources: job
            .sources
            .iter()
            .map(|source| Origin {
                name: &source.name,
                published: &source.published,
                edition: source.edition.as_ref(),
                document_sha256: source.digest.as_ref(),
                prefixes: texts(source.set.prefixes()),
            })
            .collect(),
        added: difference.map(|difference| texts(difference.added.all())),
        removed: difference.map(|difference| texts(difference.removed.all())),
        prefixes: texts(job.now.all()),
    };
    one(format!("{}.json", job.id), pretty(&document))
}

/// Networks as texts.
pub(super) fn texts(prefixes: impl IntoIterator<Item = Prefix>) -> Vec<String> {
    let text = |prefix: Prefix| prefix.to_string();
    prefixes.into_iter().map(text).collect()
}

/// JSON with one network a line, so that two versions can be compared.
pub(super) fn pretty(document: &impl Serialize) -> String {
    // What is written here is made of texts and numbers, which JSON always holds.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
