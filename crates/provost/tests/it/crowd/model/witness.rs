//! Remembers what every request of a synchronisation read and which changes had certainly or
//! possibly happened then, and says whether the view ever was like that.

use std::{ops::RangeInclusive, sync::Arc};

use super::{
    application::{Place, Read, Watch},
    cache::Cache,
    copy::{Copy, Pair},
    source::{Progress, Source, State},
};

/// What an application should see: its tenants in their order, with or without groups in groups.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) tenants: Vec<usize>,
    pub(super) nested: bool,
}

impl View {
    /// What it shows of these states of its tenants.
    fn of(&self, states: &[&State]) -> Copy {
        Copy::of(states)
    }

    /// What it shows now.
    pub(super) fn now(&self, sources: &[Source]) -> Copy {
        let states: Vec<_> = self.tenants.iter().map(|at| &sources[*at].state).collect();
        self.as_kept(self.of(&states))
    }

    /// Applications that do not look at groups in groups keep none.
    fn as_kept(&self, mut copy: Copy) -> Copy {
        if !self.nested {
            copy.children.clear();
        }
        copy
    }
}

/// What was read, between which changes of each tenant.
struct Seen {
    read: Read,
    kept: Option<Copy>,
    between: Vec<RangeInclusive<usize>>,
}

/// Watches one synchronisation. `next` says where the next request goes, and may let anything
/// happen before.
pub(super) struct Witness<'a> {
    view: View,
    progress: Vec<Arc<Progress>>,
    next: &'a mut dyn FnMut() -> Option<Place>,
    from: Vec<usize>,
    seen: Vec<Seen>,
}

impl<'a> Witness<'a> {
    pub(super) fn new(
        view: View,
        progress: &[Arc<Progress>],
        next: &'a mut dyn FnMut() -> Option<Place>,
    ) -> Self {
        let progress = view.tenants.iter().map(|at| Arc::clone(&progress[*at]));
        Self {
            progress: progress.collect(),
            view,
            next,
            from: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// To be verified when all changes are known.
    pub(super) fn testimony(self) -> Testimony {
        Testimony {
            view: self.view,
            seen: self.seen,
        }
    }
}

impl Watch for Witness<'_> {
    fn before(&mut self, goes_on: bool) -> Option<Place> {
        let place = (self.next)()?;
        if !goes_on {
            self.from = self.progress.iter().map(|p| p.surely()).collect();
        }
        Some(place)
    }

    fn after(&mut self, read: Read, cache: &Cache) {
        let until = self.progress.iter().map(|p| p.possibly());
        let between = self.from.iter().zip(until);
        let between = between.map(|(from, until)| *from..=until).collect();
        let kept = matches!(read, Read::Events).then(|| cache.copy());
        self.seen.push(Seen {
            read,
            kept,
            between,
        });
    }
}

/// What a synchronisation read.
pub(super) struct Testimony {
    view: View,
    seen: Vec<Seen>,
}

impl Testimony {
    /// Fails unless everything that was read was so at some moment of the reading.
    pub(super) fn verify(&self, who: &str, sources: &[Source]) {
        for seen in &self.seen {
            let shown = self.moments(seen, sources);
            if let Err(difference) = self.fits(seen, &shown) {
                let count = shown.len();
                panic!("{who}: at none of {count} moments it was so: {difference}");
            }
        }
    }

    /// What the view showed at every moment of the reading.
    fn moments(&self, seen: &Seen, sources: &[Source]) -> Vec<Copy> {
        let mut moments = vec![Vec::new()];
        for (at, between) in self.view.tenants.iter().zip(&seen.between) {
            let mut longer: Vec<Vec<&State>> = Vec::new();
            for moment in &moments {
                for changes in between.clone() {
                    let mut moment = moment.clone();
                    moment.push(sources[*at].after(changes));
                    longer.push(moment);
                }
            }
            moments = longer;
        }
        moments.iter().map(|states| self.view.of(states)).collect()
    }

    fn fits(&self, seen: &Seen, shown: &[Copy]) -> Result<(), String> {
        let last = shown.last().expect("a moment");
        let part = match &seen.read {
            Read::Events => {
                let kept = seen.kept.as_ref().expect("a copy");
                let mut shown = shown.iter().map(|copy| self.view.as_kept(copy.clone()));
                let is_so = shown.any(|copy| copy == *kept);
                let difference = || kept.difference(&self.view.as_kept(last.clone()));
                return if is_so { Ok(()) } else { Err(difference()) };
            }
            Read::Memberships { copy, at_once } if !at_once => {
                return each_group_fits(copy, shown);
            }
            Read::Memberships { copy, .. } => copy,
            Read::Users(copy) | Read::Groups(copy) => copy,
        };
        let only = |copy: &Copy| match &seen.read {
            Read::Users(_) => Copy {
                users: copy.users.clone(),
                ..Copy::default()
            },
            Read::Groups(_) => Copy {
                groups: copy.groups.clone(),
                ..Copy::default()
            },
            Read::Events | Read::Memberships { .. } => copy.memberships(),
        };
        if shown.iter().any(|copy| only(copy) == *part) {
            return Ok(());
        }
        Err(part.difference(&only(last)))
    }
}

/// Every group has the users and the children that it had at some moment.
fn each_group_fits(read: &Copy, shown: &[Copy]) -> Result<(), String> {
    fn of<'a>(
        pairs: impl IntoIterator<Item = &'a Pair>,
        group: &'a str,
    ) -> impl Iterator<Item = &'a Pair> {
        pairs.into_iter().filter(move |(other, _)| other == group)
    }
    for group in read.groups.keys() {
        let is_so = |copy: &&Copy| copy.groups.contains_key(group);
        let users = |copy: &Copy| of(&copy.members, group).eq(of(&read.members, group));
        let children = |copy: &Copy| of(&copy.children, group).eq(of(&read.children, group));
        let mut at_first = shown.iter().filter(is_so);
        let mut then = shown.iter().filter(is_so);
        if !at_first.any(users) || !then.any(children) {
            return Err(format!("the members of {group}"));
        }
    }
    Ok(())
}
