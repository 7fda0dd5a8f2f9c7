//! Directories of tests.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result};

/// A directory of its own below the directory for temporary files, removed when it is dropped.
/// Its path is short enough for a Unix socket inside.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A new, empty directory.
    pub fn new() -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("provost-kit-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // What a killed test with the same process id has left is nobody's.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
