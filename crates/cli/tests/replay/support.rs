//! The binary as a server whose tenants, tokens and applications are made with the command.
//!
//! They are made before the server starts, because a running one sees them a moment later.

use std::{cell::RefCell, net::SocketAddr};

use serde_json::Value;

use crate::binary::{Scratch, Server, provost};

#[expect(
    dead_code,
    reason = "the client of another test crate, which does more with it"
)]
#[path = "../../../provost/tests/it/support/http.rs"]
pub(crate) mod http;

/// A data directory without a server.
pub(crate) struct Backstage(Scratch);

impl Backstage {
    pub(crate) fn new() -> Self {
        Self(Scratch::new().expect("a directory"))
    }

    /// Runs a command that must succeed; its JSON answer.
    pub(crate) fn command(&self, args: &[&str]) -> Value {
        let output = provost(self.0.path()).args(args).arg("--json").output();
        let output = output.expect("the binary runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {stderr}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// Starts the server.
    pub(crate) fn open(self) -> TestServer {
        TestServer {
            server: RefCell::new(self.serve()),
            backstage: self,
        }
    }

    fn serve(&self) -> Server {
        Server::start(self.0.path(), &[]).expect("the server starts")
    }
}

/// A text of a JSON answer.
pub(crate) fn text(answer: &Value, key: &str) -> String {
    let found = answer[key].as_str();
    found
        .unwrap_or_else(|| panic!("no {key} in {answer}"))
        .to_owned()
}

/// A running server; killed and cleaned up when it goes out of scope.
pub(crate) struct TestServer {
    server: RefCell<Server>,
    backstage: Backstage,
}

impl TestServer {
    pub(crate) fn scim_addr(&self) -> SocketAddr {
        address(&self.server.borrow().scim)
    }

    pub(crate) fn app_addr(&self) -> SocketAddr {
        address(&self.server.borrow().app)
    }

    /// A server with one tenant, its settings, and an application that reads it; also the token of
    /// the one and the password of the other.
    pub(crate) fn with_application(
        tenant: &str,
        settings: &[(&str, &str)],
        application: &str,
    ) -> (Self, String, String) {
        let backstage = Backstage::new();
        let token = text(&backstage.command(&["tenant", "create", tenant]), "token");
        for (key, value) in settings {
            backstage.command(&["tenant", "set", tenant, &format!("{key}={value}")]);
        }
        let create = ["application", "create", application, "--tenant", tenant];
        let password = text(&backstage.command(&create), "password");
        (backstage.open(), token, password)
    }

    /// Changes a setting of a tenant.
    pub(crate) fn set_tenant(&self, slug: &str, key: &str, value: &str) {
        self.set("tenant", slug, key, value);
    }

    /// Changes a setting of an application.
    pub(crate) fn set_application(&self, name: &str, key: &str, value: &str) {
        self.set("application", name, key, value);
    }

    /// The server is started anew, on other ports, because only a new one knows the setting at once.
    fn set(&self, what: &str, name: &str, key: &str, value: &str) {
        let setting = format!("{key}={value}");
        self.backstage.command(&[what, "set", name, &setting]);
        let mut server = self.server.borrow_mut();
        server.child().kill().expect("the server runs");
        server.child().wait().expect("the server is ours");
        *server = self.backstage.serve();
    }
}

fn address(url: &str) -> SocketAddr {
    let address = url.strip_prefix("http://").expect("plain HTTP");
    address.parse().expect("an address and a port")
}
