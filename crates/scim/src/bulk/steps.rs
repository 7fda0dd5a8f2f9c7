//! A graph of operations and what each must wait for, put into a sequence.
//!
//! All loops are over queues, so that a ring of any length costs time and memory in proportion to
//! the references, and no stack.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

/// What one operation refers to, by index.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// Must be done before.
    pub(super) hard: Vec<usize>,
    /// Should be done before; can be set afterwards.
    pub(super) soft: Vec<usize>,
}

/// One element of the sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// Run it; the named others, which it refers to, are not done yet.
    Run(usize, Vec<usize>),
    /// Set what was left out when it ran.
    Complete(usize),
}

/// The operations on circles of hard needs, and those between two circles.
pub(super) fn circles(needs: &[Needs]) -> Vec<usize> {
    let forward: Vec<Vec<usize>> = needs.iter().map(|needs| needs.hard.clone()).collect();
    let mut backward = vec![Vec::new(); needs.len()];
    for (from, targets) in forward.iter().enumerate() {
        for to in targets {
            push(&mut backward, *to, from);
        }
    }
    let mut alive = vec![true; needs.len()];
    trim(&forward, &backward, &mut alive);
    trim(&backward, &forward, &mut alive);
    let rest = alive.into_iter().enumerate().filter(|(_, alive)| *alive);
    rest.map(|(index, _)| index).collect()
}

/// Strikes out what waits for nothing that is alive, until nothing more can be struck out.
fn trim(waits_for: &[Vec<usize>], awaited_by: &[Vec<usize>], alive: &mut [bool]) {
    let is_alive = |alive: &[bool], index: usize| alive.get(index).copied() == Some(true);
    let mut open: Vec<usize> = waits_for
        .iter()
        .map(|targets| targets.iter().filter(|to| is_alive(alive, **to)).count())
        .collect();
    let mut free: VecDeque<usize> = (0..open.len())
        .filter(|index| is_alive(alive, *index) && open.get(*index) == Some(&0))
        .collect();
    while let Some(index) = free.pop_front() {
        if let Some(alive) = alive.get_mut(index) {
            *alive = false;
        }
        for from in awaited_by.get(index).into_iter().flatten() {
            if let Some(count) = open.get_mut(*from) {
                *count = count.saturating_sub(1);
                if *count == 0 && is_alive(alive, *from) {
                    free.push_back(*from);
                }
            }
        }
    }
}

fn push(lists: &mut [Vec<usize>], at: usize, value: usize) {
    if let Some(list) = lists.get_mut(at) {
        list.push(value);
    }
}

/// The operations in their order, except that each comes after what it needs. Hard needs must
/// have no circles.
pub(super) fn sequence(needs: &[Needs]) -> Vec<Element> {
    let mut run = Sequencer::new(needs);
    loop {
        if let Some(Reverse(index)) = run.ready.pop() {
            run.emit(index);
        } else if let Some(Reverse(index)) = run.waiting.pop() {
            // Everything left waits for a soft circle: the first one that can run opens it.
            run.emit(index);
        } else {
            return run.out;
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Open {
    hard: usize,
    soft: usize,
    done: bool,
}

struct Sequencer<'a> {
    needs: &'a [Needs],
    open: Vec<Open>,
    /// Who waits for it, and whether it must.
    awaited_by: Vec<Vec<(usize, bool)>>,
    /// Wait for nothing.
    ready: BinaryHeap<Reverse<usize>>,
    /// Have no open hard needs.
    waiting: BinaryHeap<Reverse<usize>>,
    out: Vec<Element>,
}

impl<'a> Sequencer<'a> {
    fn new(needs: &'a [Needs]) -> Self {
        let mut run = Self {
            needs,
            open: Vec::with_capacity(needs.len()),
            awaited_by: vec![Vec::new(); needs.len()],
            ready: BinaryHeap::new(),
            waiting: BinaryHeap::new(),
            out: Vec::with_capacity(needs.len()),
        };
        for (index, needs) in needs.iter().enumerate() {
            for to in &needs.hard {
                run.await_one(*to, index, true);
            }
            let others = needs.soft.iter().filter(|to| **to != index);
            for to in others.clone() {
                run.await_one(*to, index, false);
            }
            run.open.push(Open {
                hard: needs.hard.len(),
                soft: others.count(),
                done: false,
            });
        }
        for index in 0..needs.len() {
            run.queue(index);
        }
        run
    }

    fn await_one(&mut self, to: usize, by: usize, hard: bool) {
        if let Some(list) = self.awaited_by.get_mut(to) {
            list.push((by, hard));
        }
    }

    fn open(&self, index: usize) -> Open {
        self.open.get(index).copied().unwrap_or_default()
    }

    /// Puts it where its open needs say.
    fn queue(&mut self, index: usize) {
        match self.open(index) {
            Open { done: true, .. } => {}
            Open {
                hard: 0, soft: 0, ..
            } => self.ready.push(Reverse(index)),
            Open { hard: 0, .. } => self.waiting.push(Reverse(index)),
            Open { .. } => {}
        }
    }

    fn emit(&mut self, index: usize) {
        if self.open(index).done {
            return;
        }
        let soft = self.needs.get(index).map_or(&[][..], |needs| &needs.soft);
        let later: Vec<usize> = soft
            .iter()
            .copied()
            .filter(|to| !self.open(*to).done)
            .collect();
        if let Some(open) = self.open.get_mut(index) {
            open.done = true;
        }
        let completes_now = !later.is_empty() && self.open(index).soft == 0;
        self.out.push(Element::Run(index, later));
        if completes_now {
            self.out.push(Element::Complete(index));
        }
        for (by, hard) in self.awaited_by.get(index).cloned().unwrap_or_default() {
            self.release(by, hard);
        }
    }

    fn release(&mut self, by: usize, hard: bool) {
        let Some(open) = self.open.get_mut(by) else {
            return;
        };
        let count = if hard { &mut open.hard } else { &mut open.soft };
        *count = count.saturating_sub(1);
        if open.done && !hard && open.soft == 0 {
            self.out.push(Element::Complete(by));
        } else {
            self.queue(by);
        }
    }
}
