//! The figures and their ratio to the bare server.

/// The bare server with a fixed body: the limit of reading.
pub(super) const FIXED: &str = "bare hyper, fixed body";

/// The bare server with one committed row per request: the limit of writing.
pub(super) const COMMIT: &str = "bare hyper, row committed";

/// The head of the table.
pub(super) const HEAD: &str =
    "operation                  conns   requests/s   CPU-s/1,000   of bare";

/// One measured load.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) name: &'static str,
    pub(super) connections: usize,
    pub(super) per_second: f64,
    pub(super) cpu_per_thousand: f64,
}

/// Everything measured so far.
#[derive(Debug, Default)]
pub(super) struct Table(Vec<Measured>);

impl Table {
    /// Keeps a figure; its line.
    pub(super) fn add(&mut self, measured: Measured) -> String {
        let ratio = self.limit(&measured).map_or_else(String::new, |limit| {
            format!("{:.2}", measured.per_second / limit)
        });
        let line = format!(
            "{:<26} {:>5} {:>12.0} {:>13.4} {ratio:>9}",
            measured.name, measured.connections, measured.per_second, measured.cpu_per_thousand
        );
        self.0.push(measured);
        line.trim_end().to_owned()
    }

    /// What the bare server reached with as many connections.
    fn limit(&self, measured: &Measured) -> Option<f64> {
        if [FIXED, COMMIT].contains(&measured.name) {
            return None;
        }
        let writes = ["create user", "PATCH user"].contains(&measured.name);
        let name = if writes { COMMIT } else { FIXED };
        let same = |bare: &&Measured| bare.name == name && bare.connections == measured.connections;
        self.0.iter().find(same).map(|bare| bare.per_second)
    }
}
