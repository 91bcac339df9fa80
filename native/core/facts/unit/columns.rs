//! The columns of a blob, and their rows by value.

use crate::facts::NONE;

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

/// Rows of a column by the value they hold.
#[derive(Default)]
pub(super) struct Index {
    values: Box<[u32]>,
    rows: Box<[u32]>,
}

impl Index {
    pub fn of(column: &[u32]) -> Self {
        let held = || (0u32..).zip(column).filter(|&(_, &value)| value != NONE);
        let most = held().map(|(_, &value)| value as usize).max();
        if let Some(most) = most.filter(|&most| most < DENSE * column.len()) {
            return Self::counted(held().map(|(row, &value)| (row, value)), most);
        }
        let mut pairs: Vec<u64> = held()
            .map(|(row, &value)| u64::from(value) << 32 | u64::from(row))
            .collect();
        if !pairs.is_sorted() {
            pairs.sort_unstable();
        }
        Self {
            values: pairs.iter().map(|pair| (pair >> 32) as u32).collect(),
            #[expect(clippy::cast_possible_truncation, reason = "the low half is the row")]
            rows: pairs.iter().map(|&pair| pair as u32).collect(),
        }
    }

    /// The same in linear time, for values that are at most `most`.
    fn counted(held: impl Iterator<Item = (u32, u32)> + Clone, most: usize) -> Self {
        let mut ends = vec![0_usize; most + 1];
        for (_, value) in held.clone() {
            ends[value as usize] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            total += *end;
            *end = total - *end;
        }
        let mut values = vec![0; total].into_boxed_slice();
        let mut rows = values.clone();
        for (row, value) in held {
            let at = ends[value as usize];
            ends[value as usize] += 1;
            values[at] = value;
            rows[at] = row;
        }
        Self { values, rows }
    }

    /// The bytes it takes.
    pub fn size(&self) -> usize {
        size_of_val(&*self.values) + size_of_val(&*self.rows)
    }

    pub fn rows(&self, value: u32) -> &[u32] {
        let start = self.values.partition_point(|&other| other < value);
        let end = start + self.values[start..].partition_point(|&other| other == value);
        &self.rows[start..end]
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
        let index = Index::of(&[7, NONE, 3, 7]);
        assert_eq!([index.rows(7), index.rows(3)], [&[0, 3][..], &[2]]);
        assert!(index.rows(5).is_empty() && index.rows(NONE).is_empty());
        let sparse = Index::of(&[70_000, NONE, 3, 70_000]);
        assert_eq!([sparse.rows(70_000), sparse.rows(3)], [&[0, 3][..], &[2]]);
        assert!(sparse.rows(5).is_empty() && Index::of(&[]).rows(0).is_empty());
    }
}
