//! The embedding API: hosts that own sockets, directories and routers.

use std::{
    net::TcpListener,
    os::fd::OwnedFd,
    process::{Command, Stdio},
    sync::Arc,
};

use axum::{Router, routing::get};
use provost::{ScimOptions, Server, scim_router};
use provost_directory::{
    Directory, OpenOptions,
    change::{ChangeKind, Position},
    clock::SystemClock,
    credential::Form,
    token::{Access, NewToken},
};
use serde_json::json;

use crate::support::{TempDir, TestServer, block_on, http};

fn open(data_dir: &TempDir) -> Directory {
    let options = OpenOptions {
        data_dir: data_dir.path().to_owned(),
        database: provost_directory::Database::default(),
        serve: true,
        clock: Arc::new(SystemClock),
    };
    block_on(Directory::open(options)).expect("the directory opens")
}

#[test]
fn a_host_is_told_of_every_change_once_and_in_order() {
    let server = TestServer::start();
    let token = server.tenant("entra");
    let start = server.running().head().unwrap();
    let changes = server.running().changes(start);
    let user = |name: String| json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name});
    let names: Vec<_> = (0..300).map(|number| format!("user{number}")).collect();
    for name in &names {
        assert_eq!(
            server
                .scim("entra", &token, "POST", "/Users", Some(&user(name.clone())))
                .status,
            201
        );
    }
    let told: Vec<_> = changes
        .take(names.len())
        .map(|change| change.expect("a change"))
        .collect();
    let told_names: Vec<_> = told.iter().map(|change| change.name.clone()).collect();
    assert_eq!(told_names, names);
    assert!(
        told.iter()
            .all(|change| change.kind == ChangeKind::UserCreated && change.tenant == "entra")
    );
    assert!(told.iter().all(|change| !change.request.is_empty()));
    let middle = told[149].position;
    let rest: Vec<_> = server
        .running()
        .changes(middle)
        .take(150)
        .map(|change| change.unwrap().name)
        .collect();
    assert_eq!(rest, names[150..]);
}

#[test]
fn the_stream_of_changes_ends_with_the_server() {
    let server = TestServer::start();
    let head = server.running().head().unwrap();
    let changes = server.running().changes(head);
    let foreign = Position {
        epoch: head.epoch + 1,
        number: 0,
    };
    let refused: Vec<_> = server.running().changes(foreign).collect();
    assert!(matches!(refused[..], [Err(_)]), "{refused:?}");
    drop(server);
    assert_eq!(changes.count(), 0);
}

#[test]
fn a_host_brings_its_own_sockets_and_directory() {
    let data_dir = TempDir::new();
    let directory = open(&data_dir);
    let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
    let (scim, app) = (listen(), listen());
    let (scim_addr, app_addr) = (scim.local_addr().unwrap(), app.local_addr().unwrap());
    let server = Server::builder()
        .config(TestServer::config(data_dir.path(), &[]))
        .directory(directory.clone())
        .scim_listener(scim)
        .app_listener(app)
        .start()
        .unwrap();
    assert_eq!(
        (server.scim_addr(), server.app_addr()),
        (scim_addr, app_addr)
    );
    assert_eq!(server.config().public_url(), format!("http://{scim_addr}"));
    for address in [scim_addr, app_addr] {
        assert_eq!(
            http::send(address, "GET", "/health/ready", &[], b"").status,
            200
        );
    }
    let stopper = server.stopper();
    std::thread::spawn(move || stopper.shutdown());
    server.wait();
    assert!(
        block_on(directory.is_ready()),
        "the host's directory stays open"
    );
    block_on(directory.close());
}

#[tokio::test]
async fn a_server_starts_and_stops_inside_an_async_runtime() {
    let data_dir = TempDir::new();
    let server = Server::builder()
        .config(TestServer::config(data_dir.path(), &[]))
        .start()
        .unwrap();
    let address = server.app_addr();
    let live =
        tokio::task::spawn_blocking(move || http::send(address, "GET", "/health/live", &[], b""));
    assert_eq!(live.await.unwrap().status, 200);
    server.shutdown();
    server.wait();
}

#[test]
fn scim_can_be_mounted_on_the_host_s_own_port() {
    let data_dir = TempDir::new();
    let directory = open(&data_dir);
    let secret = block_on(async {
        directory.create_tenant("entra", None).await.unwrap();
        let new = NewToken {
            label: "test".to_owned(),
            expires_days: None,
            access: Access::ReadWrite,
            form: Form::Bearer,
        };
        directory.create_token("entra", new).await.unwrap().1
    });
    let router = Router::new()
        .route("/", get(async || "the host"))
        .merge(scim_router(
            directory.clone(),
            ScimOptions::new("https://people.example.com/"),
        ))
        .fallback(async || (axum::http::StatusCode::IM_A_TEAPOT, "the host's fallback"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async { axum::serve(listener, router).await });
    let token = format!("Bearer {}", secret.reveal());
    let headers = [("Authorization", token.as_str())];
    for (target, headers, status) in [
        ("/", &[][..], 200),
        ("/nowhere", &[], 418),
        ("/scim", &[], 401),
        ("/scim/entra/v2/Users", &[], 401),
        ("/scim/entra/v2/Users", &headers[..], 200),
        ("/scim/entra/v2/Nothing", &headers[..], 404),
    ] {
        let answer = http::send(address, "GET", target, headers, b"");
        assert_eq!(answer.status, status, "{target}");
    }
    let config = http::send(
        address,
        "GET",
        "/scim/entra/v2/ServiceProviderConfig",
        &headers,
        b"",
    )
    .json();
    let location = config["meta"]["location"].as_str().unwrap();
    assert!(
        location.starts_with("https://people.example.com/scim/entra/v2/"),
        "{location}"
    );
    runtime.shutdown_background();
    block_on(directory.close());
}

/// Where [`child_on_inherited_sockets`] keeps its data.
const CHILD_DATA: &str = "PROVOST_TEST_CHILD_DATA";

#[test]
fn sockets_are_taken_over_from_systemd() {
    let data_dir = TempDir::new();
    let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
    let (scim, app) = (listen(), listen());
    let addresses = [scim.local_addr().unwrap(), app.local_addr().unwrap()];
    // A shell moves its standard input and output to where systemd puts sockets.
    let script = "exec env LISTEN_PID=$$ LISTEN_FDS=2 \"$0\" --exact \
                  embedding::child_on_inherited_sockets --ignored 3<&0 4<&1 </dev/null >/dev/null";
    let mut child = Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD_DATA, data_dir.path())
        .stdin(Stdio::from(OwnedFd::from(scim)))
        .stdout(Stdio::from(OwnedFd::from(app)))
        .spawn()
        .unwrap();
    let statuses =
        addresses.map(|address| http::send(address, "GET", "/scim/x/v2/Users", &[], b"").status);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(
        statuses,
        [401, 404],
        "SCIM on the first socket, the applications on the second"
    );
}

#[test]
#[ignore = "runs as a child of sockets_are_taken_over_from_systemd"]
fn child_on_inherited_sockets() {
    let Some(data_dir) = std::env::var_os(CHILD_DATA) else {
        return;
    };
    // Addresses that cannot be bound, so that only sockets handed over can make it start.
    let nowhere = [
        ("scim_listen", "192.0.2.1:1"),
        ("app_listen", "192.0.2.1:2"),
        ("allow_direct_http", "true"),
    ];
    let config = TestServer::config(data_dir.as_ref(), &nowhere);
    let builder = Server::builder()
        .config(config)
        .inherited_listeners()
        .unwrap();
    builder.start().unwrap().wait();
}
