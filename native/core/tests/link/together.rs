//! A walk from several starts reaches what each reaches alone, says how much that is, and does not depend on the order of the starts.

use std::collections::BTreeSet;

use clew_core::link::{Impact, Linker, Spot};

use crate::answers::{Question, questions};
use crate::chance::Chance;
use crate::soup;
use crate::trees::Tree;

const SOUPS: u64 = 40;
const DEPTHS: [Option<u32>; 3] = [None, Some(1), Some(2)];

fn impact(linker: &Linker, starts: &[Spot], depth: Option<u32>) -> Impact {
    linker.impact(starts, 0, depth, false, |_| true)
}

fn spots(impact: &Impact) -> BTreeSet<Spot> {
    impact.rows.iter().map(|row| row.spot).collect()
}

/// Walks of chance: some starts of a tree, in two orders.
fn each_walk(mut check: impl FnMut(&Linker, &[Spot], &[Spot], Option<u32>)) {
    for seed in 0..SOUPS {
        let mut chance = Chance::seeded(seed);
        let files = soup::files(&mut chance);
        let tree = Tree::of(files.iter().map(|(path, text)| (&**path, &**text)));
        let starts = questions(&tree).into_iter().filter_map(|one| match one {
            Question::Impact(spot) => Some(spot),
            _ => None,
        });
        let mut starts: Vec<Spot> = starts.collect();
        chance.shuffle(&mut starts);
        let other: Vec<Spot> = starts.iter().rev().copied().collect();
        for depth in DEPTHS {
            check(&tree.linker(), &starts, &other, depth);
            let few = starts.len().min(3);
            check(
                &tree.linker(),
                &starts[..few],
                &other[other.len() - few..],
                depth,
            );
        }
    }
}

#[test]
fn starts_reach_together_what_each_reaches_alone() {
    each_walk(|linker, starts, _, depth| {
        let mut alone: BTreeSet<Spot> = BTreeSet::new();
        for &start in starts {
            alone.extend(spots(&impact(linker, &[start], depth)));
        }
        alone.retain(|spot| !starts.contains(spot));
        assert_eq!(spots(&impact(linker, starts, depth)), alone);
    });
}

#[test]
fn the_total_of_a_start_is_that_of_its_own_walk() {
    each_walk(|linker, starts, _, depth| {
        let together = impact(linker, starts, depth).totals;
        for (&start, total) in starts.iter().zip(together) {
            let alone = impact(linker, &[start], depth);
            assert_eq!(alone.totals, [total], "{start:?}");
            assert_eq!(alone.rows.len(), total.reached as usize, "{start:?}");
        }
    });
}

#[test]
fn rows_do_not_depend_on_the_order_of_the_starts() {
    let rows = |impact: &Impact| -> Vec<(Spot, u32, u32)> {
        let rows = impact.rows.iter();
        rows.map(|row| (row.spot, row.from, row.distance)).collect()
    };
    each_walk(|linker, starts, other, depth| {
        assert_eq!(
            rows(&impact(linker, starts, depth)),
            rows(&impact(linker, other, depth))
        );
    });
}
