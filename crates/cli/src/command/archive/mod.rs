//! `provost backup`, `restore`, `export` and `import`: everything at once, out of and into either
//! engine, as one kind of file. `backup` and `restore` are for the same place, `export` and
//! `import` for the way between two; the work is the same.

mod progress;
mod report;
mod target;

use std::{
    fs::File,
    io::{BufRead, BufReader, IsTerminal as _, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use provost_directory::{
    ArchiveError, Directory, Import as Intake, Imported, OpenOptions, archive, clock::SystemClock,
};

use self::{progress::Progress, target::Target};
use crate::{
    failure::Failure,
    global::{Global, runtime},
};

/// Write everything into a file, while the server runs, and read it back to check it.
///
/// The file holds tenants, applications, users, groups, memberships and the change log. Tokens and
/// passwords are in it as hashes only, so a restored server knows them again; it holds personal
/// data, and only its owner may read it (0600).
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file; one that exists is replaced once the new one is whole
    file: PathBuf,
}

/// Put a backup into the place of the database. No server may run.
///
/// The whole file is checked first, and taken in whole or not at all. Tokens and passwords work as
/// before. Applications synchronise fully once, because the change log begins a new epoch.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// What `provost backup` or `provost export` wrote
    file: PathBuf,
    /// Replace what the database holds; it is kept in the data directory
    #[arg(long)]
    replace: bool,
    /// Do not ask before anything is replaced
    #[arg(long, requires = "replace")]
    yes: bool,
}

/// Write everything as JSON lines, while the server runs, for another database.
///
/// Tokens and passwords are in it as hashes only; it holds personal data, and a file can be read by
/// its owner only (0600).
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The file, or `-` for standard output
    file: PathBuf,
}

/// Take an export into an empty database: SQLite or PostgreSQL, whichever it came from. No server may
/// run.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What `provost export` or `provost backup` wrote, or `-` for standard input
    file: PathBuf,
}

impl Backup {
    /// Does it.
    pub(crate) fn run(&self, global: &Global) -> Result<(), Failure> {
        if is_stream(&self.file) {
            return Err(Failure::usage(
                "a backup is checked after it was written, so it must be a file; `provost export -` writes to standard output",
            ));
        }
        into_file(global, &self.file)
    }
}

impl Export {
    /// Does it.
    pub(crate) fn run(&self, global: &Global) -> Result<(), Failure> {
        if !is_stream(&self.file) {
            return into_file(global, &self.file);
        }
        let progress = Progress::new("writing");
        let summary = write(global, Box::new(std::io::stdout()), &progress)?;
        progress.end();
        report::to_stderr(&summary);
        Ok(())
    }
}

impl Import {
    /// Does it.
    pub(crate) fn run(&self, global: &Global) -> Result<(), Failure> {
        let lines: Box<dyn BufRead + Send> = if is_stream(&self.file) {
            Box::new(BufReader::with_capacity(BUFFER, std::io::stdin()))
        } else {
            open(&self.file)?
        };
        take_in(global, lines, false)
    }
}

impl Restore {
    /// Does it.
    pub(crate) fn run(&self, global: &Global) -> Result<(), Failure> {
        let progress = Progress::new("checking");
        let summary = archive::check(open(&self.file)?, progress.watch())?;
        progress.end();
        if self.replace && !self.yes {
            report::to_stderr(&summary);
            confirm()?;
        }
        take_in(global, open(&self.file)?, self.replace)
    }
}

/// Bytes that are read at once.
const BUFFER: usize = 256 << 10;

fn is_stream(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn open(file: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    let opened = File::open(file).map_err(|error| {
        Failure::failed(format!(
            "cannot read {}: {error}; check the name and its permissions",
            file.display()
        ))
    })?;
    Ok(Box::new(BufReader::with_capacity(BUFFER, opened)))
}

/// Writes beside the file, reads back what arrived, and only then gives it its name.
fn into_file(global: &Global, file: &Path) -> Result<(), Failure> {
    let mut target = Target::new(file)?;
    let progress = Progress::new("writing");
    let written = write(global, target.sink()?, &progress)?;
    target.sync()?;
    progress.now("checking");
    let read = archive::check(open(target.path())?, progress.watch())?;
    progress.end();
    if read != written {
        return Err(Failure::failed(format!(
            "what was read back from {} is not what was written; check the disk and start again",
            file.display()
        )));
    }
    target.finish()?;
    report::written(global.format(), file, &written);
    Ok(())
}

fn write(
    global: &Global,
    sink: Box<dyn Write + Send>,
    progress: &Progress,
) -> Result<archive::Summary, Failure> {
    let watch = progress.watch();
    global.with_directory(async |directory, _| Ok(directory.export(sink, watch).await?))
}

fn take_in(global: &Global, lines: Box<dyn BufRead + Send>, replace: bool) -> Result<(), Failure> {
    let config = global.config([])?;
    let progress = Progress::new("taking in");
    let options = OpenOptions {
        database: config.store(),
        data_dir: config.data_dir,
        serve: false,
        clock: Arc::new(SystemClock),
    };
    let intake = Intake {
        lines,
        replace,
        watch: progress.watch(),
    };
    let taken: Result<Imported, ArchiveError> =
        runtime()?.block_on(Directory::import(options, intake));
    progress.end();
    report::taken_in(global.format(), &taken?);
    Ok(())
}

/// What must be typed.
const WORD: &str = "replace";

fn confirm() -> Result<(), Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::usage(
            "--replace replaces everything that the database holds; say --yes beside it where nobody can be asked",
        ));
    }
    progress::line(format_args!(
        "Everything that the database holds is replaced by this. Type `{WORD}` to go on:"
    ));
    let mut typed = String::new();
    let read = stdin.lock().read_line(&mut typed);
    if read.is_ok() && typed.trim() == WORD {
        return Ok(());
    }
    Err(Failure::failed("nothing was changed"))
}
