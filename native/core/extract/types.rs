//! Types: annotations, references by name, and what types are made of.

use oxc_ast::ast::*;
use oxc_ast::{match_ts_type, match_ts_type_name};
use oxc_span::{GetSpan, Span};

use super::context::Name;
use super::signatures::Signature;
use super::walker::Walker;
use crate::facts::codes::{definition, flag, function, import, keyword, node, role, token};
use crate::facts::{NONE, len32};

impl<'a> Walker<'a, '_> {
    pub fn annotation(&mut self, annotation: Option<&TSTypeAnnotation<'a>>) -> u32 {
        annotation.map_or(NONE, |annotation| {
            self.type_node(&annotation.type_annotation)
        })
    }

    /// The list of type arguments, or `NONE` where there are none.
    pub fn type_arguments(&mut self, arguments: Option<&TSTypeParameterInstantiation<'a>>) -> u32 {
        let Some(arguments) = arguments else {
            return NONE;
        };
        let types: Vec<u32> = arguments
            .params
            .iter()
            .map(|argument| self.type_node(argument))
            .collect();
        self.list(&types)
    }

    /// The definitions of type parameters, as a list, or `NONE` where there are none.
    pub fn type_parameters(&mut self, parameters: Option<&TSTypeParameterDeclaration<'a>>) -> u32 {
        let Some(parameters) = parameters else {
            return NONE;
        };
        let definitions: Vec<u32> = parameters
            .params
            .iter()
            .map(|parameter| self.type_parameter(parameter))
            .collect();
        self.list(&definitions)
    }

    fn type_parameter(&mut self, parameter: &TSTypeParameter<'a>) -> u32 {
        let index = self.bind(
            definition::TYPE_PARAMETER,
            &parameter.name,
            parameter.span,
            flag::LOCAL,
            role::TYPE,
        );
        let constraint = parameter
            .constraint
            .as_ref()
            .map_or(NONE, |constraint| self.type_node(constraint));
        self.definition(index).annotation = constraint;
        if let Some(default) = &parameter.default {
            let default = self.type_node(default);
            self.definition(index).value = default;
        }
        index
    }

    pub fn type_node(&mut self, of: &TSType<'a>) -> u32 {
        let span = of.span();
        match of {
            TSType::TSAnyKeyword(_) | TSType::JSDocUnknownType(_) => {
                self.keyword(keyword::ANY, span)
            }
            TSType::TSUnknownKeyword(_) => self.keyword(keyword::UNKNOWN, span),
            TSType::TSStringKeyword(_) | TSType::TSIntrinsicKeyword(_) => {
                self.keyword(keyword::STRING, span)
            }
            TSType::TSNumberKeyword(_) => self.keyword(keyword::NUMBER, span),
            TSType::TSBooleanKeyword(_) => self.keyword(keyword::BOOLEAN, span),
            TSType::TSVoidKeyword(_)
            | TSType::TSUndefinedKeyword(_)
            | TSType::TSNullKeyword(_)
            | TSType::TSNeverKeyword(_) => self.keyword(keyword::NOTHING, span),
            TSType::TSObjectKeyword(_) => self.keyword(keyword::OBJECT, span),
            TSType::TSSymbolKeyword(_) | TSType::TSBigIntKeyword(_) => {
                self.keyword(keyword::SYMBOL, span)
            }
            TSType::TSThisType(_) => self.keyword(keyword::THIS, span),
            TSType::TSArrayType(array) => {
                let element = self.type_node(&array.element_type);
                self.node(node::ARRAY_TYPE, element, NONE, span)
            }
            TSType::TSConditionalType(conditional) => {
                self.type_node(&conditional.check_type);
                self.type_node(&conditional.extends_type);
                let branches = [
                    self.type_node(&conditional.true_type),
                    self.type_node(&conditional.false_type),
                ];
                let list = self.list(&branches);
                self.node(node::CONDITIONAL, list, NONE, span)
            }
            TSType::TSConstructorType(constructor) => {
                let signature = Signature {
                    type_parameters: constructor.type_parameters.as_deref(),
                    this: None,
                    params: &constructor.params,
                    returns: Some(&constructor.return_type),
                };
                let index = self.signature(
                    &signature,
                    span,
                    NONE,
                    function::CONSTRUCTOR,
                    node::FUNCTION_TYPE,
                );
                self.facts.functions[index as usize].node
            }
            TSType::TSFunctionType(of) => {
                let signature = Signature {
                    type_parameters: of.type_parameters.as_deref(),
                    this: of.this_param.as_deref(),
                    params: &of.params,
                    returns: Some(&of.return_type),
                };
                let index = self.signature(&signature, span, NONE, 0, node::FUNCTION_TYPE);
                self.facts.functions[index as usize].node
            }
            TSType::TSImportType(of) => self.import_type(of),
            TSType::TSIndexedAccessType(access) => self.indexed_access(access),
            TSType::TSInferType(infer) => {
                self.type_parameter(&infer.type_parameter);
                NONE
            }
            TSType::TSUnionType(union) => {
                let types: Vec<u32> = union
                    .types
                    .iter()
                    .map(|part| self.type_node(part))
                    .collect();
                let list = self.list(&types);
                self.node(node::UNION, list, NONE, span)
            }
            TSType::TSIntersectionType(intersection) => {
                let types: Vec<u32> = intersection
                    .types
                    .iter()
                    .map(|part| self.type_node(part))
                    .collect();
                let list = self.list(&types);
                self.node(node::INTERSECTION, list, NONE, span)
            }
            TSType::TSLiteralType(literal) => self.literal_type(literal),
            TSType::TSMappedType(mapped) => self.mapped_type(mapped),
            TSType::TSNamedTupleMember(member) => {
                let label = &member.label;
                self.token(token::PARAMETER, label.name.as_str(), label.span);
                self.tuple_element(&member.element_type)
            }
            TSType::TSTemplateLiteralType(template) => {
                for part in &template.types {
                    self.type_node(part);
                }
                self.keyword(keyword::STRING, span)
            }
            TSType::TSTupleType(tuple) => {
                let types: Vec<u32> = tuple
                    .element_types
                    .iter()
                    .map(|element| self.tuple_element(element))
                    .collect();
                let list = self.list(&types);
                self.node(node::TUPLE, list, NONE, span)
            }
            TSType::TSTypeLiteral(literal) => {
                let this = self.node(node::OBJECT_TYPE, NONE, NONE, span);
                self.signatures(&literal.members, this, NONE);
                this
            }
            TSType::TSTypeOperatorType(operator) => {
                let inner = self.type_node(&operator.type_annotation);
                match operator.operator {
                    TSTypeOperatorOperator::Keyof => self.node(node::KEY_OF, inner, NONE, span),
                    TSTypeOperatorOperator::Unique | TSTypeOperatorOperator::Readonly => inner,
                }
            }
            TSType::TSTypePredicate(predicate) => {
                if let TSTypePredicateName::Identifier(id) = &predicate.parameter_name {
                    self.predicate_parameter(id);
                }
                let to = self.annotation(predicate.type_annotation.as_deref());
                self.node(node::TYPE_PREDICATE, to, NONE, span)
            }
            TSType::TSTypeQuery(query) => {
                let named = match &query.expr_name {
                    TSTypeQueryExprName::TSImportType(of) => self.import_type(of),
                    name @ match_ts_type_name!(TSTypeQueryExprName) => {
                        self.type_name(name.to_ts_type_name(), role::READ | role::TYPEOF)
                    }
                };
                self.type_arguments(query.type_arguments.as_deref());
                self.node(node::TYPE_QUERY, named, NONE, span)
            }
            TSType::TSTypeReference(reference) => {
                let named = self.type_name(&reference.type_name, role::TYPE);
                let arguments = self.type_arguments(reference.type_arguments.as_deref());
                self.node(node::TYPE_REF, named, arguments, span)
            }
            TSType::TSParenthesizedType(inner) => self.type_node(&inner.type_annotation),
            TSType::JSDocNullableType(inner) => self.type_node(&inner.type_annotation),
            TSType::JSDocNonNullableType(inner) => self.type_node(&inner.type_annotation),
        }
    }

    /// `x` in `x is T` names the parameter of the function whose return type this is.
    fn predicate_parameter(&mut self, id: &IdentifierName<'a>) {
        let name = self.string(id.name.as_str());
        let parameters = self
            .facts
            .definitions
            .iter()
            .rposition(|row| row.name == name && row.kind == definition::PARAMETER);
        let symbol = parameters.and_then(|index| self.standings[index].symbol);
        let node = self.reserve(node::IDENT, id.span);
        let occurrence = self.occurrence(
            Name::new(id.name.as_str(), id.span),
            role::READ,
            node,
            symbol,
        );
        self.fill(node, occurrence, NONE);
    }

    fn keyword(&mut self, which: u32, span: Span) -> u32 {
        self.node(node::KEYWORD, which, NONE, span)
    }

    fn literal_type(&mut self, literal: &TSLiteralType<'a>) -> u32 {
        let (quoted, plain) = match &literal.literal {
            TSLiteral::StringLiteral(string) => (self.string(string.value.as_str()), NONE),
            TSLiteral::BooleanLiteral(_) => (NONE, self.string(self.slice(literal.span))),
            TSLiteral::NumericLiteral(number) => {
                let text = self.string(self.slice(number.span));
                (text, text)
            }
            TSLiteral::TemplateLiteral(_)
            | TSLiteral::UnaryExpression(_)
            | TSLiteral::BigIntLiteral(_) => (NONE, NONE),
        };
        self.node(node::LITERAL_TYPE, quoted, plain, literal.span)
    }

    /// `T['name']` names a member of T, and so does `T[0]`.
    fn indexed_access(&mut self, access: &TSIndexedAccessType<'a>) -> u32 {
        let object = self.type_node(&access.object_type);
        let index = self.type_node(&access.index_type);
        let this = self.node(node::INDEXED_ACCESS, object, index, access.span);
        let name = match &access.index_type {
            TSType::TSLiteralType(of) => match &of.literal {
                TSLiteral::StringLiteral(string) => Some(self.quoted(string)),
                TSLiteral::NumericLiteral(number) => Some(self.numbered(number)),
                _ => None,
            },
            _ => None,
        };
        if let Some(name) = name {
            let role = role::TYPE | role::MEMBER | role::ELEMENT;
            self.occurrence(name, role, this, None);
        }
        this
    }

    fn mapped_type(&mut self, mapped: &TSMappedType<'a>) -> u32 {
        let key = self.bind(
            definition::TYPE_PARAMETER,
            &mapped.key,
            mapped.key.span,
            flag::LOCAL,
            role::TYPE,
        );
        let constraint = self.type_node(&mapped.constraint);
        self.definition(key).annotation = constraint;
        let mut keys = constraint;
        if let Some(name) = &mapped.name_type {
            let first = self.facts.nodes.len();
            self.type_node(name);
            if let Some(without) = left_out(name).and_then(|of| self.node_since(first, of)) {
                keys = self.node(node::KEYS_WITHOUT, constraint, without, name.span());
            }
        }
        let value = mapped
            .type_annotation
            .as_ref()
            .map_or(NONE, |of| self.type_node(of));
        self.node(node::MAPPED, value, keys, mapped.span)
    }

    /// The node at a place, of those from `first` on.
    fn node_since(&self, first: usize, span: Span) -> Option<u32> {
        let mut read = self.facts.nodes[first..].iter();
        let at = read.rposition(|row| (row.start, row.end) == (span.start, span.end))?;
        Some(len32(first + at))
    }

    fn tuple_element(&mut self, element: &TSTupleElement<'a>) -> u32 {
        match element {
            TSTupleElement::TSOptionalType(inner) => self.type_node(&inner.type_annotation),
            TSTupleElement::TSRestType(inner) => {
                let source = self.type_node(&inner.type_annotation);
                self.node(node::ELEMENT, source, NONE, inner.span)
            }
            of @ match_ts_type!(TSTupleElement) => self.type_node(of.to_ts_type()),
        }
    }

    pub fn type_name(&mut self, name: &TSTypeName<'a>, role: u32) -> u32 {
        match name {
            TSTypeName::IdentifierReference(id) => self.reference(id, role),
            TSTypeName::QualifiedName(qualified) => self.qualified_name(qualified, role),
            TSTypeName::ThisExpression(this) => self.this(this.span),
        }
    }

    pub fn qualified_name(&mut self, qualified: &TSQualifiedName<'a>, role: u32) -> u32 {
        let base = self.type_name(&qualified.left, role & !role::HERITAGE);
        self.member(
            base,
            Name::new(qualified.right.name.as_str(), qualified.right.span),
            role,
            qualified.span,
        )
    }

    fn import_type(&mut self, of: &TSImportType<'a>) -> u32 {
        let module = self.import(
            of.source.value.as_str(),
            of.source.span,
            import::IMPORT_TYPE,
            import::TYPE_ONLY,
        );
        if let Some(options) = &of.options {
            self.import_options(options);
        }
        let mut names = Vec::new();
        let mut qualifier = of.qualifier.as_ref();
        while let Some(step) = qualifier {
            let (name, rest) = match step {
                TSImportTypeQualifier::Identifier(id) => (&**id, None),
                TSImportTypeQualifier::QualifiedName(qualified) => {
                    (&qualified.right, Some(&qualified.left))
                }
            };
            names.push(Name::new(name.name.as_str(), name.span));
            qualifier = rest;
        }
        let this = self.reserve(node::IMPORT_TYPE, of.span);
        let occurrences: Vec<u32> = names
            .into_iter()
            .rev()
            .map(|name| self.occurrence(name, role::TYPE | role::MEMBER, this, None))
            .collect();
        let list = self.list(&occurrences);
        if list != 0 {
            self.occurrence_lists.push(list);
        }
        self.fill(this, module, list);
        let arguments = self.type_arguments(of.type_arguments.as_deref());
        if arguments == NONE {
            this
        } else {
            self.node(node::TYPE_REF, this, arguments, of.span)
        }
    }
}

/// What a key of a mapped type must not be: U in `as K extends U ? never : K`.
fn left_out(name: &TSType) -> Option<Span> {
    let TSType::TSConditionalType(condition) = name else {
        return None;
    };
    let is_name =
        |of: &TSType| matches!(of, TSType::TSTypeReference(of) if of.type_arguments.is_none());
    let leaves_out = matches!(condition.true_type, TSType::TSNeverKeyword(_));
    (leaves_out && is_name(&condition.check_type) && is_name(&condition.false_type))
        .then(|| condition.extends_type.span())
}
