//! The state of one walk over a file, and the small steps that put rows into its tables.

use oxc_allocator::Allocator;
use oxc_ast::ast::{BindingIdentifier, Expression, IdentifierReference};
use oxc_semantic::Scoping;
use oxc_span::Span;
use oxc_syntax::scope::ScopeFlags;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::context::{Frame, Name};
use super::guards::Guard;
use super::jsdoc::Jsdoc;
use crate::facts::codes::{self, flag, import, meta, node, role};
use crate::facts::{Definition, Facts, Import, Item, NONE, NodeRow, Occurrence, Token, len32};

/// Who a row of definitions is bound to, and whether a search by name offers it.
#[derive(Clone, Copy)]
pub struct SearchEntry {
    pub symbol: Option<SymbolId>,
    pub searchable: bool,
    pub container: u32,
}

pub struct Walker<'a, 's> {
    pub source: &'a str,
    pub scoping: &'s Scoping,
    pub facts: Facts<'a>,
    pub frame: Frame,
    /// First definition of each symbol.
    pub symbols: Vec<u32>,
    pub standings: Vec<SearchEntry>,
    /// Symbol of each occurrence, in the order of the walk.
    pub occurrence_symbols: Vec<Option<SymbolId>>,
    /// Symbols exported by name, with the flags their definitions get.
    pub exported_symbols: Vec<(SymbolId, u32)>,
    /// Rows of exports whose definition is the one of a symbol.
    pub export_symbols: Vec<(usize, SymbolId)>,
    /// Values given to variables after their declaration.
    pub assigned: Vec<(SymbolId, u32)>,
    /// Lists whose items are occurrences.
    pub occurrence_lists: Vec<u32>,
    /// Values returned by the function being walked.
    pub returns: Vec<u32>,
    /// Last documentation comment before each token that has one.
    pub docs: FxHashMap<u32, (u32, u32)>,
    /// Start of the `export …` or `const …` statement whose declaration is being walked.
    pub statement_start: u32,
    /// Flags of the `export` in front of the declaration being walked.
    pub export_flags: u32,
    /// Variables that hold `createRequire(…)`.
    pub require_symbols: FxHashSet<SymbolId>,
    /// Declarations of the props of Vue's component: objects, and values cast to their type.
    pub props: Vec<u32>,
    pub meta: u32,
    /// True when the names of types and of values are the same: Flow has one space for both.
    pub one_space: bool,
    pub jsdoc: Jsdoc<'a>,
    /// The labels of the statements around.
    pub labels: Vec<u32>,
    /// Lines that comments keep the compiler from checking, by place.
    pub unchecked: Vec<(u32, u32)>,
    /// What is known of names in what is being walked.
    pub guards: Vec<Guard>,
    strings: FxHashMap<&'a str, u32>,
}

impl<'a, 's> Walker<'a, 's> {
    pub fn new(source: &'a str, scoping: &'s Scoping, allocator: &'a Allocator) -> Self {
        let frame = Frame {
            parent: NONE,
            within: NONE,
            function: NONE,
            this_function: NONE,
            this_class: NONE,
            this_static: false,
            class: NONE,
            namespace: NONE,
            ambient: false,
            conditional: false,
        };
        Self {
            source,
            scoping,
            facts: Facts {
                lists: vec![Item { item: 0 }],
                ..Facts::default()
            },
            frame,
            symbols: vec![NONE; scoping.symbols_len()],
            standings: Vec::new(),
            occurrence_symbols: Vec::new(),
            exported_symbols: Vec::new(),
            export_symbols: Vec::new(),
            assigned: Vec::new(),
            occurrence_lists: Vec::new(),
            returns: Vec::new(),
            docs: FxHashMap::default(),
            statement_start: NONE,
            export_flags: 0,
            require_symbols: FxHashSet::default(),
            props: Vec::new(),
            meta: 0,
            one_space: false,
            jsdoc: Jsdoc::new(allocator),
            labels: Vec::new(),
            unchecked: Vec::new(),
            guards: Vec::new(),
            strings: FxHashMap::default(),
        }
    }

    pub fn string(&mut self, text: &'a str) -> u32 {
        let strings = &mut self.facts.strings;
        *self.strings.entry(text).or_insert_with(|| {
            strings.push(text);
            len32(strings.len() - 1)
        })
    }

    pub fn slice(&self, span: Span) -> &'a str {
        &self.source[span.start as usize..span.end as usize]
    }

    pub fn node(&mut self, kind: u32, a: u32, b: u32, span: Span) -> u32 {
        self.facts.nodes.push(NodeRow {
            kind,
            a,
            b,
            start: span.start,
            end: span.end,
        });
        len32(self.facts.nodes.len() - 1)
    }

    /// A node that is pointed at before its columns are known.
    pub fn reserve(&mut self, kind: u32, span: Span) -> u32 {
        self.node(kind, NONE, NONE, span)
    }

    pub fn fill(&mut self, node: u32, a: u32, b: u32) {
        let row = &mut self.facts.nodes[node as usize];
        row.a = a;
        row.b = b;
    }

    pub fn node_kind(&self, node: u32) -> Option<u32> {
        self.facts.nodes.get(node as usize).map(|row| row.kind)
    }

    pub fn list(&mut self, items: &[u32]) -> u32 {
        if items.is_empty() {
            return 0;
        }
        let id = len32(self.facts.lists.len());
        self.facts.lists.push(Item {
            item: len32(items.len()),
        });
        self.facts
            .lists
            .extend(items.iter().map(|&item| Item { item }));
        id
    }

    pub fn occurrence(
        &mut self,
        name: Name<'a>,
        role: u32,
        node: u32,
        symbol: Option<SymbolId>,
    ) -> u32 {
        let text = self.string(name.text);
        let role = if self.jsdoc.inside {
            role | role::JSDOC
        } else {
            role
        };
        self.facts.occurrences.push(Occurrence {
            name: text,
            start: name.start,
            end: name.end,
            role,
            target: NONE,
            node,
            within: self.frame.within,
        });
        self.occurrence_symbols.push(symbol);
        len32(self.occurrence_symbols.len() - 1)
    }

    pub fn symbol_of(&self, reference: &IdentifierReference<'a>) -> Option<SymbolId> {
        match reference.reference_id.get() {
            Some(id) => {
                let found = self.scoping.get_reference(id);
                found.symbol_id().or_else(|| {
                    let can_be_value = self.one_space && found.is_type();
                    can_be_value
                        .then(|| self.scoping.find_binding(found.scope_id(), reference.name))
                        .flatten()
                })
            }
            // names in comments are bound at the top of the file
            None if self.jsdoc.inside => self.scoping.get_root_binding(reference.name),
            None => None,
        }
    }

    /// An identifier that nothing can refer to; in a comment it is none.
    pub fn token(&mut self, kind: u32, text: &'a str, span: Span) {
        if self.jsdoc.inside {
            return;
        }
        let name = self.string(text);
        self.facts.tokens.push(Token {
            name,
            start: span.start,
            end: span.end,
            kind,
        });
    }

    /// A name that is read, called, written or used as a type; gives its node.
    pub fn reference(&mut self, reference: &IdentifierReference<'a>, role: u32) -> u32 {
        if self.jsdoc.inside
            && let Some(declared) = self.jsdoc.definition(reference.name.as_str())
        {
            let node = self.reserve(node::IDENT, reference.span);
            let name = Name::new(reference.name.as_str(), reference.span);
            let occurrence = self.occurrence(name, role, node, None);
            self.facts.occurrences[occurrence as usize].target = declared;
            self.fill(node, occurrence, NONE);
            return node;
        }
        let symbol = self.symbol_of(reference);
        if symbol.is_none() && reference.name == "exports" && role & role::TYPE == 0 {
            self.meta |= meta::COMMONJS;
            let node = self.reserve(node::MODULE_EXPORTS, reference.span);
            self.occurrence(
                Name::new(reference.name.as_str(), reference.span),
                role,
                node,
                None,
            );
            return node;
        }
        if let Some(symbol) = symbol.filter(|_| !self.guards.is_empty()) {
            self.use_guards(symbol);
        }
        let node = self.reserve(node::IDENT, reference.span);
        let occurrence = self.occurrence(
            Name::new(reference.name.as_str(), reference.span),
            role,
            node,
            symbol,
        );
        self.fill(node, occurrence, NONE);
        node
    }

    /// A member named after its base; gives its node.
    pub fn member(&mut self, base: u32, name: Name<'a>, role: u32, span: Span) -> u32 {
        let node = self.reserve(node::MEMBER, span);
        let occurrence = self.occurrence(name, role | role::MEMBER, node, None);
        self.fill(node, base, occurrence);
        node
    }

    /// A new definition, with what follows from the frame filled in.
    pub fn define(&mut self, kind: u32, name: Name<'a>, span: Span, flags: u32) -> u32 {
        let text = self.string(name.text);
        let index = len32(self.facts.definitions.len());
        let (doc_start, doc_end) = self.doc(span.start);
        let flags = if self.frame.ambient {
            flags | flag::DECLARE
        } else {
            flags
        };
        let flags = if self.jsdoc.inside {
            flags | flag::JSDOC
        } else {
            flags
        };
        self.facts.definitions.push(Definition {
            name: text,
            kind,
            start_name: name.start,
            end_name: name.end,
            start: span.start,
            end: span.end,
            body: span.end,
            parent: self.frame.parent,
            owner: NONE,
            value: NONE,
            annotation: NONE,
            symbol: index,
            flags,
            doc_start,
            doc_end,
            written: NONE,
        });
        let container = match self.frame.parent {
            NONE => NONE,
            parent => self.facts.definitions[parent as usize].name,
        };
        self.standings.push(SearchEntry {
            symbol: None,
            searchable: true,
            container,
        });
        index
    }

    pub fn definition(&mut self, index: u32) -> &mut Definition {
        &mut self.facts.definitions[index as usize]
    }

    /// The definition of a binding, with its occurrence.
    pub fn bind(
        &mut self,
        kind: u32,
        id: &BindingIdentifier<'a>,
        span: Span,
        flags: u32,
        role: u32,
    ) -> u32 {
        let name = Name::new(id.name.as_str(), id.span);
        let symbol = id.symbol_id.get();
        let local = symbol.map_or(self.jsdoc.inside, |symbol| {
            let scope = self
                .scoping
                .scope_flags(self.scoping.symbol_scope_id(symbol));
            !scope.intersects(ScopeFlags::Top | ScopeFlags::TsModuleBlock)
        });
        let flags = if local { flags | flag::LOCAL } else { flags };
        let index = self.define(kind, name, span, flags);
        if let Some(symbol) = symbol {
            self.standings[index as usize].symbol = Some(symbol);
            let first = &mut self.symbols[symbol.index()];
            if *first == NONE {
                *first = index;
            }
            let first = *first;
            self.definition(index).symbol = first;
        }
        self.standings[index as usize].searchable = match kind {
            codes::definition::VARIABLE | codes::definition::CONSTANT => !local,
            codes::definition::PARAMETER
            | codes::definition::IMPORT
            | codes::definition::TYPE_PARAMETER => false,
            _ => true,
        };
        let occurrence = self.occurrence(name, role | role::DECLARES, NONE, symbol);
        if symbol.is_none() && self.jsdoc.inside {
            self.facts.occurrences[occurrence as usize].target = index;
            self.jsdoc.scope.push((name.text, index));
        }
        index
    }

    /// A member's definition; its key becomes an occurrence.
    pub fn define_member(
        &mut self,
        kind: u32,
        name: Name<'a>,
        span: Span,
        owner: u32,
        flags: u32,
    ) -> u32 {
        let index = self.define(kind, name, span, flags);
        self.definition(index).owner = owner;
        if flags & flag::SHORTHAND == 0 {
            self.occurrence(name, role::MEMBER | role::DECLARES, NONE, None);
        }
        index
    }

    pub fn doc(&self, start: u32) -> (u32, u32) {
        self.docs.get(&start).copied().unwrap_or((NONE, NONE))
    }

    pub fn import(&mut self, specifier: &'a str, literal: Span, kind: u32, flags: u32) -> u32 {
        let specifier = self.string(specifier);
        let mut flags = flags;
        if self.frame.function != NONE {
            flags |= import::LAZY;
        }
        if self.frame.conditional {
            flags |= import::CONDITIONAL;
        }
        let inside = inside_quotes(literal);
        let mut kind = kind;
        if self.jsdoc.inside {
            kind = import::JSDOC;
            flags |= import::TYPE_ONLY;
            let known = |row: &Import| row.kind == kind && row.start == inside.start;
            if let Some(row) = self.facts.imports.iter().position(known) {
                return len32(row);
            }
        }
        self.facts.imports.push(Import {
            specifier,
            start: inside.start,
            end: inside.end,
            kind,
            flags,
        });
        len32(self.facts.imports.len() - 1)
    }

    /// Notes that a variable is given a value after its declaration.
    pub fn assign(&mut self, symbol: SymbolId, value: u32) {
        if value != NONE {
            self.assigned.push((symbol, value));
        }
    }

    /// True when a value is a required module or a member of one, so that its variable is an import in all but name.
    pub fn is_imported(&self, value: u32) -> bool {
        match self.facts.nodes.get(value as usize) {
            Some(row) if row.kind == node::MEMBER => self.is_imported(row.a),
            row => row.is_some_and(|row| row.kind == node::REQUIRE),
        }
    }

    /// True when a name is the global of that name, not a binding of the file.
    pub fn is_global(&self, expression: &Expression<'a>, name: &str) -> bool {
        matches!(expression, Expression::Identifier(id) if id.name == name && self.symbol_of(id).is_none())
    }
}

/// The span of the text between the quotes of a literal.
pub fn inside_quotes(literal: Span) -> Span {
    if literal.end - literal.start < 2 {
        return literal;
    }
    Span::new(literal.start + 1, literal.end - 1)
}
