//! An application that synchronises its directory over Crowd's REST API, from any node: fully
//! once, then by events, and fully again when something was amiss, as applications do.

#[expect(dead_code, reason = "the tests of Crowd do more with it")]
#[path = "../../../../../provost/tests/it/crowd/model/cache.rs"]
mod cache;
#[expect(dead_code, reason = "the tests of Crowd do more with it")]
#[path = "../../../../../provost/tests/it/crowd/model/copy.rs"]
mod copy;

use anyhow::{Context, Error, Result, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};

use self::{
    cache::Cache,
    copy::{Group, Person},
};
use super::xml::Element;
use crate::ledger::Http;

const NULL: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><null-search-restriction/>";

/// Why a synchronisation was not finished.
enum Stop {
    /// The server said that it is in trouble; the next synchronisation is a full one.
    Busy,
    /// The token has expired.
    Expired,
    /// What no application must get.
    Wrong(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Wrong(error)
    }
}

/// The application.
pub(crate) struct Application {
    authorization: String,
    urls: Vec<String>,
    turn: usize,
    http: Http,
    token: Option<String>,
    cache: Cache,
    /// Finished full synchronisations.
    pub(crate) full: u64,
    /// Finished incremental ones.
    pub(crate) incremental: u64,
}

impl Application {
    /// Reads from the nodes by turns, given as `http://…` of their application listeners.
    pub(crate) fn new(name: &str, password: &str, urls: &[String]) -> Self {
        Self {
            authorization: format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))),
            urls: urls.to_vec(),
            turn: 0,
            http: Http::new(),
            token: None,
            cache: Cache::new(false),
            full: 0,
            incremental: 0,
        }
    }

    /// One synchronisation; whether it was finished. The token is cleared at its start and kept at
    /// its end.
    pub(crate) fn synchronise(&mut self) -> Result<bool> {
        self.turn += 1;
        let outcome = match self.token.take() {
            Some(token) => match self.follow(&token) {
                Err(Stop::Expired) => self.read_all(),
                outcome => outcome,
            },
            None => self.read_all(),
        };
        match outcome {
            Ok(()) => Ok(true),
            Err(Stop::Busy) => Ok(false),
            Err(Stop::Expired) => bail!("a full synchronisation was answered 410"),
            Err(Stop::Wrong(error)) => Err(error),
        }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Result<Element, Stop> {
        let node = &self.urls[self.turn % self.urls.len()];
        let url = format!("{node}/crowd/rest/usermanagement/1{path}");
        let headers = [
            ("Authorization", self.authorization.as_str()),
            ("Accept", "application/xml"),
            ("Content-Type", "application/xml; charset=UTF-8"),
            ("X-Atlassian-Token", "no-check"),
        ];
        let answer = self.http.exchange(method, &url, &headers, body);
        let (status, text) = answer.with_context(|| format!("no answer from {url}"))?;
        match status {
            200 => Ok(Element::parse(&text).map_err(Error::msg)?),
            410 => Err(Stop::Expired),
            503 => Err(Stop::Busy),
            _ => Err(Error::msg(format!("{url} answered {status}: {text}")).into()),
        }
    }

    fn follow(&mut self, token: &str) -> Result<(), Stop> {
        let document = self.ask("GET", &format!("/event/{token}"), None)?;
        for event in &document.children {
            self.cache.apply(event);
        }
        self.keep_token(&document);
        self.incremental += 1;
        Ok(())
    }

    fn keep_token(&mut self, document: &Element) {
        let available = document.attribute("incrementalSynchronisationAvailable") == Some("true");
        let token = document.attribute("newEventToken").map(str::to_owned);
        self.token = token.filter(|_| available);
    }

    fn read_all(&mut self) -> Result<(), Stop> {
        self.ask("GET", "/event", None)?;
        let search = |kind| format!("/search?entity-type={kind}&max-results=-1&expand={kind}");
        let users = self.ask("POST", &search("user"), Some(NULL))?;
        let users: Vec<_> = users.children.iter().map(Person::read).collect();
        let groups = self.ask("POST", &search("group"), Some(NULL))?;
        let groups: Vec<_> = groups.children.iter().map(Group::read).collect();
        let memberships = self.ask("GET", "/group/membership", None)?;
        let held = self.cache.copy();
        let is_empty = users.is_empty() && !held.users.is_empty();
        ensure_not(is_empty, "an empty list of users would delete everybody")?;
        let is_empty = groups.is_empty() && !held.groups.is_empty();
        ensure_not(is_empty, "an empty list of groups would delete them all")?;
        self.cache.take_users(&users);
        self.cache.take_groups(&groups);
        for membership in &memberships.children {
            let group = membership.attribute("group").context("no group")?;
            let names = membership
                .child("users")
                .map_or_else(Vec::new, Element::names);
            self.cache.take_members(group, &names, &[]);
        }
        let document = self.ask("GET", "/event", None)?;
        self.keep_token(&document);
        self.full += 1;
        Ok(())
    }

    /// What one that has just synchronised fully holds, must be what this one holds.
    pub(crate) fn must_agree_with(&self, fresh: &Self) -> Result<()> {
        let (is, should) = (self.cache.copy(), fresh.cache.copy());
        ensure!(is == should, "{}", is.difference(&should));
        ensure!(!should.users.is_empty(), "it holds nobody");
        Ok(())
    }

    /// Folded names of the active users.
    pub(crate) fn active(&self) -> Vec<String> {
        let copy = self.cache.copy();
        let active = copy.users.iter().filter(|(_, person)| person.active);
        active.map(|(name, _)| name.clone()).collect()
    }
}

fn ensure_not(wrong: bool, text: &'static str) -> Result<(), Stop> {
    if wrong {
        return Err(Stop::Wrong(Error::msg(text)));
    }
    Ok(())
}
