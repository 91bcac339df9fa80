//! The numbers that stand in the tables of facts, and how they are called.

/// How kinds of definitions are called (LSP `SymbolKind`, in our order).
pub const DEFINITION_KINDS: [&str; 18] = [
    "variable",
    "constant",
    "function",
    "class",
    "method",
    "getter",
    "setter",
    "field",
    "parameter",
    "import",
    "interface",
    "type",
    "enum",
    "enumMember",
    "namespace",
    "typeParameter",
    "constructor",
    "label",
];

/// How kinds of imports are called.
pub const IMPORT_KINDS: [&str; 16] = [
    "import",
    "export-from",
    "require",
    "dynamic",
    "import-type",
    "import-equals",
    "side-effect",
    "require-resolve",
    "mock",
    "jsdoc",
    "glob",
    "path",
    "script",
    "augment",
    "url",
    "worker",
];

/// How kinds of other tokens are called.
pub const TOKEN_KINDS: [&str; 5] = ["label", "meta", "parameter", "attribute", "unread"];

/// Kinds of definitions.
pub mod definition {
    pub const VARIABLE: u32 = 0;
    pub const CONSTANT: u32 = 1;
    pub const FUNCTION: u32 = 2;
    pub const CLASS: u32 = 3;
    pub const METHOD: u32 = 4;
    pub const GETTER: u32 = 5;
    pub const SETTER: u32 = 6;
    pub const FIELD: u32 = 7;
    pub const PARAMETER: u32 = 8;
    pub const IMPORT: u32 = 9;
    pub const INTERFACE: u32 = 10;
    pub const TYPE: u32 = 11;
    pub const ENUM: u32 = 12;
    pub const ENUM_MEMBER: u32 = 13;
    pub const NAMESPACE: u32 = 14;
    pub const TYPE_PARAMETER: u32 = 15;
    pub const CONSTRUCTOR: u32 = 16;
    pub const LABEL: u32 = 17;
}

/// Flags of definitions.
pub mod flag {
    pub const EXPORTED: u32 = 1;
    pub const DEFAULT: u32 = 2;
    pub const LOCAL: u32 = 4;
    pub const STATIC: u32 = 8;
    pub const ASYNC: u32 = 16;
    pub const GENERATOR: u32 = 32;
    pub const OPTIONAL: u32 = 64;
    pub const READONLY: u32 = 128;
    pub const DECLARE: u32 = 256;
    pub const PRIVATE: u32 = 512;
    pub const ABSTRACT: u32 = 1024;
    pub const ASSIGNED: u32 = 2048;
    pub const PROTOTYPE: u32 = 4096;
    pub const FUNCTION_NAME: u32 = 8192;
    pub const COMPUTED: u32 = 16384;
    pub const REST: u32 = 32768;
    pub const SHORTHAND: u32 = 65536;
    pub const OVERLOAD: u32 = 131_072;
    pub const DESTRUCTURED: u32 = 262_144;
    /// Declared by a comment.
    pub const JSDOC: u32 = 524_288;
    /// Written in a literal that a comment keeps the compiler from checking: `// @ts-expect-error`.
    pub const UNCHECKED: u32 = 1_048_576;
}

/// Kinds of nodes, and what their columns `a` and `b` are.
pub mod node {
    /// a: occurrence.
    pub const IDENT: u32 = 0;
    /// a: base node. b: occurrence.
    pub const MEMBER: u32 = 1;
    /// a: callee node. b: list of argument nodes.
    pub const CALL: u32 = 2;
    /// a: callee node. b: list of argument nodes.
    pub const NEW: u32 = 3;
    /// a: import.
    pub const REQUIRE: u32 = 4;
    /// a: import; the value is a promise of it.
    pub const DYNAMIC_IMPORT: u32 = 5;
    /// a: node.
    pub const AWAIT: u32 = 6;
    /// a: function that owns it. b: class, in a field initialiser or static block.
    pub const THIS: u32 = 7;
    /// a: class.
    pub const SUPER: u32 = 8;
    /// a: function.
    pub const FUNCTION: u32 = 9;
    /// a: class.
    pub const CLASS: u32 = 10;
    /// a: list of spread nodes; the members are definitions owned by this node.
    pub const OBJECT: u32 = 11;
    /// a: list of element nodes.
    pub const ARRAY: u32 = 12;
    /// a: list of nodes, of which the value is one. b: 1 where a later one stands in for those before it: `a ?? b`.
    pub const CHOICE: u32 = 13;
    /// a: which literal. b: string.
    pub const LITERAL: u32 = 14;
    /// a: base node. b: index node, none in a pattern.
    pub const INDEX: u32 = 15;
    /// a: iterated node. b: position, none for any.
    pub const ELEMENT: u32 = 16;
    /// a: value node. b: type node.
    pub const CAST: u32 = 17;
    /// `module.exports`, or the free name `exports`.
    pub const MODULE_EXPORTS: u32 = 18;
    /// a: node of which this is what is left.
    pub const REST: u32 = 20;
    /// a: node.
    pub const YIELD: u32 = 21;
    /// a: import. b: string, the imported name.
    pub const IMPORT_NAMESPACE: u32 = 22;
    /// a: node X of `X.prototype`.
    pub const PROTOTYPE: u32 = 23;
    /// a: function. b: position; the base of a pattern there.
    pub const PARAM: u32 = 25;
    /// a: node of a component; the props that it takes.
    pub const PROPS: u32 = 26;
    /// a: node of a component. b: call that wraps it and is one itself: `memo(App)`.
    pub const WRAPPED: u32 = 27;
    /// a: node of a dynamic import. b: call that makes a component of its default export: `lazy(() => import('./App'))`.
    pub const LAZY: u32 = 28;
    /// a: call. b: list of the types that it gives for type parameters.
    pub const TYPE_ARGUMENTS: u32 = 29;
    /// a: class; `this` in a static block, or in the initialiser of a static field.
    pub const STATIC_THIS: u32 = 30;
    /// a: node of a value. b: member node of the prop that it is handed over as.
    pub const HANDED: u32 = 31;
    /// a: a name that a predicate says something of throughout the extent of this node. b: the call of it: `isOrder(x)`.
    pub const IS: u32 = 32;
    /// The same where it gave false; so with all below.
    pub const IS_NOT: u32 = 33;
    /// a: a name. b: node of the class that it is an instance of.
    pub const INSTANCE: u32 = 34;
    pub const NO_INSTANCE: u32 = 35;
    /// a: member of a name. b: node of what it equals, a choice of several.
    pub const EQUAL: u32 = 36;
    pub const UNEQUAL: u32 = 37;
    /// a: member of a name that is truthy.
    pub const TRUTHY: u32 = 38;
    pub const FALSY: u32 = 39;
    /// a: node that names it. b: list of type arguments.
    pub const TYPE_REF: u32 = 40;
    /// a: list of types.
    pub const UNION: u32 = 41;
    /// a: list of types.
    pub const INTERSECTION: u32 = 42;
    /// a: type.
    pub const ARRAY_TYPE: u32 = 43;
    /// a: list of types.
    pub const TUPLE: u32 = 44;
    /// a: function.
    pub const FUNCTION_TYPE: u32 = 45;
    /// The members are definitions owned by this node.
    pub const OBJECT_TYPE: u32 = 46;
    /// a: node.
    pub const TYPE_QUERY: u32 = 47;
    /// a: import. b: list of occurrences, the path of names in it.
    pub const IMPORT_TYPE: u32 = 48;
    /// a: type.
    pub const KEY_OF: u32 = 49;
    /// a: object type. b: index type.
    pub const INDEXED_ACCESS: u32 = 50;
    /// a: list of the two branches.
    pub const CONDITIONAL: u32 = 51;
    /// a: value type. b: constraint.
    pub const MAPPED: u32 = 52;
    /// a: string. b: string, of a boolean; of a number both.
    pub const LITERAL_TYPE: u32 = 53;
    /// a: which keyword.
    pub const KEYWORD: u32 = 54;
    /// a: type.
    pub const TYPE_PREDICATE: u32 = 55;
    /// a: type of keys. b: type of those among them that a mapped type leaves out.
    pub const KEYS_WITHOUT: u32 = 56;
}

/// Sort of a literal: column `a` of a literal node.
pub mod literal {
    pub const STRING: u32 = 0;
    pub const NUMBER: u32 = 1;
    pub const BOOLEAN: u32 = 2;
    pub const NULL: u32 = 3;
    pub const REGEXP: u32 = 4;
    pub const BIGINT: u32 = 5;
    pub const TEMPLATE: u32 = 6;
}

/// Which keyword a type is: column `a` of a keyword node.
pub mod keyword {
    pub const ANY: u32 = 0;
    pub const UNKNOWN: u32 = 1;
    pub const STRING: u32 = 2;
    pub const NUMBER: u32 = 3;
    pub const BOOLEAN: u32 = 4;
    pub const NOTHING: u32 = 5;
    pub const OBJECT: u32 = 6;
    pub const SYMBOL: u32 = 7;
    pub const THIS: u32 = 8;
}

/// Roles of occurrences.
pub mod role {
    pub const READ: u32 = 1;
    pub const WRITE: u32 = 2;
    pub const CALL: u32 = 4;
    pub const NEW: u32 = 8;
    pub const TYPE: u32 = 16;
    pub const IMPORT: u32 = 32;
    pub const EXPORT: u32 = 64;
    pub const MEMBER: u32 = 128;
    pub const DECLARES: u32 = 256;
    pub const JSX: u32 = 512;
    pub const TAGGED: u32 = 1024;
    pub const DECORATOR: u32 = 2048;
    pub const HERITAGE: u32 = 4096;
    pub const SHORTHAND: u32 = 8192;
    pub const DESTRUCTURE_KEY: u32 = 16384;
    pub const ELEMENT: u32 = 32768;
    pub const TYPEOF: u32 = 65536;
    pub const ARGUMENT: u32 = 131_072;
    pub const DELETE: u32 = 262_144;
    /// Inside a comment.
    pub const JSDOC: u32 = 524_288;
    /// A JSX attribute.
    pub const ATTRIBUTE: u32 = 1_048_576;
    /// The tag of a JSX element that is no component: `div`.
    pub const INTRINSIC: u32 = 2_097_152;
    /// A key of a property descriptor, or of an object of descriptors.
    pub const KEY: u32 = 4_194_304;
    /// In the prose of a comment, which needs nothing of what it mentions.
    pub const MENTION: u32 = 8_388_608;
}

/// Kinds of other tokens.
pub mod token {
    /// A label behind `break` or `continue` that stands before no statement around.
    pub const LABEL: u32 = 0;
    /// `meta` of `import.meta`, `target` of `new.target`, `defer` of `import.defer()`.
    pub const META: u32 = 1;
    /// The name of an index signature's parameter or of a tuple's element: it binds nothing.
    pub const PARAMETER: u32 = 2;
    /// A key of import attributes: `with { type: 'json' }`.
    pub const ATTRIBUTE: u32 = 3;
    /// Parts that did not parse: a region of which nothing but names is known, or one name.
    pub const UNREAD: u32 = 4;
}

/// Kinds and flags of imports.
pub mod import {
    pub const IMPORT: u32 = 0;
    pub const EXPORT_FROM: u32 = 1;
    pub const REQUIRE: u32 = 2;
    pub const DYNAMIC: u32 = 3;
    pub const IMPORT_TYPE: u32 = 4;
    pub const IMPORT_EQUALS: u32 = 5;
    pub const SIDE_EFFECT: u32 = 6;
    pub const REQUIRE_RESOLVE: u32 = 7;
    pub const MOCK: u32 = 8;
    pub const JSDOC: u32 = 9;
    pub const TRIPLE_SLASH: u32 = 11;
    /// `declare module './x'` inside a module.
    pub const AUGMENT: u32 = 13;
    /// `new URL('./x', import.meta.url)`: an address, loaded by whoever it is given to.
    pub const URL: u32 = 14;
    /// `new Worker('./x')`: loaded in a thread of its own.
    pub const WORKER: u32 = 15;

    pub const TYPE_ONLY: u32 = 1;
    pub const LAZY: u32 = 2;
    pub const CONDITIONAL: u32 = 4;
}

/// Flags of exports.
pub mod export {
    pub const TYPE_ONLY: u32 = 1;
    pub const COMMONJS: u32 = 2;
}

/// Flags of functions.
pub mod function {
    pub const ARROW: u32 = 1;
    pub const ASYNC: u32 = 2;
    pub const GENERATOR: u32 = 4;
    pub const CONSTRUCTOR: u32 = 8;
    pub const STATIC: u32 = 16;
    pub const GETTER: u32 = 32;
    pub const SETTER: u32 = 64;
}

/// Flags of classes.
pub mod class {
    pub const INTERFACE: u32 = 1;
    pub const ABSTRACT: u32 = 2;
}

/// Flags of files.
pub mod meta {
    pub const ASCII: u32 = 1;
    pub const HAS_ERRORS: u32 = 2;
    pub const MINIFIED: u32 = 4;
    pub const GENERATED: u32 = 8;
    pub const TOKEN_SCAN: u32 = 16;
    pub const SCRIPT_BLOCKS: u32 = 32;
    pub const COMMONJS: u32 = 64;
    pub const ESM: u32 = 128;
    pub const TYPESCRIPT: u32 = 256;
    pub const DECLARATION_FILE: u32 = 512;
    pub const ES_MODULE_MARK: u32 = 1024;
    /// Parts that do not parse were left out.
    pub const LEFT_OUT: u32 = 2048;
}
