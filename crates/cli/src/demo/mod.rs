//! The demonstration: identity providers push over SCIM, an application reads over Crowd.
//!
//! Everything goes over real HTTP against a real server; what the identity providers send is data
//! (`scenario`), so that it can be played against any base URL.

mod idp;
mod jira;
mod report;
mod scenario;
mod stage;
mod xml;

use std::time::Duration;

use crate::{
    http::{Authorities, Http},
    output,
};

use self::{
    idp::IdentityProvider,
    jira::{FULL, INCREMENTAL, Jira, Read},
    report::Line,
    scenario::Step,
    stage::{Colour, Shown, Stage},
};

/// No answer of a local server takes longer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A tenant to play against.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// SCIM 2.0 base URL.
    pub(crate) base: String,
    /// Bearer token.
    pub(crate) token: String,
}

/// How the application signs in.
#[derive(Clone, Debug)]
pub(crate) struct CrowdTarget {
    /// Crowd base URL.
    pub(crate) url: String,
    /// `Basic …`.
    pub(crate) authorization: String,
}

/// Slug and name of every identity provider that is played.
pub(crate) fn cast() -> Result<Vec<(String, String)>, String> {
    let all = scenario::all().map_err(|error| error.to_string())?;
    Ok(all
        .into_iter()
        .map(|scenario| (scenario.tenant, scenario.idp))
        .collect())
}

/// Plays everything; `target` names where each tenant is served. `true` if every answer was what
/// the identity provider needs and the application sees what was sent.
pub(crate) fn play(
    target: impl Fn(&str) -> Option<Target>,
    crowd: CrowdTarget,
) -> Result<bool, String> {
    let http = Http::new(TIMEOUT, Authorities::Public);
    let mut idps = Vec::new();
    for scenario in scenario::all().map_err(|error| error.to_string())? {
        let found = target(&scenario.tenant);
        let found =
            found.ok_or_else(|| format!("no tenant {} to play against", scenario.tenant))?;
        idps.push(IdentityProvider::new(
            scenario,
            http.clone(),
            found.base,
            found.token,
        ));
    }
    let mut show = Show::new(&idps, http, crowd);
    for idp in &mut idps {
        show.stage.head(&format!(
            "{} pushes to the tenant {}",
            idp.scenario.idp, idp.scenario.tenant
        ));
        let steps = idp.scenario.steps.clone();
        show.push(idp, &steps);
    }
    show.stage.head("Jira synchronises fully");
    show.full();
    for idp in &mut idps {
        let later = idp.scenario.later.clone();
        if !later.is_empty() {
            show.stage
                .head(&format!("{}: somebody leaves", idp.scenario.idp));
            show.push(idp, &later);
        }
    }
    show.stage.head("Jira synchronises incrementally");
    show.incremental();
    show.stage.end();
    show.verdict(&idps)
}

struct Show {
    stage: Stage,
    http: Http,
    crowd: CrowdTarget,
    jira: Jira,
}

impl Show {
    fn new(idps: &[IdentityProvider], http: Http, crowd: CrowdTarget) -> Self {
        let pushes = idps
            .iter()
            .map(|idp| idp.scenario.steps.len() + idp.scenario.later.len());
        Self {
            stage: Stage::new(pushes.sum::<usize>() + FULL.len() + 1),
            http,
            crowd,
            jira: Jira::default(),
        }
    }

    fn push(&mut self, idp: &mut IdentityProvider, steps: &[Step]) {
        for step in steps {
            self.stage.begin(&step.title);
            let played = idp.play(step);
            self.stage.step(&Shown {
                method: &step.method,
                status: played.status,
                took: played.took,
                title: &step.title,
                problem: played.problem.as_deref(),
            });
        }
    }

    fn full(&mut self) {
        for read in FULL {
            self.read(read, "");
        }
    }

    /// As the application does: without a token, or when it has expired, everything again.
    fn incremental(&mut self) {
        let Some(token) = self.jira.token().map(str::to_owned) else {
            return self.full();
        };
        if self.read(&INCREMENTAL, &token) == 410 {
            self.full();
        }
    }

    fn read(&mut self, read: &Read, more: &str) -> u16 {
        self.stage.begin(read.title);
        let url = format!("{}{}{more}", self.crowd.url, read.path);
        let headers = [
            ("Accept", "application/xml"),
            ("X-Atlassian-Token", "no-check"),
            ("Authorization", &*self.crowd.authorization),
            ("Content-Type", "application/xml; charset=UTF-8"),
        ];
        let (status, took, outcome) = match self.http.send(read.method, &url, headers, read.body) {
            Ok(answer) => (
                answer.status,
                answer.took,
                read.take(&mut self.jira, &answer),
            ),
            Err(problem) => (0, Duration::ZERO, Err(problem)),
        };
        let title = match &outcome {
            Ok(came) => format!("{}: {came}", read.title),
            Err(_) => read.title.to_owned(),
        };
        self.stage.step(&Shown {
            method: read.method,
            status,
            took,
            title: &title,
            problem: outcome.err().as_deref(),
        });
        status
    }

    fn verdict(&self, idps: &[IdentityProvider]) -> Result<bool, String> {
        let mut lines = Vec::new();
        for idp in idps {
            lines.extend(report::compare(idp, &self.jira)?);
        }
        output::line(format_args!("\n{}\n", report::table(&lines)));
        let differences: Vec<_> = lines.iter().filter_map(Line::difference).collect();
        for difference in &differences {
            output::line(
                self.stage
                    .paint(Colour::Red, format_args!("✗ {difference}")),
            );
        }
        let good = differences.is_empty() && self.stage.failures() == 0;
        output::line(if good {
            self.good(lines.len())
        } else {
            self.bad(&differences)
        });
        Ok(good)
    }

    fn good(&self, people: usize) -> String {
        let (users, groups, memberships) = self.jira.counts();
        let text = format!(
            "✓ Jira sees what was sent: {people} people sent, {users} users, {groups} groups and {memberships} memberships seen; {} requests, every answer as needed.",
            self.stage.shown()
        );
        self.stage.paint(Colour::Green, text)
    }

    fn bad(&self, differences: &[String]) -> String {
        let text = format!(
            "✗ {} of {} answers were not what was needed, {} people differ.",
            self.stage.failures(),
            self.stage.shown(),
            differences.len()
        );
        self.stage.paint(Colour::Red, text)
    }
}
