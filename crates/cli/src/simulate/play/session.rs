//! The connection to the target: sends, repeats as the identity provider does, judges, remembers.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::Value;

use super::pace::{Pace, pause};
use crate::{
    http::{Answer, Http},
    simulate::{
        compose::Request,
        habits::Habits,
        judge::{Expect, Severity, Trouble, judge},
        ledger::{Exchange, Ledger},
        person::Object,
        progress::Progress,
    },
};

/// The header that proves who is calling. Never shown.
pub(in crate::simulate) struct Authentication {
    /// Name of the header.
    pub(in crate::simulate) name: String,
    /// Its value.
    pub(in crate::simulate) value: String,
}

/// What a request led to.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The status; 0 if no answer came.
    pub(super) status: u16,
    /// The body; `Null` if there is none.
    pub(super) body: Value,
    /// Whether the identity provider takes it for success.
    pub(super) good: bool,
    /// Both sides, for a finding.
    pub(super) exchange: Exchange,
}

/// The connection to the target.
pub(in crate::simulate) struct Session {
    /// Whose part is played.
    pub(in crate::simulate) habits: &'static Habits,
    /// The client.
    pub(in crate::simulate) http: Http,
    /// The base URL, without a slash at its end.
    pub(in crate::simulate) base: String,
    /// What every name of this run carries.
    pub(in crate::simulate) tag: String,
    /// Who is calling; nobody in particular without.
    pub(in crate::simulate) authentication: Option<Authentication>,
    /// How fast.
    pub(in crate::simulate) pace: Pace,
    /// How many requests are under way.
    pub(in crate::simulate) concurrency: usize,
    /// How often a request is sent at most.
    pub(in crate::simulate) attempts: u32,
    /// Whether a gateway in between may send requests again.
    pub(in crate::simulate) gateway_repeats: bool,
    /// What is remembered.
    pub(in crate::simulate) ledger: Ledger,
    /// Where it is shown.
    pub(in crate::simulate) progress: Progress,
    /// How many requests in a row had no answer.
    pub(in crate::simulate) silence: AtomicU32,
}

/// After so many requests in a row without an answer, nobody is there.
const SILENCE: u32 = 5;

/// Longest wait that a server may ask for; identity providers wait longer, which would prove nothing.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// First pause before a repetition; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// How much of a body is shown.
const SHOWN: usize = 600;

impl Session {
    /// Whether the target has stopped answering.
    pub(super) fn has_given_up(&self) -> bool {
        self.silence.load(Ordering::Relaxed) >= SILENCE
    }

    /// The id of an object.
    pub(super) fn id(&self, object: Object) -> Option<String> {
        self.ledger.id(object)
    }

    /// Sends a request and judges the answer.
    pub(super) fn send(&self, request: &Request, expect: &Expect) -> Outcome {
        self.send_and(request, |answer, was_lost| {
            judge(self.habits, expect, was_lost, answer)
        })
    }

    /// Sends a request and lets `judge` say what is wrong with the answer.
    pub(super) fn send_and(
        &self,
        request: &Request,
        judge: impl FnOnce(&Answer, bool) -> (Vec<(Trouble, String)>, Value),
    ) -> Outcome {
        let body = request.body.as_ref().map(Value::to_string);
        let (answer, lost, repeated) = self.exchange(request, body.as_deref());
        let sent = sent(request, body.as_deref());
        let kind = request.kind;
        let (exchange, mut complaints, body) = match &answer {
            Ok(answer) => {
                let repeated = self.gateway_repeats && request.method == "DELETE";
                let (complaints, body) = judge(answer, lost.is_some() || repeated);
                (
                    Exchange {
                        kind,
                        sent,
                        came: came(answer),
                    },
                    complaints,
                    body,
                )
            }
            Err(text) => {
                let complaint = (Trouble::NoAnswer, text.clone());
                let came = "nothing".to_owned();
                (Exchange { kind, sent, came }, vec![complaint], Value::Null)
            }
        };
        if let (Some(reason), Ok(_)) = (lost, &answer) {
            complaints.push((Trouble::AnswerLost, reason));
        }
        let failed = complaints
            .iter()
            .any(|(trouble, _)| self.severity(*trouble) == Severity::Hurts);
        let answer = answer.ok();
        self.ledger.count(
            kind,
            failed,
            repeated,
            answer.as_ref().map(|answer| answer.took),
        );
        for (trouble, detail) in complaints {
            self.ledger.complain(trouble, detail, &exchange);
        }
        if let (Some(object), true) = (request.object, request.method != "GET") {
            self.ledger.wrote(object, &exchange, failed);
        }
        Outcome {
            status: answer.map_or(0, |answer| answer.status),
            body,
            good: !failed,
            exchange,
        }
    }

    /// How bad a trouble is for this identity provider.
    pub(in crate::simulate) fn severity(&self, trouble: Trouble) -> Severity {
        let own = self.habits.temper.iter().find(|(one, ..)| *one == trouble);
        own.map_or_else(|| trouble.facts().severity, |(_, severity, _)| *severity)
    }

    /// What this identity provider does about a trouble.
    pub(in crate::simulate) fn consequence(&self, trouble: Trouble) -> &'static str {
        let own = self.habits.temper.iter().find(|(one, ..)| *one == trouble);
        own.map_or_else(|| trouble.facts().consequence, |(_, _, text)| *text)
    }

    /// Sends until an answer comes that is no failure of the server; what was lost on the way, and
    /// how often it was sent again.
    fn exchange(
        &self,
        request: &Request,
        body: Option<&str>,
    ) -> (Result<Answer, String>, Option<String>, u32) {
        let mut lost = None;
        let mut repeated = 0;
        loop {
            self.pace.wait();
            let answer = self.once(request, body);
            let wait = FIRST_PAUSE.saturating_mul(1 << repeated.min(5));
            let wait = match &answer {
                Ok(answer) if is_temporary(answer.status) => retry_after(answer).unwrap_or(wait),
                Ok(_) => {
                    self.silence.store(0, Ordering::Relaxed);
                    return (answer, lost, repeated);
                }
                Err(_) => wait,
            };
            if repeated + 1 >= self.attempts {
                if answer.is_err() {
                    self.silence.fetch_add(1, Ordering::Relaxed);
                }
                return (answer, lost, repeated);
            }
            lost = Some(answer.map_or_else(|text| text, |answer| came(&answer)));
            repeated += 1;
            pause(wait.min(MAX_WAIT));
        }
    }

    fn once(&self, request: &Request, body: Option<&str>) -> Result<Answer, String> {
        let url = format!("{}{}", self.base, request.path);
        let content_type = body.map(|_| ("Content-Type", self.habits.content_type));
        let proof = self.authentication.as_ref();
        let proof = proof.map(|proof| (proof.name.as_str(), proof.value.as_str()));
        let headers = self.habits.headers.iter().copied();
        let headers = headers.chain(content_type).chain(proof);
        self.http.send(request.method, &url, headers, body)
    }
}

const fn is_temporary(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn sent(request: &Request, body: Option<&str>) -> String {
    let head = format!("{} {}", request.method, request.path);
    body.map_or(head.clone(), |body| format!("{head} {}", cut(body)))
}

fn came(answer: &Answer) -> String {
    let body = answer.body.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{} {}", answer.status, cut(&body))
        .trim_end()
        .to_owned()
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        format!("{short}…")
    } else {
        short
    }
}
