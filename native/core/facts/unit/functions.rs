//! Functions and classes.

use rustc_hash::FxHashMap;

use super::{Column, Unit};
use crate::facts::codes::{class, node};
use crate::facts::{ClassId, DefinitionId, FunctionId, ListId, Node, NodeId, StringId, len32};

impl Unit {
    pub fn function_count(&self) -> u32 {
        len32(self.column(Column::FnNode).len())
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
        self.list(list).iter().map(DefinitionId::in_cell)
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
        self.decoded()
            .parameter_places
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

    pub fn class_definition(&self, id: ClassId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::ClsDefinition, id.row()))
    }

    /// The nodes of a class: what its members are put on.
    pub fn class_nodes(&self, id: ClassId) -> impl Iterator<Item = NodeId> + '_ {
        let nodes = self.decoded().class_nodes.get_or_init(|| {
            let mut nodes: Vec<(ClassId, NodeId)> = self
                .nodes_of_kind(node::CLASS)
                .filter_map(|node| match self.node(node) {
                    Node::Class(class) => Some((class, node)),
                    _ => None,
                })
                .collect();
            nodes.sort_unstable();
            nodes
        });
        let first = nodes.partition_point(|&(class, _)| class < id);
        let same = nodes[first..]
            .iter()
            .take_while(move |&&(class, _)| class == id);
        same.map(|&(_, node)| node)
    }

    /// The definitions of a name that are put on an expression, and not written in a body or a literal.
    pub fn put_on_expressions(&self, name: StringId) -> &[DefinitionId] {
        let by_name = self.decoded().loose_members.get_or_init(|| {
            let mut found: FxHashMap<StringId, Vec<DefinitionId>> = FxHashMap::default();
            for id in self.definition_ids() {
                let Some(owner) = self.owner(id) else {
                    continue;
                };
                if !matches!(
                    self.node(owner),
                    Node::Class(_) | Node::Object(_) | Node::ObjectType
                ) {
                    found.entry(self.name_id(id)).or_default().push(id);
                }
            }
            found
        });
        by_name.get(&name).map_or(&[], Vec::as_slice)
    }

    pub fn class_extends(&self, id: ClassId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::ClsExtends, id.row()))
    }

    /// The classes that extend the value of a node.
    pub fn extending(&self, base: NodeId) -> impl Iterator<Item = ClassId> + '_ {
        self.rows(Column::ClsExtends, base.0).map(ClassId)
    }

    /// The interfaces a class implements; what an interface extends.
    pub fn class_implements(&self, id: ClassId) -> impl Iterator<Item = Option<NodeId>> + '_ {
        self.nodes(ListId::in_cell(self.cell(Column::ClsImplements, id.row())))
    }

    pub fn is_interface(&self, id: ClassId) -> bool {
        self.cell(Column::ClsFlags, id.row()) & class::INTERFACE != 0
    }

    /// The class or interface that a definition declares.
    pub fn class_of(&self, definition: DefinitionId) -> Option<ClassId> {
        self.rows(Column::ClsDefinition, definition.0)
            .next()
            .map(ClassId)
    }

    pub fn classes_of(&self, definition: DefinitionId) -> impl Iterator<Item = ClassId> + '_ {
        self.rows(Column::ClsDefinition, definition.0).map(ClassId)
    }
}
