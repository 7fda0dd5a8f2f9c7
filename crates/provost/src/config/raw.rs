//! What the file, the environment and the flags said, before it is understood.

use std::path::{Path, PathBuf};

use super::{
    error::ConfigError,
    keys::{self, Key},
    value::Value,
};

/// Where settings come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The TOML file, if there is one.
    pub file: Option<PathBuf>,
    /// The environment, name and value; names that do not begin with `PROVOST_` are left alone.
    pub environment: Vec<(String, String)>,
    /// Flags by key.
    pub overrides: Vec<(&'static str, String)>,
}

/// One setting and where it was made.
pub(super) struct Setting {
    pub(super) key: &'static Key,
    pub(super) value: Value,
    pub(super) origin: String,
}

/// The prefix of environment variables.
const PREFIX: &str = "PROVOST_";

/// Variables of the command and of the project's own tests that are no settings.
fn is_reserved(name: &str) -> bool {
    name == "PROVOST_CONFIG" || name == "PROVOST_JSON" || name.starts_with("PROVOST_TEST_")
}

/// Every setting, weakest source first.
pub(super) fn collect(sources: &Sources, errors: &mut Vec<ConfigError>) -> Vec<Setting> {
    let mut settings = Vec::new();
    if let Some(path) = &sources.file {
        match read_file(path) {
            Ok(table) => from_file(path, table, &mut settings, errors),
            Err(error) => errors.push(error),
        }
    }
    for (name, value) in &sources.environment {
        if let Some(key) = name.strip_prefix(PREFIX).filter(|_| !is_reserved(name)) {
            let text = Value::Text(value.clone());
            add(
                &key.to_lowercase(),
                text,
                name.clone(),
                &mut settings,
                errors,
            );
        }
    }
    for (name, value) in &sources.overrides {
        let flag = format!("--{}", name.replace('_', "-"));
        add(
            name,
            Value::Text(value.clone()),
            flag,
            &mut settings,
            errors,
        );
    }
    settings
}

fn read_file(path: &Path) -> Result<toml::Table, ConfigError> {
    let origin = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::new(origin.clone(), format!("cannot be read: {error}")))?;
    text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| {
            text.bytes()
                .take(span.start)
                .filter(|b| *b == b'\n')
                .count()
                + 1
        });
        ConfigError::new(
            origin,
            format!("line {line} is not TOML: {}", error.message()),
        )
    })
}

fn from_file(
    path: &Path,
    table: toml::Table,
    settings: &mut Vec<Setting>,
    errors: &mut Vec<ConfigError>,
) {
    let origin = path.display().to_string();
    for (name, value) in table {
        match convert(value) {
            Some(value) => add(&name, value, origin.clone(), settings, errors),
            None => errors.push(ConfigError::new(
                origin.clone(),
                format!("{name} must be text, a whole number, true, false or a list of texts"),
            )),
        }
    }
}

fn convert(value: toml::Value) -> Option<Value> {
    match value {
        toml::Value::String(text) => Some(Value::Text(text)),
        toml::Value::Integer(number) => Some(Value::Number(number)),
        toml::Value::Boolean(flag) => Some(Value::Flag(flag)),
        toml::Value::Array(items) => items
            .into_iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(Value::List),
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn add(
    name: &str,
    value: Value,
    origin: String,
    settings: &mut Vec<Setting>,
    errors: &mut Vec<ConfigError>,
) {
    if let Some(key) = keys::find(name) {
        settings.push(Setting { key, value, origin });
        return;
    }
    let hint = keys::nearest(name).map_or_else(String::new, |near| {
        let near = if origin.starts_with(PREFIX) {
            format!("{PREFIX}{}", near.to_uppercase())
        } else {
            near.to_owned()
        };
        format!("; did you mean {near}?")
    });
    let message = if origin.starts_with(PREFIX) {
        format!("is no setting{hint}")
    } else {
        format!("{name} is no setting{hint}")
    };
    errors.push(ConfigError::new(origin, message));
}
