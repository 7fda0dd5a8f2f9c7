//! `provost firewall`: who may reach the SCIM port, as configuration of the firewall at hand.
//!
//! Where addresses come from is in [`sources`]; what each format looks like is decided in
//! `provost_allowlist::recipe`.

mod sources;

use std::{
    fs, io,
    num::NonZeroU16,
    path::{Path, PathBuf},
};

use clap::{Args, builder::PossibleValuesParser};
use provost_allowlist::{
    feed::MAX_BYTES,
    recipe::{self, APPLIED_FILE, DEFAULT_PORT, Label, Note, Previous, RECIPES, Recipe, Request},
};
use serde_json::json;

use self::sources::Sources;
use crate::{
    failure::Failure,
    file,
    global::Global,
    output::{Format, Table, or_dash, yes_no},
};

/// Writes the configuration of a firewall that lets the listed addresses reach the SCIM port, and
/// nobody else.
#[derive(Debug, Args)]
pub(crate) struct Firewall {
    /// What the firewall reads; --list tells more about each
    #[arg(long, required_unless_present = "list", value_parser = PossibleValuesParser::new(RECIPES.iter().map(|recipe| recipe.name)))]
    format: Option<String>,
    #[command(flatten)]
    sources: Sources,
    /// The port that is opened
    #[arg(long, value_name = "PORT", default_value_t = DEFAULT_PORT)]
    port: NonZeroU16,
    /// Names in the firewall begin with provost-LABEL, to tell several outputs apart
    #[arg(long, value_parser = label)]
    label: Option<Label>,
    /// A line for the head, such as the time; without it equal input gives equal bytes
    #[arg(long, value_name = "TEXT")]
    remark: Option<String>,
    /// The last list (text, CSV or JSON, or the directory written then): formats that can write the difference to it do
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// Write to this file, or directory where the format needs several, instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// List the formats, their limits and how to apply them
    #[arg(long)]
    list: bool,
}

fn label(text: &str) -> Result<Label, String> {
    Label::parse(text).map_err(|error| error.to_string())
}

impl Firewall {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        if self.list {
            list(global.format());
            return Ok(());
        }
        let recipe = self.format.as_deref().and_then(recipe::find);
        let recipe = recipe.ok_or_else(|| Failure::usage("name a format; --list shows them"))?;
        let previous = self.previous.as_deref().map(previous).transpose()?;
        let request = self.request(global, previous)?;
        let files = recipe.write(&request).map_err(|error| refused(&error))?;
        match &self.output {
            Some(path) => put(recipe, path, &files)?,
            None if files.len() > 1 => {
                return Err(Failure::usage(format!(
                    "the format {} has {} files; name a directory for them with --output",
                    recipe.name,
                    files.len()
                )));
            }
            None => {}
        }
        self.print(global.format(), recipe, &request, &files);
        Ok(())
    }

    fn request(&self, global: &Global, previous: Option<Previous>) -> Result<Request, Failure> {
        let sources = self.sources.read(global, previous.as_ref())?;
        let mut request = Request::new(sources)
            .map_err(|error| refused(&error))?
            .port(self.port);
        if let Some(label) = &self.label {
            request = request.label(label);
        }
        if let Some(remark) = &self.remark {
            request = request.remark(Note::new(remark));
        }
        if let Some(previous) = previous {
            request = request.previous(previous.set);
        }
        Ok(request)
    }

    /// The text; or, when that is in files, what to do next.
    fn print(&self, format: Format, recipe: &Recipe, request: &Request, files: &[recipe::File]) {
        let written = |file: &recipe::File| match &self.output {
            Some(_) => json!({ "name": file.name }),
            None => json!({ "name": file.name, "content": file.content }),
        };
        let json = json!({
            "format": recipe.name,
            "networks": request.set().prefixes().count(),
            "output": self.output,
            "files": files.iter().map(written).collect::<Vec<_>>(),
        });
        let Some(path) = &self.output else {
            let text = files.first().map_or("", |file| file.content.as_str());
            format.print(&json, text.strip_suffix('\n').unwrap_or(text));
            return;
        };
        let shown = path.display().to_string();
        let apply = recipe.apply.replace("FILE", &shown);
        let apply = apply.replace("DIRECTORY", &shown);
        let apply = match apply.replace("ANCHOR", request.id()) {
            none if none.is_empty() => String::new(),
            some => format!("\nPut it into force with: {some}"),
        };
        let count = request.set().prefixes().count();
        format.print(
            &json,
            format_args!("Wrote {shown} with {count} networks.{apply}"),
        );
    }
}

fn refused(error: &recipe::RecipeError) -> Failure {
    Failure::failed(format!("nothing was written: {error}"))
}

/// One file, or a directory with several; the script that applies them comes last.
fn put(recipe: &Recipe, path: &Path, files: &[recipe::File]) -> Result<(), Failure> {
    if let [file] = files {
        return file::replace(path, file.content.as_bytes());
    }
    fs::create_dir_all(path).map_err(|error| {
        Failure::failed(format!(
            "cannot make the directory {} for the files of {}: {error}",
            path.display(),
            recipe.name
        ))
    })?;
    files
        .iter()
        .try_for_each(|file| file::replace(&path.join(&file.name), file.content.as_bytes()))
}

/// The list of the last time: the file, or what was applied of a directory.
fn previous(path: &Path) -> Result<Previous, Failure> {
    let path = if path.is_dir() {
        path.join(APPLIED_FILE)
    } else {
        path.to_owned()
    };
    let bytes = sources::bytes(&path, MAX_BYTES).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::failed(format!(
            "there is no {}; leave --previous out the first time, and run apply.sh before the next",
            path.display()
        )),
        _ => sources::unreadable(&path, &error),
    })?;
    Previous::read(&bytes).map_err(|error| refused(&error))
}

fn list(format: Format) {
    let titles = ["format", "for", "at most", "difference", "applied with"];
    let mut table = Table::new(&titles, "");
    for recipe in RECIPES {
        let most = recipe.limit.map(|limit| limit.to_string());
        table.row([
            recipe.name.to_owned(),
            recipe.target.to_owned(),
            or_dash(&most.unwrap_or_default()),
            yes_no(recipe.has_difference).to_owned(),
            or_dash(recipe.apply),
        ]);
    }
    let rows: Vec<_> = RECIPES
        .iter()
        .map(|recipe| {
            json!({
                "format": recipe.name,
                "target": recipe.target,
                "limit": recipe.limit.map(|limit| limit.to_string()),
                "difference": recipe.has_difference,
                "apply": recipe.apply,
            })
        })
        .collect();
    format.print(&rows, table);
}
