//! A host program that serves SCIM on its own port, beside its own pages.
//!
//! `cargo run -p provost --example mount_router [DATA_DIR]`, then paste what it prints.
//! It ends with Ctrl-C; without a directory it uses a new one and removes it at the end.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

mod shared;

use std::sync::Arc;

use axum::{Router, routing::get};
use provost::{ScimOptions, scim_router};
use provost_directory::{Directory, OpenOptions, clock::SystemClock};
use shared::{DataDir, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let data_dir = DataDir::from_arguments();
    let directory = Directory::open(OpenOptions {
        data_dir: data_dir.path().to_owned(),
        database: provost_directory::Database::default(),
        serve: true,
        clock: Arc::new(SystemClock),
    })
    .await?;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new()
        .route("/", get(async || "the host's own page\n"))
        .merge(scim_router(directory.clone(), ScimOptions::new(&url)));

    let token = shared::tenant(&directory).await?;
    println!("The host's own page: curl {url}/\n");
    shared::print_commands(&format!("{url}/scim/{}/v2", shared::TENANT), &token);

    axum::serve(listener, router)
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    directory.close().await;
    Ok(())
}
