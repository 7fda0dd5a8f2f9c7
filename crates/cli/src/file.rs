//! Files that commands write: whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use crate::failure::Failure;

/// Puts these bytes where that file is, in one step: whoever reads it sees the old text or the new
/// one. A file that has the same bytes already is left alone, with its time.
///
/// # Errors
/// A sentence that names the file; it is then as it was.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    write(path, bytes).map_err(|error| {
        Failure::failed(format!(
            "cannot write {}: {error}; check that its directory exists and may be written to",
            path.display()
        ))
    })
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut beside = name.to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = File::create_new(&beside).and_then(|mut file| {
        if let Ok(present) = fs::metadata(path) {
            file.set_permissions(present.permissions())?;
        }
        file.write_all(bytes)?;
        file.sync_all()
    });
    let moved = written.and_then(|()| fs::rename(&beside, path));
    if moved.is_err() {
        // What went wrong first is what counts.
        let _ = fs::remove_file(&beside);
    }
    moved
}
