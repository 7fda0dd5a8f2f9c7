//! Mass changes that the brake holds: the application is told of nothing and loses nothing until an
//! administrator releases what happened, or discards it.

use super::{application::Application, random::Random, source::State, view::View, world::World};
use crate::support::block_on;

/// What an application would lose.
enum Loss {
    /// Users are deactivated.
    Inactive(Vec<String>),
    /// Users are deleted.
    Deleted(Vec<String>),
    /// A group loses all its users.
    Emptied(String),
}

impl Loss {
    /// Something that the brake is sure to hold at one percent; `None` if there is nothing. `view`
    /// has the tenant at `place`.
    fn any(
        random: &mut Random,
        view: &View,
        states: &[&State],
        place: usize,
        is_revived: bool,
    ) -> Option<Self> {
        let state = states[place];
        if random.percent(30) {
            let all = states.iter().flat_map(|state| state.groups.values());
            let all: usize = all
                .map(|group| group.users.len() + group.children.len())
                .sum();
            let groups = state.groups.iter();
            let heavy = groups.filter(|(id, group)| {
                group.users.len() * 100 > all && view.has_in_scope(states, place, id)
            });
            let heavy: Vec<_> = heavy.map(|(id, _)| id.clone()).collect();
            return random.pick(&heavy).map(Self::Emptied);
        }
        let shown = view.of(states).users.into_values();
        let mut active: Vec<_> = shown
            .filter(|user| user.active && state.users.contains_key(&user.key))
            .map(|user| user.key)
            .collect();
        active.retain(|_| random.percent(60));
        if active.is_empty() {
            return None;
        }
        Some(if is_revived && random.percent(40) {
            Self::Deleted(active)
        } else {
            Self::Inactive(active)
        })
    }
}

impl World {
    fn brake(&self, application: &Application, share: &str) {
        let pairs = [("mass_change_share", share), ("mass_change_least", "1")];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let directory = self.provost.running().directory();
        let set = block_on(directory.set_application(application.name, &pairs));
        set.expect("the settings exist");
    }

    /// An application that has everything is about to lose a lot.
    pub(super) fn mass_change(&mut self, application: &mut Application) {
        self.synchronise_quietly(application);
        let view = application.view.lock().expect("no panic").clone();
        let place = self.random.below(view.tenants.len());
        let at = view.tenants[place];
        let is_released = self.random.percent(50);
        let is_revived =
            is_released || (view.hides_nothing() && self.sources[at].keeps_tombstones());
        let states = view.states(&self.sources);
        let loss = Loss::any(&mut self.random, &view, &states, place, is_revived);
        let Some(loss) = loss else { return };
        let before = self.sources[at].state.clone();
        self.brake(application, "1%");
        self.inflict(at, &loss);
        application.find_frozen(self.provost.crowd());
        if self.random.percent(20) {
            self.restart();
            application.find_frozen(self.provost.crowd());
        }
        if is_released {
            self.release(application);
        } else {
            self.discard(application, at, before);
        }
        self.synchronise_quietly(application);
        self.brake(application, "off");
    }

    fn inflict(&mut self, at: usize, loss: &Loss) {
        let (place, source) = (self.provost.scim(), &mut self.sources[at]);
        match loss {
            Loss::Inactive(users) => {
                for id in users {
                    source.change_by(|source| source.set_active(place, id, false));
                }
            }
            Loss::Deleted(users) => {
                for id in users {
                    source.change_by(|source| source.delete_this_user(place, id));
                }
            }
            Loss::Emptied(group) => source.change_by(|source| source.empty_group(place, group)),
        }
    }

    fn release(&mut self, application: &Application) {
        let directory = self.provost.running().directory();
        let released = block_on(directory.release_changes(application.name));
        released.expect("something is held");
        self.tally.released += 1;
    }

    /// Afterwards everything is as it was.
    fn discard(&mut self, application: &Application, at: usize, before: State) {
        let directory = self.provost.running().directory();
        let discarded = block_on(directory.discard_changes(application.name));
        let discarded = discarded.expect("something is held");
        assert!(!discarded.is_held, "{discarded:?}");
        self.sources[at].administered(|state| *state = before);
        self.tally.discarded += 1;
    }
}
