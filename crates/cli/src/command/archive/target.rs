//! A file that gets its name when it is whole, and that only its owner can read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// The file, under another name for the time being.
pub(super) struct Target {
    name: PathBuf,
    beside: PathBuf,
    file: File,
    is_done: bool,
}

impl Target {
    /// Makes the file.
    pub(super) fn new(name: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| unwritten(name, &error);
        let last = name
            .file_name()
            .ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
        let mut beside = last.to_owned();
        beside.push(format!(".{}.part", std::process::id()));
        let beside = name.with_file_name(beside);
        Ok(Self {
            file: private(&beside).map_err(failed)?,
            name: name.to_owned(),
            beside,
            is_done: false,
        })
    }

    /// Where it is for the time being.
    pub(super) fn path(&self) -> &Path {
        &self.beside
    }

    /// What is written into it.
    pub(super) fn sink(&self) -> Result<Box<dyn Write + Send>, Failure> {
        let file = self.file.try_clone();
        Ok(Box::new(
            file.map_err(|error| unwritten(&self.name, &error))?,
        ))
    }

    /// Waits for the disk.
    pub(super) fn sync(&self) -> Result<(), Failure> {
        let synced = self.file.sync_all();
        synced.map_err(|error| unwritten(&self.name, &error))
    }

    /// Gives it its name.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let named = fs::rename(&self.beside, &self.name).and_then(|()| {
            let directory = self.name.parent().filter(|path| path.as_os_str() != "");
            File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
        });
        named.map_err(|error| unwritten(&self.name, &error))?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.is_done {
            // What went wrong first is what counts.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unwritten(name: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!(
        "cannot write {}: {error}; check that its directory exists, may be written to and has space",
        name.display()
    ))
}
