//! Totals of each start of a walk alone, counted over the edges of the one walk that all of them share.
//!
//! Breadth-first from 64 starts at once, one bit each (Then et al., The More the Merrier: Efficient Multi-Source Graph Traversal, PVLDB 8,
//! 2014): a spot is walked again only for starts that reach it later than others.

use rustc_hash::FxHashMap;

use super::impact::Reached;
use crate::facts::FileId;

/// A way from one spot of a walk to another.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub to: u32,
    /// True when the walk goes on from there.
    pub is_followed: bool,
}

/// The number of spots that a start reaches, and of their files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub reached: u32,
    pub files: u32,
}

const STARTS_AT_ONCE: usize = u64::BITS as usize;

/// The total of a walk from one start; `files` are those of what it reached, `None` for what does not count.
pub(super) fn of_all(files: &[Option<FileId>]) -> Total {
    let mut counted: Vec<FileId> = files.iter().copied().flatten().collect();
    let reached = crate::facts::len32(counted.len());
    counted.sort_unstable();
    counted.dedup();
    Total {
        reached,
        files: crate::facts::len32(counted.len()),
    }
}

/// The total of each start. `files` are those of all spots, `None` for what does not count; a start does not count for itself.
pub(super) fn of_each(
    starts: &[u32],
    edges: &FxHashMap<u32, Vec<Edge>>,
    files: &[Option<FileId>],
    depth: Option<u32>,
) -> Vec<Total> {
    let mut by_file: Vec<(FileId, u32)> = (0..)
        .zip(files)
        .filter_map(|(spot, file)| file.map(|file| (file, spot)))
        .collect();
    by_file.sort_unstable();
    let mut totals = Vec::with_capacity(starts.len());
    for part in starts.chunks(STARTS_AT_ONCE) {
        let mut met = reach(part, edges, files.len(), depth);
        for (bit, &start) in part.iter().enumerate() {
            met[start as usize] &= !(1 << bit);
        }
        let mut found = vec![Total::default(); part.len()];
        for spots in by_file.chunk_by(|one, other| one.0 == other.0) {
            let mut all = 0;
            for &(_, spot) in spots {
                all |= met[spot as usize];
                for bit in bits(met[spot as usize]) {
                    found[bit].reached += 1;
                }
            }
            for bit in bits(all) {
                found[bit].files += 1;
            }
        }
        totals.append(&mut found);
    }
    totals
}

/// Of each spot the starts that reach it, a bit each.
fn reach(
    starts: &[u32],
    edges: &FxHashMap<u32, Vec<Edge>>,
    spots: usize,
    depth: Option<u32>,
) -> Vec<u64> {
    let mut met = vec![0_u64; spots];
    let mut followed = vec![0_u64; spots];
    let mut waiting = vec![0_u64; spots];
    let mut level: Vec<u32> = Vec::new();
    for (bit, &start) in starts.iter().enumerate() {
        met[start as usize] |= 1 << bit;
        followed[start as usize] |= 1 << bit;
        if waiting[start as usize] == 0 {
            level.push(start);
        }
        waiting[start as usize] |= 1 << bit;
    }
    let mut distance = 0;
    while !level.is_empty() && depth.is_none_or(|depth| distance < depth) {
        distance += 1;
        let from: Vec<(u32, u64)> = level
            .drain(..)
            .map(|spot| (spot, std::mem::take(&mut waiting[spot as usize])))
            .collect();
        for (spot, bits) in from {
            for edge in edges.get(&spot).into_iter().flatten() {
                let to = edge.to as usize;
                met[to] |= bits;
                let new = if edge.is_followed {
                    bits & !followed[to]
                } else {
                    0
                };
                if new != 0 {
                    followed[to] |= new;
                    if waiting[to] == 0 {
                        level.push(edge.to);
                    }
                    waiting[to] |= new;
                }
            }
        }
    }
    met
}

/// The number of meetings `(from, known)` that came back to something that `from` was reached by way of, or is.
///
/// Rows are a tree by the row that each was reached from, with the starts as its root, row 0. Numbered depth-first, what was reached by
/// way of a row has the numbers behind its own.
pub(super) fn circles(rows: &[Reached], meetings: &[(u32, u32)]) -> u32 {
    let mut sizes = vec![1_u32; rows.len() + 1];
    for (row, reached) in rows.iter().enumerate().rev() {
        sizes[reached.from as usize] += sizes[row + 1];
    }
    let mut numbers = vec![0_u32; rows.len() + 1];
    let mut next = vec![1_u32; rows.len() + 1];
    for (row, reached) in rows.iter().enumerate() {
        let (row, from) = (row + 1, reached.from as usize);
        numbers[row] = next[from];
        next[from] += sizes[row];
        next[row] = numbers[row] + 1;
    }
    let is_back = |&&(from, known): &&(u32, u32)| {
        let behind = numbers[from as usize].checked_sub(numbers[known as usize]);
        behind.is_some_and(|behind| behind < sizes[known as usize])
    };
    crate::facts::len32(meetings.iter().filter(is_back).count())
}

fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros();
        (word != 0).then(|| {
            word &= word - 1;
            bit as usize
        })
    })
}
