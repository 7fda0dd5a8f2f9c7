//! What both examples need: a data directory, a tenant with a token, and commands to paste.

use std::path::{Path, PathBuf};

use provost_directory::{
    Directory, DirectoryError,
    credential::Form,
    token::{Access, NewToken, Secret},
};

/// Any error, as it is printed when an example ends.
pub(crate) type Error = Box<dyn std::error::Error>;

/// The tenant of the examples.
pub(crate) const TENANT: &str = "example";

/// The directory given as the first argument, or a new one that is removed at the end.
pub(crate) struct DataDir {
    path: PathBuf,
    temporary: bool,
}

impl DataDir {
    pub(crate) fn from_arguments() -> Self {
        if let Some(given) = std::env::args_os().nth(1) {
            return Self {
                path: given.into(),
                temporary: false,
            };
        }
        let name = format!("provost-example-{}", std::process::id());
        Self {
            path: std::env::temp_dir().join(name),
            temporary: true,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Makes the tenant if it is new, and a token for it.
pub(crate) async fn tenant(directory: &Directory) -> Result<Secret, DirectoryError> {
    match directory.create_tenant(TENANT, None).await {
        Ok(_) | Err(DirectoryError::Conflict { .. }) => {}
        Err(error) => return Err(error),
    }
    let new = NewToken {
        label: "example".to_owned(),
        expires_days: Some(1),
        access: Access::ReadWrite,
        form: Form::Bearer,
    };
    let (_, secret) = directory.create_token(TENANT, new).await?;
    Ok(secret)
}

/// Prints what to paste into another terminal.
pub(crate) fn print_commands(base: &str, token: &Secret) {
    println!("Paste this into another terminal, then stop with Ctrl-C:\n");
    println!("  TOKEN={}", token.reveal());
    println!("  curl -H \"Authorization: Bearer $TOKEN\" {base}/Users");
    println!(
        "  curl -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/scim+json' \\"
    );
    println!(
        "    -d '{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"ada@example.com\"}}' \\"
    );
    println!("    {base}/Users\n");
}
