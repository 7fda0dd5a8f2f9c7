//! Walks through lists that need more than one tenant, server or thousand.

use serde_json::{Value, json};

use crate::support::{TestServer, http::Answer};

struct Tenant<'a> {
    server: &'a TestServer,
    slug: &'static str,
    token: String,
}

impl<'a> Tenant<'a> {
    fn new(server: &'a TestServer, slug: &'static str) -> Self {
        let token = server.tenant(slug);
        Self {
            server,
            slug,
            token,
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.server.scim(self.slug, &self.token, "GET", path, None)
    }

    fn create(&self, count: usize) {
        for number in 0..count {
            let user = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": format!("u{number:04}"),
            });
            let users = "/Users";
            let answer = self
                .server
                .scim(self.slug, &self.token, "POST", users, Some(&user));
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
    }

    fn cursor(&self, path: &str) -> String {
        let page = self.get(path).json();
        page["nextCursor"].as_str().expect("a next page").to_owned()
    }
}

fn scim_type(answer: &Answer) -> Value {
    assert_eq!(answer.status, 400, "{}", answer.text());
    answer.json()["scimType"].clone()
}

/// R-9865-5-01, R-9865-5-04: the same refusal as for a cursor that nobody made.
#[test]
fn a_cursor_of_another_tenant_or_server_is_worth_nothing() {
    let (here, elsewhere) = (TestServer::start(), TestServer::start());
    let owner = Tenant::new(&here, "entra");
    let others = [Tenant::new(&here, "okta"), Tenant::new(&elsewhere, "entra")];
    owner.create(2);
    let cursor = owner.cursor("/Users?cursor&count=1");
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    assert!(cursor.chars().all(unreserved), "{cursor}");
    let path = format!("/Users?cursor={cursor}&count=1");
    for other in &others {
        other.create(2);
        let refused = other.get(&path);
        assert_eq!(scim_type(&refused), "invalidCursor");
        assert_eq!(
            refused.json(),
            other.get("/Users?cursor=nonsense&count=1").json()
        );
    }
    assert_eq!(owner.get(&path).status, 200);
}

/// R-9865-5-02.
#[test]
fn a_cursor_ends_with_the_token() {
    let server = TestServer::start();
    let tenant = Tenant::new(&server, "entra");
    tenant.create(2);
    let cursor = tenant.cursor("/Users?cursor&count=1");
    let directory = server.directory();
    let tokens = crate::support::block_on(directory.tokens("entra")).unwrap();
    crate::support::block_on(directory.revoke_token(&tokens[0].id.to_string())).unwrap();
    assert_eq!(
        tenant
            .get(&format!("/Users?cursor={cursor}&count=1"))
            .status,
        401
    );
}

/// R-9865-5-05: what a walk needs is in the cursor and in the database.
#[test]
fn a_walk_goes_on_after_a_restart() {
    let server = TestServer::start();
    let tenant = Tenant::new(&server, "entra");
    tenant.create(3);
    let token = tenant.token.clone();
    let cursor = tenant.cursor("/Users?cursor&count=2&sortBy=userName&sortOrder=descending");
    let data = server.stop_but_keep_data();
    let config = TestServer::config(data.path(), &[]);
    let running = provost::Server::builder().config(config).start().unwrap();
    let authorization = format!("Bearer {token}");
    let path = format!(
        "/scim/entra/v2/Users?cursor={cursor}&count=2&sortBy=userName&sortOrder=descending"
    );
    let address = running.scim_addr();
    let headers = [("Authorization", authorization.as_str())];
    let page = crate::support::http::send(address, "GET", &path, &headers, b"").json();
    assert_eq!(page["Resources"][0]["userName"], "u0000");
    assert_eq!(page.get("nextCursor"), None);
    running.shutdown();
    running.wait();
}

/// R-7644-3.4.2.1-03, D-35: what is too much for one answer is refused at the root and paged
/// everywhere else.
#[test]
fn an_unbounded_query_at_the_root_is_refused_beyond_a_thousand() {
    let server = TestServer::start();
    let tenant = Tenant::new(&server, "entra");
    tenant.create(1_001);
    assert_eq!(scim_type(&tenant.get("/")), "tooMany");
    assert_eq!(scim_type(&tenant.get("/?count=5")), "tooMany");
    for path in [
        "/?filter=userName%20sw%20%22u%22&count=5",
        "/?filter=meta.resourceType%20eq%20%22User%22&startIndex=1001&count=5",
        "/?cursor&count=5",
        "/Users?count=5",
    ] {
        let page = tenant.get(path).json();
        assert_eq!(page["totalResults"], 1_001, "{path}");
    }
    let whole = tenant.get("/Users?count=1000000000").json();
    assert_eq!(whole["itemsPerPage"], 1_000);
}
