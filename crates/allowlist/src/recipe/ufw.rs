//! ufw: one rule per network, before all others, and one behind them that rejects. There are no
//! sets, so that an update is not one step; nobody on both lists is shut out in between.

use super::{
    File,
    request::{Job, Lists},
    shell,
};

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let mut text =
        "# UFW='ufw --dry-run' tries without changing anything.\nufw=${UFW:-ufw}\n".to_owned();
    if let Some(difference) = &job.difference {
        text += &rules(job, "prepend allow", &difference.added);
        text += &rules(job, "delete allow", &difference.removed);
    } else {
        let (id, port) = (job.id, job.port);
        push!(
            text,
            "$ufw prepend reject proto tcp from any to any port {port} comment '{id}'\n"
        );
        text += &rules(job, "prepend allow", &job.now);
    }
    text += "[ \"$ufw\" = ufw ] || exit 0\n";
    shell::files(job, &text)
}

fn rules(job: &Job<'_>, verb: &str, lists: &Lists) -> String {
    let (id, port) = (job.id, job.port);
    // A rule is deleted by what it does, whatever its comment.
    let comment = if verb.starts_with("delete") {
        String::new()
    } else {
        format!(" comment '{id}'")
    };
    let line =
        |prefix| format!("$ufw {verb} proto tcp from {prefix} to any port {port}{comment}\n");
    lists.all().map(line).collect()
}
