//! Sets of addresses as configuration of firewalls: one row each in [`RECIPES`], one file each for
//! how it is written.
//!
//! A recipe opens one TCP port to the addresses of a set and closes it to everybody else, in
//! tables, chains or groups of its own, so that nothing else of the machine changes. Whether a set
//! may be used is decided in [`crate::update`]; here an empty set and one with everybody in it are
//! refused once more. Texts of others are [`Note`]s and names are [`Label`]s, which hold nothing
//! that a shell, a firewall or a spreadsheet could take for a command. Nothing here writes a file.

/// Appends to a text. Writing into a string cannot fail.
macro_rules! push {
    ($text:expr, $($format:tt)*) => {{
        use std::fmt::Write as _;
        let _ = write!($text, $($format)*);
    }};
}

mod aws;
mod azure_nsg;
mod cisco;
mod firewalld;
mod ipset_iptables;
mod kubernetes;
mod lists;
mod nftables;
mod pf;
mod previous;
mod request;
mod shell;
mod terraform;
mod text;
mod ufw;
mod windows;

use std::fmt;

use self::request::{Job, Lists};
pub use self::{
    previous::Previous,
    request::{DEFAULT_PORT, Request, Source},
    text::{Label, LabelError, Note},
};
use crate::Prefix;

/// A target and how it is written.
#[derive(Debug)]
pub struct Recipe {
    /// Its name in commands.
    pub name: &'static str,
    /// What reads it.
    pub target: &'static str,
    /// How it is put into force.
    pub apply: &'static str,
    /// The most that it takes, where that is known.
    pub limit: Option<Limit>,
    /// Whether the difference to the last list is written once that is known.
    pub has_difference: bool,
    write: fn(&Job<'_>) -> Vec<File>,
}

/// The most that a target takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub most: usize,
    /// Of what.
    pub unit: Unit,
    /// What to do beyond it.
    pub instead: &'static str,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Networks of both families together.
    Networks,
    /// Networks of one family.
    NetworksPerFamily,
    /// Bytes of the output.
    Bytes,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Networks => "networks",
            Unit::NetworksPerFamily => "networks per family",
            Unit::Bytes => "bytes",
        };
        write!(f, "{} {unit}", self.most)
    }
}

/// Every format, in the order of help texts.
pub static RECIPES: &[Recipe] = &[
    Recipe {
        name: "nftables",
        target: "Linux: nftables, a table of its own",
        apply: "nft -c -f FILE && nft -f FILE",
        limit: None,
        has_difference: true,
        write: nftables::write,
    },
    Recipe {
        name: "ipset-iptables",
        target: "Linux: ipset and iptables, sets and a chain of their own",
        apply: "sh DIRECTORY/apply.sh",
        limit: Some(Limit {
            most: ipset_iptables::MAX,
            unit: Unit::NetworksPerFamily,
            instead: "choose fewer parts of the document",
        }),
        has_difference: true,
        write: ipset_iptables::write,
    },
    Recipe {
        name: "firewalld",
        target: "Linux: firewalld 0.9 or newer, sets and a policy of their own",
        apply: "sh DIRECTORY/apply.sh",
        limit: Some(Limit {
            most: ipset_iptables::MAX,
            unit: Unit::NetworksPerFamily,
            instead: "choose fewer parts of the document",
        }),
        has_difference: false,
        write: firewalld::write,
    },
    Recipe {
        name: "ufw",
        target: "Linux: ufw, one rule per network",
        apply: "sh DIRECTORY/apply.sh",
        limit: Some(Limit {
            most: 200,
            unit: Unit::Networks,
            instead: "use nftables, which works beside ufw",
        }),
        has_difference: true,
        write: ufw::write,
    },
    Recipe {
        name: "pf",
        target: "BSD: pf, an anchor of its own",
        apply: "pfctl -n -a ANCHOR -f FILE && pfctl -a ANCHOR -f FILE",
        limit: None,
        has_difference: false,
        write: pf::write,
    },
    Recipe {
        name: "windows",
        target: "Windows Defender Firewall, a group of rules of its own",
        apply: "powershell -File FILE",
        limit: None,
        has_difference: false,
        write: windows::write,
    },
    Recipe {
        name: "cisco-ios",
        target: "Cisco IOS and IOS XE, object groups",
        apply: "paste into `configure terminal`",
        limit: None,
        has_difference: true,
        write: cisco::ios,
    },
    Recipe {
        name: "cisco-asa",
        target: "Cisco ASA, one object group",
        apply: "paste into `configure terminal`",
        limit: None,
        has_difference: true,
        write: cisco::asa,
    },
    Recipe {
        name: "azure-nsg",
        target: "Azure network security group, an ARM template with two rules",
        apply: "az deployment group create --template-file FILE --parameters nsg=NAME",
        limit: Some(Limit {
            most: 4_000,
            unit: Unit::NetworksPerFamily,
            instead: "name the service tag of the provider in the rule",
        }),
        has_difference: false,
        write: azure_nsg::write,
    },
    Recipe {
        name: "aws-security-group",
        target: "AWS security group, one rule per network",
        apply: "GROUP_ID=sg-… sh DIRECTORY/apply.sh",
        limit: Some(Limit {
            most: 60,
            unit: Unit::NetworksPerFamily,
            instead: "use aws-waf-ip-set, or aws-prefix-list once AWS has raised the quota of rules",
        }),
        has_difference: true,
        write: aws::security_group,
    },
    Recipe {
        name: "aws-prefix-list",
        target: "AWS managed prefix lists, one per family",
        apply: "sh DIRECTORY/apply.sh",
        limit: Some(Limit {
            most: aws::MAX_ENTRIES,
            unit: Unit::NetworksPerFamily,
            instead: "use aws-waf-ip-set, or choose fewer parts of the document",
        }),
        has_difference: true,
        write: aws::prefix_list,
    },
    Recipe {
        name: "aws-waf-ip-set",
        target: "AWS WAF IP sets, one per family",
        apply: "sh FILE",
        limit: Some(Limit {
            most: 10_000,
            unit: Unit::NetworksPerFamily,
            instead: "choose fewer parts of the document",
        }),
        has_difference: false,
        write: aws::waf_ip_set,
    },
    Recipe {
        name: "kubernetes",
        target: "Kubernetes NetworkPolicy",
        apply: "kubectl apply --server-side -f FILE",
        limit: Some(Limit {
            most: 1_000_000,
            unit: Unit::Bytes,
            instead: "filter at the load balancer, or choose fewer parts of the document",
        }),
        has_difference: false,
        write: kubernetes::write,
    },
    Recipe {
        name: "terraform",
        target: "Terraform and OpenTofu, a file of variables",
        apply: "terraform apply -var-file=FILE",
        limit: None,
        has_difference: false,
        write: terraform::write,
    },
    Recipe {
        name: "text",
        target: "one network a line",
        apply: "",
        limit: None,
        has_difference: false,
        write: lists::text,
    },
    Recipe {
        name: "csv",
        target: "a table with a column cidr",
        apply: "",
        limit: None,
        has_difference: false,
        write: lists::csv,
    },
    Recipe {
        name: "json",
        target: "one JSON document",
        apply: "",
        limit: None,
        has_difference: false,
        write: lists::json,
    },
];

/// The recipe of that name.
pub fn find(name: &str) -> Option<&'static Recipe> {
    RECIPES.iter().find(|recipe| recipe.name == name)
}

/// One file of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// What is in it.
    pub content: String,
}

/// The list in force beside a script, to compare with the next time.
pub const NETWORKS_FILE: &str = "networks.txt";

/// The list that `apply.sh` has put into force: [`NETWORKS_FILE`] of that time.
pub const APPLIED_FILE: &str = "applied.txt";

/// Why nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// An empty set.
    #[error("the list holds nobody: the port would be closed to all; name a set with addresses")]
    Nobody,
    /// A set with everybody of a family in it.
    #[error("{0} is everybody; remove it from the list")]
    Everybody(Prefix),
    /// What was given as the last list is none.
    #[error("the last list cannot be used: {0}; give the file that was written then, or none")]
    Previous(String),
    /// More than the target takes.
    #[error("{target} takes at most {limit}, and there are {found}{leaving}; {}", limit.instead)]
    TooMany {
        /// What reads the output.
        target: &'static str,
        /// What it takes.
        limit: Limit,
        /// How many there are.
        found: usize,
        /// Says so if some leave with the update.
        leaving: &'static str,
    },
}

impl Recipe {
    /// Writes a request: one file, or several where the target needs them.
    ///
    /// # Errors
    /// More than the target takes.
    pub fn write(&self, request: &Request) -> Result<Vec<File>, RecipeError> {
        let job = Job::new(self.name, request);
        let files = (self.write)(&job);
        match self.limit {
            Some(limit) => self.fits(limit, &job, &files).map(|()| files),
            None => Ok(files),
        }
    }

    /// While the difference is being applied, the target holds what leaves and what comes.
    fn fits(&self, limit: Limit, job: &Job<'_>, files: &[File]) -> Result<(), RecipeError> {
        let difference = job.difference.as_ref().filter(|_| self.has_difference);
        let nobody = Lists::default();
        let leaving = difference.map_or(&nobody, |difference| &difference.removed);
        let v4 = job.now.v4.len() + leaving.v4.len();
        let v6 = job.now.v6.len() + leaving.v6.len();
        let found = match limit.unit {
            Unit::Networks => v4 + v6,
            Unit::NetworksPerFamily => v4.max(v6),
            Unit::Bytes => files.iter().map(|file| file.content.len()).sum(),
        };
        if found <= limit.most {
            return Ok(());
        }
        Err(RecipeError::TooMany {
            target: self.name,
            limit,
            found,
            leaving: if leaving.len() == 0 {
                ""
            } else {
                " with those that leave, so that two steps may do"
            },
        })
    }
}

/// An output of one file.
fn one(name: String, content: String) -> Vec<File> {
    vec![File { name, content }]
}

#[cfg(test)]
mod tests;
