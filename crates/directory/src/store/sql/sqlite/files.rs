//! Files of the data directory: private to the account that runs the server.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use crate::OpenError;

/// Opens or makes a file that only its owner can read (0600).
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the data directory (0700) if it is absent.
pub(crate) fn make_directory(path: &Path) -> Result<(), OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| {
        OpenError(format!(
            "the data directory {} cannot be made: {error}; make it by hand and give it to the account that runs Provost, or choose another one with --data-dir",
            path.display()
        ))
    })
}

/// Opens a file of the data directory, or says what to do.
pub(super) fn open(directory: &Path, name: &str) -> Result<File, OpenError> {
    open_private(&directory.join(name)).map_err(|error| {
        OpenError(format!(
            "{name} in the data directory {} cannot be opened for writing: {error}; give the directory and its files to the account that runs Provost",
            directory.display()
        ))
    })
}

/// Takes the lock that one server holds on a data directory. It ends with the file's closing, also
/// when the process dies.
pub(super) fn lock(directory: &Path) -> Result<File, OpenError> {
    let file = open(directory, "provost.lock")?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError(format!(
            "another Provost server is using the data directory {}; stop it first, or start this one with another --data-dir",
            directory.display()
        ))),
        Err(TryLockError::Error(error)) => Err(OpenError(format!(
            "the data directory {} cannot be locked: {error}; use a local file system that has locks",
            directory.display()
        ))),
    }
}
