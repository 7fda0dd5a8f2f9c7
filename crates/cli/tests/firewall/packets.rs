//! Packets through the generated firewalls, in network namespaces.

use anyhow::Result;

use crate::{
    netns::{Namespace, join},
    support::{Scratch, Server, provost},
};

#[test]
fn two_namespaces_meet() -> Result<()> {
    let data = Scratch::new()?;
    let server = Namespace::new("server")?;
    let world = Namespace::new("world")?;
    join(
        (&server, &["198.51.100.1/24", "2001:db8:1::1/64"]),
        (&world, &["198.51.100.2/24", "2001:db8:1::2/64"]),
    )?;
    let mut serve = provost(data.path());
    serve.args([
        "serve",
        "--scim-listen",
        "[::]:5501",
        "--app-listen",
        "127.0.0.1:0",
    ]);
    serve.env("PROVOST_ALLOW_DIRECT_HTTP", "true");
    let _running = Server::spawn(server.inside(&serve))?;
    for url in [
        "http://198.51.100.1:5501/health/live",
        "http://[2001:db8:1::1]:5501/health/live",
    ] {
        world.run("curl", &["-sS", "--fail", url])?;
    }
    Ok(())
}
