//! Applications: the Atlassian products that read through Crowd.

use std::{net::IpAddr, sync::Arc};

use provost_scim::Timestamp;

use crate::{
    allowlist::Allowlist,
    id::{ApplicationId, TenantId},
    view_settings::ViewSettings,
};

/// An application and what it sees.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its number.
    pub id: ApplicationId,
    /// The name it signs in with.
    pub name: String,
    /// The tenants it sees; where two have the same name, the first one counts.
    pub tenants: Vec<TenantId>,
    /// How it sees them.
    pub view: Arc<ViewSettings>,
    /// From where it may call; empty for everywhere.
    pub allowed_addresses: Allowlist,
    /// Until when the password before the last one is valid too.
    pub old_password_until: Option<Timestamp>,
    /// When it was created.
    pub created: Timestamp,
}

impl Application {
    /// Whether it may call from this address: from anywhere without a list, and with one only from
    /// an address that is known and listed.
    pub fn admits(&self, client: Option<IpAddr>) -> bool {
        self.allowed_addresses.admits(client)
    }
}
