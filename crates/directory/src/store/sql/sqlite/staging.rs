//! Another database in the place of a data directory's own.
//!
//! The new one is made whole beside the old one, and then takes its place. A machine that dies on
//! the way leaves the old database, or one that the next start refuses because it does not fit the
//! head file; what was there is kept either way.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{
    files,
    open::{DATABASE, HEAD},
    wal,
};
use crate::{ArchiveError, store::head_file::HeadFile};

/// A data directory that no server uses, and a place for the new database in it.
pub(crate) struct Staging {
    directory: PathBuf,
    stage: PathBuf,
    _lock: File,
}

impl Staging {
    /// Takes the data directory's lock.
    pub(crate) fn begin(directory: &Path) -> Result<Self, ArchiveError> {
        files::make_directory(directory)?;
        let staging = Self {
            directory: directory.to_owned(),
            stage: directory.join("restoring"),
            _lock: files::lock(directory)?,
        };
        // What an attempt that was cut short left behind.
        staging.clear();
        Ok(staging)
    }

    /// The data directory of the new database.
    pub(crate) fn stage(&self) -> &Path {
        &self.stage
    }

    /// Whether the data directory has a database.
    pub(crate) fn is_occupied(&self) -> bool {
        self.directory.join(DATABASE).exists()
    }

    /// The last epoch that the second place of the log's head knows of.
    pub(crate) fn last_epoch(&self) -> u64 {
        let path = self.directory.join(HEAD);
        if !path.exists() {
            return 0;
        }
        let noted = HeadFile::open(&path).ok().and_then(|(_, head)| head);
        noted.map_or(0, |head| head.epoch)
    }

    /// Keeps the old files in `aside` and puts the new ones in their place.
    pub(crate) fn flip(self, aside: Option<&Path>) -> Result<(), ArchiveError> {
        self.exchange(aside).map_err(|error| {
            ArchiveError::Refused(format!(
                "the files in the data directory {} cannot be exchanged: {error}; what was there is in {}; free the disk, check the permissions and start again",
                self.directory.display(),
                aside.unwrap_or(&self.directory).display()
            ))
        })
    }

    fn exchange(&self, aside: Option<&Path>) -> io::Result<()> {
        let (new, old) = (self.stage.join(DATABASE), self.directory.join(DATABASE));
        if wal::length(&wal::path(&new)) > 0 {
            return Err(io::Error::other("the new database is still in use"));
        }
        if let Some(aside) = aside {
            keep(&self.directory, aside)?;
        }
        // The old log would be taken for the new database's.
        for path in beside(&old) {
            remove(&path)?;
        }
        fs::rename(new, old)?;
        fs::rename(self.stage.join(HEAD), self.directory.join(HEAD))?;
        File::open(&self.directory)?.sync_all()
    }

    fn clear(&self) {
        // Whether it is gone shows when the new database is made.
        let _ = fs::remove_dir_all(&self.stage);
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The files that belong to a database.
fn beside(database: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|end| {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        name.into()
    })
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn keep(directory: &Path, aside: &Path) -> io::Result<()> {
    files::make_directory(aside).map_err(|error| io::Error::other(error.0))?;
    let database = directory.join(DATABASE);
    let [log, shared] = beside(&database);
    for path in [database, log, shared, directory.join(HEAD)] {
        let Some(name) = path.file_name().filter(|_| path.exists()) else {
            continue;
        };
        let kept = aside.join(name);
        // Not every file system has links.
        fs::hard_link(&path, &kept).or_else(|_| fs::copy(&path, &kept).map(drop))?;
        File::open(&kept)?.sync_all()?;
    }
    File::open(aside)?.sync_all()
}
