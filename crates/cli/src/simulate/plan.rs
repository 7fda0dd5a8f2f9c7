//! The life that is played: who is hired, renamed, moved and let go, day by day, from one seed.
//!
//! The plan knows nothing of HTTP and does not depend on what a server answers, so that the same
//! seed leads to the same end whatever happens on the way.

use super::{
    cast::Cast,
    person::{Person, Team},
    random::Random,
};

/// How large the life is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Users of the first cycle.
    pub(crate) users: usize,
    /// Groups of the first cycle.
    pub(crate) groups: usize,
    /// Days of changes after it.
    pub(crate) days: usize,
}

/// What the identity provider does with people who leave for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leavers {
    /// They are deleted.
    Deleted,
    /// They stay, deactivated.
    Deactivated,
}

/// What happens to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UserEvent {
    Hired,
    Renamed,
    Moved,
    GotManager,
    Deactivated,
    Reactivated,
    Left,
}

/// A user before and after something happened.
#[derive(Clone, Debug)]
pub(super) struct UserStep {
    pub(super) event: UserEvent,
    pub(super) before: Person,
    pub(super) after: Person,
}

/// What happens to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupEvent {
    Created,
    Renamed,
    Members,
    Dissolved,
}

/// A group before and after something happened.
#[derive(Clone, Debug)]
pub(super) struct GroupStep {
    pub(super) event: GroupEvent,
    pub(super) before: Team,
    pub(super) after: Team,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) enum Step {
    User(UserStep),
    Group(GroupStep),
}

/// Steps that may be played at the same time: each object occurs once.
pub(super) type Stage = Vec<Step>;

/// One synchronisation cycle: stages that follow each other.
#[derive(Clone, Debug)]
pub(super) struct Cycle {
    pub(super) title: String,
    pub(super) stages: Vec<Stage>,
}

/// A whole life.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What happens.
    pub(super) cycles: Vec<Cycle>,
    /// Everybody at the end; `None` for who is deleted.
    pub(super) people: Vec<Option<Person>>,
    /// Every group at the end; `None` for what is deleted.
    pub(super) teams: Vec<Option<Team>>,
}

impl Plan {
    /// Makes the life up; names carry `tag`.
    pub(super) fn new(
        seed: u64,
        tag: &str,
        size: Size,
        leavers: Leavers,
        with_managers: bool,
    ) -> Self {
        let mut cast = Cast::new(Random::new(seed), tag, leavers);
        let mut cycles = vec![initial(&mut cast, size, with_managers)];
        cycles.extend((1..=size.days).map(|number| day(&mut cast, size, number)));
        let (people, teams) = cast.end();
        Self {
            cycles,
            people,
            teams,
        }
    }

    /// How many steps there are.
    pub(super) fn steps(&self) -> usize {
        let stages = self.cycles.iter().flat_map(|cycle| &cycle.stages);
        stages.map(Vec::len).sum()
    }
}

fn initial(cast: &mut Cast, size: Size, with_managers: bool) -> Cycle {
    let mut stages = vec![(0..size.users).map(|_| cast.hire()).collect::<Stage>()];
    if with_managers {
        stages.push(cast.appoint(size.users / 4));
    }
    stages.push((0..size.groups).map(|_| cast.found()).collect());
    Cycle {
        title: "initial cycle".to_owned(),
        stages,
    }
}

/// A day: first users, then groups, then who leaves, and on the last one a group ends.
fn day(cast: &mut Cast, size: Size, number: usize) -> Cycle {
    cast.dawn();
    let share = |of: usize, part: usize| of.div_ceil(part);
    let mut users: Stage = (0..share(size.users, 40)).map(|_| cast.hire()).collect();
    for (event, count) in [
        (UserEvent::Renamed, share(size.users, 60)),
        (UserEvent::Moved, share(size.users, 30)),
        (UserEvent::Reactivated, 1),
        (UserEvent::Deactivated, share(size.users, 60)),
    ] {
        users.extend(cast.change(event, count));
    }
    let mut groups = cast.reshuffle(share(size.groups, 2), number);
    groups.extend(cast.rename_group());
    if number.is_multiple_of(3) {
        groups.push(cast.found());
    }
    let leave = cast.change(UserEvent::Left, share(size.users, 100));
    let dissolved = (number == size.days).then(|| cast.dissolve()).flatten();
    Cycle {
        title: format!("day {number}"),
        stages: vec![users, groups, leave, dissolved.into_iter().collect()],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::simulate::person::Object;

    fn object(step: &Step) -> Object {
        match step {
            Step::User(step) => Object::User(step.after.number),
            Step::Group(step) => Object::Group(step.after.number),
        }
    }

    const SIZE: Size = Size {
        users: 30,
        groups: 6,
        days: 6,
    };

    #[test]
    fn every_kind_of_event_occurs() {
        let plan = Plan::new(1, "t", SIZE, Leavers::Deleted, true);
        let steps = || plan.cycles.iter().flat_map(|cycle| &cycle.stages).flatten();
        let users =
            |wanted| steps().any(|step| matches!(step, Step::User(user) if user.event == wanted));
        for event in [
            UserEvent::Hired,
            UserEvent::Renamed,
            UserEvent::Moved,
            UserEvent::GotManager,
            UserEvent::Deactivated,
            UserEvent::Reactivated,
            UserEvent::Left,
        ] {
            assert!(users(event), "{event:?}");
        }
        let groups = |wanted: &dyn Fn(&GroupStep) -> bool| {
            steps().any(|step| matches!(step, Step::Group(group) if wanted(group)))
        };
        let changed = |step: &GroupStep, added: usize, removed: usize| {
            step.after.members.difference(&step.before.members).count() >= added
                && step.before.members.difference(&step.after.members).count() >= removed
        };
        assert!(groups(&|step| step.event == GroupEvent::Renamed));
        assert!(groups(&|step| step.event == GroupEvent::Dissolved));
        assert!(groups(
            &|step| step.event == GroupEvent::Members && changed(step, 2, 0)
        ));
        assert!(groups(
            &|step| step.event == GroupEvent::Members && changed(step, 0, 2)
        ));
        assert!(groups(&|step| step.event == GroupEvent::Members
            && step.after.members.is_empty()
            && !step.before.members.is_empty()));
    }

    #[test]
    fn a_stage_touches_every_object_once_and_follows_the_one_before() {
        let plan = Plan::new(2, "t", SIZE, Leavers::Deleted, true);
        let mut people = Vec::<Option<Person>>::new();
        for stage in plan.cycles.iter().flat_map(|cycle| &cycle.stages) {
            let objects: BTreeSet<_> = stage.iter().map(object).collect();
            assert_eq!(objects.len(), stage.len());
            for step in stage {
                let Step::User(step) = step else { continue };
                let number = step.after.number;
                people.resize(people.len().max(number + 1), None);
                if step.event == UserEvent::Hired {
                    assert_eq!(people[number], None);
                } else {
                    assert_eq!(people[number].as_ref(), Some(&step.before));
                }
                let gone = step.event == UserEvent::Left;
                people[number] = (!gone).then(|| step.after.clone());
            }
        }
        assert_eq!(people, plan.people);
    }

    #[test]
    fn names_are_unique_and_carry_the_tag() {
        let plan = Plan::new(3, "tag7", SIZE, Leavers::Deactivated, false);
        let names: Vec<_> = plan
            .people
            .iter()
            .flatten()
            .map(|one| &one.user_name)
            .collect();
        assert!(names.iter().all(|name| name.contains("tag7")));
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert_eq!(names.len(), plan.people.len(), "nobody is deleted");
        let teams: BTreeSet<_> = plan.teams.iter().flatten().map(|one| &one.name).collect();
        assert!(teams.iter().all(|name| name.contains("tag7")));
        assert_eq!(teams.len(), plan.teams.iter().flatten().count());
    }
}
