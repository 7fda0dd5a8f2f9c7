//! Backups through the binary: written while the server runs, restored elsewhere, carried from one
//! engine to the other. What clients see is the same afterwards.

#[cfg(test)]
mod support;

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::Write as _,
        path::{Path, PathBuf},
        process::{Command, Output, Stdio},
    };

    use anyhow::{Context, Result, ensure};
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde_json::{Value, json};

    use crate::support::{Scratch, Server, provost};

    fn json_of(mut command: Command) -> Result<Value> {
        let output = command.arg("--json").output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{command:?}: {stderr}");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn run_json(data_dir: &Path, args: &[&str]) -> Result<Value> {
        let mut command = provost(data_dir);
        command.args(args);
        json_of(command)
    }

    fn text(answer: &Value, pointer: &str) -> Result<String> {
        let text = answer.pointer(pointer).and_then(Value::as_str);
        Ok(text
            .with_context(|| format!("no {pointer} in {answer}"))?
            .to_owned())
    }

    fn path(file: &Path) -> Result<&str> {
        file.to_str().context("a path")
    }

    /// An installation with a tenant, an application, two users and a group.
    struct Installation {
        dir: Scratch,
        /// What identity providers present.
        token: String,
        /// What the application presents.
        password: String,
    }

    impl Installation {
        fn new() -> Result<Self> {
            let dir = Scratch::new()?;
            let tenant = run_json(dir.path(), &["tenant", "create", "acme"])?;
            let create = ["application", "create", "jira", "--tenant", "acme"];
            let application = run_json(dir.path(), &create)?;
            Ok(Self {
                token: text(&tenant, "/token")?,
                password: text(&application, "/password")?,
                dir,
            })
        }

        fn data_dir(&self) -> &Path {
            self.dir.path()
        }

        fn file(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }

        fn fill(&self, server: &Server) -> Result<()> {
            let mut members = Vec::new();
            for name in ["ånna", "bert"] {
                let user = json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                    "userName": name,
                    "externalId": format!("ext-{name}"),
                    "emails": [{"value": format!("{name}@example.org"), "primary": true}],
                });
                let made = self.post(server, "Users", &user)?;
                members.push(json!({"value": text(&made, "/id")?}));
            }
            let group = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                "displayName": "developers",
                "members": members,
            });
            self.post(server, "Groups", &group).map(drop)
        }

        fn post(&self, server: &Server, kind: &str, body: &Value) -> Result<Value> {
            let url = format!("{}/scim/acme/v2/{kind}", server.scim);
            let request = agent()
                .post(url)
                .header("Content-Type", "application/scim+json");
            let request = request.header("Authorization", format!("Bearer {}", self.token));
            let answer = request
                .send(body.to_string())?
                .body_mut()
                .read_to_string()?;
            Ok(serde_json::from_str(&answer)?)
        }

        /// What the identity provider and the application see, with ids, versions and times.
        fn seen(&self, server: &Server) -> Result<Vec<String>> {
            let bearer = format!("Bearer {}", self.token);
            let basic = format!(
                "Basic {}",
                STANDARD.encode(format!("jira:{}", self.password))
            );
            let crowd = format!("{}/crowd/rest/usermanagement/1", server.app);
            [
                (format!("{}/scim/acme/v2/Users", server.scim), &bearer),
                (format!("{}/scim/acme/v2/Groups", server.scim), &bearer),
                (
                    format!("{crowd}/search?entity-type=user&expand=user"),
                    &basic,
                ),
                (format!("{crowd}/group/membership"), &basic),
            ]
            .iter()
            .map(|(url, authorization)| {
                let request = agent().get(url).header("Authorization", *authorization);
                let answer = request.call()?.body_mut().read_to_string()?;
                // Where the server listens stands in its links.
                Ok(answer.replace(&server.app, "").replace(&server.scim, ""))
            })
            .collect()
        }
    }

    fn agent() -> ureq::Agent {
        ureq::Agent::config_builder()
            .proxy(None)
            .build()
            .new_agent()
    }

    #[test]
    fn a_backup_of_a_running_server_is_the_same_server_elsewhere() -> Result<()> {
        let source = Installation::new()?;
        let server = Server::start(source.data_dir(), &[])?;
        source.fill(&server)?;
        let seen = source.seen(&server)?;
        ensure!(
            seen.iter().all(|answer| answer.contains("bert")),
            "{seen:?}"
        );
        let file = source.file("night.backup");
        let written = run_json(source.data_dir(), &["backup", path(&file)?])?;
        assert_eq!(written.pointer("/rows/members"), Some(&json!(2)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&file)?.permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let content = fs::read_to_string(&file)?;
        for secret in [&source.token, &source.password] {
            assert!(!content.contains(secret.as_str()));
        }
        // Once more to the same name, with the first one in its place until then.
        run_json(source.data_dir(), &["backup", path(&file)?])?;

        let target = Scratch::new()?;
        let restored = run_json(target.path(), &["restore", path(&file)?])?;
        assert_eq!(restored.pointer("/rows"), written.pointer("/rows"));
        assert_eq!(restored.pointer("/kept"), Some(&Value::Null));
        let again = Server::start(target.path(), &[])?;
        assert_eq!(source.seen(&again)?, seen);
        Ok(())
    }

    fn pipe(from: &Output, into: &mut Command) -> Result<Output> {
        let into = into.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = into.stderr(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().context("no standard input")?;
        stdin.write_all(&from.stdout)?;
        drop(stdin);
        Ok(child.wait_with_output()?)
    }

    #[test]
    fn sqlite_moves_to_postgresql_and_back_through_pipes() -> Result<()> {
        let source = Installation::new()?;
        let mut server = Server::start(source.data_dir(), &[])?;
        source.fill(&server)?;
        let seen = source.seen(&server)?;
        let url = provost_testkit::postgres::fresh_database()?;

        let there = Scratch::new()?;
        let exported = provost(source.data_dir()).args(["export", "-"]).output()?;
        ensure!(exported.status.success(), "{exported:?}");
        let mut import = provost(there.path());
        let taken = pipe(&exported, import.args(["import", "-", "--database", &url]))?;
        ensure!(taken.status.success(), "{taken:?}");
        let shown = String::from_utf8_lossy(&taken.stdout);
        assert!(
            shown.contains("memberships") && shown.contains("synchronises fully"),
            "{shown}"
        );
        server.child().kill()?;
        server.child().wait()?;
        let node = Server::start(there.path(), &["--database", &url])?;
        assert_eq!(source.seen(&node)?, seen);

        let back = Scratch::new()?;
        let exported = provost(there.path())
            .args(["export", "-", "--database", &url])
            .output()?;
        let taken = pipe(&exported, provost(back.path()).args(["import", "-"]))?;
        ensure!(taken.status.success(), "{taken:?}");
        drop(node);
        let server = Server::start(back.path(), &[])?;
        assert_eq!(source.seen(&server)?, seen);
        Ok(())
    }

    #[test]
    fn what_cannot_be_done_is_said_and_changes_nothing() -> Result<()> {
        let source = Installation::new()?;
        let backup = source.file("backup");
        run_json(source.data_dir(), &["backup", path(&backup)?])?;
        let cut = source.file("cut");
        let content = fs::read(&backup)?;
        fs::write(&cut, content.get(..content.len() / 2).context("no half")?)?;
        let before = fs::read(source.file("provost.db"))?;
        let (backup, cut) = (path(&backup)?, path(&cut)?);
        let cases: &[(&[&str], i32, &str)] = &[
            (&["backup"], 2, "<FILE>"),
            (&["backup", "-"], 2, "provost export -"),
            (
                &["backup", "/nowhere/backup"],
                1,
                "check that its directory exists",
            ),
            (&["restore", "/nowhere/backup"], 1, "check the name"),
            (&["restore", cut], 1, "cut off"),
            (&["restore", cut, "--replace", "--yes"], 1, "cut off"),
            (&["import", cut], 1, "holds data already"),
            (&["import", backup], 1, "--replace"),
            (&["restore", backup], 1, "--replace"),
            (&["restore", backup, "--replace"], 2, "--yes"),
            (&["restore", backup, "--yes"], 2, "--replace"),
        ];
        for (args, code, words) in cases {
            let output = provost(source.data_dir()).args(*args).output()?;
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(*code), "{args:?}: {stderr}");
            assert!(
                stderr.contains(words),
                "{args:?} says {stderr:?}, not {words:?}"
            );
            assert!(output.stdout.is_empty(), "{args:?}");
        }
        assert_eq!(fs::read(source.file("provost.db"))?, before);
        let left = fs::read_dir(source.data_dir())?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.contains(".part") || name == "restoring");
        assert_eq!(left.count(), 0);

        let args = ["restore", backup, "--replace", "--yes"];
        let restored = run_json(source.data_dir(), &args)?;
        let kept = PathBuf::from(text(&restored, "/kept")?);
        assert_eq!(fs::read(kept.join("provost.db"))?, before);
        assert!(fs::read_dir(source.data_dir())?.count() > 0);
        Ok(())
    }
}
