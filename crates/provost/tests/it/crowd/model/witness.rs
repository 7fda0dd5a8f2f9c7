//! Remembers what every request of a synchronisation read and which changes had certainly or
//! possibly happened then, and says whether the view ever was like that.

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex},
};

use super::{
    application::{Place, Read, Watch},
    cache::Cache,
    copy::{Copy, Pair},
    source::{Progress, Source, State},
    view::View,
};

/// A view that an administrator may change.
pub(super) type SharedView = Arc<Mutex<View>>;

/// What was read, between which changes of each tenant.
struct Seen {
    /// The view at each request.
    views: Vec<View>,
    read: Read,
    kept: Option<Copy>,
    between: Vec<RangeInclusive<usize>>,
}

/// Watches one synchronisation. `next` says where the next request goes, and may let anything
/// happen before.
pub(super) struct Witness<'a> {
    view: SharedView,
    progress: &'a [Arc<Progress>],
    next: &'a mut dyn FnMut() -> Option<Place>,
    from: Vec<usize>,
    views: Vec<View>,
    seen: Vec<Seen>,
}

impl<'a> Witness<'a> {
    pub(super) fn new(
        view: SharedView,
        progress: &'a [Arc<Progress>],
        next: &'a mut dyn FnMut() -> Option<Place>,
    ) -> Self {
        Self {
            view,
            progress,
            next,
            from: Vec::new(),
            views: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// To be verified when all changes are known.
    pub(super) fn testimony(self) -> Testimony {
        Testimony(self.seen)
    }
}

impl Watch for Witness<'_> {
    fn before(&mut self, goes_on: bool) -> Option<Place> {
        let place = (self.next)()?;
        if !goes_on {
            self.from = self.progress.iter().map(|p| p.surely()).collect();
            self.views.clear();
        }
        self.views.push(self.view.lock().expect("no panic").clone());
        Some(place)
    }

    fn after(&mut self, read: Read, cache: &Cache) {
        let until = self.progress.iter().map(|p| p.possibly());
        let between = self.from.iter().zip(until);
        let between = between.map(|(from, until)| *from..=until).collect();
        let kept = matches!(read, Read::Events).then(|| cache.copy());
        self.seen.push(Seen {
            views: self.views.clone(),
            read,
            kept,
            between,
        });
    }
}

/// What a synchronisation read.
pub(super) struct Testimony(Vec<Seen>);

impl Testimony {
    /// Fails unless everything that was read was so at some moment of the reading.
    pub(super) fn verify(&self, who: &str, sources: &[Source]) {
        for seen in &self.0 {
            let shown = seen.moments(sources);
            if let Err(difference) = seen.fits(&shown) {
                let (count, view) = (shown.len(), seen.views.last());
                panic!("{who}: at none of {count} moments it was so: {difference}; {view:?}");
            }
        }
    }
}

impl Seen {
    /// What the view showed at every moment of the reading.
    fn moments(&self, sources: &[Source]) -> Vec<Copy> {
        let views = self.views.iter();
        views.flat_map(|view| self.of(view, sources)).collect()
    }

    fn of(&self, view: &View, sources: &[Source]) -> Vec<Copy> {
        let mut moments = vec![Vec::new()];
        for at in &view.tenants {
            let mut longer: Vec<Vec<&State>> = Vec::new();
            for moment in &moments {
                for changes in self.between[*at].clone() {
                    let mut moment = moment.clone();
                    moment.push(sources[*at].after(changes));
                    longer.push(moment);
                }
            }
            moments = longer;
        }
        moments.iter().map(|states| view.of(states)).collect()
    }

    /// The smallest difference, if it was at no moment as it was read.
    fn fits(&self, shown: &[Copy]) -> Result<(), String> {
        let view = self.views.last().expect("a view");
        let part = match &self.read {
            Read::Events => self.kept.as_ref().expect("a copy"),
            Read::Memberships { copy, at_once } if !at_once => {
                return each_group_fits(copy, shown);
            }
            Read::Memberships { copy, .. } | Read::Users(copy) | Read::Groups(copy) => copy,
        };
        let only = |copy: &Copy| match &self.read {
            Read::Users(_) => Copy {
                users: copy.users.clone(),
                ..Copy::default()
            },
            Read::Groups(_) => Copy {
                groups: copy.groups.clone(),
                ..Copy::default()
            },
            Read::Memberships { .. } => copy.memberships(),
            Read::Events => view.as_kept(copy.clone()),
        };
        let mut differences = Vec::new();
        for should in shown.iter().map(only) {
            if should == *part {
                return Ok(());
            }
            differences.push(part.difference(&should));
        }
        let smallest = differences.into_iter().min_by_key(String::len);
        Err(smallest.unwrap_or_default())
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
        let had = |part: &dyn Fn(&Copy) -> bool| shown.iter().filter(is_so).any(part);
        if !had(&users) || !had(&children) {
            let read: Vec<_> = of(&read.members, group).collect();
            let last = shown.iter().rfind(is_so);
            let last = last.map(|copy| of(&copy.members, group).collect::<Vec<_>>());
            return Err(format!("{group} has {read:?}, should have {last:?}"));
        }
    }
    Ok(())
}
