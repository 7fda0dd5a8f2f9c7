//! What a server needs before it can start.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use provost_directory::{
    Directory, OpenOptions,
    clock::{Clock, SystemClock},
};

use super::{
    RunningServer, StartError,
    control::{Control, Parts},
};
use crate::{
    authorities::Authorities,
    client_ip::ClientRule,
    config::Config,
    deadlines::Deadlines,
    lifecycle::Lifecycle,
    listen::{self, Pool, Settings},
    ops::metrics::{Listener, Metrics},
    ranges::{self, Fetcher, Reach},
    router,
    state::AppState,
    surface::Surface,
};

/// The server; see [`Server::builder`].
#[derive(Debug)]
#[expect(
    missing_copy_implementations,
    reason = "a name for the builder, never a value"
)]
pub struct Server {}

impl Server {
    /// A server with default settings.
    ///
    /// ```no_run
    /// use provost::{Server, config::{Config, Sources}};
    ///
    /// let config = Config::resolve(&Sources::default())?;
    /// let server = Server::builder().config(config).start()?;
    /// println!("SCIM on {}, Crowd on {}", server.scim_addr(), server.app_addr());
    /// server.wait();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder() -> ServerBuilder {
        ServerBuilder {
            config: Config::default(),
            clock: Arc::new(SystemClock),
            directory: None,
            scim_listener: None,
            app_listener: None,
            deadlines: Deadlines::default(),
            dropped_log_lines: Arc::default(),
        }
    }
}

/// Collects what a server needs.
pub struct ServerBuilder {
    config: Config,
    clock: Arc<dyn Clock>,
    directory: Option<Directory>,
    scim_listener: Option<TcpListener>,
    app_listener: Option<TcpListener>,
    deadlines: Deadlines,
    dropped_log_lines: Arc<AtomicU64>,
}

impl ServerBuilder {
    /// The settings.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The clock of the directory, if the server opens it.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// A directory that the host has opened and goes on to own: the server does not close it.
    /// Without one the server opens the directory in `data_dir` and closes it at the end.
    #[must_use]
    pub fn directory(mut self, directory: Directory) -> Self {
        self.directory = Some(directory);
        self
    }

    /// The socket of the SCIM API, instead of `scim_listen`. With `single_port` there is none.
    #[must_use]
    pub fn scim_listener(mut self, listener: TcpListener) -> Self {
        self.scim_listener = Some(listener);
        self
    }

    /// The socket for the applications, instead of `app_listen`.
    #[must_use]
    pub fn app_listener(mut self, listener: TcpListener) -> Self {
        self.app_listener = Some(listener);
        self
    }

    /// Takes the sockets that systemd hands over (`LISTEN_FDS`): the first for the SCIM API, the
    /// second for the applications; with `single_port` the first for everything. Where none are
    /// handed over, nothing happens. To be called once, after [`ServerBuilder::config`].
    ///
    /// # Errors
    /// When a handed-over descriptor is no TCP socket.
    pub fn inherited_listeners(mut self) -> Result<Self, StartError> {
        let mut inherited = listenfd::ListenFd::from_env();
        let mut take = |index| {
            // Beyond the last one there is none, which is no error of the unit file.
            if index >= inherited.len() {
                return Ok(None);
            }
            inherited.take_tcp_listener(index).map_err(|error| {
                StartError(format!(
                    "Socket {index} of LISTEN_FDS cannot be used: {error}; \
                     name TCP ports in ListenStream of the socket unit"
                ))
            })
        };
        let mut next = 0;
        if !self.config.single_port {
            self.scim_listener = take(0)?.or(self.scim_listener);
            next = 1;
        }
        self.app_listener = take(next)?.or(self.app_listener);
        Ok(self)
    }

    /// Time limits of both listeners.
    #[must_use]
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// Where the host counts log lines that it dropped, for `/metrics`.
    #[must_use]
    pub fn dropped_log_lines(mut self, counter: Arc<AtomicU64>) -> Self {
        self.dropped_log_lines = counter;
        self
    }

    /// Opens the directory, binds the sockets, starts the threads, and returns when both
    /// listeners accept. Blocks; may be called inside or outside of an async runtime, because
    /// every listener has its own.
    ///
    /// # Errors
    /// A port in use, a data directory in use or unreadable: one sentence each.
    pub fn start(self) -> Result<RunningServer, StartError> {
        let Self {
            config,
            clock,
            directory,
            scim_listener,
            app_listener,
            deadlines,
            dropped_log_lines,
        } = self;
        let metrics = Metrics::new(clock.now(), dropped_log_lines);
        let app = bind(app_listener, config.app_listen, "app_listen")?;
        let scim = if config.single_port {
            None
        } else {
            Some(bind(scim_listener, config.scim_listen, "scim_listen")?)
        };
        let app_addr = address(&app)?;
        let scim_addr = scim.as_ref().map_or(Ok(app_addr), address)?;
        let config = config.bound_to(scim_addr, app_addr);
        if let Some(reason) = config.exposed() {
            return Err(StartError(reason));
        }
        let options = OpenOptions {
            data_dir: config.data_dir.clone(),
            database: config.store(),
            serve: true,
            clock,
        };
        let lifecycle = Lifecycle::new();
        let drain_delay = Duration::from_secs(config.drain_delay_seconds);
        let fetcher = fetcher(&config);
        Control::start(
            lifecycle.clone(),
            drain_delay,
            directory,
            options,
            |directory| {
                let state = state(directory, &config, deadlines, metrics, lifecycle);
                let pools = pools(&config, &state, scim, app)?;
                Ok(Parts { pools, config })
            },
        )
        .map(|control| {
            control.spawn_follower(ranges::keep_fresh(
                control.directory.clone(),
                fetcher,
                control.stopped(),
            ));
            RunningServer::new(control)
        })
    }
}

/// What fetches named sets of addresses. A file of authorities that cannot be read is no reason not
/// to serve; it is the reason why sets are not refreshed.
fn fetcher(config: &Config) -> Result<Fetcher, String> {
    let authorities = match &config.allowlist_ca_file {
        Some(path) => {
            Authorities::read(path).map_err(|sentence| format!("allowlist_ca_file: {sentence}"))?
        }
        None => Authorities::Public,
    };
    let reach = if config.allowlist_allow_private {
        Reach::Inside
    } else {
        Reach::Internet
    };
    Ok(Fetcher::new(authorities, reach))
}

fn bind(
    given: Option<TcpListener>,
    address: SocketAddr,
    key: &str,
) -> Result<TcpListener, StartError> {
    match given {
        Some(listener) => Ok(listener),
        None => TcpListener::bind(address).map_err(|error| {
            let next = match error.kind() {
                std::io::ErrorKind::AddrInUse => {
                    "another program uses it; stop that one or set another port"
                }
                std::io::ErrorKind::PermissionDenied => {
                    "ports below 1024 need privileges; set a higher port"
                }
                _ => "set an address of this machine",
            };
            StartError(format!(
                "Cannot listen on {address} ({key}): {error}; {next}"
            ))
        }),
    }
}

fn address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|error| {
        StartError(format!(
            "The socket has no address: {error}; give a TCP socket that listens"
        ))
    })
}

fn state(
    directory: Directory,
    config: &Config,
    deadlines: Deadlines,
    metrics: Metrics,
    lifecycle: Lifecycle,
) -> AppState {
    AppState {
        directory,
        app_url: config.app_url().into(),
        public_url: config.public_url().into(),
        max_body: config.max_body_bytes,
        deadlines,
        clients: ClientRule::new(config),
        metrics,
        metrics_allowed: Arc::new(config.metrics_allowed.iter().copied().collect()),
        lifecycle,
    }
}

fn pools(
    config: &Config,
    state: &AppState,
    scim: Option<TcpListener>,
    app: TcpListener,
) -> Result<Vec<Pool>, StartError> {
    let settings = |name, listener, surface: Surface, threads, max_connections| Settings {
        name,
        connections: state.metrics.connections(listener),
        threads,
        max_connections,
        deadlines: state.deadlines,
        drain: Duration::from_secs(config.drain_seconds),
        surface,
        clients: state.clients.clone(),
        lifecycle: state.lifecycle.clone(),
    };
    let app_surface = match &scim {
        Some(_) => router::app_surface(state),
        None => router::single_surface(state),
    };
    let start = |listener, settings| {
        listen::start(listener, settings).map_err(|error| {
            state.lifecycle.close();
            StartError(format!(
                "The threads of a listener cannot start: {error}; allow more threads or set fewer"
            ))
        })
    };
    let mut pools = Vec::new();
    if let Some(listener) = scim {
        let surface = router::scim_surface(state);
        let scim = settings(
            "provost-scim",
            Listener::Scim,
            surface,
            config.scim_threads,
            config.scim_max_connections,
        );
        pools.push(start(listener, scim)?);
    }
    let app_settings = settings(
        "provost-app",
        Listener::App,
        app_surface,
        config.app_threads,
        config.app_max_connections,
    );
    pools.push(start(app, app_settings)?);
    Ok(pools)
}
