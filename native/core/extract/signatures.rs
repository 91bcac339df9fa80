//! Signatures: members of interfaces and type literals, functions without a body.

use oxc_ast::ast::*;
use oxc_span::Span;

use super::context::Name;
use super::walker::Walker;
use crate::facts::codes::{definition, flag, function, node, token};
use crate::facts::{NONE, len32};

impl<'a> Walker<'a, '_> {
    /// Members of an interface or a type literal; `class` is the interface's row.
    pub fn signatures(&mut self, members: &[TSSignature<'a>], owner: u32, class: u32) {
        for member in members {
            match member {
                TSSignature::TSPropertySignature(property) => {
                    let mut flags = 0;
                    if property.optional {
                        flags |= flag::OPTIONAL;
                    }
                    if property.readonly {
                        flags |= flag::READONLY;
                    }
                    let index = self.key(&property.key, property.computed).map(|name| {
                        self.define_member(definition::FIELD, name, property.span, owner, flags)
                    });
                    let of = self.annotation(property.type_annotation.as_deref());
                    if let Some(index) = index {
                        self.definition(index).annotation = of;
                    }
                }
                TSSignature::TSMethodSignature(method) => {
                    let (kind, bits) = match method.kind {
                        TSMethodSignatureKind::Method => (definition::METHOD, 0),
                        TSMethodSignatureKind::Get => (definition::GETTER, function::GETTER),
                        TSMethodSignatureKind::Set => (definition::SETTER, function::SETTER),
                    };
                    let flags = if method.optional { flag::OPTIONAL } else { 0 };
                    let index = self.key(&method.key, method.computed).map_or(NONE, |name| {
                        self.define_member(kind, name, method.span, owner, flags)
                    });
                    let signature = Signature {
                        type_parameters: method.type_parameters.as_deref(),
                        this: method.this_param.as_deref(),
                        params: &method.params,
                        returns: method.return_type.as_deref(),
                    };
                    self.member_signature(&signature, method.span, index, class, bits);
                }
                TSSignature::TSCallSignatureDeclaration(call) => {
                    let index = self.unnamed_member("()", definition::METHOD, call.span, owner);
                    let signature = Signature {
                        type_parameters: call.type_parameters.as_deref(),
                        this: call.this_param.as_deref(),
                        params: &call.params,
                        returns: call.return_type.as_deref(),
                    };
                    self.member_signature(&signature, call.span, index, class, 0);
                }
                TSSignature::TSConstructSignatureDeclaration(construct) => {
                    let index = self.unnamed_member(
                        "new()",
                        definition::CONSTRUCTOR,
                        construct.span,
                        owner,
                    );
                    let signature = Signature {
                        type_parameters: construct.type_parameters.as_deref(),
                        this: None,
                        params: &construct.params,
                        returns: construct.return_type.as_deref(),
                    };
                    self.member_signature(
                        &signature,
                        construct.span,
                        index,
                        class,
                        function::CONSTRUCTOR,
                    );
                }
                TSSignature::TSIndexSignature(index) => self.index_signature(index, owner),
            }
        }
    }

    pub fn index_signature(&mut self, signature: &TSIndexSignature<'a>, owner: u32) {
        let index = self.unnamed_member("[]", definition::FIELD, signature.span, owner);
        let parameter = signature.parameter.name.as_str();
        let start = signature.parameter.span.start;
        let span = Span::new(start, start + len32(parameter.len()));
        self.token(token::PARAMETER, parameter, span);
        self.annotation(Some(&signature.parameter.type_annotation));
        let of = self.annotation(Some(&signature.type_annotation));
        self.definition(index).annotation = of;
    }

    fn unnamed_member(&mut self, name: &'static str, kind: u32, span: Span, owner: u32) -> u32 {
        let name = Name {
            text: name,
            start: span.start,
            end: span.start,
        };
        let index = self.define(kind, name, span, flag::COMPUTED);
        self.definition(index).owner = owner;
        self.standings[index as usize].searchable = false;
        index
    }

    fn member_signature(
        &mut self,
        signature: &Signature<'a, '_>,
        span: Span,
        index: u32,
        class: u32,
        flags: u32,
    ) {
        let row = self.signature(signature, span, index, flags, node::FUNCTION);
        let row = &mut self.facts.functions[row as usize];
        row.owner = class;
        let node = row.node;
        if index != NONE {
            self.definition(index).value = node;
        }
    }

    /// A function without a body; gives its row.
    pub fn signature(
        &mut self,
        signature: &Signature<'a, '_>,
        span: Span,
        holder: u32,
        flags: u32,
        node_kind: u32,
    ) -> u32 {
        let index = self.function_row(node_kind, span, holder, flags);
        let outer = self.enter_function(index, holder);
        let this = self.annotation(
            signature
                .this
                .and_then(|this| this.type_annotation.as_deref()),
        );
        self.type_parameters(signature.type_parameters);
        let params = self.parameters(signature.params, index, NONE);
        let returns = self.annotation(signature.returns);
        let row = &mut self.facts.functions[index as usize];
        row.params = params;
        row.annotation = returns;
        row.this = this;
        self.frame = outer;
        index
    }
}

/// The parts that all forms of signatures share.
pub struct Signature<'a, 's> {
    pub type_parameters: Option<&'s TSTypeParameterDeclaration<'a>>,
    pub this: Option<&'s TSThisParameter<'a>>,
    pub params: &'s FormalParameters<'a>,
    pub returns: Option<&'s TSTypeAnnotation<'a>>,
}
