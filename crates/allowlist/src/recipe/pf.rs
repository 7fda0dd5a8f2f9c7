//! pf: an anchor with a table and three rules, replaced as a whole. States outlive it, so that
//! connections live on.

use super::{File, one, request::Job};

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let (id, port, head) = (job.id, job.port, job.head("# "));
    let entry = |prefix| format!("\t{prefix}\n");
    let entries: String = job.now.all().map(entry).collect();
    let content = format!(
        "{head}# Once in pf.conf, before rules that let this port in: anchor \"{id}\"
table <allowed> const {{
{entries}}}
pass in quick on lo0 proto tcp to any port {port}
pass in quick proto tcp from <allowed> to any port {port}
block return in quick proto tcp to any port {port}
"
    );
    one(format!("{id}.pf"), content)
}
