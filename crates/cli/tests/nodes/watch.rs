//! Whoever asks all nodes the whole time, while something is amiss: an answer is right or 503,
//! never 401, 404, 400 or 500, and never an empty list.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use provost_testkit::pause;
use serde_json::Value;

use crate::{ledger::Http, life::Tenant};

/// A user that is there from the beginning.
pub(crate) const ANCHOR: &str = "anchor@example.com";

const NULL: &str = "<null-search-restriction/>";

/// Between two rounds.
const ROUND: Duration = Duration::from_millis(50);

/// What the answers were.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// How often each status came.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// The longest that an answer took.
    pub(crate) longest: Duration,
}

/// A question: what it is for, method, URL, headers, body, and what a good answer has.
struct Question {
    method: &'static str,
    url: String,
    authorization: String,
    body: Option<&'static str>,
    good: fn(&str) -> bool,
}

/// The watch, one thread per node.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<Seen>>>,
}

impl Watch {
    /// Begins to ask, at `(SCIM, application listener)` of each node.
    pub(crate) fn start(nodes: &[(String, String)], tenant: &Tenant, application: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let begin = |(scim, app): &(String, String)| {
            let (stop, questions) = (stop.clone(), questions(scim, app, tenant, application));
            std::thread::spawn(move || watch(&stop, &questions))
        };
        Self {
            threads: nodes.iter().map(begin).collect(),
            stop,
        }
    }

    /// Whether nothing wrong was seen yet.
    pub(crate) fn is_well(&self) -> bool {
        !self.threads.iter().any(JoinHandle::is_finished)
    }

    /// Stops; what all have seen.
    pub(crate) fn finish(self) -> Result<Seen> {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = Seen::default();
        for thread in self.threads {
            let seen = thread
                .join()
                .map_err(|_| Error::msg("a watch panicked"))??;
            all.longest = all.longest.max(seen.longest);
            for (status, count) in seen.statuses {
                *all.statuses.entry(status).or_default() += count;
            }
        }
        Ok(all)
    }
}

fn questions(scim: &str, app: &str, tenant: &Tenant, application: &str) -> Vec<Question> {
    let base = format!("{scim}/scim/{}/v2", tenant.slug);
    let bearer = format!("Bearer {}", tenant.token);
    let basic = format!("Basic {}", STANDARD.encode(format!("jira:{application}")));
    let get = |url: String, authorization: &str, good| Question {
        method: "GET",
        url,
        authorization: authorization.to_owned(),
        body: None,
        good,
    };
    let crowd = format!("{app}/crowd/rest/usermanagement/1");
    vec![
        get(
            format!("{base}/Users?filter=userName%20eq%20%22{ANCHOR}%22"),
            &bearer,
            |text| json(text)["totalResults"] == 1,
        ),
        get(format!("{base}/Users?count=5"), &bearer, has_entries),
        get(format!("{base}/Groups?count=5"), &bearer, has_entries),
        get(format!("{base}/ServiceProviderConfig"), &bearer, |_| true),
        get(format!("{crowd}/user?username={ANCHOR}"), &basic, |text| {
            text.contains(ANCHOR)
        }),
        Question {
            method: "POST",
            url: format!("{crowd}/search?entity-type=user&max-results=5"),
            authorization: basic.clone(),
            body: Some(NULL),
            good: |text| text.contains("<user "),
        },
        get(format!("{app}/health/ready"), "", |_| true),
        get(format!("{app}/health/live"), "", |_| true),
    ]
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn has_entries(text: &str) -> bool {
    json(text)["Resources"]
        .as_array()
        .is_some_and(|all| !all.is_empty())
}

fn watch(stop: &AtomicBool, questions: &[Question]) -> Result<Seen> {
    let http = Http::new();
    let mut seen = Seen::default();
    while !stop.load(Ordering::SeqCst) {
        for question in questions {
            let headers = [
                ("Authorization", question.authorization.as_str()),
                ("Content-Type", "application/xml"),
                ("X-Atlassian-Token", "no-check"),
            ];
            let url = &question.url;
            let sent = Instant::now();
            let answer = http.exchange(question.method, url, &headers, question.body);
            seen.longest = seen.longest.max(sent.elapsed());
            let (status, text) = answer.with_context(|| format!("{url} was not answered"))?;
            let good = match status {
                200 => (question.good)(&text),
                503 => !url.ends_with("/health/live"),
                _ => false,
            };
            ensure!(good, "{url} answered {status}: {text}");
            *seen.statuses.entry(status).or_default() += 1;
        }
        pause(ROUND);
    }
    Ok(seen)
}
