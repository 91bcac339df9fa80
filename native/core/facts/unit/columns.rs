//! The columns of a blob, and their rows by value.

use std::ops::Range;

use crate::facts::{Cells, Kept, NONE, len32};

macro_rules! columns {
    ($($column:ident),* $(,)?) => {
        /// The columns of a blob, in its order; what they hold is told in `tables.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Column { $($column),* }

        impl Column {
            pub(super) const COUNT: usize = [$(Self::$column),*].len();
            #[cfg(test)]
            const ALL: [Self; Self::COUNT] = [$(Self::$column),*];
        }
    };
}

#[rustfmt::skip]
columns! {
    DefName, DefKind, DefStartName, DefEndName, DefStart, DefEnd, DefBody, DefParent, DefOwner, DefValue, DefAnnotation,
    DefSymbol, DefFlags, DefDocStart, DefDocEnd, DefWritten,
    NodeKind, NodeA, NodeB, NodeStart, NodeEnd,
    OccName, OccStart, OccEnd, OccRole, OccTarget, OccNode, OccWithin,
    ImpSpecifier, ImpStart, ImpEnd, ImpKind, ImpFlags,
    BindImport, BindName, BindLocal, BindOccurrence, BindFlags,
    ExpName, ExpDefinition, ExpValue, ExpImport, ExpImported, ExpOccurrence, ExpFlags,
    FnDefinition, FnParams, FnReturns, FnAnnotation, FnOwner, FnThis, FnContextCall, FnContextPosition, FnFlags, FnNode,
    ClsDefinition, ClsNode, ClsExtends, ClsImplements, ClsFlags, ClsTypeParameters,
    ListItem,
    ProblemMessage, ProblemStart,
    LineStart,
    MetaLength, MetaFlags, MetaVersion,
    TokenName, TokenStart, TokenEnd, TokenKind,
}

/// Up to so many times as many values as rows are counted rather than sorted.
const DENSE: usize = 4;

/// A column with at most so many rows is read through for each value.
const FEW: usize = 16;

/// The rows of a column in the order of what they hold, without those that hold nothing; none of a short column.
pub(super) fn index(column: Cells<'_>) -> Kept {
    if column.len() <= FEW {
        return Kept::of(&[]);
    }
    let held = (0u32..)
        .zip(column.iter())
        .filter(|&(_, value)| value != NONE);
    let most = held.clone().map(|(_, value)| value as usize).max();
    if let Some(most) = most.filter(|&most| most < DENSE * column.len()) {
        return Kept::of(&counted(held, most));
    }
    let mut pairs: Vec<u64> = held
        .map(|(row, value)| u64::from(value) << 32 | u64::from(row))
        .collect();
    if !pairs.is_sorted() {
        pairs.sort_unstable();
    }
    #[expect(clippy::cast_possible_truncation, reason = "the low half is the row")]
    let rows: Vec<u32> = pairs.iter().map(|&pair| pair as u32).collect();
    Kept::of(&rows)
}

/// The rows that hold something by what they hold, in linear time for values that are at most `most`.
fn counted(held: impl Iterator<Item = (u32, u32)> + Clone, most: usize) -> Vec<u32> {
    let mut ends = vec![0_usize; most + 1];
    for (_, value) in held.clone() {
        ends[value as usize] += 1;
    }
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total - *end;
    }
    let mut rows = vec![0; total];
    for (row, value) in held {
        let at = &mut ends[value as usize];
        rows[*at] = row;
        *at += 1;
    }
    rows
}

/// The rows of a column that hold a value, ascending.
pub struct Rows<'a> {
    column: Cells<'a>,
    value: u32,
    /// The rows by value; of a short column none, and all of its rows are looked at.
    sorted: Option<Cells<'a>>,
    /// The places that are still to be looked at.
    places: Range<usize>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(column: Cells<'a>, index: impl FnOnce() -> Cells<'a>, value: u32) -> Self {
        let sorted = (column.len() > FEW).then(index);
        let places = match sorted {
            _ if value == NONE => 0..0,
            None => 0..column.len(),
            Some(rows) => {
                let held = |row: u32| column.get(row as usize).unwrap_or(NONE);
                let start = rows.partition_point(|row| held(row) < value);
                let rest = rows.part(start, rows.len() - start);
                start..start + rest.partition_point(|row| held(row) == value)
            }
        };
        Self {
            column,
            value,
            sorted,
            places,
        }
    }

    fn row(&self, place: usize) -> Option<u32> {
        match self.sorted {
            Some(rows) => rows.get(place),
            None => (self.column.get(place) == Some(self.value)).then(|| len32(place)),
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            let place = self.places.next()?;
            if let Some(row) = self.row(place) {
                return Some(row);
            }
        }
    }
}

impl DoubleEndedIterator for Rows<'_> {
    fn next_back(&mut self) -> Option<u32> {
        loop {
            let place = self.places.next_back()?;
            if let Some(row) = self.row(place) {
                return Some(row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::TABLES;

    /// `DefStartName` for the column `start_name` of definitions.
    fn called(prefix: &str, column: &str) -> String {
        let words = column.split('_').map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        });
        std::iter::once(prefix.to_owned()).chain(words).collect()
    }

    #[test]
    fn columns_stand_in_the_order_of_the_tables() {
        let prefixes = [
            "Def", "Node", "Occ", "Imp", "Bind", "Exp", "Fn", "Cls", "List", "Problem", "Line",
            "Meta", "Token",
        ];
        assert_eq!(prefixes.len(), TABLES.len());
        let told: Vec<String> = prefixes
            .iter()
            .zip(TABLES)
            .flat_map(|(prefix, (_, columns))| columns.iter().map(|column| called(prefix, column)))
            .collect();
        assert_eq!(
            Column::ALL.map(|column| format!("{column:?}")).to_vec(),
            told
        );
    }

    #[test]
    fn rows_are_found_by_their_value() {
        for (repeated, most) in [(1, 7), (FEW, 7), (300, 7), (FEW, 70_000)] {
            let cells = [most, NONE, 3, most].repeat(repeated);
            let column = Kept::of(&cells);
            let index = index(column.cells(&[]));
            for value in [most, 3, 5, NONE] {
                let rows = || Rows::of(column.cells(&[]), || index.cells(&[]), value);
                let held: Vec<u32> = (0..len32(cells.len()))
                    .filter(|&row| value != NONE && cells[row as usize] == value)
                    .collect();
                assert_eq!(rows().collect::<Vec<u32>>(), held);
                assert!(rows().rev().eq(held.into_iter().rev()));
            }
        }
    }
}
