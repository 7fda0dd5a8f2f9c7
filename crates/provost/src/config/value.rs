//! A setting as it was given, and its reading as the type a key wants.

use std::{net::SocketAddr, num::NonZeroUsize};

/// A setting as it was given. Environment and flags give text only; each reading accepts the text
/// form too.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Text.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Several texts.
    List(Vec<String>),
}

type Read<T> = Result<T, String>;

impl Value {
    pub(super) fn text(&self) -> Read<&str> {
        match self {
            Self::Text(text) if text.trim().is_empty() => Err("is empty".into()),
            Self::Text(text) => Ok(text),
            Self::Flag(_) | Self::Number(_) | Self::List(_) => {
                Err("must be text in quotation marks".into())
            }
        }
    }

    pub(super) fn flag(&self) -> Read<bool> {
        match self {
            Self::Flag(flag) => Ok(*flag),
            Self::Text(text) if text == "true" => Ok(true),
            Self::Text(text) if text == "false" => Ok(false),
            Self::Text(_) | Self::Number(_) | Self::List(_) => Err("must be true or false".into()),
        }
    }

    pub(super) fn number(&self, least: u64, most: u64) -> Read<u64> {
        let number = match self {
            Self::Number(number) => u64::try_from(*number).ok(),
            Self::Text(text) => text.parse().ok(),
            Self::Flag(_) | Self::List(_) => None,
        };
        number
            .filter(|n| (least..=most).contains(n))
            .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
    }

    pub(super) fn count(&self, most: u64) -> Read<NonZeroUsize> {
        let number = usize::try_from(self.number(1, most)?).unwrap_or(usize::MAX);
        Ok(NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN))
    }

    pub(super) fn list(&self) -> Read<Vec<String>> {
        match self {
            Self::List(items) => Ok(items.clone()),
            Self::Text(text) => Ok(text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()),
            Self::Flag(_) | Self::Number(_) => Err("must be a list of texts".into()),
        }
    }

    pub(super) fn address(&self) -> Read<SocketAddr> {
        let text = self.text()?;
        text.parse().map_err(|_| {
            format!("is {text:?}; it must be an IP address and a port such as 127.0.0.1:5501")
        })
    }

    /// An absolute `http` or `https` URL without query and fragment; the slash at its end is cut.
    pub(super) fn url(&self) -> Read<String> {
        let text = self.text()?;
        let host = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .filter(|rest| !rest.is_empty() && !rest.starts_with('/'));
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"?#\"\\<>@".contains(&b));
        if host.is_none() || !plain {
            return Err(format!(
                "is {text:?}; it must be a URL such as https://scim.example.com"
            ));
        }
        Ok(text.trim_end_matches('/').to_owned())
    }

    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Read<T> {
        let text = self.text()?;
        let found = choices.iter().find(|(name, _)| *name == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            format!("is {text:?}; it must be one of: {}", names.join(", "))
        })
    }
}
