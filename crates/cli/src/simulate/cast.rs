//! The people and groups while a life is made up: who is there, who is free to be changed today.

use super::{
    names::{DEPARTMENTS, FAMILY, GIVEN, SUFFIXES, TEAMS, TITLES},
    person::{Person, Team},
    plan::{GroupEvent, GroupStep, Leavers, Stage, Step, UserEvent, UserStep},
    random::Random,
};

/// Everybody so far.
pub(super) struct Cast {
    random: Random,
    tag: String,
    leavers: Leavers,
    people: Vec<Option<Person>>,
    teams: Vec<Option<Team>>,
    /// Who has not been touched today.
    free: Vec<usize>,
    /// Groups that have not been touched today.
    free_teams: Vec<usize>,
}

impl Cast {
    /// Nobody yet.
    pub(super) fn new(random: Random, tag: &str, leavers: Leavers) -> Self {
        Self {
            random,
            tag: tag.to_owned(),
            leavers,
            people: Vec::new(),
            teams: Vec::new(),
            free: Vec::new(),
            free_teams: Vec::new(),
        }
    }

    /// Who is there at the end.
    pub(super) fn end(self) -> (Vec<Option<Person>>, Vec<Option<Team>>) {
        (self.people, self.teams)
    }

    /// A new day: everybody may be touched again.
    pub(super) fn dawn(&mut self) {
        let here = self.people.iter().flatten().map(|person| person.number);
        self.free = here.collect();
        let here = self.teams.iter().flatten().map(|team| team.number);
        self.free_teams = here.collect();
    }

    fn word(&mut self, from: &[&str]) -> String {
        self.random
            .pick(from)
            .copied()
            .unwrap_or_default()
            .to_owned()
    }

    /// Somebody new.
    pub(super) fn hire(&mut self) -> Step {
        let number = self.people.len();
        let (given, plain_given) = self.random.pick(GIVEN).copied().unwrap_or_default();
        let (family, plain_family) = self.random.pick(FAMILY).copied().unwrap_or_default();
        // Contractors have an address with a plus sign.
        let ext = if number % 7 == 6 { "+ext" } else { "" };
        let person = Person {
            number,
            external_id: self.random.uuid(),
            user_name: self.account(&format!("{plain_given}.{plain_family}{ext}"), number),
            given: given.to_owned(),
            family: family.to_owned(),
            title: self.word(TITLES),
            department: self.word(DEPARTMENTS),
            active: true,
            manager: None,
        };
        self.people.push(Some(person.clone()));
        Step::User(UserStep {
            event: UserEvent::Hired,
            before: person.clone(),
            after: person,
        })
    }

    fn account(&self, name: &str, number: usize) -> String {
        format!("{name}.{}-{number}@simulate.example", self.tag)
    }

    /// Gives the last `count` people one of the first as manager.
    pub(super) fn appoint(&mut self, count: usize) -> Stage {
        let managers = self.managers();
        let reports = self.people.len().saturating_sub(count).max(managers)..self.people.len();
        reports
            .filter_map(|number| {
                let manager = self.random.below(managers);
                self.alter(number, UserEvent::GotManager, |person| {
                    person.manager = Some(manager);
                })
            })
            .collect()
    }

    /// How many of the first people may be managers; they never leave.
    fn managers(&self) -> usize {
        (self.people.len() / 10).max(1)
    }

    fn alter(
        &mut self,
        number: usize,
        event: UserEvent,
        change: impl FnOnce(&mut Person),
    ) -> Option<Step> {
        let person = self.people.get_mut(number)?.as_mut()?;
        let before = person.clone();
        change(person);
        let after = person.clone();
        Some(Step::User(UserStep {
            event,
            before,
            after,
        }))
    }

    /// Lets it happen to up to `count` people to whom it can happen.
    pub(super) fn change(&mut self, event: UserEvent, count: usize) -> Stage {
        let managers = self.managers();
        let fits = |number: &usize| {
            let person = self.people.get(*number).and_then(Option::as_ref);
            person.is_some_and(|person| match event {
                UserEvent::Reactivated => !person.active,
                UserEvent::Left => person.number >= managers && person.active,
                UserEvent::Hired
                | UserEvent::Renamed
                | UserEvent::Moved
                | UserEvent::GotManager
                | UserEvent::Deactivated => person.active,
            })
        };
        let (mut fitting, rest) = self.free.iter().copied().partition::<Vec<_>, _>(fits);
        self.free = rest;
        let chosen = self.random.take(&mut fitting, count);
        self.free.extend(fitting);
        chosen
            .into_iter()
            .filter_map(|number| self.happen(number, event))
            .collect()
    }

    fn happen(&mut self, number: usize, event: UserEvent) -> Option<Step> {
        match event {
            UserEvent::Renamed => self.rename(number),
            UserEvent::Moved => {
                let (title, department) = (self.word(TITLES), self.word(DEPARTMENTS));
                self.alter(number, event, |person| {
                    person.title = title;
                    person.department = department;
                })
            }
            UserEvent::Reactivated => self.alter(number, event, |person| person.active = true),
            UserEvent::Deactivated => self.alter(number, event, |person| person.active = false),
            UserEvent::Left => self.leave(number),
            UserEvent::Hired | UserEvent::GotManager => None,
        }
    }

    fn rename(&mut self, number: usize) -> Option<Step> {
        let (family, plain) = self.random.pick(FAMILY).copied()?;
        let given = &self.people.get(number)?.as_ref()?.user_name;
        let given = given.split('.').next().unwrap_or_default();
        let account = self.account(&format!("{given}.{plain}"), number);
        self.alter(number, UserEvent::Renamed, |person| {
            family.clone_into(&mut person.family);
            person.user_name = account;
        })
    }

    fn leave(&mut self, number: usize) -> Option<Step> {
        if self.leavers == Leavers::Deactivated {
            return self.alter(number, UserEvent::Deactivated, |person| {
                person.active = false;
            });
        }
        let step = self.alter(number, UserEvent::Left, |_| ())?;
        *self.people.get_mut(number)? = None;
        for team in self.teams.iter_mut().flatten() {
            team.members.remove(&number);
        }
        Some(step)
    }

    /// A new group; the first one is of everybody.
    pub(super) fn found(&mut self) -> Step {
        let number = self.teams.len();
        let mut here: Vec<_> = self.here();
        let size = if number == 0 {
            here.len()
        } else {
            1 + self.random.below(here.len() / 2 + 1)
        };
        let purpose = TEAMS.get(number % TEAMS.len()).copied().unwrap_or_default();
        let team = Team {
            number,
            external_id: self.random.uuid(),
            name: format!("{purpose} {}-{number}", self.tag),
            members: self.random.take(&mut here, size).into_iter().collect(),
        };
        self.teams.push(Some(team.clone()));
        let before = Team {
            members: std::collections::BTreeSet::new(),
            ..team.clone()
        };
        Step::Group(GroupStep {
            event: GroupEvent::Created,
            before,
            after: team,
        })
    }

    fn here(&self) -> Vec<usize> {
        let here = self.people.iter().flatten();
        here.map(|person| person.number).collect()
    }

    fn alter_team(
        &mut self,
        number: usize,
        event: GroupEvent,
        change: impl FnOnce(&mut Team),
    ) -> Option<Step> {
        let team = self.teams.get_mut(number)?.as_mut()?;
        let before = team.clone();
        change(team);
        let after = team.clone();
        Some(Step::Group(GroupStep {
            event,
            before,
            after,
        }))
    }

    /// Changes the members of `count` groups: one more, one less, many, or none at all.
    pub(super) fn reshuffle(&mut self, count: usize, day: usize) -> Stage {
        let chosen = self.random.take(&mut self.free_teams, count);
        let mut stage = Stage::new();
        for (place, number) in chosen.into_iter().enumerate() {
            let Some(team) = self.teams.get(number).and_then(Option::as_ref) else {
                continue;
            };
            let (inside, outside) = self
                .here()
                .into_iter()
                .partition(|one| team.members.contains(one));
            let members = self.members((day + place) % 5, inside, outside);
            let changed = self.alter_team(number, GroupEvent::Members, |team| {
                team.members = members.into_iter().collect();
            });
            stage.extend(changed.filter(is_change));
        }
        stage
    }

    /// The new members: by `form`, one more, one less, many more, many less, or nobody.
    fn members(
        &mut self,
        form: usize,
        mut inside: Vec<usize>,
        mut outside: Vec<usize>,
    ) -> Vec<usize> {
        let many = 2 + self.random.below(inside.len().max(outside.len()) / 2 + 1);
        let (more, less) = match form {
            0 => (0, 1),
            1 => (1, 0),
            2 => (0, many),
            3 => (1, inside.len()),
            _ => (many, 1),
        };
        // Nobody at all is what form 3 is for, once somebody is there.
        let more = if form == 3 && !inside.is_empty() {
            0
        } else {
            more
        };
        let _gone = self.random.take(&mut inside, less);
        inside.extend(self.random.take(&mut outside, more));
        inside
    }

    /// Renames a group.
    pub(super) fn rename_group(&mut self) -> Option<Step> {
        let number = self.random.take(&mut self.free_teams, 1).pop()?;
        let suffix = self.word(SUFFIXES);
        self.alter_team(number, GroupEvent::Renamed, |team| {
            let name = team.name.clone();
            team.name = format!("{name} {suffix}");
        })
    }

    /// Deletes the last group.
    pub(super) fn dissolve(&mut self) -> Option<Step> {
        let number = self.teams.iter().flatten().last()?.number;
        let step = self.alter_team(number, GroupEvent::Dissolved, |_| ());
        *self.teams.get_mut(number)? = None;
        step
    }
}

fn is_change(step: &Step) -> bool {
    matches!(step, Step::Group(step) if step.before != step.after)
}
