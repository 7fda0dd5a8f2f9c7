//! A host program that starts Provost with its own sockets and is told of every change.
//!
//! `cargo run -p provost --example embed_server [DATA_DIR]`, then paste what it prints.
//! It ends with Ctrl-C; without a directory it uses a new one and removes it at the end.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

mod shared;

use std::net::TcpListener;

use provost::{
    Server,
    config::{Config, Sources},
};
use shared::{DataDir, Error};

fn main() -> Result<(), Error> {
    let data_dir = DataDir::from_arguments();
    let config = Config::resolve(&Sources {
        overrides: vec![("data_dir", data_dir.path().display().to_string())],
        ..Sources::default()
    })?;

    // The host owns the sockets; port 0 asks the system for free ones.
    let server = Server::builder()
        .config(config)
        .scim_listener(TcpListener::bind("127.0.0.1:0")?)
        .app_listener(TcpListener::bind("127.0.0.1:0")?)
        .start()?;

    // Reads the log from its end on. A real host would store `change.position` with its own
    // work, and go on from there after a restart.
    let changes = server.changes(server.head()?);
    let printer = std::thread::spawn(move || {
        for change in changes {
            match change {
                Ok(change) => println!(
                    "{} {:?} {:?} by {}",
                    change.position, change.kind, change.name, change.actor
                ),
                Err(error) => println!("the log cannot be followed: {error}"),
            }
        }
    });

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let token = runtime.block_on(shared::tenant(server.directory()))?;
    shared::print_commands(&server.config().scim_base(shared::TENANT), &token);

    runtime.block_on(tokio::signal::ctrl_c())?;
    server.shutdown();
    server.wait();
    let _ = printer.join();
    Ok(())
}
