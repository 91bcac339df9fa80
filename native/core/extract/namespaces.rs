//! Names in a namespace that another block of it exports: all blocks share what they export, and none sees what the others keep.

use rustc_hash::FxHashMap;

use super::walker::Walker;
use crate::facts::codes::{definition, flag, role};
use crate::facts::{Definition, NONE};

impl Walker<'_, '_> {
    /// Points names that a block of a namespace does not bind at what another block exports.
    pub fn join_namespaces(&mut self) {
        let mut blocks: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (index, row) in (0..).zip(&self.facts.definitions) {
            if row.kind == definition::NAMESPACE {
                blocks.entry(row.symbol).or_default().push(index);
            }
        }
        blocks.retain(|_, all| all.len() > 1);
        if blocks.is_empty() {
            return;
        }
        let mut exported: FxHashMap<(u32, u32), Vec<u32>> = FxHashMap::default();
        for (index, row) in (0..).zip(&self.facts.definitions) {
            if row.parent == NONE || row.flags & flag::EXPORTED == 0 || row.owner != NONE {
                continue;
            }
            let space = self.facts.definitions[row.parent as usize].symbol;
            if blocks.contains_key(&space) {
                exported.entry((space, row.name)).or_default().push(index);
            }
        }
        for at in 0..self.facts.occurrences.len() {
            if let Some(target) = self.exported_beside(at, &blocks, &exported) {
                self.facts.occurrences[at].target = target;
            }
        }
    }

    /// The binding that a name means because another block around it exports it; none where a scope inside of the block binds it.
    fn exported_beside(
        &self,
        at: usize,
        blocks: &FxHashMap<u32, Vec<u32>>,
        exported: &FxHashMap<(u32, u32), Vec<u32>>,
    ) -> Option<u32> {
        const NO_NAME: u32 = role::MEMBER | role::DECLARES | role::INTRINSIC | role::ATTRIBUTE;
        let row = self.facts.occurrences[at];
        if row.role & NO_NAME != 0 {
            return None;
        }
        let holds = |block: &Definition| block.start <= row.start && row.end <= block.end;
        let bound = (row.target != NONE).then(|| self.facts.definitions[row.target as usize]);
        let around = self.around_place(blocks, holds);
        around.into_iter().find_map(|(space, block)| {
            let is_inner =
                bound.is_some_and(|bound| block.start < bound.start && bound.end <= block.end);
            let beside = exported.get(&(space, row.name)).filter(|_| !is_inner)?;
            let meant = beside
                .iter()
                .map(|&index| self.facts.definitions[index as usize]);
            let fits = |of: &Definition| match of.kind {
                definition::INTERFACE | definition::TYPE => row.role & role::TYPE != 0,
                definition::VARIABLE | definition::CONSTANT | definition::FUNCTION => {
                    row.role & role::TYPE == 0
                }
                _ => true,
            };
            meant.filter(|of| fits(of)).map(|of| of.symbol).next()
        })
    }

    /// The blocks around a place, by the symbol of their namespace, innermost first.
    fn around_place(
        &self,
        blocks: &FxHashMap<u32, Vec<u32>>,
        holds: impl Fn(&Definition) -> bool,
    ) -> Vec<(u32, Definition)> {
        let mut found: Vec<(u32, Definition)> = blocks
            .iter()
            .flat_map(|(&space, all)| all.iter().map(move |&index| (space, index)))
            .map(|(space, index)| (space, self.facts.definitions[index as usize]))
            .filter(|(_, block)| holds(block))
            .collect();
        found.sort_by_key(|(_, block)| std::cmp::Reverse(block.start));
        found
    }
}
