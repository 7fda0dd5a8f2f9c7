//! Programs from packages of the system.

use std::{
    os::unix::fs::MetadataExt,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use anyhow::{Context, Result, ensure};

/// Where system programs stand that are not on the path of every user.
const MORE: &[&str] = &["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// The program of that name on the path; the error names the package that brings it.
pub fn find(name: &str, package: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(MORE.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .with_context(|| {
            format!("this test needs `{name}`; install it with: apt-get install {package}")
        })
}

/// Whether the test runs as root.
pub fn is_root() -> Result<bool> {
    Ok(std::fs::metadata("/proc/self")?.uid() == 0)
}

/// Runs a command to its end; what it printed. The error has what it complained of.
pub fn run(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}{}",
        text(&output, |output| &output.stdout),
        text(&output, |output| &output.stderr)
    );
    Ok(text(&output, |output| &output.stdout))
}

fn text(output: &Output, part: impl Fn(&Output) -> &Vec<u8>) -> String {
    String::from_utf8_lossy(part(output)).into_owned()
}
