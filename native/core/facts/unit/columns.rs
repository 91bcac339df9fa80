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
    DefSymbol, DefFlags, DefDocStart, DefDocEnd,
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

/// Rows of a column by the value they hold.
#[derive(Default)]
pub(super) struct Index {
    values: Box<[u32]>,
    rows: Box<[u32]>,
}

impl Index {
    pub fn of(column: &[u32]) -> Self {
        let mut pairs: Vec<u64> = column
            .iter()
            .enumerate()
            .filter(|&(_, &value)| value != NONE)
            .map(|(row, &value)| u64::from(value) << 32 | row as u64)
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
    }
}
