//! Nodes: values and types, as far as linking follows them.

use rustc_hash::FxHashMap;

use super::{Column, Unit};
use crate::facts::codes::{literal, node};
use crate::facts::{ClassId, FunctionId, ImportId, ListId, NONE, NodeId, OccurrenceId, StringId};

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
    Index {
        base: Option<NodeId>,
        index: Option<NodeId>,
    },
    /// The part of a value that a pattern leaves.
    Rest(Option<NodeId>),
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
    /// The props that a component takes.
    Props(Option<NodeId>),
    /// A component in a call that gives a component: `memo(App)`.
    Wrapped {
        component: Option<NodeId>,
        call: NodeId,
    },
    /// A component that is imported when it is first shown.
    Lazy(Option<NodeId>),
    /// The types that a call gives for type parameters.
    TypeArguments {
        call: NodeId,
        types: Option<ListId>,
    },
    /// `this` in a static block, or in the initialiser of a static field.
    StaticThis(ClassId),
    /// A value that an element hands over as a prop.
    Handed {
        value: NodeId,
        prop: NodeId,
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
    /// A literal or a predicate: nothing that has members of ours.
    PlainType {
        text: Option<StringId>,
    },
    KeyOf(Option<NodeId>),
    /// The keys of a mapped type that leaves some out: `[K in keyof T as K extends 'a' ? never : K]`.
    KeysWithout {
        keys: Option<NodeId>,
        without: Option<NodeId>,
    },
    Mapped {
        value: Option<NodeId>,
        keys: Option<NodeId>,
    },
    Keyword(u32),
    /// Not followed: `yield`.
    Unknown,
}

impl Unit {
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
            node::INDEX => Node::Index {
                base: node(a),
                index: node(b),
            },
            node::REST => Node::Rest(node(a)),
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
            node::PROPS => Node::Props(node(a)),
            node::WRAPPED => Node::Wrapped {
                component: node(a),
                call: NodeId(b),
            },
            node::LAZY => Node::Lazy(node(a)),
            node::TYPE_ARGUMENTS => Node::TypeArguments {
                call: NodeId(a),
                types: list(b),
            },
            node::STATIC_THIS => Node::StaticThis(ClassId(a)),
            node::HANDED => Node::Handed {
                value: NodeId(a),
                prop: NodeId(b),
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
                text: StringId::in_cell(a).filter(|_| b == NONE),
            },
            node::KEY_OF => Node::KeyOf(node(a)),
            node::KEYS_WITHOUT => Node::KeysWithout {
                keys: node(a),
                without: node(b),
            },
            node::TYPE_PREDICATE => Node::PlainType { text: None },
            node::MAPPED => Node::Mapped {
                value: node(a),
                keys: node(b),
            },
            node::KEYWORD => Node::Keyword(a),
            _ => Node::Unknown,
        }
    }

    /// True when the node is a type and no value.
    pub fn is_type(&self, id: NodeId) -> bool {
        self.cell(Column::NodeKind, id.row()) >= node::TYPE_REF
    }

    /// Which literal a literal type is (`codes::literal`), and the text of a string or a boolean.
    pub fn literal_type(&self, id: NodeId) -> Option<(u32, StringId)> {
        let row = id.row();
        let text = |column| StringId::in_cell(self.cell(column, row));
        match (text(Column::NodeA), text(Column::NodeB)) {
            (Some(text), None) => Some((literal::STRING, text)),
            (Some(text), Some(_)) => Some((literal::NUMBER, text)),
            (None, text) => Some((literal::BOOLEAN, text?)),
        }
    }

    /// Which literal a node is (`codes::literal`), and the text of a boolean, or of a string that is not too long.
    pub fn literal(&self, id: NodeId) -> (u32, Option<StringId>) {
        let row = id.row();
        let text = StringId::in_cell(self.cell(Column::NodeB, row));
        (self.cell(Column::NodeA, row), text)
    }

    pub fn node_start(&self, id: NodeId) -> u32 {
        self.cell(Column::NodeStart, id.row())
    }

    pub fn node_span(&self, id: NodeId) -> (u32, u32) {
        (self.node_start(id), self.cell(Column::NodeEnd, id.row()))
    }

    /// True when the node stands nowhere in the text: its members are those of others.
    pub fn is_made(&self, id: NodeId) -> bool {
        self.node_start(id) == self.cell(Column::NodeEnd, id.row())
    }

    /// The nodes whose first part is that cell: of a node the member accesses and calls of it, of an occurrence the
    /// identifier.
    pub fn parents(&self, cell: u32) -> impl Iterator<Item = NodeId> + '_ {
        self.rows(Column::NodeA, cell).map(NodeId)
    }

    /// The nodes of a kind (`codes::node`).
    pub fn nodes_of_kind(&self, kind: u32) -> impl Iterator<Item = NodeId> + '_ {
        self.rows(Column::NodeKind, kind).map(NodeId)
    }

    /// The array literal or choice that an expression is written in, and its position.
    pub fn container_place(&self, part: NodeId) -> Option<(NodeId, u32)> {
        self.decoded()
            .container_places
            .get_or_init(|| {
                let mut places = FxHashMap::default();
                for kind in [node::ARRAY, node::CHOICE, node::OBJECT] {
                    for around in self.nodes_of_kind(kind) {
                        let (Node::Array(parts) | Node::Choice(parts) | Node::Object(parts)) =
                            self.node(around)
                        else {
                            continue;
                        };
                        for (position, part) in (0u32..).zip(self.nodes(parts)) {
                            if let Some(part) = part.filter(|&part| self.takes_expected(part)) {
                                places.insert(part, (around, position));
                            }
                        }
                    }
                }
                places
            })
            .get(&part)
            .copied()
    }

    /// True when of several values a later one stands in for those before it: `a ?? b`.
    pub fn falls_back(&self, choice: NodeId) -> bool {
        self.cell(Column::NodeB, choice.row()) == 1
    }

    /// The function that returns an expression as it stands.
    pub fn returning(&self, value: NodeId) -> Option<FunctionId> {
        self.decoded()
            .returning
            .get_or_init(|| {
                let mut places = FxHashMap::default();
                for function in (0..self.function_count()).map(FunctionId) {
                    for value in self.nodes(self.returns(function)).flatten() {
                        if self.takes_expected(value) {
                            places.insert(value, function);
                        }
                    }
                }
                places
            })
            .get(&value)
            .copied()
    }

    /// True when the type that is expected of an expression tells of its parts, or of what it names.
    fn takes_expected(&self, value: NodeId) -> bool {
        matches!(
            self.cell(Column::NodeKind, value.row()),
            node::OBJECT | node::ARRAY | node::CHOICE | node::FUNCTION | node::IDENT | node::CALL
        )
    }

    /// The call, or `new`, that a literal is an argument of, and its position.
    pub fn argument_place(&self, object: NodeId) -> Option<(NodeId, u32)> {
        self.decoded()
            .argument_places
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
                            if let Some(argument) =
                                argument.filter(|&argument| self.takes_expected(argument))
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
}
