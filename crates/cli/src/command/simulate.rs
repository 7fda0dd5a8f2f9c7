//! `provost simulate`: plays an identity provider against a SCIM server, this one or another.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::{Args, builder::PossibleValuesParser};
use provost_directory::clock::{Clock, SystemClock};

use crate::{
    failure::Failure,
    global::Global,
    http::Authorities,
    output::{self, Format},
    simulate::{self, Options, Pace, Size},
};

/// Most users or groups; what is made up is kept in memory.
const MOST: i64 = 1_000_000;

/// Flags of `simulate`.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The identity provider to play
    #[arg(value_parser = PossibleValuesParser::new(simulate::slugs()))]
    idp: String,
    /// Base URL of the SCIM server, such as `http://127.0.0.1:5501/scim/acme/v2`
    #[arg(long)]
    url: String,
    #[command(flatten)]
    credentials: Credentials,
    /// Users of the first cycle
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=MOST))]
    users: u32,
    /// Groups of the first cycle
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=MOST))]
    groups: u32,
    /// Days of changes after the first cycle
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    days: u32,
    /// Plays the same life again; drawn from the clock if absent
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Requests per second, or `fast`
    #[arg(long, value_name = "RATE", default_value = "fast")]
    pace: Pace,
    /// Requests under way at the same time; as the identity provider has if absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: Option<u16>,
    /// How often a request is sent until an answer comes; as the identity provider does if absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    attempts: Option<u32>,
    /// A gateway in between may send requests again: a DELETE that finds nothing is no finding
    #[arg(long)]
    gateway_repeats: bool,
    /// PEM file of the authorities that are believed instead of the public ones, for an https URL
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Delete at the end what was made
    #[arg(long)]
    cleanup: bool,
}

/// How the identity provider signs in; without any, it does not.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Credentials {
    /// Bearer token
    #[arg(long, env = "SCIM_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// User and password for Basic authentication
    #[arg(long, value_name = "USER:PASSWORD", value_parser = pair)]
    basic: Option<(String, String)>,
    /// A header of its own
    #[arg(long, value_name = "NAME:VALUE", value_parser = pair)]
    header: Option<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').unwrap_or_default();
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || value.is_empty() {
        return Err("two parts with a colon between them are needed".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

impl Credentials {
    /// Name and value of the header that is sent.
    fn header(&self) -> Option<(String, String)> {
        let authorization = |value: String| ("Authorization".to_owned(), value);
        let bearer = self
            .token
            .as_ref()
            .map(|token| authorization(format!("Bearer {token}")));
        let basic = self.basic.as_ref().map(|(user, password)| {
            let text = STANDARD.encode(format!("{user}:{password}"));
            authorization(format!("Basic {text}"))
        });
        bearer.or(basic).or_else(|| self.header.clone())
    }
}

impl Simulate {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        let format = global.format();
        let verdict = simulate::run(self.options(format)?);
        let verdict =
            verdict.ok_or_else(|| Failure::usage("there is no such identity provider"))?;
        match format {
            Format::Human => output::line(format_args!("\n{}", verdict.text())),
            Format::Json => format.print(&verdict.json(), ""),
        }
        if verdict.is_green() {
            Ok(())
        } else {
            Err(Failure::failed("the simulation is not green"))
        }
    }

    fn options(&self, format: Format) -> Result<Options, Failure> {
        if !self.url.starts_with("http://") && !self.url.starts_with("https://") {
            return Err(Failure::usage(format!(
                "`{}` is not the base URL of a SCIM server; it starts with https:// or http://",
                self.url
            )));
        }
        let authorities = match &self.ca_file {
            Some(path) => Authorities::read(path).map_err(Failure::usage)?,
            None => Authorities::Public,
        };
        let number = |value: u32| usize::try_from(value).unwrap_or_default();
        Ok(Options {
            idp: self.idp.clone(),
            url: self.url.clone(),
            authentication: self.credentials.header(),
            size: Size {
                users: number(self.users),
                groups: number(self.groups),
                days: number(self.days),
            },
            seed: self.seed.unwrap_or_else(drawn),
            pace: self.pace.clone(),
            concurrency: self.concurrency.map(usize::from),
            attempts: self.attempts,
            gateway_repeats: self.gateway_repeats,
            cleanup: self.cleanup,
            authorities,
            format,
        })
    }
}

/// A seed that no run before had: the time, without what does not change.
fn drawn() -> u64 {
    u64::try_from(SystemClock.now().as_micros()).unwrap_or_default() % 1_000_000_000_000
}
