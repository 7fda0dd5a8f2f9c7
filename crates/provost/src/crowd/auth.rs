//! Who calls: HTTP Basic with the application's name and password, on every request.
//!
//! [`CrowdCaller`] is the proof. It is an extractor, every handler of this surface takes it
//! first, the answers to unknown paths and wrong methods included, so nothing can be learnt
//! without a password.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use base64::{Engine, engine::general_purpose::STANDARD_PAD_INDIFFERENT};
use provost_directory::{application::Application, view::View};

use super::error::Failure;
use crate::{client_ip::ClientIp, ops::metrics::Part, state::AppState};

/// Longest `Authorization` value in bytes that is decoded.
const MAX_CREDENTIALS: usize = 4096;

/// An application that proved its password and calls from an address it may use.
pub(super) struct CrowdCaller {
    /// The directory as this application sees it.
    pub(super) view: View,
    /// The application.
    pub(super) application: Arc<Application>,
}

impl FromRequestParts<AppState> for CrowdCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let presented = basic(&parts.headers).ok_or(Failure::Unauthenticated)?;
        let application = state
            .directory
            .authenticate_application(&presented.name, &presented.password)
            .await?
            .ok_or_else(|| {
                state.metrics.wrong_credentials(Part::Crowd);
                Failure::Unauthenticated
            })?;
        // After the password: who does not know it learns nothing about the allowed addresses.
        let Ok(client) = ClientIp::from_request_parts(parts, state).await;
        check_address(&application, client.known())
            .inspect_err(|_| state.metrics.refused_address(Part::Crowd))?;
        Ok(Self {
            view: state.directory.view(&application),
            application,
        })
    }
}

struct Presented {
    name: String,
    password: String,
}

/// The credentials of the one `Authorization: Basic` header.
fn basic(headers: &HeaderMap) -> Option<Presented> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values
        .next()
        .filter(|value| value.len() <= MAX_CREDENTIALS)?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD_PAD_INDIFFERENT.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (name, password) = text.split_once(':')?;
    Some(Presented {
        name: name.to_owned(),
        password: password.to_owned(),
    })
}

fn check_address(application: &Application, peer: Option<IpAddr>) -> Result<(), Failure> {
    if application.admits(peer) {
        return Ok(());
    }
    Err(Failure::AddressRefused {
        address: peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string()),
        application: application.name.clone(),
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_one_well_formed_basic_header_names_an_application() {
        for (values, expect) in [
            (vec!["Basic amlyYTpzM2NyZXQ="], Some(("jira", "s3cret"))),
            (vec!["bAsIc amlyYTpzM2NyZXQ="], Some(("jira", "s3cret"))),
            (vec!["Basic amlyYTpzM2NyZXQ"], Some(("jira", "s3cret"))),
            (vec!["Basic amlyYTphOmI="], Some(("jira", "a:b"))),
            (vec!["Basic amlyYQ=="], None),
            (vec!["Basic /w=="], None),
            (vec!["Basic ***"], None),
            (vec!["Basic"], None),
            (vec!["Bearer amlyYTpzM2NyZXQ="], None),
            (vec![], None),
            (
                vec!["Basic amlyYTpzM2NyZXQ=", "Basic amlyYTpzM2NyZXQ="],
                None,
            ),
        ] {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
            }
            let got = basic(&headers).map(|p| (p.name, p.password));
            let expect = expect.map(|(n, p)| (n.to_owned(), p.to_owned()));
            assert_eq!(got, expect, "{values:?}");
        }
    }
}
