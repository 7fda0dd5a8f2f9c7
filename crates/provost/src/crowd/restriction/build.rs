//! From words to a checked restriction; shared by XML, JSON and the query language.

use provost_scim::{Timestamp, text::fold};

use super::{Failure, MAX_DEPTH, MAX_NODES, Order, Restriction, Test, TextMode, millis};

/// Counts restrictions while they are read.
#[derive(Default)]
pub(super) struct Budget {
    nodes: usize,
}

impl Budget {
    /// Called before a restriction at `depth` is read.
    pub(super) fn enter(&mut self, depth: usize) -> Result<(), Failure> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(Failure::bad_request(format!(
                "Search restrictions are nested deeper than {MAX_DEPTH} levels"
            )));
        }
        if self.nodes > MAX_NODES {
            return Err(Failure::bad_request(format!(
                "A search may hold {MAX_NODES} restrictions at most"
            )));
        }
        Ok(())
    }
}

/// The words of a property restriction, as they were sent.
#[derive(Default)]
pub(super) struct Words {
    pub(super) name: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) value: Option<String>,
}

impl Words {
    /// Checks that they make sense together. Letter case of type and mode does not count.
    pub(super) fn check(self) -> Result<Restriction, Failure> {
        let name = self
            .name
            .filter(|name| !name.is_empty())
            .ok_or_else(|| Failure::bad_request("A property restriction needs a property name"))?;
        let mode = self
            .mode
            .ok_or_else(|| Failure::bad_request("A property restriction needs a match-mode"))?;
        let name = canonical(name);
        let kind = self.kind.as_deref().unwrap_or_else(|| kind_of(&name));
        let test = test(kind, &mode, self.value.as_deref())?;
        Ok(Restriction::Property { name, test })
    }
}

/// The properties that every user or group has, with the type of each (Crowd REST API).
const PROPERTIES: &[(&str, &str)] = &[
    ("name", "STRING"),
    ("email", "STRING"),
    ("firstName", "STRING"),
    ("lastName", "STRING"),
    ("displayName", "STRING"),
    ("description", "STRING"),
    ("externalId", "STRING"),
    ("active", "BOOLEAN"),
    ("local", "BOOLEAN"),
    ("createdDate", "DATE"),
    ("updatedDate", "DATE"),
];

fn known(name: &str) -> Option<&'static (&'static str, &'static str)> {
    let same = |known: &&(&str, &str)| known.0.eq_ignore_ascii_case(name);
    PROPERTIES.iter().find(same)
}

/// The spelling of a property that is known; the name of an attribute stays as it is.
fn canonical(name: String) -> String {
    known(&name).map_or(name, |known| known.0.to_owned())
}

/// The type of a property whose type was not sent.
pub(super) fn kind_of(name: &str) -> &'static str {
    known(name).map_or("STRING", |known| known.1)
}

/// Joins restrictions by `AND` or `OR`.
pub(super) fn join(logic: Option<&str>, parts: Vec<Restriction>) -> Result<Restriction, Failure> {
    match logic.map(str::to_ascii_uppercase).as_deref() {
        Some("AND") => Ok(Restriction::All(parts)),
        Some("OR") => Ok(Restriction::Any(parts)),
        Some(_) | None => Err(Failure::bad_request("boolean-logic must be AND or OR")),
    }
}

fn test(kind: &str, mode: &str, value: Option<&str>) -> Result<Test, Failure> {
    let mode = parse_mode(mode)?;
    let Some(mode) = mode else {
        return Ok(Test::Null);
    };
    let value =
        value.ok_or_else(|| Failure::bad_request("A property restriction needs a value"))?;
    match kind.to_ascii_uppercase().as_str() {
        "STRING" => Ok(Test::Text(mode, fold(value).into_owned())),
        "BOOLEAN" => flag(mode, value),
        "DATE" => date(mode, value),
        _ => Err(Failure::bad_request(
            "The type of a property must be STRING, BOOLEAN or DATE",
        )),
    }
}

/// `None` is the mode `NULL`.
fn parse_mode(mode: &str) -> Result<Option<TextMode>, Failure> {
    Ok(Some(match mode.to_ascii_uppercase().as_str() {
        "NULL" => return Ok(None),
        "EXACTLY_MATCHES" => TextMode::Order(Order::Equal),
        "STARTS_WITH" => TextMode::StartsWith,
        "ENDS_WITH" => TextMode::EndsWith,
        "CONTAINS" => TextMode::Contains,
        "LESS_THAN" => TextMode::Order(Order::Less),
        "LESS_THAN_OR_EQUAL" => TextMode::Order(Order::LessOrEqual),
        "GREATER_THAN" => TextMode::Order(Order::Greater),
        "GREATER_THAN_OR_EQUAL" => TextMode::Order(Order::GreaterOrEqual),
        _ => return Err(Failure::bad_request("The match-mode is unknown")),
    }))
}

fn flag(mode: TextMode, value: &str) -> Result<Test, Failure> {
    let value = match value.to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        _ => return Err(Failure::bad_request("A BOOLEAN value is true or false")),
    };
    if mode == TextMode::Order(Order::Equal) {
        return Ok(Test::Flag(value));
    }
    Err(Failure::bad_request(
        "A BOOLEAN property takes EXACTLY_MATCHES or NULL",
    ))
}

fn date(mode: TextMode, value: &str) -> Result<Test, Failure> {
    let TextMode::Order(order) = mode else {
        return Err(Failure::bad_request(
            "A DATE property takes EXACTLY_MATCHES, NULL or a comparison",
        ));
    };
    let instant = parse_date(value).ok_or_else(|| {
        Failure::bad_request("A DATE value looks like 2026-11-18T11:06:40.000+0000")
    })?;
    Ok(Test::Date(order, millis(instant)))
}

/// Crowd writes the zone without a colon; both spellings are read. A year, month or day alone is
/// its first instant.
fn parse_date(value: &str) -> Option<Timestamp> {
    let value = value.trim();
    let rest = match value.len() {
        4 => "-01-01T00:00:00Z",
        7 => "-01T00:00:00Z",
        10 => "T00:00:00Z",
        _ => "",
    };
    if !rest.is_empty() {
        return Timestamp::parse(&format!("{value}{rest}"));
    }
    let compact = value.len().checked_sub(5).and_then(|at| {
        let (front, zone) = value.split_at_checked(at)?;
        let (hours, minutes) = zone.split_at_checked(3)?;
        let sign = hours.starts_with(['+', '-']);
        let digits = zone.bytes().skip(1).all(|byte| byte.is_ascii_digit());
        (sign && digits && front.contains('T')).then(|| format!("{front}{hours}:{minutes}"))
    });
    Timestamp::parse(compact.as_deref().unwrap_or(value))
}
