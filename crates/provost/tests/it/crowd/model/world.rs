//! The server, who changes it, and what happens in a round.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    thread,
};

use provost::{RunningServer, Server};
use provost_directory::{
    Directory,
    change::Position,
    clock::ManualClock,
    credential::Form,
    id::GroupId,
    token::{Access, NewToken},
};
use provost_scim::Timestamp;

use super::{
    application::{Application, Habits, Place, Synchronised},
    random::Random,
    source::{Progress, Source},
    view::{Settings, View},
    witness::{SharedView, Witness},
};
use crate::support::{TempDir, TestServer, block_on};

const SLUGS: [&str; 2] = ["first", "second"];
/// A tenant that nobody sees, the last by its slug. When its deleted user goes, the server has
/// removed everything whose time was over at its start.
const LAST: &str = "zz";

/// Name, tenants in their order, and habits of each application.
const APPLICATIONS: [(&str, &[usize], Habits); 4] = [
    ("jira", &[0], habits(true, true, false)),
    ("confluence", &[1, 0], habits(true, true, false)),
    ("bitbucket", &[0, 1], habits(false, true, true)),
    ("bamboo", &[1], habits(true, false, false)),
];

/// What every view begins with: nothing is held back, and names are those of the tenants.
const PLAIN: [(&str, &str); 2] = [("group_names", "follow"), ("mass_change_share", "off")];

const fn habits(nested: bool, incremental: bool, group_by_group: bool) -> Habits {
    Habits {
        nested,
        incremental,
        group_by_group,
    }
}

/// The server, which can be started anew on its data.
pub(super) struct Provost {
    running: Option<RunningServer>,
    starts: u64,
    clock: Arc<ManualClock>,
    dir: TempDir,
}

impl Provost {
    fn start() -> Self {
        let clock = ManualClock::new(Timestamp::from_micros(1_767_225_600_000_000));
        let mut provost = Self {
            running: None,
            starts: 0,
            clock: Arc::new(clock),
            dir: TempDir::new(),
        };
        provost.restart();
        provost
    }

    pub(super) fn running(&self) -> &RunningServer {
        self.running.as_ref().expect("the server runs")
    }

    fn restart(&mut self) {
        self.stop();
        let config = TestServer::config(self.dir.path(), &[]);
        let clock = Arc::clone(&self.clock);
        let builder = Server::builder().config(config).clock(clock);
        self.running = Some(builder.start().expect("the server starts"));
        self.starts += 1;
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown();
            running.wait();
        }
    }

    const fn place(&self, address: SocketAddr) -> Place {
        Place {
            address,
            start: self.starts,
        }
    }

    pub(super) fn scim(&self) -> Place {
        self.place(self.running().scim_addr())
    }

    pub(super) fn crowd(&self) -> Place {
        self.place(self.running().app_addr())
    }
}

impl Drop for Provost {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What happened, so that a run that tests nothing fails.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) incremental: u64,
    pub(super) full: u64,
    pub(super) died: u64,
    pub(super) restarts: u64,
    pub(super) views: u64,
    pub(super) forgotten: usize,
    pub(super) released_names: u64,
    pub(super) released: u64,
    pub(super) discarded: u64,
    changes: usize,
}

impl Tally {
    fn note(&mut self, outcome: Synchronised) {
        match outcome {
            Synchronised::Incrementally => self.incremental += 1,
            Synchronised::Fully => self.full += 1,
            Synchronised::Died => self.died += 1,
        }
    }
}

/// The server and the identity providers.
pub(super) struct World {
    pub(super) provost: Provost,
    pub(super) sources: Vec<Source>,
    last: Option<Source>,
    views: Vec<(&'static str, SharedView)>,
    pub(super) random: Random,
    pub(super) tally: Tally,
}

impl World {
    /// Tenants with a user each, and the applications that read them.
    pub(super) fn new(seed: u64) -> (Self, Vec<Application>) {
        let mut world = Self {
            provost: Provost::start(),
            sources: Vec::new(),
            last: None,
            views: Vec::new(),
            random: Random::new(seed),
            tally: Tally::default(),
        };
        for (number, slug) in SLUGS.into_iter().enumerate() {
            let source = world.new_source(number, slug);
            world.sources.push(source);
        }
        world.last = Some(world.new_source(SLUGS.len(), LAST));
        let mut applications = Vec::new();
        for (name, tenants, habits) in APPLICATIONS {
            let slugs: Vec<_> = tenants.iter().map(|at| SLUGS[*at].to_owned()).collect();
            let directory = world.provost.running().directory();
            let created = block_on(directory.create_application(name, &slugs));
            let (_, password) = created.expect("a new application");
            let settings = PLAIN.map(|(key, value)| (key.to_owned(), value.to_owned()));
            let set = block_on(directory.set_application(name, &settings));
            set.expect("the settings exist");
            let view = View {
                name,
                tenants: tenants.to_vec(),
                nested: habits.nested,
                settings: Settings::default(),
            };
            let view = Arc::new(Mutex::new(view));
            world.views.push((name, Arc::clone(&view)));
            if let [only] = tenants {
                world.sources[*only].views.push(Arc::clone(&view));
            }
            applications.push(Application::new(name, password.reveal(), habits, view));
        }
        // Before its first user an application is refused, not shown nothing.
        while (world.sources.iter()).any(|source| source.state.users.is_empty()) {
            world.change(4);
        }
        (world, applications)
    }

    fn new_source(&mut self, number: usize, slug: &'static str) -> Source {
        let directory = self.provost.running().directory();
        block_on(directory.create_tenant(slug, None)).expect("a new tenant");
        let new = NewToken {
            label: "model".to_owned(),
            expires_days: None,
            access: Access::ReadWrite,
            form: Form::Bearer,
        };
        let (_, token) = block_on(directory.create_token(slug, new)).expect("a token");
        let clock = Arc::clone(&self.provost.clock);
        let seed = self.random.next();
        let source = Source::new(slug, token.reveal(), number, seed, clock);
        let policy = (
            "deleted_users".to_owned(),
            source.deleted_users().to_owned(),
        );
        block_on(directory.set_tenant(slug, &[policy])).expect("the setting exists");
        source
    }

    /// One round: something changes and somebody synchronises.
    pub(super) fn round(&mut self, applications: &mut [Application]) {
        let which = self.random.below(applications.len());
        match self.random.below(100) {
            0..=44 => {
                self.change(4);
                self.synchronise_quietly(&mut applications[which]);
            }
            45..=69 => self.synchronise_disturbed(&mut applications[which]),
            70..=91 => self.synchronise_in_parallel(applications),
            92..=94 => self.sign_in(&mut applications[which]),
            95 => self.mass_change(&mut applications[which]),
            96 => self.release_names(),
            97 => applications[which].forget_token(),
            98 => (0..2).for_each(|_| self.change_view()),
            _ => self.restart(),
        }
        self.let_time_pass();
        self.sources.iter_mut().for_each(Source::forget);
    }

    /// Some changes, one after the other.
    pub(super) fn change(&mut self, at_most: usize) {
        let place = self.provost.scim();
        for _ in 0..self.random.below(at_most + 1) {
            let source = self.random.below(self.sources.len());
            self.sources[source].change(place);
            self.tally.changes += 1;
        }
    }

    /// What is old enough goes when the server starts.
    pub(super) fn restart(&mut self) {
        let due: Vec<_> = self.sources.iter().map(Source::due).collect();
        let count: usize = due.iter().map(Vec::len).sum();
        self.bury_one();
        let head = block_on(self.provost.running().directory().head()).expect("a log");
        self.provost.restart();
        self.tally.restarts += 1;
        self.tally.forgotten += count;
        block_on(grown(
            self.provost.running().directory(),
            head,
            count as u64 + 1,
        ));
        for (source, names) in self.sources.iter_mut().zip(due) {
            source.administered(|state| {
                state.tombstones.retain(|name, _| !names.contains(name));
            });
        }
    }

    /// Leaves a deleted user that goes when the server starts.
    fn bury_one(&mut self) {
        let (place, directory) = (self.provost.scim(), self.provost.running().directory());
        let set = |policy: &str| {
            let pair = ("deleted_users".to_owned(), policy.to_owned());
            block_on(directory.set_tenant(LAST, &[pair])).expect("the setting exists");
        };
        set("inactive");
        let last = self.last.as_mut().expect("made at the start");
        last.come_and_go(place);
        set("remove");
    }

    /// An administrator lets every application have the present names of renamed groups.
    fn release_names(&mut self) {
        for at in 0..self.views.len() {
            self.release_names_of(at);
        }
    }

    fn release_names_of(&mut self, at: usize) {
        let (name, view) = &self.views[at];
        let tenants = view.lock().expect("no panic").tenants.clone();
        let [only] = tenants.as_slice() else { return };
        let source = &mut self.sources[*only];
        let kept = source.state.kept.get(name).into_iter().flatten();
        let groups = &source.state.groups;
        let differs = |(id, kept): &(&String, &String)| {
            groups.get(*id).is_some_and(|group| group.name != **kept)
        };
        let released: Vec<_> = kept.filter(differs).map(|(id, _)| id.clone()).collect();
        if released.is_empty() {
            return;
        }
        let ids: Vec<_> = released
            .iter()
            .map(|id| GroupId::parse(id).expect("an id"))
            .collect();
        let directory = self.provost.running().directory();
        let done = block_on(directory.release_group_names(name, &ids));
        assert_eq!(done.expect("names to release"), ids.len());
        source.administered(|state| {
            let kept = state.kept.get_mut(name).expect("kept names");
            kept.retain(|id, _| !released.contains(id));
        });
        self.tally.released_names += 1;
    }

    /// An administrator changes what an application sees, or only the order of its tenants.
    fn change_view(&mut self) {
        let (name, shared) = self.random.pick(&self.views).expect("there are some");
        let mut view = shared.lock().expect("no panic");
        if self.random.percent(50) {
            view.tenants.reverse();
        }
        view.settings = Settings::any(&mut self.random, view.tenants.len());
        let mut settings = view.settings.print();
        let slugs: Vec<_> = view.tenants.iter().map(|at| SLUGS[*at]).collect();
        settings.push(("tenants".to_owned(), slugs.join(",")));
        let directory = self.provost.running().directory();
        let set = block_on(directory.set_application(name, &settings));
        set.unwrap_or_else(|error| panic!("{error}: {settings:?}"));
        if let ([only], false) = (view.tenants.as_slice(), view.settings.stable) {
            self.sources[*only].administered(|state| drop(state.kept.remove(name)));
        }
        self.tally.views += 1;
    }

    /// Mostly a little; at times longer than tokens reach back, or than they can be followed.
    fn let_time_pass(&mut self) {
        let seconds = match self.random.below(200) {
            0 => 400_000,
            1..=10 => 1_200,
            _ => 20,
        };
        self.provost.clock.advance_seconds(seconds);
    }

    fn progress(&self) -> Vec<Arc<Progress>> {
        let all = self.sources.iter();
        all.map(|source| Arc::clone(&source.progress)).collect()
    }

    /// While nothing changes: afterwards the copy is what the directory is.
    pub(super) fn synchronise_quietly(&mut self, application: &mut Application) {
        let (place, progress) = (self.provost.crowd(), self.progress());
        let mut next = || Some(place);
        let mut witness = Witness::new(Arc::clone(&application.view), &progress, &mut next);
        self.tally.note(application.synchronise(&mut witness));
        witness.testimony().verify(application.name, &self.sources);
        let (is, should) = (
            application.cache.copy(),
            application
                .view
                .lock()
                .expect("no panic")
                .now(&self.sources),
        );
        assert!(
            is == should,
            "{}: {}",
            application.name,
            is.difference(&should)
        );
    }

    /// Between its requests anything may happen.
    fn synchronise_disturbed(&mut self, application: &mut Application) {
        let progress = self.progress();
        let view = Arc::clone(&application.view);
        let (outcome, testimony) = {
            let mut next = || self.disturb();
            let mut witness = Witness::new(view, &progress, &mut next);
            let outcome = application.synchronise(&mut witness);
            (outcome, witness.testimony())
        };
        self.tally.note(outcome);
        testimony.verify(application.name, &self.sources);
    }

    fn disturb(&mut self) -> Option<Place> {
        match self.random.below(100) {
            0..=59 => self.change(6),
            60..=61 => self.restart(),
            62..=63 => self.change_view(),
            64..=67 => self.provost.clock.advance_seconds(60),
            68..=70 => return None,
            _ => {}
        }
        Some(self.provost.crowd())
    }

    /// All identity providers write while two applications read.
    fn synchronise_in_parallel(&mut self, applications: &mut [Application]) {
        let first = self.random.below(applications.len() - 1);
        let (scim, crowd, progress) = (self.provost.scim(), self.provost.crowd(), self.progress());
        let mut changes = Vec::new();
        for _ in &self.sources {
            changes.push(1 + self.random.below(8));
        }
        self.tally.changes += changes.iter().sum::<usize>();
        let witnessed = thread::scope(|scope| {
            for (source, count) in self.sources.iter_mut().zip(&changes) {
                scope.spawn(move || (0..*count).for_each(|_| source.change(scim)));
            }
            let readers = applications.iter_mut().skip(first).take(2);
            let readers = readers.map(|application| {
                let progress = &progress;
                scope.spawn(move || {
                    let mut next = || Some(crowd);
                    let view = Arc::clone(&application.view);
                    let mut witness = Witness::new(view, progress, &mut next);
                    let outcome = application.synchronise(&mut witness);
                    (application.name, outcome, witness.testimony())
                })
            });
            let readers: Vec<_> = readers.collect();
            let join = |reader: thread::ScopedJoinHandle<'_, _>| reader.join().expect("no panic");
            readers.into_iter().map(join).collect::<Vec<_>>()
        });
        for (name, outcome, testimony) in witnessed {
            self.tally.note(outcome);
            testimony.verify(name, &self.sources);
        }
    }

    /// Somebody signs in to an application, which then knows that user better than the others.
    fn sign_in(&mut self, application: &mut Application) {
        self.change(3);
        let shown = (application.view.lock().expect("no panic")).now(&self.sources);
        let names: Vec<_> = shown.users.values().map(|user| user.name.clone()).collect();
        if let Some(name) = self.random.pick(&names) {
            application.sign_in(self.provost.crowd(), &name);
        }
    }
}

/// Waits until the log has so many entries more.
async fn grown(directory: &Directory, head: Position, count: u64) {
    let mut now = directory.head().await.expect("a log");
    while now.number < head.number + count {
        directory.wait_past(now).await.expect("a log");
        now = directory.head().await.expect("a log");
    }
}
