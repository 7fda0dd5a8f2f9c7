//! The table of metrics: one row each. `docs/metrics.md` is made from it.

use std::sync::atomic::{AtomicU64, Ordering};

use provost_directory::{
    figures::{ApplicationFigures, Figures, IpSetFigures, TenantFigures},
    node::NodeSeen,
};
use provost_scim::Timestamp;

use super::{
    count::{Ended, Listener, Part},
    page::Scrape,
    process,
    text::{Kind, Samples},
};

/// One metric.
pub struct Metric {
    /// Its name, with the unit at its end.
    pub name: &'static str,
    /// How its values develop.
    pub kind: Kind,
    /// What it says.
    pub help: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    pub(super) print: fn(&Scrape<'_>, &mut Samples<'_>),
}

impl std::fmt::Debug for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Metric").field(&self.name).finish()
    }
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Seconds since 1970, which never need a fraction here.
const fn seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}

fn figures(scrape: &Scrape<'_>, print: impl FnOnce(&Figures)) {
    if let Some(figures) = &scrape.known.figures {
        print(figures);
    }
}

fn tenants(scrape: &Scrape<'_>, out: &mut Samples<'_>, value: fn(&TenantFigures) -> u64) {
    figures(scrape, |figures| {
        for tenant in &figures.tenants {
            out.put(&[("tenant", &tenant.slug)], value(tenant));
        }
    });
}

fn ip_sets(scrape: &Scrape<'_>, out: &mut Samples<'_>, value: fn(&IpSetFigures) -> Option<u64>) {
    figures(scrape, |figures| {
        for set in &figures.ip_sets {
            if let Some(value) = value(set) {
                out.put(&[("set", &set.name)], value);
            }
        }
    });
}

fn nodes(scrape: &Scrape<'_>, print: impl FnOnce(&[NodeSeen])) {
    figures(scrape, |figures| {
        if !figures.nodes.is_empty() {
            print(&figures.nodes);
        }
    });
}

fn applications(
    scrape: &Scrape<'_>,
    out: &mut Samples<'_>,
    value: impl Fn(&Figures, &ApplicationFigures) -> Option<u64>,
) {
    figures(scrape, |figures| {
        for application in &figures.applications {
            if let Some(value) = value(figures, application) {
                out.put(&[("application", &application.name)], value);
            }
        }
    });
}

fn instant(at: Option<Timestamp>) -> Option<u64> {
    at.and_then(|at| u64::try_from(seconds(at)).ok())
}

/// Every metric, in the order of the page.
pub static METRICS: &[Metric] = &[
    Metric {
        name: "provost_build_info",
        kind: Kind::Gauge,
        help: "Always 1; the label says which version runs.",
        labels: &["version"],
        print: |_, out| out.put(&[("version", env!("CARGO_PKG_VERSION"))], 1),
    },
    Metric {
        name: "provost_process_start_time_seconds",
        kind: Kind::Gauge,
        help: "When the server was started, in seconds since 1970.",
        labels: &[],
        print: |scrape, out| {
            if let Some(started) = scrape.metrics.0.started {
                out.put(&[], seconds(started));
            }
        },
    },
    Metric {
        name: "provost_process_resident_memory_bytes",
        kind: Kind::Gauge,
        help: "Memory of the process that is in RAM; on Linux only.",
        labels: &[],
        print: |_, out| {
            if let Some(bytes) = process::resident_bytes() {
                out.put(&[], bytes);
            }
        },
    },
    Metric {
        name: "provost_requests_total",
        kind: Kind::Counter,
        help: "Requests that were answered; HEAD counts as get, 4xx are mistakes of the caller, 5xx trouble of the server or a frozen view.",
        labels: &["surface", "method", "status"],
        print: |scrape, out| scrape.metrics.0.requests.print_counts(out),
    },
    Metric {
        name: "provost_request_duration_seconds",
        kind: Kind::Histogram,
        help: "Time from the head of a request to the head of its answer; the bodies of listings go on after it.",
        labels: &["surface", "le"],
        print: |scrape, out| scrape.metrics.0.requests.print_times(out),
    },
    Metric {
        name: "provost_connections_open",
        kind: Kind::Gauge,
        help: "Connections that are open.",
        labels: &["listener"],
        print: |scrape, out| {
            for (name, listener) in Listener::NAMES.iter().zip(&scrape.metrics.0.connections) {
                out.put(&[("listener", name)], listener.read().0);
            }
        },
    },
    Metric {
        name: "provost_connections_refused_total",
        kind: Kind::Counter,
        help: "Connections that were turned away because scim_max_connections or app_max_connections was reached.",
        labels: &["listener"],
        print: |scrape, out| {
            for (name, listener) in Listener::NAMES.iter().zip(&scrape.metrics.0.connections) {
                out.put(&[("listener", name)], listener.read().1);
            }
        },
    },
    Metric {
        name: "provost_wrong_credentials_total",
        kind: Kind::Counter,
        help: "Requests with a token or password that is not valid for the tenant or application; requests without one do not count.",
        labels: &["surface"],
        print: |scrape, out| {
            let counts = scrape.metrics.0.wrong_credentials.read();
            for ((part, name), count) in Part::ALL.iter().zip(counts) {
                if matches!(part, Part::Scim | Part::Crowd) {
                    out.put(&[("surface", name)], count);
                }
            }
        },
    },
    Metric {
        name: "provost_refused_addresses_total",
        kind: Kind::Counter,
        help: "Requests from an address outside allowed_addresses of the tenant or application, or outside metrics_allowed.",
        labels: &["surface"],
        print: |scrape, out| {
            let counts = scrape.metrics.0.refused_addresses.read();
            for ((part, name), count) in Part::ALL.iter().zip(counts) {
                if matches!(part, Part::Scim | Part::Crowd | Part::Metrics) {
                    out.put(&[("surface", name)], count);
                }
            }
        },
    },
    Metric {
        name: "provost_untrusted_forward_header_total",
        kind: Kind::Counter,
        help: "Requests with X-Forwarded-For or Forwarded that was not believed, because client_address names another header or the peer is not in trusted_proxies.",
        labels: &[],
        print: |scrape, out| out.put(&[], read(&scrape.metrics.0.untrusted_forward_headers)),
    },
    Metric {
        name: "provost_panics_total",
        kind: Kind::Counter,
        help: "Requests that ended in a defect of the server; please report them.",
        labels: &[],
        print: |scrape, out| out.put(&[], read(&scrape.metrics.0.panics)),
    },
    Metric {
        name: "provost_log_lines_dropped_total",
        kind: Kind::Counter,
        help: "Log lines that were dropped because nobody read standard error.",
        labels: &[],
        print: |scrape, out| out.put(&[], read(&scrape.metrics.0.dropped_log_lines)),
    },
    Metric {
        name: "provost_sign_ins_total",
        kind: Kind::Counter,
        help: "Sign-ins with a password: accepted, wrong, delayed after wrong ones (the lock-out), busy, or impossible because the user is unknown, inactive or has no password.",
        labels: &["outcome"],
        print: |scrape, out| {
            for (name, count) in Ended::ALL.iter().zip(scrape.metrics.0.sign_ins.read()) {
                out.put(&[("outcome", name)], count);
            }
        },
    },
    Metric {
        name: "provost_password_hashes_waiting",
        kind: Kind::Gauge,
        help: "Passwords that are being hashed or wait for it.",
        labels: &[],
        print: |scrape, out| out.put(&[], scrape.activity.hashes_waiting),
    },
    Metric {
        name: "provost_password_hashes_refused_total",
        kind: Kind::Counter,
        help: "Passwords that were not hashed because too many waited.",
        labels: &[],
        print: |scrape, out| out.put(&[], scrape.activity.hashes_refused),
    },
    Metric {
        name: "provost_store_up",
        kind: Kind::Gauge,
        help: "1 if the store served reads and writes when it was last asked, 0 if not; the figures below are then those of provost_figures_timestamp_seconds.",
        labels: &[],
        print: |scrape, out| out.put(&[], u8::from(scrape.known.is_up)),
    },
    Metric {
        name: "provost_store_unavailable_total",
        kind: Kind::Counter,
        help: "Reads and writes that the store could not carry out.",
        labels: &[],
        print: |scrape, out| out.put(&[], scrape.activity.work.unavailable),
    },
    Metric {
        name: "provost_store_commits_total",
        kind: Kind::Counter,
        help: "Transactions that were committed.",
        labels: &[],
        print: |scrape, out| out.put(&[], scrape.activity.work.commits),
    },
    Metric {
        name: "provost_store_writes_total",
        kind: Kind::Counter,
        help: "Writes in these transactions; writes that wait share one, so writes by commits is the size of a group.",
        labels: &[],
        print: |scrape, out| out.put(&[], scrape.activity.work.writes),
    },
    Metric {
        name: "provost_store_failed_commits_total",
        kind: Kind::Counter,
        help: "Transactions that were lost; who wrote was told.",
        labels: &[],
        print: |scrape, out| out.put(&[], scrape.activity.work.failed_commits),
    },
    Metric {
        name: "provost_figures_timestamp_seconds",
        kind: Kind::Gauge,
        help: "When the figures below were read from the store, in seconds since 1970.",
        labels: &[],
        print: |scrape, out| figures(scrape, |figures| out.put(&[], seconds(figures.at))),
    },
    Metric {
        name: "provost_change_log_head",
        kind: Kind::Gauge,
        help: "Number of the last change in the log.",
        labels: &[],
        print: |scrape, out| figures(scrape, |figures| out.put(&[], figures.head.number)),
    },
    Metric {
        name: "provost_change_log_epoch",
        kind: Kind::Gauge,
        help: "Number of the log's history; a restore begins a new one.",
        labels: &[],
        print: |scrape, out| figures(scrape, |figures| out.put(&[], figures.head.epoch)),
    },
    Metric {
        name: "provost_tenant_users",
        kind: Kind::Gauge,
        help: "Users of a tenant, active or not.",
        labels: &["tenant"],
        print: |scrape, out| tenants(scrape, out, |tenant| tenant.users),
    },
    Metric {
        name: "provost_tenant_groups",
        kind: Kind::Gauge,
        help: "Groups of a tenant.",
        labels: &["tenant"],
        print: |scrape, out| tenants(scrape, out, |tenant| tenant.groups),
    },
    Metric {
        name: "provost_tenant_memberships",
        kind: Kind::Gauge,
        help: "Memberships in the groups of a tenant.",
        labels: &["tenant"],
        print: |scrape, out| tenants(scrape, out, |tenant| tenant.memberships),
    },
    Metric {
        name: "provost_nodes",
        kind: Kind::Gauge,
        help: "Nodes that share the database, by state: silent ones have not spoken for 10 s; absent on SQLite.",
        labels: &["state"],
        print: |scrape, out| {
            nodes(scrape, |nodes| {
                let silent = nodes.iter().filter(|node| node.is_silent()).count();
                out.put(&[("state", "alive")], nodes.len() - silent);
                out.put(&[("state", "silent")], silent);
            });
        },
    },
    Metric {
        name: "provost_clock_difference_seconds",
        kind: Kind::Gauge,
        help: "How far the clock of a node that is alive is from the database's, where that is farthest; absent on SQLite.",
        labels: &[],
        print: |scrape, out| {
            nodes(scrape, |nodes| {
                let alive = nodes.iter().filter(|node| !node.is_silent());
                let farthest = alive.map(|node| node.skew_micros.unsigned_abs()).max();
                let micros = farthest.unwrap_or_default();
                let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
                out.put(&[], format_args!("{seconds}.{rest:06}"));
            });
        },
    },
    Metric {
        name: "provost_ip_set_networks",
        kind: Kind::Gauge,
        help: "Networks of a named set of addresses that are in force.",
        labels: &["set"],
        print: |scrape, out| ip_sets(scrape, out, |set| Some(set.networks)),
    },
    Metric {
        name: "provost_ip_set_last_success_timestamp_seconds",
        kind: Kind::Gauge,
        help: "When the document of the set was last read successfully, in seconds since 1970.",
        labels: &["set"],
        print: |scrape, out| ip_sets(scrape, out, |set| instant(Some(set.fetched))),
    },
    Metric {
        name: "provost_ip_set_failures",
        kind: Kind::Gauge,
        help: "Attempts to refresh the set that have failed since; `provost allowlist show` says why.",
        labels: &["set"],
        print: |scrape, out| ip_sets(scrape, out, |set| Some(set.failures)),
    },
    Metric {
        name: "provost_ip_set_overdue",
        kind: Kind::Gauge,
        help: "1 if the set is refreshed daily and has not been for five days: addresses that the provider added since are locked out.",
        labels: &["set"],
        print: |scrape, out| ip_sets(scrape, out, |set| Some(set.is_overdue.into())),
    },
    Metric {
        name: "provost_application_last_synchronisation_timestamp_seconds",
        kind: Kind::Gauge,
        help: "When the application last asked for changes or for everything, in seconds since 1970; absent before the first time. Noted once a minute while there is nothing new, and not while its view is frozen.",
        labels: &["application"],
        print: |scrape, out| {
            applications(scrape, out, |_, a| instant(a.standing.last_synchronisation));
        },
    },
    Metric {
        name: "provost_application_last_full_synchronisation_timestamp_seconds",
        kind: Kind::Gauge,
        help: "When the application last listed everything, in seconds since 1970; absent before the first time.",
        labels: &["application"],
        print: |scrape, out| {
            applications(scrape, out, |_, a| {
                instant(a.standing.last_full_synchronisation)
            });
        },
    },
    Metric {
        name: "provost_application_lag_changes",
        kind: Kind::Gauge,
        help: "Changes of its tenants that the application has not read yet.",
        labels: &["application"],
        print: |scrape, out| applications(scrape, out, |_, a| Some(a.standing.lag_changes)),
    },
    Metric {
        name: "provost_application_lag_seconds",
        kind: Kind::Gauge,
        help: "For how long the oldest of these changes has been waiting.",
        labels: &["application"],
        print: |scrape, out| {
            applications(scrape, out, |figures, a| {
                Some(a.standing.lag_seconds(figures.at))
            });
        },
    },
    Metric {
        name: "provost_application_frozen",
        kind: Kind::Gauge,
        help: "1 while the mass-change brake holds the view of the application; `provost application show` says what to do.",
        labels: &["application"],
        print: |scrape, out| {
            applications(scrape, out, |_, a| Some(u64::from(a.standing.is_held)));
        },
    },
    Metric {
        name: "provost_application_held_changes",
        kind: Kind::Gauge,
        help: "Changes that the mass-change brake holds back; 0 while the view is not frozen.",
        labels: &["application"],
        print: |scrape, out| {
            applications(scrape, out, |_, a| {
                let held = a.standing.is_held.then_some(a.standing.lag_changes);
                Some(held.unwrap_or(0))
            });
        },
    },
    Metric {
        name: "provost_application_unread_losses",
        kind: Kind::Gauge,
        help: "People and memberships that the application loses with the changes it has not read yet.",
        labels: &["application", "of"],
        print: |scrape, out| {
            figures(scrape, |figures| {
                for application in &figures.applications {
                    let (name, loss) = (application.name.as_str(), application.standing.loss);
                    for (of, count) in [("users", loss.users), ("memberships", loss.memberships)] {
                        out.put(&[("application", name), ("of", of)], count);
                    }
                }
            });
        },
    },
    Metric {
        name: "provost_application_kept_group_names",
        kind: Kind::Gauge,
        help: "Renamed groups that the application still knows by their old name, until `provost application release-groups`.",
        labels: &["application"],
        print: |scrape, out| applications(scrape, out, |_, a| Some(a.veiled.kept_group_names)),
    },
    Metric {
        name: "provost_application_hidden_users",
        kind: Kind::Gauge,
        help: "Users that the application does not see because another one has their name.",
        labels: &["application"],
        print: |scrape, out| applications(scrape, out, |_, a| Some(a.veiled.hidden_users)),
    },
    Metric {
        name: "provost_application_hidden_groups",
        kind: Kind::Gauge,
        help: "Groups that the application does not see because another one has their name.",
        labels: &["application"],
        print: |scrape, out| applications(scrape, out, |_, a| Some(a.veiled.hidden_groups)),
    },
];
