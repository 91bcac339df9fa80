//! The identifiers of what facts are about; each counts the rows of one table of one file.

use super::NONE;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),* $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The identifier in a cell of a table; nothing where the cell holds none.
            pub fn in_cell(cell: u32) -> Option<Self> {
                (cell != NONE).then_some(Self(cell))
            }

            /// The row of the table.
            pub fn row(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A file of one generation, in order of path.
    FileId,
    DefinitionId,
    NodeId,
    OccurrenceId,
    ImportId,
    BindingId,
    ExportId,
    FunctionId,
    ClassId,
    /// A string of one file.
    StringId,
    /// A list of one file: the place of its length.
    ListId,
}

/// A definition of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Def {
    pub file: FileId,
    pub id: DefinitionId,
}

/// An occurrence of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub file: FileId,
    pub id: OccurrenceId,
}
