//! Applications: the Atlassian products that read through Crowd.

use provost_scim::Timestamp;

use crate::id::{ApplicationId, TenantId};

/// An application and what it sees.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its number.
    pub id: ApplicationId,
    /// The name it signs in with.
    pub name: String,
    /// The tenants it sees; where two have the same name, the first one counts.
    pub tenants: Vec<TenantId>,
    /// Addresses and networks it may call from (CIDR); empty for any.
    pub allowed_addresses: Vec<String>,
    /// When it was created.
    pub created: Timestamp,
}
