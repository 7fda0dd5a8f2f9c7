//! The answer to `GET /metrics`, and who gets it: the networks in `metrics_allowed`, for the page
//! names tenants and applications. What came through a gateway that nobody trusts is refused
//! whatever its address: behind a gateway on this machine everybody would be loopback.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use provost_directory::{Directory, figures::Activity};

use super::{
    Metrics, Part,
    figures::Known,
    table::METRICS,
    text::{CONTENT_TYPE, Samples},
};
use crate::{client_ip::ClientIp, state::AppState};

/// Everything that the rows of the table read from.
pub(super) struct Scrape<'a> {
    pub(super) metrics: &'a Metrics,
    pub(super) activity: Activity,
    pub(super) known: Known,
}

/// Answers a scrape.
pub(crate) async fn read(State(state): State<AppState>, request: Request) -> Response {
    if let Err(sentence) = check(&state, &request) {
        state.metrics.refused_address(Part::Metrics);
        return answer(StatusCode::FORBIDDEN, "text/plain; charset=utf-8", sentence);
    }
    let page = page(&state.metrics, &state.directory).await;
    answer(StatusCode::OK, CONTENT_TYPE, page)
}

fn check(state: &AppState, request: &Request) -> Result<(), String> {
    if state.clients.ignores_forwarding(request) {
        return Err(
            "Metrics are not read through a gateway: this request has a forwarding header that is \
             not trusted. Ask the application listener directly, or set trusted_proxies and \
             client_address.\n"
                .to_owned(),
        );
    }
    let client = request.extensions().get::<ClientIp>().copied();
    match client.and_then(ClientIp::known) {
        Some(address) if state.metrics_allowed.contains(address) => Ok(()),
        Some(address) => Err(format!(
            "Metrics are read from the networks in metrics_allowed only, and {address} is not in \
             them. Add it there if it may know the names of tenants and applications.\n"
        )),
        None => Err(
            "Metrics are read from the networks in metrics_allowed only, and your address is not \
             known: a trusted proxy has not said for whom it asks. See client_address.\n"
                .to_owned(),
        ),
    }
}

async fn page(metrics: &Metrics, directory: &Directory) -> String {
    let known = metrics.0.latest.ask(directory).await;
    let scrape = Scrape {
        metrics,
        activity: directory.activity(),
        known,
    };
    let mut text = String::with_capacity(32 * 1024);
    for metric in METRICS {
        let mut out = Samples::begin(&mut text, metric.name, metric.kind, metric.help);
        (metric.print)(&scrape, &mut out);
    }
    text
}

fn answer(status: StatusCode, content_type: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, text).into_response()
}
