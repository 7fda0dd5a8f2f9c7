//! The server under test.

use std::{
    future::Future,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use provost::{
    Deadlines, RunningServer, Server,
    config::{Config, Sources},
};
use provost_directory::{
    Directory,
    credential::Form,
    token::{Access, NewToken},
};
use serde_json::Value;

use super::http::{self, Answer};

/// A directory of its own for one test; gone afterwards.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("provost-it-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running server; stopped and cleaned up when it goes out of scope.
pub(crate) struct TestServer {
    running: Option<RunningServer>,
    dir: TempDir,
}

impl TestServer {
    /// With default settings, on free ports.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// With some settings changed.
    pub(crate) fn start_with(settings: &[(&'static str, &str)]) -> Self {
        Self::start_custom(settings, Deadlines::default())
    }

    /// With some settings and the time limits changed.
    pub(crate) fn start_custom(settings: &[(&'static str, &str)], deadlines: Deadlines) -> Self {
        let dir = TempDir::new();
        let config = Self::config(&dir.0, settings);
        let builder = Server::builder().config(config).deadlines(deadlines);
        let running = builder.start().expect("the server starts");
        Self {
            running: Some(running),
            dir,
        }
    }

    /// Stops the server, waits until it has stopped, and hands over its data.
    pub(crate) fn stop_but_keep_data(mut self) -> TempDir {
        self.stop();
        std::mem::replace(&mut self.dir, TempDir::new())
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown();
            running.wait();
        }
    }

    /// The settings of a server under test.
    pub(crate) fn config(data_dir: &Path, settings: &[(&'static str, &str)]) -> Config {
        let mut overrides = vec![
            ("data_dir", data_dir.display().to_string()),
            ("scim_listen", "127.0.0.1:0".to_owned()),
            ("app_listen", "127.0.0.1:0".to_owned()),
            ("scim_threads", "2".to_owned()),
            ("app_threads", "2".to_owned()),
        ];
        overrides.extend(
            settings
                .iter()
                .map(|(key, value)| (*key, (*value).to_owned())),
        );
        Config::resolve(&Sources {
            overrides,
            ..Sources::default()
        })
        .expect("the settings are valid")
    }

    pub(crate) fn running(&self) -> &RunningServer {
        self.running.as_ref().expect("the server runs")
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.dir.0
    }

    pub(crate) fn scim_addr(&self) -> SocketAddr {
        self.running().scim_addr()
    }

    pub(crate) fn app_addr(&self) -> SocketAddr {
        self.running().app_addr()
    }

    pub(crate) fn directory(&self) -> &Directory {
        self.running().directory()
    }

    /// Creates a tenant and a token for it; the token is returned.
    pub(crate) fn tenant(&self, slug: &str) -> String {
        block_on(self.directory().create_tenant(slug, None)).expect("the tenant is new");
        self.token(slug, Access::ReadWrite)
    }

    /// Creates one more token.
    pub(crate) fn token(&self, slug: &str, access: Access) -> String {
        self.credential(slug, access, Form::Bearer).1
    }

    /// Creates one more token in a form; its id and its secret are returned.
    pub(crate) fn credential(&self, slug: &str, access: Access, form: Form) -> (String, String) {
        let new = NewToken {
            label: "test".to_owned(),
            expires_days: None,
            access,
            form,
        };
        let made = block_on(self.directory().create_token(slug, new));
        let (token, secret) = made.expect("a token");
        (token.id.to_string(), secret.reveal().to_owned())
    }

    /// Creates an application that sees these tenants; its password is returned.
    pub(crate) fn application(&self, name: &str, tenants: &[&str]) -> String {
        let tenants: Vec<_> = tenants.iter().map(|slug| (*slug).to_owned()).collect();
        let created = block_on(self.directory().create_application(name, &tenants));
        created
            .expect("the application is new")
            .1
            .reveal()
            .to_owned()
    }

    /// A server with one tenant, its settings, and an application that reads it; also the token of
    /// the one and the password of the other.
    pub(crate) fn with_application(
        tenant: &str,
        settings: &[(&str, &str)],
        application: &str,
    ) -> (Self, String, String) {
        let server = Self::start();
        let token = server.tenant(tenant);
        for (key, value) in settings {
            server.set_tenant(tenant, key, value);
        }
        let password = server.application(application, &[tenant]);
        (server, token, password)
    }

    /// Changes a setting of a tenant.
    pub(crate) fn set_tenant(&self, slug: &str, key: &str, value: &str) {
        let setting = [(key.to_owned(), value.to_owned())];
        block_on(self.directory().set_tenant(slug, &setting)).expect("the setting exists");
    }

    /// Changes a setting of an application.
    pub(crate) fn set_application(&self, name: &str, key: &str, value: &str) {
        let setting = [(key.to_owned(), value.to_owned())];
        block_on(self.directory().set_application(name, &setting)).expect("the setting exists");
    }

    /// A SCIM 2.0 request; `path` follows the base URL of the tenant.
    pub(crate) fn scim(
        &self,
        tenant: &str,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        http::scim(self.scim_addr(), tenant, token, method, path, body)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs a future of the directory from a plain test.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}
