//! `provost node list` and the metrics of nodes: two servers on one database, one of them killed.

#[cfg(test)]
mod support;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::{Context, Result, ensure};
    use provost_testkit::{postgres::fresh_database, until};
    use serde_json::Value;

    use crate::support::{Scratch, Server, provost};

    /// Ends a test that waits in vain.
    const PATIENCE: Duration = Duration::from_secs(120);

    fn list(dir: &Scratch, more: &[&str]) -> Result<String> {
        let output = provost(dir.path())
            .args(["node", "list"])
            .args(more)
            .output()?;
        let said = String::from_utf8(output.stderr)?;
        ensure!(output.status.success(), "{said}");
        Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
    }

    fn nodes(dir: &Scratch, database: &str) -> Result<Vec<Value>> {
        let answer = list(dir, &["--json", "--database", database])?;
        Ok(serde_json::from_str(&answer)?)
    }

    /// The line of a sample of `/metrics`.
    fn sample(server: &Server, name: &str) -> Result<Option<String>> {
        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .build()
            .new_agent();
        let mut answer = agent.get(format!("{}/metrics", server.app)).call()?;
        let page = answer.body_mut().read_to_string()?;
        let value = |line: &str| Some(line.strip_prefix(name)?.trim().to_owned());
        Ok(page.lines().find_map(value))
    }

    #[test]
    fn on_sqlite_one_sentence_says_that_there_is_one_server() -> Result<()> {
        let dir = Scratch::new()?;
        let said = list(&dir, &[])?;
        assert!(said.contains("one server"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(list(&dir, &["--json"])?, "[]");
        Ok(())
    }

    #[test]
    fn nodes_are_listed_and_one_that_was_killed_is_marked_silent() -> Result<()> {
        let database = fresh_database()?;
        let url = database.as_str();
        let (dir, other_dir) = (Scratch::new()?, Scratch::new()?);
        let nobody = list(&dir, &["--database", url])?;
        assert!(nobody.contains("provost serve"), "{nobody}");
        let server = Server::start(dir.path(), &["--database", url])?;
        let mut other = Server::start(other_dir.path(), &["--database", url])?;
        until("both nodes", PATIENCE, || {
            Ok((nodes(&dir, url)?.len() == 2).then_some(()))
        })?;
        for node in nodes(&dir, url)? {
            assert_eq!(node["version"], env!("CARGO_PKG_VERSION"), "{node}");
            assert_eq!(node["silent"], false, "{node}");
            let clock = node["clock_ahead_milliseconds"].as_i64();
            assert!(clock.context("a number")?.abs() < 60_000, "{node}");
        }
        other.child().kill()?;
        until("the silence", PATIENCE, || {
            let silent = nodes(&dir, url)?.iter().any(|node| node["silent"] == true);
            Ok(silent.then_some(()))
        })?;
        let table = list(&dir, &["--database", url])?;
        assert!(table.starts_with("ID "), "{table}");
        assert!(table.contains("look after its machine"), "{table}");
        until("the metric", PATIENCE, || {
            let silent = sample(&server, "provost_nodes{state=\"silent\"}")?;
            Ok((silent.as_deref() == Some("1")).then_some(()))
        })?;
        let alive = sample(&server, "provost_nodes{state=\"alive\"}")?;
        assert_eq!(alive.as_deref(), Some("1"));
        let difference = sample(&server, "provost_clock_difference_seconds")?;
        let difference: f64 = difference.context("no difference")?.parse()?;
        assert!((0.0..60.0).contains(&difference), "{difference}");
        Ok(())
    }
}
