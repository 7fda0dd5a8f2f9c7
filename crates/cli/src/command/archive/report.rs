//! What was written or taken in, as a table or as JSON.

use std::path::Path;

use provost_directory::{Imported, archive::Summary};
use serde_json::{Map, Value, json};

use super::progress;
use crate::output::{Facts, Format, Table};

/// The tables that administrators know something of, with what they call it.
const TITLES: &[(&str, &str)] = &[
    ("tenants", "tenants, deleted ones too"),
    ("tokens", "tokens, as hashes"),
    ("applications", "applications"),
    ("schemas", "custom schemas"),
    ("ip_sets", "sets of addresses"),
    ("resources", "users and groups"),
    ("members", "memberships"),
    ("passwords", "passwords, as hashes"),
    ("tombstones", "deleted users"),
    ("changes", "changes in the log"),
];

/// What a table is called.
pub(super) fn title(table: &str) -> String {
    let known = TITLES.iter().find(|(name, _)| *name == table);
    known.map_or_else(|| table.replace('_', " "), |(_, title)| (*title).to_owned())
}

fn table(summary: &Summary) -> Table {
    let mut table = Table::new(&["what", "number"], "nothing");
    let known = |name: &str| TITLES.iter().any(|(title, _)| *title == name);
    for (name, rows) in summary.rows.iter().filter(|(name, _)| known(name)) {
        table.row([title(name), rows.to_string()]);
    }
    table
}

fn facts(summary: &Summary) -> Facts {
    let header = &summary.header;
    Facts::default()
        .with("written", &header.at)
        .with(
            "by",
            format_args!("Provost {} on {}", header.version, header.engine),
        )
        .with("sha256", &summary.sha256)
}

fn json(summary: &Summary) -> Map<String, Value> {
    let rows: Map<_, Value> = summary
        .rows
        .iter()
        .map(|(name, rows)| (name.clone(), (*rows).into()))
        .collect();
    let header = &summary.header;
    let mut answer = Map::new();
    answer.insert("format".into(), header.format.into());
    answer.insert("version".into(), header.version.clone().into());
    answer.insert("written".into(), header.at.clone().into());
    answer.insert("engine".into(), header.engine.clone().into());
    answer.insert("sha256".into(), summary.sha256.clone().into());
    answer.insert("rows".into(), rows.into());
    answer
}

/// Tells on standard error.
pub(super) fn to_stderr(summary: &Summary) {
    progress::line(format_args!("{}\n{}", table(summary), facts(summary)));
}

/// Tells what a file holds now.
pub(super) fn written(format: Format, file: &Path, summary: &Summary) {
    let mut answer = json(summary);
    answer.insert("file".into(), json!(file));
    let facts = facts(summary).with("file", file.display());
    format.print(&answer, format_args!("{}\n{facts}", table(summary)));
}

/// Tells what the database holds now.
pub(super) fn taken_in(format: Format, imported: &Imported) {
    let Imported {
        summary,
        position,
        kept,
    } = imported;
    let mut answer = json(summary);
    answer.insert("position".into(), position.to_string().into());
    answer.insert("kept".into(), json!(kept));
    let mut facts = facts(summary).with("log", position);
    if let Some(kept) = kept {
        facts.push("replaced data", kept.display());
    }
    let next = "Start the servers. Every application synchronises fully once.";
    format.print(&answer, format_args!("{}\n{facts}\n{next}", table(summary)));
}
