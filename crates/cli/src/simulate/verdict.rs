//! What comes out of a simulation: requests by kind, findings, and one sentence.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    judge::Severity,
    ledger::{Finding, Tally},
    play::{Played, Session},
};
use crate::output::Table;

/// The outcome of a simulation.
pub(crate) struct Verdict {
    session: Session,
    played: Played,
    seed: u64,
    took: Duration,
    cleaned: bool,
}

/// A row of the table.
#[derive(Serialize)]
struct Row {
    request: &'static str,
    count: usize,
    failed: usize,
    repeated: usize,
    median_ms: f64,
    max_ms: f64,
}

impl Verdict {
    /// What came of a session.
    pub(super) const fn new(
        session: Session,
        played: Played,
        seed: u64,
        took: Duration,
        cleaned: bool,
    ) -> Self {
        Self {
            session,
            played,
            seed,
            took,
            cleaned,
        }
    }

    /// Whether nothing would hurt the identity provider.
    pub(crate) fn is_green(&self) -> bool {
        self.played == Played::Whole && self.hurting() == 0
    }

    fn findings(&self) -> Vec<(Severity, Finding)> {
        let all = self.session.ledger.findings().into_iter();
        let mut all: Vec<_> = all
            .map(|finding| (self.session.severity(finding.trouble), finding))
            .collect();
        all.sort_by_key(|(severity, _)| *severity);
        all
    }

    fn hurting(&self) -> usize {
        let all = self.findings();
        all.iter()
            .filter(|(severity, _)| *severity == Severity::Hurts)
            .count()
    }

    fn rows(&self) -> Vec<Row> {
        let tallies = self.session.ledger.tallies();
        tallies
            .into_iter()
            .map(|(kind, tally)| row(kind, tally))
            .collect()
    }

    /// Users and groups that are left behind.
    fn left(&self) -> usize {
        self.session.ledger.existing().len() + self.session.ledger.strays().len()
    }

    /// One sentence.
    pub(crate) fn sentence(&self) -> String {
        let name = self.session.habits.name;
        match self.played {
            Played::Taken => format!(
                "users of an earlier run with the seed {} are there; delete them, or choose another seed",
                self.seed
            ),
            Played::Refused => {
                format!(
                    "{name} would not save this connection: what came and what follows is said above"
                )
            }
            Played::GivenUp => {
                "the target stopped answering; check that it runs and that the URL is right"
                    .to_owned()
            }
            Played::Whole if self.hurting() == 0 => {
                format!("{name} can live with every answer, and the target holds what was sent")
            }
            Played::Whole => {
                let some = self.hurting();
                let findings = if some == 1 { "finding" } else { "findings" };
                format!(
                    "{some} {findings} would hurt {name}: what came and what follows is said above"
                )
            }
        }
    }

    /// For scripts.
    pub(crate) fn json(&self) -> Value {
        let findings: Vec<_> = self
            .findings()
            .iter()
            .map(|one| self.finding_json(one))
            .collect();
        json!({
            "idp": self.session.habits.slug,
            "name": self.session.habits.name,
            "url": self.session.base,
            "seed": self.seed,
            "tag": self.session.tag,
            "green": self.is_green(),
            "verdict": self.sentence(),
            "requests": self.rows(),
            "findings": findings,
            "skipped_steps": self.session.ledger.skipped(),
            "seconds": self.took.as_secs_f64(),
            "left_behind": self.left(),
        })
    }

    fn finding_json(&self, (severity, finding): &(Severity, Finding)) -> Value {
        let facts = finding.trouble.facts();
        json!({
            "code": finding.trouble,
            "severity": severity,
            "what": facts.what,
            "request": finding.kind,
            "count": finding.count,
            "seen": finding.detail,
            "sent": finding.exchange.sent,
            "came": finding.exchange.came,
            "consequence": self.session.consequence(finding.trouble),
            "dialect": self.departure(finding),
            "rule": facts.rule,
        })
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut parts = vec![self.head(), self.table()];
        parts.extend(self.findings().iter().map(|one| self.finding_text(one)));
        parts.push(self.tail());
        let mark = if self.is_green() { "✓" } else { "✗" };
        parts.push(format!("{mark} {}", self.sentence()));
        parts.join("\n\n")
    }

    fn head(&self) -> String {
        let count: usize = self.rows().iter().map(|row| row.count).sum();
        format!(
            "{} against {}\nseed {}, {count} requests in {:.1} s",
            self.session.habits.name,
            self.session.base,
            self.seed,
            self.took.as_secs_f64(),
        )
    }

    fn table(&self) -> String {
        let titles = [
            "request", "count", "failed", "repeated", "median", "longest",
        ];
        let mut table = Table::new(&titles, "nothing was sent");
        for row in self.rows() {
            table.row([
                row.request.to_owned(),
                row.count.to_string(),
                row.failed.to_string(),
                row.repeated.to_string(),
                format!("{:.1} ms", row.median_ms),
                format!("{:.1} ms", row.max_ms),
            ]);
        }
        table.to_string()
    }

    fn finding_text(&self, (severity, finding): &(Severity, Finding)) -> String {
        let facts = finding.trouble.facts();
        let mark = match severity {
            Severity::Hurts => "✗",
            Severity::Notice => "·",
        };
        let code = json!(finding.trouble);
        let departure = self.departure(finding);
        let dialect = departure.map(|text| format!("\n    dialect  {text}"));
        format!(
            "{mark} {}: {} ({} ×, {})\n    sent     {}\n    came     {}\n    seen     {}{}\n    follows  {}\n    rule     {}",
            code.as_str().unwrap_or_default(),
            facts.what,
            finding.count,
            finding.kind,
            finding.exchange.sent,
            finding.exchange.came,
            finding.detail,
            dialect.unwrap_or_default(),
            self.session.consequence(finding.trouble),
            facts.rule,
        )
    }

    /// Where this identity provider leaves the standard in such requests.
    fn departure(&self, finding: &Finding) -> Option<&'static str> {
        let all = self.session.habits.departures.iter();
        let mut own = all.filter(|(kind, _)| *kind == finding.kind);
        let (_, text) = own.next()?;
        finding.trouble.may_come_from_form().then_some(*text)
    }

    fn tail(&self) -> String {
        let skipped = match self.session.ledger.skipped() {
            0 => String::new(),
            some => format!(
                "{some} steps could not be played, because what they change was never created.\n"
            ),
        };
        let left = match (self.left(), self.cleaned) {
            (0, _) => "Nothing is left behind.".to_owned(),
            (some, true) => format!(
                "{some} users and groups could not be deleted; their names carry `{}`.",
                self.session.tag
            ),
            (some, false) => format!(
                "{some} users and groups are left; their names carry `{}`. With --cleanup they are deleted at the end.",
                self.session.tag
            ),
        };
        format!("{skipped}{left}")
    }
}

fn row(kind: &'static str, mut tally: Tally) -> Row {
    tally.took.sort_unstable();
    let millis =
        |time: Option<&Duration>| time.copied().unwrap_or_default().as_secs_f64() * 1_000.0;
    Row {
        request: kind,
        count: tally.count,
        failed: tally.failed,
        repeated: tally.repeated,
        median_ms: millis(tally.took.get(tally.took.len() / 2)),
        max_ms: millis(tally.took.last()),
    }
}
