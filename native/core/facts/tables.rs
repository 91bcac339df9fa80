//! The tables of facts: their row types, and all rows of one file.

/// Declares a table: its row type, with one `u32` per column.
macro_rules! table {
    ($(#[$meta:meta])* $row:ident { $($column:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $row { $(pub $column: u32),* }

        impl Row for $row {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];

            fn each_column(rows: &[Self], mut each: impl FnMut(&[u32], &[u32])) {
                let mut left = vec![0; rows.len()];
                let mut column = Vec::with_capacity(rows.len());
                $(
                    column.clear();
                    column.extend(rows.iter().map(|row| row.$column));
                    each(&column, &left);
                    std::mem::swap(&mut column, &mut left);
                )*
            }
        }
    };
}

/// A row of a table, that is: something that can be written column by column.
pub(super) trait Row: Sized {
    const COLUMNS: &'static [&'static str];
    /// Calls back with each column and the one on its left; zeros stand on the left of the first.
    fn each_column(rows: &[Self], each: impl FnMut(&[u32], &[u32]));
}

table! {
    /// A binding or a member: anything that has a name and a place.
    ///
    /// `body`: where the body starts, else the end. `parent`: the definition it stands in. `owner`: for members, the node
    /// of the class, object or prototype they are put on (none for members of enums and namespaces). `value` and
    /// `annotation`: nodes of the value and of the type, which in JavaScript a comment gives. `symbol`: the first definition of the same binding.
    /// `doc_start`, `doc_end`: the JSDoc comment in front. `written`: of one that shares its name with others, a hash of what is written.
    Definition {
        name, kind, start_name, end_name, start, end, body, parent, owner, value, annotation, symbol, flags,
        doc_start, doc_end, written,
    }
}
table! {
    /// A value or a type, as far as linking can follow it; what `a` and `b` are depends on the kind.
    Node { kind, a, b, start, end }
}
table! {
    /// A name in the text that refers to something, or declares it; sorted by start.
    ///
    /// `target`: the first definition of the binding, none for globals and members. `node`: the name's own node.
    /// `within`: the innermost named function, method, class or type around it.
    /// Names in the types of comments have the role `JSDOC`; they are bound at the top of the file.
    Occurrence { name, start, end, role, target, node, within }
}
table! {
    /// A module specifier; `start` and `end` are those of the text between the quotes.
    Import { specifier, start, end, kind, flags }
}
table! {
    /// A name taken out of an imported module: `default`, `*` for all of it, `=` for `import x = require()`.
    ///
    /// `local`: the definition of the binding. `occurrence`: of the imported name.
    Binding { import, name, local, occurrence, flags }
}
table! {
    /// A name put into the module's exports: `default`, `*` for `export *`, `=` for the whole module, `+` for what is merged.
    ///
    /// `imported`: the name in the module it is re-exported from, `*` for its namespace. `occurrence`: of the exported
    /// name; where the other name of `a as b` stands is the occurrence before it.
    Export { name, definition, value, import, imported, occurrence, flags }
}
table! {
    /// A function, method, arrow function, signature or function type.
    ///
    /// `params`: a list of definitions. `returns`: a list of nodes. `owner`: the class it is a member of. `this`: the
    /// node of what `this` is. `context_call`, `context_position`: the call it is an argument of, and which one.
    Function {
        definition, params, returns, annotation, owner, this, context_call, context_position, flags, node,
    }
}
table! {
    /// A class or an interface; what an interface extends is in `implements`.
    ///
    /// `extends`: a node. `implements`: a list of type nodes. `type_parameters`: a list of definitions.
    Class { definition, node, extends, implements, flags, type_parameters }
}
table! {
    /// A cell of the flat list of lists: a list's id is the place of its length, which its items follow.
    Item { item }
}
table! {
    /// Something the file is blamed for.
    Problem { message, start }
}
table! {
    /// Start of a line.
    Line { start }
}
table! {
    /// The file, in one row.
    Meta { length, flags, version }
}
table! {
    /// An identifier that nothing can refer to, or a region that is unread; sorted by start.
    ///
    /// `kind`: `codes::token`. `name`: none for a region. With the occurrences that are in no comment these rows are all identifiers of the
    /// text; keywords are none, `this` and `as` in `x as T` among them.
    Token { name, start, end, kind }
}

/// All facts of one file, as they are written.
#[derive(Default)]
pub struct Facts<'a> {
    pub strings: Vec<&'a str>,
    pub definitions: Vec<Definition>,
    pub nodes: Vec<Node>,
    pub occurrences: Vec<Occurrence>,
    pub imports: Vec<Import>,
    pub bindings: Vec<Binding>,
    pub exports: Vec<Export>,
    pub functions: Vec<Function>,
    pub classes: Vec<Class>,
    pub lists: Vec<Item>,
    pub problems: Vec<Problem>,
    pub lines: Vec<Line>,
    pub meta: Vec<Meta>,
    pub tokens: Vec<Token>,
}

/// The tables in the order of a blob, each with its columns in order.
pub const TABLES: &[(&str, &[&str])] = &[
    ("definitions", Definition::COLUMNS),
    ("nodes", Node::COLUMNS),
    ("occurrences", Occurrence::COLUMNS),
    ("imports", Import::COLUMNS),
    ("bindings", Binding::COLUMNS),
    ("exports", Export::COLUMNS),
    ("functions", Function::COLUMNS),
    ("classes", Class::COLUMNS),
    ("lists", Item::COLUMNS),
    ("problems", Problem::COLUMNS),
    ("lines", Line::COLUMNS),
    ("meta", Meta::COLUMNS),
    ("tokens", Token::COLUMNS),
];
