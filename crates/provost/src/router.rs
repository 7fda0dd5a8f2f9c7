//! Every route of every surface, in one list.

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, any, get, post},
};

use provost_directory::{group::Group, user::User};

use crate::{
    Deadlines, crowd,
    ops::{health, metrics},
    scim::{self, bulk, discovery, list, resource, unsupported},
    state::AppState,
    surface::Surface,
    trace::Trace,
};

/// One path of the SCIM API and what it answers to.
pub struct Endpoint {
    /// The path; `{tenant}` and `{id}` stand for one segment each.
    pub path: &'static str,
    /// The methods that are served; every other one is answered with 405.
    pub methods: &'static [&'static str],
    handlers: fn() -> MethodRouter<AppState>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.methods, self.path)
    }
}

/// Every path of the SCIM API.
pub static SCIM_ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "/scim/{tenant}/v2/Users",
        methods: &["GET", "HEAD", "POST"],
        handlers: || get(list::list::<User>).post(resource::create::<User>),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/Users/{id}",
        methods: &["GET", "HEAD", "PUT", "PATCH", "DELETE"],
        handlers: || {
            get(resource::read::<User>)
                .put(resource::replace::<User>)
                .patch(resource::patch::<User>)
                .delete(resource::delete::<User>)
        },
    },
    Endpoint {
        path: "/scim/{tenant}/v2/Groups",
        methods: &["GET", "HEAD", "POST"],
        handlers: || get(list::list::<Group>).post(resource::create::<Group>),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/Groups/{id}",
        methods: &["GET", "HEAD", "PUT", "PATCH", "DELETE"],
        handlers: || {
            get(resource::read::<Group>)
                .put(resource::replace::<Group>)
                .patch(resource::patch::<Group>)
                .delete(resource::delete::<Group>)
        },
    },
    Endpoint {
        path: "/scim/{tenant}/v2/ServiceProviderConfig",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::service_provider_config),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/ResourceTypes",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::resource_types),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/ResourceTypes/{id}",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::resource_type),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/Schemas",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::schemas),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/Schemas/{id}",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::schema),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/Me",
        methods: &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        handlers: || {
            get(unsupported::me)
                .post(unsupported::me)
                .put(unsupported::me)
                .patch(unsupported::me)
                .delete(unsupported::me)
        },
    },
    Endpoint {
        path: "/scim/{tenant}/v2/Bulk",
        methods: &["POST"],
        handlers: || post(bulk::run),
    },
    Endpoint {
        path: "/scim/{tenant}/v2",
        methods: &["GET", "HEAD"],
        handlers: || get(list::root),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/.search",
        methods: &["POST"],
        handlers: || post(list::search_root),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/Users/.search",
        methods: &["POST"],
        handlers: || post(list::search::<User>),
    },
    Endpoint {
        path: "/scim/{tenant}/v2/Groups/.search",
        methods: &["POST"],
        handlers: || post(list::search::<Group>),
    },
    Endpoint {
        path: "/scim/{tenant}/v1/Users",
        methods: &["GET", "HEAD", "POST"],
        handlers: || get(list::list::<User>).post(resource::create::<User>),
    },
    Endpoint {
        path: "/scim/{tenant}/v1/Users/{id}",
        methods: &["GET", "HEAD", "PUT", "PATCH", "DELETE"],
        handlers: || {
            get(resource::read::<User>)
                .put(resource::replace::<User>)
                .patch(resource::patch::<User>)
                .delete(resource::delete::<User>)
        },
    },
    Endpoint {
        path: "/scim/{tenant}/v1/Groups",
        methods: &["GET", "HEAD", "POST"],
        handlers: || get(list::list::<Group>).post(resource::create::<Group>),
    },
    Endpoint {
        path: "/scim/{tenant}/v1/Groups/{id}",
        methods: &["GET", "HEAD", "PUT", "PATCH", "DELETE"],
        handlers: || {
            get(resource::read::<Group>)
                .put(resource::replace::<Group>)
                .patch(resource::patch::<Group>)
                .delete(resource::delete::<Group>)
        },
    },
    Endpoint {
        path: "/scim/{tenant}/v1/ServiceProviderConfigs",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::service_provider_config),
    },
    Endpoint {
        path: "/scim/{tenant}/v1/ResourceTypes",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::resource_types),
    },
    Endpoint {
        path: "/scim/{tenant}/v1/ResourceTypes/{id}",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::resource_type),
    },
    Endpoint {
        path: "/scim/{tenant}/v1/Schemas",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::schemas),
    },
    Endpoint {
        path: "/scim/{tenant}/v1/Schemas/{id}",
        methods: &["GET", "HEAD"],
        handlers: || get(discovery::schema),
    },
    Endpoint {
        path: "/scim/{tenant}/v1/Bulk",
        methods: &["POST"],
        handlers: || post(bulk::run),
    },
];

/// Everything the SCIM API listener serves.
pub(crate) fn scim_surface(state: &AppState) -> Surface {
    let outside = health_routes().fallback(unsupported::unknown);
    Surface::new(finish(outside, state))
        .with_clients(state.clients.clone())
        .with_metrics(state.metrics.clone())
        .with_scim(state.clone(), finish(scim_routes(state), state))
        .scim_errors()
}

/// Everything the application listener serves.
pub(crate) fn app_surface(state: &AppState) -> Surface {
    let outside = crowd_routes(state)
        .merge(health_routes())
        .route("/metrics", get(metrics::read))
        .fallback(nothing);
    Surface::new(finish(outside, state))
        .with_clients(state.clients.clone())
        .with_metrics(state.metrics.clone())
}

/// Both on one listener.
pub(crate) fn single_surface(state: &AppState) -> Surface {
    app_surface(state).with_scim(state.clone(), finish(scim_routes(state), state))
}

/// SCIM alone, as a router that a host merges into its own.
pub(crate) fn mounted(state: &AppState) -> Router {
    let surface = Surface::new(Router::new())
        .with_scim(state.clone(), finish(scim_routes(state), state))
        .scim_errors();
    let answer = move |request: Request| async move { surface.answer(request).await };
    Router::new()
        .route("/scim", any(answer.clone()))
        .route("/scim/{*rest}", any(answer))
}

fn scim_routes(state: &AppState) -> Router<AppState> {
    let mut router = Router::new();
    for endpoint in SCIM_ENDPOINTS {
        let limited = middleware::from_fn_with_state(state.clone(), scim::limited);
        router = router.route(endpoint.path, (endpoint.handlers)().route_layer(limited));
    }
    router
        .fallback(unsupported::unknown)
        .method_not_allowed_fallback(unsupported::method)
}

fn health_routes() -> Router<AppState> {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
}

/// Crowd with the time limit of a handler, and of a body where there may be one; its own seal adds
/// what every Crowd answer carries.
fn crowd_routes(state: &AppState) -> Router<AppState> {
    let timed = middleware::from_fn_with_state(state.clone(), crowd_deadline);
    crowd::routes()
        .layer(timed)
        .layer(middleware::from_fn(crowd::seal))
}

async fn crowd_deadline(
    axum::extract::State(state): axum::extract::State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let Deadlines { body, handler, .. } = state.deadlines;
    let limit = match *request.method() {
        Method::GET | Method::HEAD | Method::DELETE => handler,
        _ => body + handler,
    };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => crowd::unavailable(),
    }
}

async fn nothing() -> Response {
    (
        StatusCode::NOT_FOUND,
        "There is nothing here. The Crowd directory is at /crowd.\n",
    )
        .into_response()
}

fn finish(routes: Router<AppState>, state: &AppState) -> Router {
    routes
        .layer(middleware::from_fn(note_route))
        .with_state(state.clone())
}

/// Tells the access log which route was taken.
async fn note_route(request: Request, next: Next) -> Response {
    if let (Some(trace), Some(path)) = (
        request.extensions().get::<Trace>(),
        request.extensions().get::<MatchedPath>(),
    ) {
        trace.set_route(path.as_str());
    }
    next.run(request).await
}
