//! The command line as scripts use it: output, exit codes, and what it says when it fails.

#[cfg(test)]
mod nesting;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod support;

#[cfg(test)]
mod tests {
    use std::{
        net::TcpListener,
        path::Path,
        process::{Command, Output},
    };

    use anyhow::{Context, Result, ensure};
    use serde_json::{Value, json};

    use crate::support::{Scratch, Server, provost};

    /// Runs a command to its end.
    fn run(data_dir: &Path, args: &[&str]) -> Result<Output> {
        Ok(provost(data_dir).args(args).output()?)
    }

    /// Runs a command that must succeed; its JSON answer.
    fn run_json(data_dir: &Path, args: &[&str]) -> Result<Value> {
        let output = provost(data_dir).args(args).arg("--json").output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{args:?}: {stderr}");
        serde_json::from_slice(&output.stdout).with_context(|| format!("{args:?}"))
    }

    /// A text of a JSON answer.
    fn text(answer: &Value, key: &str) -> Result<String> {
        let text = answer.get(key).and_then(Value::as_str);
        Ok(text
            .with_context(|| format!("no {key} in {answer}"))?
            .to_owned())
    }

    /// Sends a signal by name, such as `TERM`.
    fn signal(server: &mut Server, name: &str) -> Result<()> {
        let pid = server.child().id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status()?;
        ensure!(status.success(), "kill -s {name} {pid}");
        Ok(())
    }

    fn bearer(token: &str) -> String {
        format!("Bearer {token}")
    }

    fn get(url: &str, authorization: &str) -> Result<(u16, String)> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None);
        let agent = config.build().new_agent();
        let mut answer = agent
            .get(url)
            .header("Authorization", authorization)
            .call()?;
        Ok((
            answer.status().as_u16(),
            answer.body_mut().read_to_string()?,
        ))
    }

    fn post(url: &str, authorization: &str, body: &Value) -> Result<Value> {
        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .build()
            .new_agent();
        let request = agent.post(url).header("Authorization", authorization);
        let request = request.header("Content-Type", "application/scim+json");
        let answer = request
            .send(body.to_string())?
            .body_mut()
            .read_to_string()?;
        Ok(serde_json::from_str(&answer)?)
    }

    /// Runs commands that must fail: exit code and words on standard error.
    fn refuses(data_dir: &Path, cases: &[(&[&str], i32, &str)]) -> Result<()> {
        for (args, code, words) in cases {
            let output = run(data_dir, args)?;
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(*code), "{args:?}: {stderr}");
            assert!(
                stderr.contains(words),
                "{args:?} says {stderr:?}, not {words:?}"
            );
            assert!(
                output.stdout.is_empty(),
                "{args:?} wrote to standard output"
            );
        }
        Ok(())
    }

    #[test]
    fn tenants_live_from_create_to_delete() -> Result<()> {
        let dir = Scratch::new()?;
        let created = run_json(dir.path(), &["tenant", "create", "acme", "--idp", "entra"])?;
        assert_eq!(text(&created, "tenant")?, "acme");
        assert_eq!(
            text(&created, "v2_base_url")?,
            "http://127.0.0.1:5501/scim/acme/v2"
        );
        assert_eq!(
            text(&created, "v1_base_url")?,
            "http://127.0.0.1:5501/scim/acme/v1"
        );
        assert!(!text(&created, "token")?.is_empty());
        let listed = run_json(dir.path(), &["tenant", "list"])?;
        assert_eq!(listed.pointer("/0/tenant"), Some(&json!("acme")));
        assert_eq!(listed.pointer("/0/idp"), Some(&json!("entra")));
        let set = ["tenant", "set", "acme", "strict_members=true"];
        let shown = run_json(dir.path(), &set)?;
        assert_eq!(
            shown.pointer("/settings/strict_members"),
            Some(&json!("true"))
        );
        assert_eq!(shown.pointer("/users"), Some(&json!(0)));
        run_json(dir.path(), &["tenant", "delete", "acme"])?;
        assert_eq!(run_json(dir.path(), &["tenant", "list"])?, json!([]));
        Ok(())
    }

    #[test]
    fn tokens_live_from_create_to_revoke() -> Result<()> {
        let dir = Scratch::new()?;
        run_json(dir.path(), &["tenant", "create", "acme"])?;
        let args = [
            "token",
            "create",
            "acme",
            "--label",
            "spare",
            "--expires",
            "90d",
            "--read-only",
        ];
        let created = run_json(dir.path(), &args)?;
        let id = text(&created, "id")?;
        assert!(
            !text(&created, "token")?.contains(&id) || id.len() < text(&created, "token")?.len()
        );
        let listed = run_json(dir.path(), &["token", "list", "acme"])?;
        let spare = listed
            .as_array()
            .context("a list")?
            .iter()
            .find(|token| token["id"] == *id);
        let spare = spare.context("the new token is listed")?;
        assert_eq!(spare["label"], "spare");
        assert_eq!(spare["access"], "read-only");
        assert!(spare["expires"].is_string());
        assert!(
            !listed.to_string().contains(&text(&created, "token")?),
            "a secret is shown once"
        );
        run_json(dir.path(), &["token", "revoke", &id])?;
        let listed = run_json(dir.path(), &["token", "list", "acme"])?;
        assert_eq!(listed.as_array().map(Vec::len), Some(1));
        Ok(())
    }

    #[test]
    fn a_token_says_how_it_is_pasted() -> Result<()> {
        let dir = Scratch::new()?;
        run_json(dir.path(), &["tenant", "create", "acme"])?;
        for (form, keys, listed) in [
            (&[][..], "id token", "bearer"),
            (&["--basic"], "id password username", "basic"),
            (&["--header", "X-Key"], "header id token", "header X-Key"),
        ] {
            let args = [&["token", "create", "acme"], form].concat();
            let created = run_json(dir.path(), &args)?;
            let mut got: Vec<_> = created.as_object().context("an object")?.keys().collect();
            got.sort();
            assert_eq!(got, keys.split(' ').collect::<Vec<_>>(), "{form:?}");
            let tokens = run_json(dir.path(), &["token", "list", "acme"])?;
            let last = tokens.as_array().and_then(|all| all.last()).cloned();
            assert_eq!(last.context("a token")?["form"], listed);
        }
        Ok(())
    }

    #[test]
    fn applications_live_from_create_to_delete() -> Result<()> {
        let dir = Scratch::new()?;
        run_json(dir.path(), &["tenant", "create", "one"])?;
        run_json(dir.path(), &["tenant", "create", "two"])?;
        let args = [
            "application",
            "create",
            "jira",
            "--tenant",
            "two",
            "--tenant",
            "one",
        ];
        let created = run_json(dir.path(), &args)?;
        assert_eq!(text(&created, "application")?, "jira");
        assert_eq!(text(&created, "crowd_url")?, "http://127.0.0.1:8095/crowd");
        let rotated = run_json(dir.path(), &["application", "rotate", "jira"])?;
        assert_ne!(text(&created, "password")?, text(&rotated, "password")?);
        let shown = run_json(dir.path(), &["application", "show", "jira"])?;
        assert_eq!(
            shown["tenants"],
            json!(["two", "one"]),
            "in the order given"
        );
        let dry = ["application", "set", "jira", "groups=jira-*", "--dry-run"];
        let preview = run_json(dir.path(), &dry)?;
        assert_eq!(preview["dry_run"], true);
        assert_eq!(preview["users"]["vanish"]["total"], 0);
        let shown = run_json(dir.path(), &["application", "show", "jira"])?;
        assert_eq!(shown["settings"]["groups"], "*");
        assert_eq!(shown["frozen"], false);
        assert_eq!(shown["lag_changes"], 0);
        run_json(dir.path(), &["application", "finish-rotation", "jira"])?;
        let set = ["application", "set", "jira", "allowed_addresses=10.0.0.0/8"];
        assert_eq!(
            run_json(dir.path(), &set)?["allowed_addresses"],
            json!(["10.0.0.0/8"])
        );
        run_json(dir.path(), &["application", "delete", "jira"])?;
        assert_eq!(run_json(dir.path(), &["application", "list"])?, json!([]));
        Ok(())
    }

    #[test]
    fn a_secret_in_human_output_comes_with_a_warning() -> Result<()> {
        let dir = Scratch::new()?;
        for args in [
            &["tenant", "create", "acme"][..],
            &["token", "create", "acme"],
            &["application", "create", "jira", "--tenant", "acme"],
            &["application", "rotate", "jira"],
        ] {
            let output = String::from_utf8(run(dir.path(), args)?.stdout)?;
            assert!(output.contains("shown this once"), "{args:?}: {output}");
        }
        Ok(())
    }

    #[test]
    fn wrong_usage_and_unknown_names_are_told_apart() -> Result<()> {
        let dir = Scratch::new()?;
        run_json(dir.path(), &["tenant", "create", "acme"])?;
        refuses(
            dir.path(),
            &[
                (&[], 2, "Usage"),
                (&["nonsense"], 2, "nonsense"),
                (&["tenant", "create"], 2, "SLUG"),
                (&["tenant", "create", "No Slug"], 2, ""),
                (&["tenant", "create", "acme"], 1, "exists already"),
                (&["tenant", "show", "nobody"], 1, "provost tenant list"),
                (&["tenant", "set", "acme", "nonsense"], 2, "KEY=VALUE"),
                (&["tenant", "set", "acme", "nonsense=1"], 2, "nonsense"),
                (&["tenant", "delete", "nobody"], 1, "nobody"),
                (&["token", "create", "nobody"], 1, "nobody"),
                (&["token", "create", "acme", "--expires", "soon"], 2, "90d"),
                (
                    &["token", "create", "acme", "--header", "Host"],
                    2,
                    "X-Provost-Key",
                ),
                (
                    &["token", "create", "acme", "--basic", "--header", "X"],
                    2,
                    "--basic",
                ),
                (&["token", "revoke", "nothing"], 1, "nothing"),
                (&["application", "create", "jira"], 2, "--tenant"),
                (
                    &["application", "create", "jira", "--tenant", "nobody"],
                    1,
                    "nobody",
                ),
                (
                    &["application", "show", "jira"],
                    1,
                    "provost application list",
                ),
                (
                    &["user", "show", "nobody@example.com"],
                    1,
                    "provost user list",
                ),
                (
                    &["user", "list", "--tenant", "acme", "--filter", "((("],
                    2,
                    "",
                ),
                (&["group", "show", "nothing"], 1, "provost group list"),
            ],
        )
    }

    #[test]
    fn an_unknown_setting_is_refused_with_a_suggestion() -> Result<()> {
        let dir = Scratch::new()?;
        let file = dir.path().join("provost.toml");
        std::fs::write(&file, "scim_lisen = \"127.0.0.1:1\"\n")?;
        let file = file.display().to_string();
        refuses(
            dir.path(),
            &[
                (&["config", "check", "--config", &file], 2, "scim_listen"),
                (&["serve", "--config", &file], 2, "scim_listen"),
                (
                    &["tenant", "list", "--config", "/nonexistent.toml"],
                    2,
                    "/nonexistent.toml",
                ),
                (&["serve", "--scim-listen", "nowhere"], 2, "scim"),
                (
                    &["serve", "--scim-listen", "0.0.0.0:0"],
                    2,
                    "trusted_proxies",
                ),
            ],
        )
    }

    #[test]
    fn the_printed_configuration_can_be_read_back() -> Result<()> {
        let dir = Scratch::new()?;
        let printed = run(dir.path(), &["config", "print"])?;
        let file = dir.path().join("provost.toml");
        std::fs::write(&file, &printed.stdout)?;
        let checked = run_json(
            dir.path(),
            &["config", "check", "--config", &file.display().to_string()],
        )?;
        assert_eq!(checked, json!({ "valid": true }));
        Ok(())
    }

    #[test]
    fn an_unusable_data_directory_is_refused() -> Result<()> {
        let dir = Scratch::new()?;
        let file = dir.path().join("file");
        std::fs::write(&file, "not a directory")?;
        for args in [
            &["tenant", "list"][..],
            &[
                "serve",
                "--scim-listen",
                "127.0.0.1:0",
                "--app-listen",
                "127.0.0.1:0",
            ],
        ] {
            let output = run(&file, args)?;
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{args:?}: {stderr}");
            assert!(stderr.contains(&*file.display().to_string()), "{stderr}");
        }
        Ok(())
    }

    #[test]
    fn a_second_server_on_the_same_directory_is_refused() -> Result<()> {
        let dir = Scratch::new()?;
        let _first = Server::start(dir.path(), &[])?;
        let args = [
            "serve",
            "--scim-listen",
            "127.0.0.1:0",
            "--app-listen",
            "127.0.0.1:0",
        ];
        refuses(dir.path(), &[(&args, 1, "provost")])
    }

    #[test]
    fn a_port_in_use_is_refused() -> Result<()> {
        let dir = Scratch::new()?;
        let taken = TcpListener::bind("127.0.0.1:0")?;
        let address = taken.local_addr()?.to_string();
        let port = taken.local_addr()?.port().to_string();
        for args in [
            [
                "serve",
                "--scim-listen",
                &address,
                "--app-listen",
                "127.0.0.1:0",
            ],
            [
                "serve",
                "--scim-listen",
                "127.0.0.1:0",
                "--app-listen",
                &address,
            ],
            [
                "demo",
                "--scim-listen",
                &address,
                "--app-listen",
                "127.0.0.1:0",
            ],
        ] {
            refuses(dir.path(), &[(&args, 1, &port)])?;
        }
        Ok(())
    }

    #[test]
    fn quick_start_prints_secrets_once_that_work() -> Result<()> {
        let dir = Scratch::new()?;
        let first = Server::start(dir.path(), &["--quick-start"])?;
        let value = |name: &str| {
            let line = first.greeting.lines().find(|line| line.starts_with(name));
            let value = line.and_then(|line| line.split_whitespace().last());
            value
                .map(str::to_owned)
                .with_context(|| format!("{name} in {}", first.greeting))
        };
        let base = value("Tenant URL")?;
        assert_eq!(base, format!("{}/scim/default/v2", first.scim));
        let (status, _) = get(&format!("{base}/Users"), &bearer(&value("Secret token")?))?;
        assert_eq!(status, 200);
        assert_eq!(value("Crowd server URL")?, format!("{}/crowd", first.app));
        assert_eq!(value("Application name")?, "jira");
        value("Application password")?;
        drop(first);
        let second = Server::start(dir.path(), &["--quick-start"])?;
        assert_eq!(second.greeting, "");
        assert_eq!(
            run_json(dir.path(), &["tenant", "list"])?
                .as_array()
                .map(Vec::len),
            Some(1)
        );
        Ok(())
    }

    #[test]
    fn commands_work_beside_a_running_server_and_say_what_it_holds() -> Result<()> {
        let dir = Scratch::new()?;
        let server = Server::start(dir.path(), &[])?;
        let created = run_json(dir.path(), &["tenant", "create", "acme"])?;
        run_json(
            dir.path(),
            &["application", "create", "jira", "--tenant", "acme"],
        )?;
        let base = format!("{}/scim/acme/v2", server.scim);
        let token = bearer(&text(&created, "token")?);
        let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana@example.com"});
        let user = text(&post(&format!("{base}/Users"), &token, &user)?, "id")?;
        let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "staff", "members": [{"value": user}]});
        let group = text(&post(&format!("{base}/Groups"), &token, &group)?, "id")?;

        let listed = run_json(dir.path(), &["user", "list"])?;
        assert_eq!(
            listed.pointer("/users/0/user_name"),
            Some(&json!("ana@example.com"))
        );
        for name in ["ana@example.com", "ANA@example.com", &user] {
            let shown = run_json(dir.path(), &["user", "show", name])?;
            assert_eq!(shown["id"], *user, "{name}");
            assert_eq!(shown["tenant"], "acme");
            assert_eq!(shown["active"], true);
            assert_eq!(
                shown.pointer("/groups/0"),
                Some(&json!({"id": group, "name": "staff", "direct": true}))
            );
            assert_eq!(
                shown.pointer("/seen_by/0/application"),
                Some(&json!("jira"))
            );
            assert_eq!(shown.pointer("/seen_by/0/groups"), Some(&json!(["staff"])));
            assert!(
                shown
                    .pointer("/seen_by/0/derived")
                    .is_some_and(|list| list != &json!([]))
            );
            assert_eq!(shown["changes"].as_array().map(Vec::len), Some(2));
        }
        let shown = run_json(dir.path(), &["group", "show", "staff"])?;
        assert_eq!(shown.pointer("/members/0/id"), Some(&json!(user)));
        assert_eq!(shown["seen_by"], json!(["jira"]));
        for args in [
            ["user", "show", "ana@example.com"],
            ["group", "show", "staff"],
        ] {
            let output = String::from_utf8(run(dir.path(), &args)?.stdout)?;
            assert!(output.contains("Last changes"), "{output}");
        }
        Ok(())
    }

    #[test]
    fn a_deleted_user_is_shown_as_the_tombstone_it_is() -> Result<()> {
        let dir = Scratch::new()?;
        let server = Server::start(dir.path(), &[])?;
        let created = run_json(dir.path(), &["tenant", "create", "acme"])?;
        run_json(
            dir.path(),
            &["application", "create", "jira", "--tenant", "acme"],
        )?;
        let base = format!("{}/scim/acme/v2", server.scim);
        let token = bearer(&text(&created, "token")?);
        let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana@example.com"});
        let user = text(&post(&format!("{base}/Users"), &token, &user)?, "id")?;
        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .build()
            .new_agent();
        agent
            .delete(format!("{base}/Users/{user}"))
            .header("Authorization", &token)
            .call()?;
        let shown = run_json(dir.path(), &["user", "show", &user])?;
        assert_eq!(shown["deleted"], true);
        assert_eq!(shown.pointer("/seen_by/0/active"), Some(&json!(false)));
        Ok(())
    }

    #[test]
    fn a_signal_ends_the_server_with_success() -> Result<()> {
        for name in ["TERM", "INT"] {
            let dir = Scratch::new()?;
            let mut server = Server::start(dir.path(), &[])?;
            signal(&mut server, name)?;
            let status = server.child().wait()?;
            assert_eq!(status.code(), Some(0), "{name}");
            Server::start(dir.path(), &[])?;
        }
        Ok(())
    }

    #[test]
    fn the_demonstration_ends_in_the_table() -> Result<()> {
        let dir = Scratch::new()?;
        let args = [
            "demo",
            "--exit",
            "--scim-listen",
            "127.0.0.1:0",
            "--app-listen",
            "127.0.0.1:0",
        ];
        let output = run(dir.path(), &args)?;
        let stdout = String::from_utf8(output.stdout)?;
        assert_eq!(output.status.code(), Some(0), "{stdout}");
        for words in [
            "JIRA SEES",
            "renamed, same key",
            "renamed group keeps its name",
            "derived",
            "deactivated",
            "Jira sees what was sent",
        ] {
            assert!(stdout.contains(words), "{words:?} in {stdout}");
        }
        assert!(!stdout.contains('\u{1b}'), "no colours without a terminal");
        Ok(())
    }
}
