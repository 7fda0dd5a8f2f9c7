//! Where a document may be fetched from: the resolved address of every hop is looked at before
//! anything connects to it, so that neither a redirect nor a name leads into the network.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use provost_allowlist::special_purpose;
use ureq::{
    Error,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};

/// Which servers may be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Those on the public Internet.
    #[default]
    Internet,
    /// Private and loopback addresses too, for a mirror inside the network. Link-local ones, where
    /// clouds keep their secrets, stay out.
    Inside,
}

impl Reach {
    /// What speaks against an address.
    fn objection(self, address: IpAddr) -> Option<&'static str> {
        let what = special_purpose(address)?;
        let is_inside = match address.to_canonical() {
            IpAddr::V4(v4) => v4.is_private() || v4.is_loopback(),
            IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback(),
        };
        (self == Self::Internet || !is_inside).then_some(what)
    }
}

/// Why a host is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    host: String,
    address: IpAddr,
    what: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            host,
            address,
            what,
        } = self;
        write!(
            f,
            "{host} has the address {address}, which is {what}; documents are fetched from the public Internet, unless private addresses are allowed for a mirror of yours"
        )
    }
}

impl std::error::Error for Refused {}

/// Looks names up, and refuses a host if one of its addresses must not be asked: the others may be
/// a lure.
#[derive(Debug)]
pub(super) struct Guard {
    reach: Reach,
    names: DefaultResolver,
}

impl Guard {
    pub(super) fn new(reach: Reach) -> Self {
        Self {
            reach,
            names: DefaultResolver::default(),
        }
    }

    fn check(&self, uri: &Uri, address: SocketAddr) -> Result<(), Error> {
        let address = address.ip().to_canonical();
        match self.reach.objection(address) {
            None => Ok(()),
            Some(what) => Err(Error::Other(Box::new(Refused {
                host: uri.host().unwrap_or_default().to_owned(),
                address,
                what,
            }))),
        }
    }
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        for address in &found {
            self.check(uri, *address)?;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_asked_only_where_that_is_allowed() {
        for (address, from_internet, from_inside) in [
            ("8.8.8.8", true, true),
            ("2603:1006::1", true, true),
            ("10.0.0.1", false, true),
            ("127.0.0.1", false, true),
            ("::1", false, true),
            ("fd00:1::1", false, true),
            ("::ffff:192.168.0.1", false, true),
            ("169.254.169.254", false, false),
            ("fe80::1", false, false),
            ("64:ff9b::a9fe:a9fe", false, false),
            ("64:ff9b::a00:1", false, false),
            ("100.64.0.1", false, false),
            ("0.0.0.0", false, false),
            ("224.0.0.1", false, false),
        ] {
            let address = address.parse().unwrap();
            let allowed = |reach: Reach| reach.objection(address).is_none();
            assert_eq!(allowed(Reach::Internet), from_internet, "{address}");
            assert_eq!(allowed(Reach::Inside), from_inside, "{address}");
        }
    }
}
