//! Scripts that put an output of several files into force, and the list beside them.

use super::{APPLIED_FILE, File, NETWORKS_FILE, lists, request::Job};

/// The list and the script. Only a script that ran to its end notes the list as applied, so that
/// the next difference is taken from what the target really holds.
pub(super) fn files(job: &Job<'_>, commands: &str) -> Vec<File> {
    let head = job.head("# ");
    let content = format!(
        "#!/bin/sh\n{head}set -eu\ncd \"$(dirname \"$0\")\"\n\n{commands}\ncp {NETWORKS_FILE} {APPLIED_FILE}\n"
    );
    vec![
        File {
            name: NETWORKS_FILE.to_owned(),
            content: lists::document(job),
        },
        File {
            name: "apply.sh".to_owned(),
            content,
        },
    ]
}
