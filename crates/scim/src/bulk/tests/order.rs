//! The sequence of any graph, compared with what it promises.

use proptest::prelude::*;

use crate::bulk::steps::{Element, Needs, circles, sequence};

fn any_needs() -> impl Strategy<Value = Vec<Needs>> {
    (1..12usize).prop_flat_map(|count| {
        let targets = || prop::collection::btree_set(0..count, 0..3);
        let one = (targets(), targets()).prop_map(|(hard, soft)| Needs {
            hard: hard.into_iter().collect(),
            soft: soft.into_iter().collect(),
        });
        prop::collection::vec(one, count)
    })
}

/// Which operations each one waits for, directly or through others, by hard needs.
fn reach(needs: &[Needs]) -> Vec<Vec<bool>> {
    let mut reach = vec![vec![false; needs.len()]; needs.len()];
    for (from, needs) in needs.iter().enumerate() {
        for to in &needs.hard {
            reach[from][*to] = true;
        }
    }
    for by in 0..needs.len() {
        let behind = reach[by].clone();
        for row in reach.iter_mut().filter(|row| row[by]) {
            for (to, reached) in behind.iter().enumerate() {
                row[to] |= reached;
            }
        }
    }
    reach
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn circles_are_the_operations_on_them_and_between_them(needs in any_needs()) {
        let reach = reach(&needs);
        let on_circle: Vec<usize> = (0..needs.len()).filter(|one| reach[*one][*one]).collect();
        let expect: Vec<usize> = (0..needs.len())
            .filter(|one| {
                let leads_to = on_circle.iter().any(|to| reach[*one][*to]);
                let comes_from = on_circle.iter().any(|from| reach[*from][*one]);
                leads_to && comes_from
            })
            .collect();
        prop_assert_eq!(circles(&needs), expect);
    }

    #[test]
    fn everything_runs_once_after_what_it_needs(mut needs in any_needs()) {
        for index in circles(&needs) {
            needs[index] = Needs::default();
        }
        let mut done = vec![false; needs.len()];
        let mut put_off = vec![Vec::new(); needs.len()];
        for element in sequence(&needs) {
            match element {
                Element::Run(index, later) => {
                    prop_assert!(!done[index], "{} twice", index);
                    prop_assert!(needs[index].hard.iter().all(|to| done[*to]), "{}", index);
                    let open = needs[index].soft.iter().copied().filter(|to| !done[*to]);
                    prop_assert_eq!(&later, &open.collect::<Vec<_>>());
                    done[index] = true;
                    put_off[index] = later;
                }
                Element::Complete(index) => {
                    prop_assert!(!put_off[index].is_empty(), "{} had nothing put off", index);
                    prop_assert!(put_off[index].drain(..).all(|to| done[to]), "{}", index);
                }
            }
        }
        prop_assert!(done.iter().all(|done| *done));
        prop_assert!(put_off.iter().all(Vec::is_empty));
    }
}
