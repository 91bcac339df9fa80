//! One file's facts as linking reads them: typed rows over the columns of a blob, decoded and indexed when first asked for.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::codes::{export, meta, node};
use super::ids::{
    BindingId, ClassId, DefinitionId, ExportId, FunctionId, ImportId, ListId, NodeId, OccurrenceId,
    StringId,
};
use super::{Damaged, Directory, NONE, TABLES};

/// The columns of a blob, in its order; the tables are told in `tables.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
pub enum Column {
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
}

/// A value or a type, as far as linking follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    Ident(OccurrenceId),
    Member {
        base: Option<NodeId>,
        name: OccurrenceId,
    },
    Call {
        callee: Option<NodeId>,
        arguments: Option<ListId>,
    },
    New {
        callee: Option<NodeId>,
        arguments: Option<ListId>,
    },
    Require(ImportId),
    DynamicImport(ImportId),
    Await(Option<NodeId>),
    This {
        function: Option<FunctionId>,
        class: Option<ClassId>,
    },
    Super(Option<ClassId>),
    Function(FunctionId),
    Class(ClassId),
    /// The list holds the objects that are spread into it.
    Object(Option<ListId>),
    Array(Option<ListId>),
    Choice(Option<ListId>),
    Literal,
    Index(Option<NodeId>),
    Element {
        iterated: Option<NodeId>,
        position: Option<u32>,
    },
    Cast {
        value: Option<NodeId>,
        annotation: Option<NodeId>,
    },
    ModuleExports,
    Imported {
        import: ImportId,
        name: StringId,
    },
    Prototype(Option<NodeId>),
    Param {
        function: FunctionId,
        position: u32,
    },
    TypeRef {
        name: Option<NodeId>,
        arguments: Option<ListId>,
    },
    Union(Option<ListId>),
    Intersection(Option<ListId>),
    Conditional(Option<ListId>),
    ArrayType(Option<NodeId>),
    Tuple(Option<ListId>),
    FunctionType(FunctionId),
    ObjectType,
    TypeQuery(Option<NodeId>),
    ImportType {
        import: ImportId,
        path: Option<ListId>,
    },
    IndexedAccess {
        object: Option<NodeId>,
        index: Option<NodeId>,
    },
    /// A literal, a predicate or `keyof`: nothing that has members of ours.
    PlainType {
        text: Option<StringId>,
    },
    Keyword(u32),
    /// Not followed: `yield`, what a rest pattern leaves, mapped types.
    Unknown,
}

/// How a file names what it exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind<'a> {
    /// `module.exports = …`: the module as a whole.
    Whole,
    /// What is merged into the exports: `Object.assign(exports, …)`.
    Merged,
    /// `export * from`.
    All,
    Named(&'a str),
}

impl<'a> ExportKind<'a> {
    pub fn of(text: &'a str) -> Self {
        match text {
            "=" => Self::Whole,
            "+" => Self::Merged,
            "*" => Self::All,
            name => Self::Named(name),
        }
    }
}

/// Rows of a column by the value they hold.
#[derive(Default)]
struct Index {
    values: Vec<u32>,
    rows: Vec<u32>,
}

impl Index {
    fn of(column: &[u32]) -> Self {
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

    fn rows(&self, value: u32) -> &[u32] {
        let start = self.values.partition_point(|&other| other < value);
        let end = start + self.values[start..].partition_point(|&other| other == value);
        &self.rows[start..end]
    }
}

const WIDTH: usize = Column::MetaVersion as usize + 1;

/// One file's facts.
pub struct Unit {
    blob: Vec<u8>,
    directory: Directory,
    ends: Vec<usize>,
    columns: [OnceLock<Box<[u32]>>; WIDTH],
    indexes: [OnceLock<Index>; WIDTH],
    strings: OnceLock<Vec<(u32, u32)>>,
    parameter_places: OnceLock<FxHashMap<DefinitionId, (FunctionId, u32)>>,
    argument_places: OnceLock<FxHashMap<NodeId, (NodeId, u32)>>,
    pub flags: u32,
}

impl Unit {
    /// Reads the directory of a blob; columns are decoded when they are asked for.
    pub fn new(blob: Vec<u8>) -> Result<Self, Damaged> {
        let directory = Directory::read(&blob)?;
        let ends = directory.string_ends(&blob)?;
        let mut start = directory.text_start();
        for &end in &ends {
            std::str::from_utf8(blob.get(start..end).ok_or(Damaged)?).map_err(|_| Damaged)?;
            start = end;
        }
        let flags = directory.column(&blob, Column::MetaFlags as usize)?;
        Ok(Self {
            flags: flags.first().copied().ok_or(Damaged)?,
            blob,
            directory,
            ends,
            columns: [const { OnceLock::new() }; WIDTH],
            indexes: [const { OnceLock::new() }; WIDTH],
            strings: OnceLock::new(),
            parameter_places: OnceLock::new(),
            argument_places: OnceLock::new(),
        })
    }

    /// The facts of a file without content.
    pub fn empty() -> Self {
        let mut facts = super::Facts::default();
        facts.meta.push(super::Meta {
            length: 0,
            flags: 0,
            version: super::VERSION,
        });
        Self::new(facts.pack()).expect("our own blob")
    }

    /// The cells of a column; a damaged one is empty.
    pub fn column(&self, column: Column) -> &[u32] {
        let slot = column as usize;
        self.columns[slot].get_or_init(|| {
            self.directory
                .column(&self.blob, slot)
                .unwrap_or_default()
                .into_boxed_slice()
        })
    }

    /// The rows of a column that hold a value, ascending.
    pub fn rows(&self, column: Column, value: u32) -> &[u32] {
        self.indexes[column as usize]
            .get_or_init(|| Index::of(self.column(column)))
            .rows(value)
    }

    fn cell(&self, column: Column, row: usize) -> u32 {
        self.column(column).get(row).copied().unwrap_or(NONE)
    }

    pub fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    pub fn is_typescript(&self) -> bool {
        self.is(meta::TYPESCRIPT)
    }

    pub fn text(&self, id: StringId) -> &str {
        let end = self.ends.get(id.row()).copied().unwrap_or(0);
        let start = match id.0 {
            0 => self.directory.text_start(),
            at => self.ends.get(at as usize - 1).copied().unwrap_or(0),
        };
        self.blob
            .get(start..end)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }

    /// The id of a string, if the file has it.
    pub fn string(&self, text: &str) -> Option<StringId> {
        let by_hash = self.strings.get_or_init(|| {
            let ids = 0..super::len32(self.ends.len());
            let mut found: Vec<(u32, u32)> = ids
                .map(|id| (super::name_hash(self.text(StringId(id))), id))
                .collect();
            found.sort_unstable();
            found
        });
        let hash = super::name_hash(text);
        let first = by_hash.partition_point(|&(other, _)| other < hash);
        let same = by_hash[first..]
            .iter()
            .take_while(|&&(other, _)| other == hash);
        same.map(|&(_, id)| StringId(id))
            .find(|&id| self.text(id) == text)
    }

    /// The cells of a list; empty where there is none.
    pub fn list(&self, list: Option<ListId>) -> &[u32] {
        let items = self.column(Column::ListItem);
        let Some(at) = list.map(ListId::row) else {
            return &[];
        };
        let length = items.get(at).copied().unwrap_or(0) as usize;
        items.get(at + 1..at + 1 + length).unwrap_or(&[])
    }

    /// The nodes of a list; nothing where a place in it is empty.
    pub fn nodes(&self, list: Option<ListId>) -> impl Iterator<Item = Option<NodeId>> + '_ {
        self.list(list).iter().map(|&cell| NodeId::in_cell(cell))
    }

    pub fn node(&self, id: NodeId) -> Node {
        let row = id.row();
        let (a, b) = (self.cell(Column::NodeA, row), self.cell(Column::NodeB, row));
        let node = NodeId::in_cell;
        let list = ListId::in_cell;
        match self.cell(Column::NodeKind, row) {
            node::IDENT => Node::Ident(OccurrenceId(a)),
            node::MEMBER => Node::Member {
                base: node(a),
                name: OccurrenceId(b),
            },
            node::CALL => Node::Call {
                callee: node(a),
                arguments: list(b),
            },
            node::NEW => Node::New {
                callee: node(a),
                arguments: list(b),
            },
            node::REQUIRE => Node::Require(ImportId(a)),
            node::DYNAMIC_IMPORT => Node::DynamicImport(ImportId(a)),
            node::AWAIT => Node::Await(node(a)),
            node::THIS => Node::This {
                function: FunctionId::in_cell(a),
                class: ClassId::in_cell(b),
            },
            node::SUPER => Node::Super(ClassId::in_cell(a)),
            node::FUNCTION => Node::Function(FunctionId(a)),
            node::CLASS => Node::Class(ClassId(a)),
            node::OBJECT => Node::Object(list(a)),
            node::ARRAY => Node::Array(list(a)),
            node::CHOICE => Node::Choice(list(a)),
            node::LITERAL => Node::Literal,
            node::INDEX => Node::Index(node(a)),
            node::ELEMENT => Node::Element {
                iterated: node(a),
                position: (b != NONE).then_some(b),
            },
            node::CAST => Node::Cast {
                value: node(a),
                annotation: node(b),
            },
            node::MODULE_EXPORTS => Node::ModuleExports,
            node::IMPORT_NAMESPACE => Node::Imported {
                import: ImportId(a),
                name: StringId(b),
            },
            node::PROTOTYPE => Node::Prototype(node(a)),
            node::PARAM => Node::Param {
                function: FunctionId(a),
                position: b,
            },
            node::TYPE_REF => Node::TypeRef {
                name: node(a),
                arguments: list(b),
            },
            node::UNION => Node::Union(list(a)),
            node::INTERSECTION => Node::Intersection(list(a)),
            node::CONDITIONAL => Node::Conditional(list(a)),
            node::ARRAY_TYPE => Node::ArrayType(node(a)),
            node::TUPLE => Node::Tuple(list(a)),
            node::FUNCTION_TYPE => Node::FunctionType(FunctionId(a)),
            node::OBJECT_TYPE => Node::ObjectType,
            node::TYPE_QUERY => Node::TypeQuery(node(a)),
            node::IMPORT_TYPE => Node::ImportType {
                import: ImportId(a),
                path: list(b),
            },
            node::INDEXED_ACCESS => Node::IndexedAccess {
                object: node(a),
                index: node(b),
            },
            node::LITERAL_TYPE => Node::PlainType {
                text: StringId::in_cell(b),
            },
            node::KEY_OF | node::TYPE_PREDICATE => Node::PlainType { text: None },
            node::KEYWORD => Node::Keyword(a),
            _ => Node::Unknown,
        }
    }

    /// Whether the node is a type and no value.
    pub fn is_type(&self, id: NodeId) -> bool {
        self.cell(Column::NodeKind, id.row()) >= node::TYPE_REF
    }

    pub fn node_start(&self, id: NodeId) -> u32 {
        self.cell(Column::NodeStart, id.row())
    }

    /// The nodes whose first part is that cell: of a node the member accesses and calls of it, of an occurrence the
    /// identifier.
    pub fn parents(&self, cell: u32) -> impl Iterator<Item = NodeId> + '_ {
        self.rows(Column::NodeA, cell)
            .iter()
            .map(|&row| NodeId(row))
    }

    /// The nodes of a kind (`codes::node`).
    pub fn nodes_of_kind(&self, kind: u32) -> impl Iterator<Item = NodeId> + '_ {
        self.rows(Column::NodeKind, kind)
            .iter()
            .map(|&row| NodeId(row))
    }
}

/// Definitions.
impl Unit {
    pub fn definition_count(&self) -> u32 {
        super::len32(self.column(Column::DefKind).len())
    }

    pub fn definition_ids(&self) -> impl Iterator<Item = DefinitionId> + use<> {
        (0..self.definition_count()).map(DefinitionId)
    }

    pub fn kind(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefKind, id.row())
    }

    pub fn flags_of(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefFlags, id.row())
    }

    pub fn has(&self, id: DefinitionId, flag: u32) -> bool {
        self.flags_of(id) & flag != 0
    }

    pub fn name_id(&self, id: DefinitionId) -> StringId {
        StringId(self.cell(Column::DefName, id.row()))
    }

    pub fn name(&self, id: DefinitionId) -> &str {
        self.text(self.name_id(id))
    }

    /// The span of the whole definition.
    pub fn extent(&self, id: DefinitionId) -> (u32, u32) {
        (
            self.cell(Column::DefStart, id.row()),
            self.cell(Column::DefEnd, id.row()),
        )
    }

    /// Where the name of the definition starts.
    pub fn start_name(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefStartName, id.row())
    }

    /// Where the body starts, the end where there is none.
    pub fn body(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefBody, id.row())
    }

    /// The span of the doc comment.
    pub fn doc(&self, id: DefinitionId) -> Option<(u32, u32)> {
        let start = self.cell(Column::DefDocStart, id.row());
        (start != NONE).then(|| (start, self.cell(Column::DefDocEnd, id.row())))
    }

    pub fn parent(&self, id: DefinitionId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::DefParent, id.row()))
    }

    /// The node that a member is put on.
    pub fn owner(&self, id: DefinitionId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::DefOwner, id.row()))
    }

    pub fn value(&self, id: DefinitionId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::DefValue, id.row()))
    }

    pub fn annotation(&self, id: DefinitionId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::DefAnnotation, id.row()))
    }

    pub fn symbol(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefSymbol, id.row())
    }

    fn definitions(
        &self,
        column: Column,
        cell: u32,
    ) -> impl DoubleEndedIterator<Item = DefinitionId> + '_ {
        self.rows(column, cell).iter().map(|&row| DefinitionId(row))
    }

    /// All declarations of the same binding, itself among them.
    pub fn merged(&self, id: DefinitionId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefSymbol, self.symbol(id))
    }

    pub fn named(&self, name: StringId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefName, name.0)
    }

    pub fn owned_by(&self, node: NodeId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefOwner, node.0)
    }

    pub fn valued(&self, node: NodeId) -> impl DoubleEndedIterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefValue, node.0)
    }

    pub fn annotated(&self, node: NodeId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefAnnotation, node.0)
    }

    pub fn inside(&self, parent: DefinitionId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefParent, parent.0)
    }

    /// The definitions whose name starts at a byte offset.
    pub fn named_at(&self, offset: u32) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefStartName, offset)
    }
}

/// Occurrences.
impl Unit {
    pub fn occurrence_count(&self) -> u32 {
        super::len32(self.column(Column::OccStart).len())
    }

    pub fn occurrence_name(&self, id: OccurrenceId) -> StringId {
        StringId(self.cell(Column::OccName, id.row()))
    }

    pub fn start(&self, id: OccurrenceId) -> u32 {
        self.cell(Column::OccStart, id.row())
    }

    pub fn role(&self, id: OccurrenceId) -> u32 {
        self.cell(Column::OccRole, id.row())
    }

    /// The first definition of the binding that the name refers to.
    pub fn target(&self, id: OccurrenceId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::OccTarget, id.row()))
    }

    pub fn node_of(&self, id: OccurrenceId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::OccNode, id.row()))
    }

    /// The innermost named function, method, class or type around it.
    pub fn within(&self, id: OccurrenceId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::OccWithin, id.row()))
    }

    pub fn occurrences_named(&self, name: StringId) -> impl Iterator<Item = OccurrenceId> + '_ {
        self.rows(Column::OccName, name.0)
            .iter()
            .map(|&row| OccurrenceId(row))
    }

    /// The occurrences of a binding, by its symbol.
    pub fn occurrences_of(&self, symbol: u32) -> impl Iterator<Item = OccurrenceId> + '_ {
        self.rows(Column::OccTarget, symbol)
            .iter()
            .map(|&row| OccurrenceId(row))
    }

    /// The occurrences that start in a span.
    pub fn occurrences_in(
        &self,
        (start, end): (u32, u32),
    ) -> impl Iterator<Item = OccurrenceId> + use<> {
        let starts = self.column(Column::OccStart);
        let first = starts.partition_point(|&at| at < start);
        let last = starts.partition_point(|&at| at < end);
        (super::len32(first)..super::len32(last)).map(OccurrenceId)
    }

    /// The occurrence whose span holds a byte offset, else the one that ends there.
    pub fn occurrence_at(&self, offset: u32) -> Option<OccurrenceId> {
        const LONGEST: u32 = 256;
        let (starts, ends) = (self.column(Column::OccStart), self.column(Column::OccEnd));
        let mut best = None;
        for row in (0..starts.partition_point(|&at| at <= offset)).rev() {
            if starts[row].saturating_add(LONGEST) <= offset {
                break;
            }
            if offset < ends[row] {
                return Some(OccurrenceId(super::len32(row)));
            }
            if offset == ends[row] && best.is_none() {
                best = Some(OccurrenceId(super::len32(row)));
            }
        }
        best
    }

    /// The name of the property that a member node reads.
    pub fn property(&self, name: OccurrenceId) -> &str {
        self.text(self.occurrence_name(name))
    }

    /// The name, when the node is an identifier that nothing in the file binds.
    pub fn global_name(&self, node: Option<NodeId>) -> Option<&str> {
        match self.node(node?) {
            Node::Ident(occurrence) if self.target(occurrence).is_none() => {
                Some(self.text(self.occurrence_name(occurrence)))
            }
            _ => None,
        }
    }
}

/// Imports, bindings and exports.
impl Unit {
    pub fn import_count(&self) -> u32 {
        super::len32(self.column(Column::ImpKind).len())
    }

    pub fn import_kind(&self, id: ImportId) -> u32 {
        self.cell(Column::ImpKind, id.row())
    }

    pub fn import_start(&self, id: ImportId) -> u32 {
        self.cell(Column::ImpStart, id.row())
    }

    pub fn specifier(&self, id: ImportId) -> &str {
        self.text(StringId(self.cell(Column::ImpSpecifier, id.row())))
    }

    pub fn imports_of_kind(&self, kind: u32) -> impl Iterator<Item = ImportId> + '_ {
        self.rows(Column::ImpKind, kind)
            .iter()
            .map(|&row| ImportId(row))
    }

    fn bindings(&self, column: Column, cell: u32) -> impl Iterator<Item = BindingId> + '_ {
        self.rows(column, cell).iter().map(|&row| BindingId(row))
    }

    pub fn bindings_from(&self, import: ImportId) -> impl Iterator<Item = BindingId> + '_ {
        self.bindings(Column::BindImport, import.0)
    }

    pub fn bindings_of(&self, local: DefinitionId) -> impl Iterator<Item = BindingId> + '_ {
        self.bindings(Column::BindLocal, local.0)
    }

    pub fn bindings_at(&self, occurrence: OccurrenceId) -> impl Iterator<Item = BindingId> + '_ {
        self.bindings(Column::BindOccurrence, occurrence.0)
    }

    pub fn binding_import(&self, id: BindingId) -> ImportId {
        ImportId(self.cell(Column::BindImport, id.row()))
    }

    /// The imported name: `default`, `*` for the namespace, `=` for the whole.
    pub fn binding_name(&self, id: BindingId) -> &str {
        self.text(StringId(self.cell(Column::BindName, id.row())))
    }

    pub fn binding_local(&self, id: BindingId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::BindLocal, id.row()))
    }

    pub fn binding_occurrence(&self, id: BindingId) -> Option<OccurrenceId> {
        OccurrenceId::in_cell(self.cell(Column::BindOccurrence, id.row()))
    }

    fn exports(&self, column: Column, cell: u32) -> impl Iterator<Item = ExportId> + '_ {
        self.rows(column, cell).iter().map(|&row| ExportId(row))
    }

    pub fn export_ids(&self) -> impl Iterator<Item = ExportId> + use<> {
        (0..super::len32(self.column(Column::ExpName).len())).map(ExportId)
    }

    /// The exports under a name as it is written: `=`, `+` and `*` are the special ones.
    pub fn exports_named(&self, name: &str) -> impl Iterator<Item = ExportId> + '_ {
        let id = if self.column(Column::ExpName).is_empty() {
            None
        } else {
            self.string(name)
        };
        self.exports(Column::ExpName, id.map_or(NONE, |id| id.0))
    }

    pub fn exports_valued(&self, node: NodeId) -> impl Iterator<Item = ExportId> + '_ {
        self.exports(Column::ExpValue, node.0)
    }

    pub fn exports_of(&self, definition: DefinitionId) -> impl Iterator<Item = ExportId> + '_ {
        self.exports(Column::ExpDefinition, definition.0)
    }

    pub fn exports_from(&self, import: ImportId) -> impl Iterator<Item = ExportId> + '_ {
        self.exports(Column::ExpImport, import.0)
    }

    pub fn exports_at(&self, occurrence: OccurrenceId) -> impl Iterator<Item = ExportId> + '_ {
        self.exports(Column::ExpOccurrence, occurrence.0)
    }

    pub fn export_name(&self, id: ExportId) -> &str {
        self.text(StringId(self.cell(Column::ExpName, id.row())))
    }

    pub fn export_kind(&self, id: ExportId) -> ExportKind<'_> {
        ExportKind::of(self.export_name(id))
    }

    pub fn export_definition(&self, id: ExportId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::ExpDefinition, id.row()))
    }

    pub fn export_value(&self, id: ExportId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::ExpValue, id.row()))
    }

    pub fn export_import(&self, id: ExportId) -> Option<ImportId> {
        ImportId::in_cell(self.cell(Column::ExpImport, id.row()))
    }

    /// The name in the module it is exported from.
    pub fn export_imported(&self, id: ExportId) -> &str {
        StringId::in_cell(self.cell(Column::ExpImported, id.row()))
            .map_or("", |text| self.text(text))
    }

    pub fn export_occurrence(&self, id: ExportId) -> Option<OccurrenceId> {
        OccurrenceId::in_cell(self.cell(Column::ExpOccurrence, id.row()))
    }

    pub fn is_type_only(&self, id: ExportId) -> bool {
        self.cell(Column::ExpFlags, id.row()) & export::TYPE_ONLY != 0
    }
}

/// Functions and classes.
impl Unit {
    pub fn function_count(&self) -> u32 {
        super::len32(self.column(Column::FnNode).len())
    }

    pub fn function_definition(&self, id: FunctionId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::FnDefinition, id.row()))
    }

    /// The definitions of the parameters, nothing where one is a pattern without a name.
    pub fn parameters(
        &self,
        id: FunctionId,
    ) -> impl ExactSizeIterator<Item = Option<DefinitionId>> + '_ {
        let list = ListId::in_cell(self.cell(Column::FnParams, id.row()));
        self.list(list)
            .iter()
            .map(|&cell| DefinitionId::in_cell(cell))
    }

    pub fn parameter(&self, id: FunctionId, position: u32) -> Option<DefinitionId> {
        self.parameters(id).nth(position as usize).flatten()
    }

    pub fn returns(&self, id: FunctionId) -> Option<ListId> {
        ListId::in_cell(self.cell(Column::FnReturns, id.row()))
    }

    pub fn return_annotation(&self, id: FunctionId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::FnAnnotation, id.row()))
    }

    /// The class that a method is a member of.
    pub fn function_owner(&self, id: FunctionId) -> Option<ClassId> {
        ClassId::in_cell(self.cell(Column::FnOwner, id.row()))
    }

    /// The node of what `this` is inside.
    pub fn function_this(&self, id: FunctionId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::FnThis, id.row()))
    }

    /// The call that a function is an argument of, and which one.
    pub fn context_call(&self, id: FunctionId) -> Option<(NodeId, u32)> {
        let call = NodeId::in_cell(self.cell(Column::FnContextCall, id.row()))?;
        Some((call, self.cell(Column::FnContextPosition, id.row())))
    }

    pub fn function_flags(&self, id: FunctionId) -> u32 {
        self.cell(Column::FnFlags, id.row())
    }

    pub fn function_node(&self, id: FunctionId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::FnNode, id.row()))
    }

    /// The function and the position of a parameter.
    pub fn parameter_place(&self, parameter: DefinitionId) -> Option<(FunctionId, u32)> {
        self.parameter_places
            .get_or_init(|| {
                let mut places = FxHashMap::default();
                for function in (0..self.function_count()).map(FunctionId) {
                    for (position, definition) in (0u32..).zip(self.parameters(function)) {
                        if let Some(definition) = definition {
                            places.insert(definition, (function, position));
                        }
                    }
                }
                places
            })
            .get(&parameter)
            .copied()
    }

    /// The call, or `new`, that an object literal is an argument of, and its position.
    pub fn argument_place(&self, object: NodeId) -> Option<(NodeId, u32)> {
        self.argument_places
            .get_or_init(|| {
                let mut places = FxHashMap::default();
                for kind in [node::CALL, node::NEW] {
                    for call in self.nodes_of_kind(kind) {
                        let (Node::Call { arguments, .. } | Node::New { arguments, .. }) =
                            self.node(call)
                        else {
                            continue;
                        };
                        for (position, argument) in (0u32..).zip(self.nodes(arguments)) {
                            if let Some(argument) = argument
                                && self.cell(Column::NodeKind, argument.row()) == node::OBJECT
                            {
                                places.insert(argument, (call, position));
                            }
                        }
                    }
                }
                places
            })
            .get(&object)
            .copied()
    }

    pub fn class_definition(&self, id: ClassId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::ClsDefinition, id.row()))
    }

    pub fn class_extends(&self, id: ClassId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::ClsExtends, id.row()))
    }

    /// The interfaces a class implements; what an interface extends.
    pub fn class_implements(&self, id: ClassId) -> impl Iterator<Item = Option<NodeId>> + '_ {
        self.nodes(ListId::in_cell(self.cell(Column::ClsImplements, id.row())))
    }

    pub fn is_interface(&self, id: ClassId) -> bool {
        self.cell(Column::ClsFlags, id.row()) & super::codes::class::INTERFACE != 0
    }

    /// The class or interface that a definition declares.
    pub fn class_of(&self, definition: DefinitionId) -> Option<ClassId> {
        self.rows(Column::ClsDefinition, definition.0)
            .first()
            .map(|&row| ClassId(row))
    }

    pub fn classes_of(&self, definition: DefinitionId) -> impl Iterator<Item = ClassId> + '_ {
        self.rows(Column::ClsDefinition, definition.0)
            .iter()
            .map(|&row| ClassId(row))
    }
}

/// Lines.
impl Unit {
    pub fn length(&self) -> u32 {
        self.cell(Column::MetaLength, 0)
    }

    pub fn lines(&self) -> &[u32] {
        self.column(Column::LineStart)
    }

    /// The line of a byte offset, counted from 1.
    pub fn line_of(&self, offset: u32) -> u32 {
        super::len32(self.lines().partition_point(|&start| start <= offset))
    }

    /// How many columns a blob has.
    pub fn width() -> usize {
        TABLES.iter().map(|(_, columns)| columns.len()).sum()
    }
}
