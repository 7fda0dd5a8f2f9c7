//! The rules of the house that a machine can hold: layers, sizes, documentation, leftovers.

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        path::{Path, PathBuf},
    };

    use anyhow::{Context, Result};

    /// No source file is longer.
    const MAX_LINES: usize = 600;

    /// Which crates of the workspace a crate may use. Arrows only point down.
    const ARROWS: &[(&str, &[&str])] = &[
        ("provost-allowlist", &[]),
        ("provost-scim", &[]),
        ("provost-testkit", &[]),
        ("provost-directory", &["provost-allowlist", "provost-scim"]),
        (
            "provost",
            &["provost-allowlist", "provost-directory", "provost-scim"],
        ),
        (
            "provost-cli",
            &[
                "provost",
                "provost-allowlist",
                "provost-directory",
                "provost-scim",
            ],
        ),
        (
            "xtask",
            &[
                "provost",
                "provost-allowlist",
                "provost-directory",
                "provost-scim",
                "provost-testkit",
            ],
        ),
    ];

    /// All that the leaves may use: nothing that does I/O, knows the time or runs tasks.
    const PURE: &[(&str, &str, &[&str])] = &[
        (
            "provost-scim",
            "crates/scim/src",
            &[
                "jiff",
                "serde",
                "serde_json",
                "thiserror",
                "unicode-normalization",
            ],
        ),
        (
            "provost-allowlist",
            "crates/allowlist/src",
            &["serde", "serde_json", "sha2", "thiserror"],
        ),
    ];

    /// Words of code that reads the outer world.
    const IMPURE: &[&str] = &[
        "std::fs",
        "TcpStream",
        "UdpSocket",
        "ToSocketAddrs",
        "std::thread",
        "std::env",
        "SystemTime",
        "Instant::now",
        "async fn",
    ];

    /// Who alone may use a dependency.
    const RESERVED: &[(&str, &[&str])] = &[
        ("rusqlite", &["provost-directory", "xtask"]),
        ("axum", &["provost"]),
        ("clap", &["provost-cli"]),
        ("indicatif", &["provost-cli"]),
        ("quick-xml", &["provost", "provost-cli"]),
    ];

    /// Names that code must not know, because behaviour follows from what is sent.
    const IDENTITY_PROVIDERS: &[&str] = &[
        "entra",
        "okta",
        "onelogin",
        "jumpcloud",
        "authentik",
        "keycloak",
        "azure",
    ];

    /// Where these names are data.
    const MAY_NAME_THEM: &[&str] = &[
        "crates/allowlist/src/feed",
        "crates/allowlist/src/recipe/azure_nsg.rs",
        "crates/allowlist/src/recipe/mod.rs",
        "crates/cli/src/demo",
        "crates/cli/src/command/demo.rs",
        "crates/cli/src/simulate",
        "crates/scim/src/quirk/table.rs",
        "crates/scim/src/schema/okta_group.rs",
        "crates/scim/src/urn.rs",
        "crates/scim/src/v1/urn.rs",
    ];

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// Every file below `folder` with that ending, as path below the root and text.
    fn files(folder: &str, ending: &str) -> Result<Vec<(String, String)>> {
        let mut found = Vec::new();
        let mut open = vec![root().join(folder)];
        while let Some(path) = open.pop() {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" {
                    for entry in std::fs::read_dir(&path)? {
                        open.push(entry?.path());
                    }
                }
            } else if name.ends_with(ending) {
                let below = path.strip_prefix(root())?.display().to_string();
                found.push((below, std::fs::read_to_string(&path)?));
            }
        }
        Ok(found)
    }

    fn sources() -> Result<Vec<(String, String)>> {
        let mut all = files("crates", ".rs")?;
        all.extend(files("xtask", ".rs")?);
        assert!(all.len() > 50, "the walk found the sources");
        Ok(all)
    }

    /// Name and dependencies of every crate, without those for tests only.
    fn manifests() -> Result<Vec<(String, BTreeSet<String>)>> {
        let mut all = files("crates", "Cargo.toml")?;
        all.extend(files("xtask", "Cargo.toml")?);
        let read = |(path, text): (String, String)| {
            let manifest: toml::Table = text.parse().with_context(|| path.clone())?;
            let name = manifest["package"]["name"]
                .as_str()
                .context(path)?
                .to_owned();
            let mut used = BTreeSet::new();
            for section in ["dependencies", "build-dependencies"] {
                let section = manifest.get(section).and_then(toml::Value::as_table);
                used.extend(section.into_iter().flat_map(toml::Table::keys).cloned());
            }
            Ok((name, used))
        };
        all.into_iter().map(read).collect()
    }

    #[test]
    fn arrows_between_crates_only_point_down() -> Result<()> {
        let ours: Vec<_> = ARROWS.iter().map(|(name, _)| *name).collect();
        for (name, used) in manifests()? {
            let row = ARROWS.iter().find(|(owner, _)| *owner == name);
            let (_, allowed) = row.with_context(|| format!("{name} has no row in ARROWS"))?;
            for dependency in used
                .iter()
                .filter(|dependency| ours.contains(&dependency.as_str()))
            {
                assert!(
                    allowed.contains(&dependency.as_str()),
                    "{name} must not use {dependency}"
                );
            }
        }
        Ok(())
    }

    #[test]
    fn the_leaves_do_no_io() -> Result<()> {
        let manifests = manifests()?;
        for (leaf, folder, may_use) in PURE {
            let mut all = manifests.iter();
            let (_, used) = all.find(|(name, _)| name == leaf).context("manifest")?;
            for dependency in used {
                assert!(
                    may_use.contains(&dependency.as_str()),
                    "{leaf} must not use {dependency}"
                );
            }
            for (path, text) in files(folder, ".rs")? {
                let code = !path.contains("tests");
                let found = IMPURE.iter().find(|word| code && text.contains(**word));
                assert!(found.is_none(), "{path} has {found:?}");
            }
        }
        Ok(())
    }

    #[test]
    fn reserved_dependencies_stay_in_their_room() -> Result<()> {
        for (name, used) in manifests()? {
            for (dependency, owners) in RESERVED {
                let may = owners.contains(&name.as_str());
                assert!(
                    may || !used.contains(*dependency),
                    "{name} must not use {dependency}"
                );
            }
        }
        Ok(())
    }

    #[test]
    fn files_are_short_and_say_what_they_are_for() -> Result<()> {
        let mut wrong = Vec::new();
        for (path, text) in sources()? {
            let lines = text.lines().count();
            if lines > MAX_LINES {
                wrong.push(format!("{path} has {lines} lines; split it"));
            }
            if !text.starts_with("//! ") {
                wrong.push(format!(
                    "{path} does not open with its module documentation"
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }

    #[test]
    fn nothing_is_left_unfinished() -> Result<()> {
        let marks = [
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("to", "do!("),
            concat!("unimpl", "emented!("),
        ];
        let mut all = sources()?;
        all.extend(files("docs", ".md")?);
        all.extend(files("scripts", "")?);
        for (path, text) in all {
            for mark in marks {
                assert!(!text.contains(mark), "{path} has {mark}");
            }
        }
        Ok(())
    }

    /// The code of a file: without comments and without its tests.
    fn code(text: &str) -> impl Iterator<Item = &str> {
        text.lines()
            .take_while(|line| line.trim() != "#[cfg(test)]")
            .filter(|line| !line.trim_start().starts_with("//"))
    }

    #[test]
    fn code_knows_no_identity_provider_by_name() -> Result<()> {
        for (path, text) in sources()? {
            let is_data = MAY_NAME_THEM.iter().any(|room| path.starts_with(room));
            if is_data || path.contains("/tests") {
                continue;
            }
            for line in code(&text) {
                let line = line.to_lowercase();
                let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
                for word in words {
                    assert!(
                        !IDENTITY_PROVIDERS.contains(&word),
                        "{path} names {word}: {line}"
                    );
                }
            }
        }
        Ok(())
    }

    #[test]
    fn every_path_in_the_architecture_page_exists() -> Result<()> {
        let page = std::fs::read_to_string(root().join("ARCHITECTURE.md"))?;
        assert!(page.lines().count() <= 300, "the page stays short");
        let mut checked = 0;
        for path in page.split('`').skip(1).step_by(2) {
            let is_path = ["crates/", "xtask", "docs/", "scripts/", "tests/", ".ci/"]
                .iter()
                .any(|start| path.starts_with(start));
            if is_path && !path.contains([' ', '<', '*', '{']) {
                assert!(root().join(path).exists(), "ARCHITECTURE.md names {path}");
                checked += 1;
            }
        }
        assert!(checked > 20, "the page is a code map");
        Ok(())
    }
}
