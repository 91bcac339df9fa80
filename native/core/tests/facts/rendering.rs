//! Facts as text that people can check: a line for each row of each table.

use std::fmt::Write as _;

use clew_core::facts::codes::{
    DEFINITION_KINDS, IMPORT_KINDS, TOKEN_KINDS, export, flag, import, node, role,
};
use clew_core::facts::{Cells, Column, ListId, NONE, StringId, Unit};

const FLAGS: &[(u32, &str)] = &[
    (flag::EXPORTED, "exported"),
    (flag::DEFAULT, "default"),
    (flag::LOCAL, "local"),
    (flag::STATIC, "static"),
    (flag::ASYNC, "async"),
    (flag::GENERATOR, "generator"),
    (flag::OPTIONAL, "optional"),
    (flag::READONLY, "readonly"),
    (flag::DECLARE, "declare"),
    (flag::PRIVATE, "private"),
    (flag::ABSTRACT, "abstract"),
    (flag::ASSIGNED, "assigned"),
    (flag::PROTOTYPE, "prototype"),
    (flag::FUNCTION_NAME, "functionName"),
    (flag::COMPUTED, "computed"),
    (flag::REST, "rest"),
    (flag::SHORTHAND, "shorthand"),
    (flag::OVERLOAD, "overload"),
    (flag::DESTRUCTURED, "destructured"),
    (flag::JSDOC, "jsdoc"),
    (flag::UNCHECKED, "unchecked"),
];
const ROLES: &[(u32, &str)] = &[
    (role::READ, "read"),
    (role::WRITE, "write"),
    (role::CALL, "call"),
    (role::NEW, "new"),
    (role::TYPE, "type"),
    (role::IMPORT, "import"),
    (role::EXPORT, "export"),
    (role::MEMBER, "member"),
    (role::DECLARES, "declares"),
    (role::JSX, "jsx"),
    (role::TAGGED, "tagged"),
    (role::DECORATOR, "decorator"),
    (role::HERITAGE, "heritage"),
    (role::SHORTHAND, "shorthand"),
    (role::DESTRUCTURE_KEY, "destructureKey"),
    (role::ELEMENT, "element"),
    (role::TYPEOF, "typeof"),
    (role::ARGUMENT, "argument"),
    (role::DELETE, "delete"),
    (role::JSDOC, "jsdoc"),
    (role::ATTRIBUTE, "attribute"),
    (role::INTRINSIC, "intrinsic"),
    (role::KEY, "key"),
    (role::MENTION, "mention"),
];
const IMPORT_FLAGS: &[(u32, &str)] = &[
    (import::TYPE_ONLY, "typeOnly"),
    (import::LAZY, "lazy"),
    (import::CONDITIONAL, "conditional"),
];
const EXPORT_FLAGS: &[(u32, &str)] = &[
    (export::TYPE_ONLY, "typeOnly"),
    (export::COMMONJS, "commonjs"),
];

/// Content of a column of nodes.
#[derive(Clone, Copy)]
enum Cell {
    Node,
    Nodes,
    Occurrence,
    Occurrences,
    Import,
    Text,
    Number,
    Nothing,
}

/// Each kind of node: how it is called, and what its columns `a` and `b` hold.
#[rustfmt::skip]
const NODES: &[(u32, &str, Cell, Cell)] = &[
    (node::IDENT, "Ident", Cell::Occurrence, Cell::Nothing),
    (node::MEMBER, "Member", Cell::Node, Cell::Occurrence),
    (node::CALL, "Call", Cell::Node, Cell::Nodes),
    (node::NEW, "New", Cell::Node, Cell::Nodes),
    (node::REQUIRE, "Require", Cell::Import, Cell::Nothing),
    (node::DYNAMIC_IMPORT, "DynamicImport", Cell::Import, Cell::Nothing),
    (node::AWAIT, "Await", Cell::Node, Cell::Nothing),
    (node::THIS, "This", Cell::Number, Cell::Number),
    (node::SUPER, "Super", Cell::Number, Cell::Number),
    (node::FUNCTION, "Function", Cell::Number, Cell::Number),
    (node::CLASS, "Class", Cell::Number, Cell::Number),
    (node::OBJECT, "Object", Cell::Nodes, Cell::Nothing),
    (node::ARRAY, "Array", Cell::Nodes, Cell::Nothing),
    (node::CHOICE, "Choice", Cell::Nodes, Cell::Number),
    (node::LITERAL, "Literal", Cell::Number, Cell::Text),
    (node::INDEX, "Index", Cell::Node, Cell::Node),
    (node::ELEMENT, "Element", Cell::Node, Cell::Number),
    (node::CAST, "Cast", Cell::Node, Cell::Node),
    (node::MODULE_EXPORTS, "ModuleExports", Cell::Number, Cell::Number),
    (node::REST, "Rest", Cell::Node, Cell::Nothing),
    (node::YIELD, "Yield", Cell::Node, Cell::Nothing),
    (node::IMPORT_NAMESPACE, "Imported", Cell::Import, Cell::Text),
    (node::PROTOTYPE, "Prototype", Cell::Node, Cell::Nothing),
    (node::PARAM, "Param", Cell::Number, Cell::Number),
    (node::PROPS, "Props", Cell::Node, Cell::Nothing),
    (node::WRAPPED, "Wrapped", Cell::Node, Cell::Nothing),
    (node::LAZY, "Lazy", Cell::Node, Cell::Nothing),
    (
        node::TYPE_ARGUMENTS,
        "TypeArguments",
        Cell::Node,
        Cell::Nodes,
    ),
    (
        node::STATIC_THIS,
        "StaticThis",
        Cell::Number,
        Cell::Nothing,
    ),
    (node::HANDED, "Handed", Cell::Node, Cell::Node),
    (node::IS, "Is", Cell::Node, Cell::Node),
    (node::IS_NOT, "IsNot", Cell::Node, Cell::Node),
    (node::INSTANCE, "Instance", Cell::Node, Cell::Node),
    (node::NO_INSTANCE, "NoInstance", Cell::Node, Cell::Node),
    (node::EQUAL, "Equal", Cell::Node, Cell::Node),
    (node::UNEQUAL, "Unequal", Cell::Node, Cell::Node),
    (node::TRUTHY, "Truthy", Cell::Node, Cell::Nothing),
    (node::FALSY, "Falsy", Cell::Node, Cell::Nothing),
    (node::TYPE_REF, "TypeRef", Cell::Node, Cell::Nodes),
    (node::UNION, "Union", Cell::Nodes, Cell::Nothing),
    (node::INTERSECTION, "Intersection", Cell::Nodes, Cell::Nothing),
    (node::ARRAY_TYPE, "ArrayType", Cell::Node, Cell::Nothing),
    (node::TUPLE, "Tuple", Cell::Nodes, Cell::Nothing),
    (node::FUNCTION_TYPE, "FunctionType", Cell::Number, Cell::Number),
    (node::OBJECT_TYPE, "ObjectType", Cell::Number, Cell::Number),
    (node::TYPE_QUERY, "TypeQuery", Cell::Node, Cell::Nothing),
    (node::IMPORT_TYPE, "ImportType", Cell::Import, Cell::Occurrences),
    (node::KEY_OF, "KeyOf", Cell::Node, Cell::Nothing),
    (node::INDEXED_ACCESS, "IndexedAccess", Cell::Node, Cell::Node),
    (node::CONDITIONAL, "Conditional", Cell::Nodes, Cell::Nothing),
    (node::MAPPED, "Mapped", Cell::Node, Cell::Node),
    (node::LITERAL_TYPE, "LiteralType", Cell::Text, Cell::Text),
    (node::KEYWORD, "Keyword", Cell::Number, Cell::Number),
    (node::TYPE_PREDICATE, "TypePredicate", Cell::Node, Cell::Nothing),
    (node::KEYS_WITHOUT, "KeysWithout", Cell::Node, Cell::Node),
];

/// Facts that matter for linking; places are shown by the text that stands there.
pub fn rendered(facts: &Unit, source: &[u8]) -> String {
    let page = Page { facts, source };
    let tables = [
        page.definitions(),
        [page.occurrences(), page.tokens()].concat(),
        page.modules(),
        page.bodies(),
    ];
    let an_empty_line = String::new();
    tables.join(&an_empty_line).join("\n") + "\n"
}

fn bits(value: u32, names: &[(u32, &'static str)]) -> String {
    let set: Vec<&str> = names
        .iter()
        .filter(|(bit, _)| value & bit != 0)
        .map(|&(_, name)| name)
        .collect();
    set.join("|")
}

struct Page<'a> {
    facts: &'a Unit,
    source: &'a [u8],
}

impl Page<'_> {
    fn rows(&self, column: Column) -> std::ops::Range<usize> {
        0..self.facts.column(column).len()
    }

    fn cell(&self, column: Column, row: usize) -> u32 {
        self.facts.column(column).get(row).expect("a row")
    }

    /// A cell that may hold none.
    fn some(&self, column: Column, row: usize) -> Option<u32> {
        Some(self.cell(column, row)).filter(|&cell| cell != NONE)
    }

    fn text(&self, string: u32) -> &str {
        self.facts.text(StringId(string))
    }

    fn written(&self, start: u32, end: u32) -> &str {
        std::str::from_utf8(&self.source[start as usize..end as usize]).expect("forms are UTF-8")
    }

    fn definition(&self, row: u32) -> String {
        if row == NONE {
            return "_".to_owned();
        }
        let name = self.text(self.cell(Column::DefName, row as usize));
        format!("{}#{row}", if name.is_empty() { "_" } else { name })
    }

    fn items(&self, list: u32) -> Cells<'_> {
        self.facts.list(ListId::in_cell(list))
    }

    fn occurrence(&self, row: u32) -> &str {
        self.text(self.cell(Column::OccName, row as usize))
    }

    fn joined(&self, list: u32, between: &str, each: impl Fn(u32) -> String) -> String {
        let parts: Vec<String> = self.items(list).iter().map(each).collect();
        parts.join(between)
    }

    fn nodes(&self, list: u32) -> String {
        self.joined(list, ", ", |cell| self.node(cell))
    }

    fn node(&self, id: u32) -> String {
        if id == NONE {
            return "?".to_owned();
        }
        let row = id as usize;
        let kind = self.cell(Column::NodeKind, row);
        let &(_, name, a, b) = NODES
            .iter()
            .find(|known| known.0 == kind)
            .expect("a kind of node");
        let parts = [(a, Column::NodeA), (b, Column::NodeB)]
            .map(|(what, column)| self.part(what, self.cell(column, row)));
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        match kind {
            node::IDENT | node::MEMBER => parts.join("."),
            _ => format!("{name}({})", parts.join(", ")),
        }
    }

    fn part(&self, what: Cell, cell: u32) -> String {
        match what {
            Cell::Node => self.node(cell),
            Cell::Nodes => self.nodes(cell),
            Cell::Occurrence => self.occurrence(cell).to_owned(),
            Cell::Occurrences => self.joined(cell, ".", |row| self.occurrence(row).to_owned()),
            Cell::Import => self
                .text(self.cell(Column::ImpSpecifier, cell as usize))
                .to_owned(),
            Cell::Text => self.text(cell).to_owned(),
            Cell::Number if cell != NONE => cell.to_string(),
            Cell::Number | Cell::Nothing => String::new(),
        }
    }

    /// Adds the nodes that a row has, each behind its word.
    fn add_nodes(&self, line: &mut String, row: usize, wanted: &[(&str, Column)]) {
        for &(word, column) in wanted {
            if let Some(node) = self.some(column, row) {
                let _ = write!(line, " {word} {}", self.node(node));
            }
        }
    }

    fn definitions(&self) -> Vec<String> {
        let row = |row: usize| {
            let id = u32::try_from(row).expect("a row");
            let kind = DEFINITION_KINDS[self.cell(Column::DefKind, row) as usize];
            let flags = bits(self.cell(Column::DefFlags, row), FLAGS);
            let mut line = format!("definition {} {kind} [{flags}]", self.definition(id));
            if let Some(parent) = self.some(Column::DefParent, row) {
                let _ = write!(line, " in {}", self.definition(parent));
            }
            let nodes = [
                ("on", Column::DefOwner),
                ("=", Column::DefValue),
                (":", Column::DefAnnotation),
            ];
            self.add_nodes(&mut line, row, &nodes);
            let symbol = self.cell(Column::DefSymbol, row);
            if symbol != id {
                let _ = write!(line, " same as #{symbol}");
            }
            if let Some(start) = self.some(Column::DefDocStart, row) {
                let doc = self.written(start, self.cell(Column::DefDocEnd, row));
                let _ = write!(line, " {doc}");
            }
            let (start, end) = (Column::DefStart, Column::DefEnd);
            let whole = self.written(self.cell(start, row), self.cell(end, row));
            let first = whole.split('\n').next().unwrap_or_default();
            let shown: String = first.chars().take(60).collect();
            let _ = write!(line, " `{shown}`");
            line
        };
        self.rows(Column::DefKind).map(row).collect()
    }

    fn occurrences(&self) -> Vec<String> {
        let row = |row: usize| {
            let place = self.place(self.cell(Column::OccStart, row));
            let name = self.text(self.cell(Column::OccName, row));
            let roles = bits(self.cell(Column::OccRole, row), ROLES);
            let mut line = format!("{place} {name} [{roles}]");
            if let Some(target) = self.some(Column::OccTarget, row) {
                let _ = write!(line, " -> {}", self.definition(target));
            }
            self.add_nodes(&mut line, row, &[("as", Column::OccNode)]);
            if let Some(within) = self.some(Column::OccWithin, row) {
                let _ = write!(line, " in {}", self.definition(within));
            }
            line
        };
        self.rows(Column::OccName).map(row).collect()
    }

    fn place(&self, offset: u32) -> String {
        let line = self.facts.line_of(offset);
        let start = self.facts.lines().get(line as usize - 1);
        let column = offset - start.expect("a line") + 1;
        format!("{line}:{column}")
    }

    fn tokens(&self) -> Vec<String> {
        let row = |row: usize| {
            let name = match self.some(Column::TokenName, row) {
                Some(name) => self.text(name).to_owned(),
                None => format!("to {}", self.place(self.cell(Column::TokenEnd, row))),
            };
            let place = self.place(self.cell(Column::TokenStart, row));
            let kind = TOKEN_KINDS[self.cell(Column::TokenKind, row) as usize];
            format!("{place} {name} is {kind}")
        };
        self.rows(Column::TokenKind).map(row).collect()
    }

    fn modules(&self) -> Vec<String> {
        let imports = self.rows(Column::ImpKind).map(|row| {
            let specifier = self.text(self.cell(Column::ImpSpecifier, row));
            let kind = IMPORT_KINDS[self.cell(Column::ImpKind, row) as usize];
            let flags = bits(self.cell(Column::ImpFlags, row), IMPORT_FLAGS);
            format!("import {specifier} {kind} [{flags}]")
        });
        let bindings = self.rows(Column::BindName).map(|row| {
            let name = self.text(self.cell(Column::BindName, row));
            let import = self.cell(Column::BindImport, row);
            let local = self.definition(self.cell(Column::BindLocal, row));
            format!("binding {name} of import {import} is {local}")
        });
        let exports = self.rows(Column::ExpName).map(|row| self.export(row));
        imports.chain(bindings).chain(exports).collect()
    }

    fn export(&self, row: usize) -> String {
        let name = self.text(self.cell(Column::ExpName, row));
        let flags = bits(self.cell(Column::ExpFlags, row), EXPORT_FLAGS);
        let mut line = format!("export {name} [{flags}]");
        if let Some(definition) = self.some(Column::ExpDefinition, row) {
            let _ = write!(line, " is {}", self.definition(definition));
        }
        self.add_nodes(&mut line, row, &[("=", Column::ExpValue)]);
        if let Some(import) = self.some(Column::ExpImport, row) {
            let imported = self.text(self.cell(Column::ExpImported, row));
            let from = format!(" from import {import} {imported}");
            line.push_str(from.trim_end());
        }
        line
    }

    fn bodies(&self) -> Vec<String> {
        let functions = self.rows(Column::FnNode).map(|row| {
            let name = self.definition(self.cell(Column::FnDefinition, row));
            let parameters = self.cell(Column::FnParams, row);
            let parameters = self.joined(parameters, ", ", |cell| self.definition(cell));
            let returns = self.nodes(self.cell(Column::FnReturns, row));
            let mut line = format!("function {row} {name}({parameters}) returns [{returns}]");
            let nodes = [
                (":", Column::FnAnnotation),
                ("this", Column::FnThis),
                ("passed to", Column::FnContextCall),
            ];
            self.add_nodes(&mut line, row, &nodes);
            line
        });
        let classes = self.rows(Column::ClsNode).map(|row| {
            let name = self.definition(self.cell(Column::ClsDefinition, row));
            let extends = self.node(self.cell(Column::ClsExtends, row));
            let implements = self.nodes(self.cell(Column::ClsImplements, row));
            format!("class {row} {name} extends {extends} implements [{implements}]")
        });
        let problems = self.rows(Column::ProblemStart).map(|row| {
            let start = self.cell(Column::ProblemStart, row);
            let message = self.text(self.cell(Column::ProblemMessage, row));
            format!("problem at {start}: {message}")
        });
        functions.chain(classes).chain(problems).collect()
    }
}
