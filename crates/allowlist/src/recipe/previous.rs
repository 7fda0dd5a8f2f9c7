//! The list of the last time, read back from what a recipe wrote or from any list of networks.

use super::{Note, RecipeError};
use crate::{
    IpSet,
    feed::{self, Version},
};

/// What stands before the checksum in the head of a list.
pub(super) const CHECKSUM: &str = "SHA-256 of the list ";

/// What stands before the edition of a source in the head of a list.
pub(super) const EDITION: &str = "; edition ";

/// The list of the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Who was let in.
    pub set: IpSet,
    editions: Vec<(String, Version)>,
}

impl Previous {
    /// Reads text, CSV or JSON; in text a head with a checksum is checked and editions are read.
    ///
    /// # Errors
    /// It is no such list, or it is not whole.
    pub fn read(bytes: &[u8]) -> Result<Self, RecipeError> {
        let text = str::from_utf8(bytes).unwrap_or_default();
        let format = match text.trim_start() {
            json if json.starts_with(['{', '[']) => "json",
            csv if csv.starts_with("cidr") => "csv",
            _ => "text",
        };
        let unread = |error: &dyn std::fmt::Display| RecipeError::Previous(error.to_string());
        let reader = feed::find(format).ok_or_else(|| unread(&format))?;
        let document = reader.read(bytes, &[]).map_err(|error| unread(&error))?;
        let set: IpSet = document.prefixes.into_iter().collect();
        let mut heads = text.lines().filter(|line| line.starts_with('#'));
        let recorded = heads.find_map(|line| Some(line.split_once(CHECKSUM)?.1));
        if recorded.is_some_and(|recorded| recorded != super::request::checksum(&set)) {
            return Err(unread(
                &"its networks do not match the checksum in its head",
            ));
        }
        let editions = text.lines().filter_map(edition).collect();
        Ok(Self { set, editions })
    }

    /// The edition of a source then, if the list says so.
    pub fn edition(&self, source: &Note) -> Option<&Version> {
        let name = source.to_string();
        let mut all = self.editions.iter();
        all.find(|(known, _)| *known == name)
            .map(|(_, edition)| edition)
    }
}

/// `# Source NAME: …; edition EDITION; …`
fn edition(line: &str) -> Option<(String, Version)> {
    let (name, rest) = line.strip_prefix("# Source ")?.split_once(": ")?;
    let (_, edition) = rest.split_once(EDITION)?;
    let edition = edition.split(';').next()?;
    let version = edition
        .parse()
        .map_or_else(|_| Version::Text(edition.to_owned()), Version::Number);
    Some((name.to_owned(), version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recipe::{Request, Source, find},
        update::Accepted,
    };

    #[test]
    fn what_was_written_is_read_back_whole_or_not_at_all() {
        let accepted = Accepted {
            set: ["198.51.100.0/25", "2001:db8::/32"]
                .iter()
                .map(|text| crate::Prefix::parse(text).unwrap())
                .collect(),
            version: Some(Version::Number(363)),
            digest: "ab".to_owned(),
        };
        let source = Source::accepted("corp", "somebody", &accepted);
        let request = Request::new(vec![source]).unwrap();
        for format in ["text", "csv", "json"] {
            let files = find(format).unwrap().write(&request).unwrap();
            let previous = Previous::read(files[0].content.as_bytes()).unwrap();
            assert_eq!(previous.set, accepted.set, "{format}");
            let edition = previous.edition(&Note::new("corp"));
            assert_eq!(edition.is_some(), format == "text", "{format}");
        }
        let files = find("text").unwrap().write(&request).unwrap();
        let cut = files[0].content.replace("2001:db8::/32\n", "");
        for (text, sentence) in [
            (cut.as_str(), "do not match the checksum"),
            ("", "lists no network"),
            ("add element inet provost", "characters that no network has"),
            (
                "{\"prefixes\":[\"198.51.100.0/24\"",
                "not what json publishes",
            ),
        ] {
            let error = Previous::read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(sentence), "{error}");
        }
    }
}
