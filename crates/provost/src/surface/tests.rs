//! Tests of the outermost layer.

use std::time::Duration;

use axum::{http::Method, routing::get};
use http_body_util::BodyExt;

use super::*;

async fn boom() -> Response {
    panic!("a defect")
}

fn surface() -> Surface {
    Surface::new(
        Router::new()
            .route("/boom", get(boom))
            .route("/fine", get(async || "fine"))
            .route("/crowd/boom", get(boom)),
    )
}

async fn ask(surface: Surface, target: &str, headers: &[(&str, &str)]) -> (StatusCode, Response) {
    let mut request = Request::builder()
        .method(Method::GET)
        .uri(target)
        .header("host", "a");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = surface.answer(request.body(Body::empty()).unwrap()).await;
    (response.status(), response)
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_panic_is_503_for_that_request_only() {
    let (status, response) = ask(surface().scim_errors(), "/boom", &[]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "5");
    let id = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let body = text(response).await;
    assert!(body.contains(&id) && !body.contains("defect"), "{body}");
    let (status, response) = ask(surface(), "/boom", &[]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!text(response).await.contains("defect"));
    assert_eq!(ask(surface(), "/fine", &[]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_panic_is_counted() {
    let metrics = Metrics::default();
    for (target, expect) in [("/boom", 1), ("/fine", 1), ("/boom", 2)] {
        ask(surface().with_metrics(metrics.clone()), target, &[]).await;
        assert_eq!(metrics.panics(), expect, "{target}");
    }
}

#[tokio::test]
async fn crowd_clients_are_told_of_a_panic_in_their_form() {
    for (accept, expect) in [
        ("application/xml", "<reason>OPERATION_FAILED</reason>"),
        ("application/json", "\"reason\":\"OPERATION_FAILED\""),
    ] {
        let (status, response) = ask(surface(), "/crowd/boom", &[("accept", accept)]).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        for header in ["x-embedded-crowd-version", "retry-after", "x-request-id"] {
            assert!(response.headers().contains_key(header), "{header}");
        }
        let body = text(response).await;
        assert!(body.contains(expect) && !body.contains("defect"), "{body}");
    }
}

#[tokio::test]
async fn every_answer_has_its_own_request_id() {
    let (_, first) = ask(surface(), "/fine", &[]).await;
    let (_, second) = ask(surface(), "/nowhere", &[]).await;
    assert_ne!(
        first.headers()["x-request-id"],
        second.headers()["x-request-id"]
    );
}

#[tokio::test]
async fn a_broken_head_ends_the_connection() {
    let (status, response) = ask(surface(), "/fine", &[("host", "b")]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()["connection"], "close");
}

#[tokio::test]
async fn a_future_that_waits_is_still_polled() {
    let outcome = unpanicked(tokio::time::timeout(Duration::from_secs(30), async {
        tokio::task::yield_now().await;
        7
    }));
    assert_eq!(outcome.await.unwrap().unwrap(), 7);
}
