//! Whose certificates are believed where this program is the client.

use std::{fs, path::Path};

use ureq::tls::{PemItem, RootCerts, parse_pem};

/// Whose certificates are believed where a URL is `https`.
#[derive(Clone, Debug, Default)]
pub enum Authorities {
    /// The public ones, as browsers know them.
    #[default]
    Public,
    /// These alone.
    Own(RootCerts),
}

impl Authorities {
    /// Those in a file of PEM certificates.
    ///
    /// # Errors
    /// A sentence about a file that cannot be read or has no certificate.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let bytes = fs::read(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
        let mut found = Vec::new();
        for item in parse_pem(&bytes) {
            let item = item.map_err(|error| format!("{shown} is damaged: {error}"))?;
            if let PemItem::Certificate(certificate) = item {
                found.push(certificate);
            }
        }
        if found.is_empty() {
            return Err(format!(
                "{shown} has no certificate; it must be a file of PEM certificates (BEGIN CERTIFICATE)"
            ));
        }
        Ok(Self::Own(RootCerts::from(found)))
    }

    /// In the form that the client takes.
    pub fn roots(self) -> RootCerts {
        match self {
            Self::Public => RootCerts::WebPki,
            Self::Own(roots) => roots,
        }
    }
}
