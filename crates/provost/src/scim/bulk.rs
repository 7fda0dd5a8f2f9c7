//! `POST /Bulk` (RFC 7644 section 3.7).
//!
//! Every operation takes the way of the single request: the same validation, the same use case, a
//! transaction of its own. They run one after the other, because each may need what the last one
//! made. A job uses two thirds of the time a handler has; what is not begun by then is answered
//! with 503 for that operation, so that the client always learns what was done.

use axum::{extract::State, http::StatusCode, response::Response};
use provost_directory::{group::Group, user::User};
use provost_scim::{
    ScimError,
    bulk::{self, Answer, Entry, Job, KnownIds, Method, Operation, Place, Step},
    schema::{ResourceType, USER},
    v2,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{
    answer,
    body::ScimBody,
    caller::ScimCaller,
    endpoint::{Change, Endpoint},
    error::{self, Failure},
    precondition,
    resource::{self, Saved},
};
use crate::state::AppState;

/// `POST /Bulk`.
pub(crate) async fn run(
    State(state): State<AppState>,
    caller: ScimCaller,
    body: ScimBody,
) -> Result<Response, Failure> {
    let until = Instant::now() + state.deadlines.handler * 2 / 3;
    let job = caller.wire().bulk(body.json()?, caller.types())?.plan();
    let mut runner = Runner {
        state: &state,
        caller: &caller,
        job: &job,
        known: KnownIds::new(),
        answers: vec![None; job.entries.len()],
        failed: 0,
    };
    runner.run(until).await;
    let processed = job.entries.iter().zip(&runner.answers);
    let processed = processed.filter_map(|(entry, answer)| Some((entry, answer.as_ref()?)));
    let body = caller.wire().bulk_answer(processed);
    let body = body.to_string().into_bytes();
    Ok(answer::json(StatusCode::OK, caller.wire(), body))
}

/// A resource that an operation has left behind.
struct Kept {
    id: String,
    version: u64,
}

/// A job on its way.
struct Runner<'a> {
    state: &'a AppState,
    caller: &'a ScimCaller,
    job: &'a Job,
    known: KnownIds,
    /// One place per operation; none for what was not processed.
    answers: Vec<Option<Answer>>,
    failed: u64,
}

impl Runner<'_> {
    async fn run(&mut self, until: Instant) {
        let job = self.job;
        for step in &job.steps {
            let is_over = job.fail_on_errors.is_some_and(|most| self.failed >= most);
            let is_late = Instant::now() >= until;
            match step {
                Step::Run(_) if is_over => {}
                Step::Run(index) if is_late => self.settle(*index, late(None)),
                Step::Run(index) => self.operate(*index).await,
                Step::Complete(index, patch) => {
                    self.complete(*index, patch, is_over, is_late).await;
                }
            }
        }
    }

    fn entry(&self, index: usize) -> Option<&Entry> {
        self.job.entries.get(index)
    }

    fn settle(&mut self, index: usize, answer: Answer) {
        self.failed += u64::from(answer.outcome.is_err());
        if let Some(place) = self.answers.get_mut(index) {
            *place = Some(answer);
        }
    }

    async fn operate(&mut self, index: usize) {
        let Some(entry) = self.entry(index) else {
            return;
        };
        let (answer, made) = match &entry.operation {
            Ok(operation) => self.one(entry, operation).await,
            Err(error) => (refused(None, error.clone()), None),
        };
        if let (Some(bulk_id), Some(id)) = (entry.bulk_id.clone(), made) {
            self.known.insert(bulk_id, id);
        }
        self.settle(index, answer);
    }

    /// Runs one operation; also the id of what it has created.
    async fn one(&self, entry: &Entry, operation: &Operation) -> (Answer, Option<String>) {
        let kind = operation.kind;
        let mut data = operation.data.clone();
        let id = match &operation.place {
            Place::New => Ok(None),
            Place::Existing(id) => bulk::resolve_id(id, &self.known).map(Some),
        };
        let resolved = id.and_then(|id| bulk::resolve(&mut data, &self.known).map(|()| id));
        match resolved {
            Err(error) => (refused(None, error), None),
            Ok(None) => match self.make(kind, data, fingerprint(entry, operation)).await {
                Ok(kept) => (self.done(kind, 201, &kept), Some(kept.id)),
                Err(failure) => (self.refuse(None, &failure), None),
            },
            Ok(Some(id)) => (self.change(operation, id, data).await, None),
        }
    }

    async fn change(&self, operation: &Operation, id: String, data: Value) -> Answer {
        let kind = operation.kind;
        let expected = precondition::expected(operation.version.as_deref());
        let changed = match operation.method {
            Method::Put => self.send(kind, &id, expected, Single::Put(data)).await,
            Method::Patch => self.send(kind, &id, expected, Single::Patch(data)).await,
            Method::Delete => self.send(kind, &id, expected, Single::Delete).await,
            Method::Post => Err(error::not_found()),
        };
        match changed {
            Ok(Some(kept)) => self.done(kind, 200, &kept),
            Ok(None) => Answer {
                location: Some(v2::location(self.caller.base(), kind, &id)),
                outcome: Ok((204, None)),
            },
            Err(failure) => {
                self.refuse(Some(v2::location(self.caller.base(), kind, &id)), &failure)
            }
        }
    }

    /// Sets what a POST had to leave out. If that cannot be done, the POST has failed, and what it
    /// made is taken away again.
    async fn complete(&mut self, index: usize, patch: &Value, is_over: bool, is_late: bool) {
        let job = self.job;
        let Some(entry) = job.entries.get(index) else {
            return;
        };
        let bulk_id = entry.bulk_id.as_deref().unwrap_or_default();
        let (Ok(operation), Some(id)) = (&entry.operation, self.known.get(bulk_id).cloned()) else {
            return;
        };
        let kind = operation.kind;
        let mut patch = patch.clone();
        let outcome = match bulk::resolve(&mut patch, &self.known) {
            Ok(()) if !is_late => self.send(kind, &id, None, Single::Patch(patch)).await,
            Ok(()) => Err(Failure::TooSlow),
            Err(error) => Err(error.into()),
        };
        let answer = match outcome {
            Ok(Some(kept)) => self.done(kind, 201, &kept),
            Ok(None) => return,
            Err(failure) => {
                self.known.remove(bulk_id);
                match self.send(kind, &id, None, Single::Delete).await {
                    Ok(_) if is_over => return self.forget(index),
                    Ok(_) => self.refuse(None, &failure),
                    Err(failure) => self.refuse(None, &failure),
                }
            }
        };
        self.settle(index, answer);
    }

    /// The operation was not processed after all.
    fn forget(&mut self, index: usize) {
        if let Some(place) = self.answers.get_mut(index) {
            *place = None;
        }
    }

    fn done(&self, kind: &ResourceType, status: u16, kept: &Kept) -> Answer {
        Answer {
            location: Some(v2::location(self.caller.base(), kind, &kept.id)),
            outcome: Ok((status, Some(v2::etag(kept.version)))),
        }
    }

    fn refuse(&self, location: Option<String>, failure: &Failure) -> Answer {
        refused(location, failure.to_scim(&self.caller.request()))
    }
}

/// A single request.
enum Single {
    Post(Value, [u8; 32]),
    Put(Value),
    Patch(Value),
    Delete,
}

/// The single requests.
impl Runner<'_> {
    async fn make(
        &self,
        kind: &ResourceType,
        data: Value,
        hash: [u8; 32],
    ) -> Result<Kept, Failure> {
        let made = self.send(kind, "", None, Single::Post(data, hash)).await?;
        made.ok_or(Failure::Internal)
    }

    /// What the resource has become; none after a DELETE.
    async fn send(
        &self,
        kind: &ResourceType,
        id: &str,
        expected: Option<Vec<u64>>,
        single: Single,
    ) -> Result<Option<Kept>, Failure> {
        // Users and groups are all there is.
        if kind.endpoint == USER.endpoint {
            self.send_to::<User>(id, expected, single).await
        } else {
            self.send_to::<Group>(id, expected, single).await
        }
    }

    async fn send_to<E: Endpoint>(
        &self,
        id: &str,
        expected: Option<Vec<u64>>,
        single: Single,
    ) -> Result<Option<Kept>, Failure> {
        let (state, caller) = (self.state, self.caller);
        let change = |expected| {
            Ok::<_, Failure>(Change {
                id: E::parse_id(id).ok_or_else(error::not_found)?,
                expected,
                with_links: false,
            })
        };
        let saved: Saved<E> = match single {
            Single::Post(data, hash) => resource::make(state, caller, data, hash).await?,
            Single::Put(data) => resource::put(state, caller, change(expected)?, data).await?,
            Single::Patch(data) => resource::modify(state, caller, change(expected)?, data).await?,
            Single::Delete => {
                let Change { id, expected, .. } = change(expected)?;
                E::delete(&state.directory, caller, id, expected).await?;
                return Ok(None);
            }
        };
        Ok(Some(Kept {
            id: saved.object.id_text(),
            version: saved.object.version(),
        }))
    }
}

fn refused(location: Option<String>, error: ScimError) -> Answer {
    Answer {
        location,
        outcome: Err(error),
    }
}

fn late(location: Option<String>) -> Answer {
    let sentence = "The job ran out of time before this operation, which was not begun; send it \
                    again, in a smaller job";
    refused(location, ScimError::with_status(503, sentence))
}

/// Tells a repeated POST of a repeated job from another one.
fn fingerprint(entry: &Entry, operation: &Operation) -> [u8; 32] {
    let bulk_id = entry.bulk_id.as_deref().unwrap_or_default();
    Sha256::digest(format!("bulk\0{bulk_id}\0{}", operation.data)).into()
}
