//! Declarations of chance.

use super::{Dialect, Here, Kind, Thing, member};
use crate::chance::Chance;

impl Here<'_> {
    pub fn declaration(&self, chance: &mut Chance, thing: &Thing) -> String {
        let name = &thing.name;
        let export = if self.world.dialect == Dialect::Common {
            ""
        } else {
            "export "
        };
        let generic = Here {
            type_parameter: self.is_typed(),
            ..*self
        };
        let angle = if self.is_typed() { "<T>" } else { "" };
        match thing.kind {
            Kind::Variable => format!(
                "{}{export}var {name}{} = {};",
                self.comment(chance),
                self.note(chance, 2),
                self.value(chance, 2)
            ),
            Kind::Function => {
                let here = generic.inner(2);
                format!(
                    "{}{export}function {name}{angle}(p{}, q{} = {}){} {{ {} }}",
                    self.comment(chance),
                    here.note(chance, 1),
                    here.note(chance, 2),
                    here.value(chance, 1),
                    here.note(chance, 2),
                    here.body(chance)
                )
            }
            Kind::Class => {
                let base = if chance.below(4) == 0 {
                    String::new()
                } else if self.is_typed() && chance.below(2) == 0 {
                    format!(
                        " extends {}<{}>",
                        self.thing(chance, &[Kind::Class]).unwrap_or_default(),
                        generic.ty(chance, 1)
                    )
                } else {
                    format!(" extends {}", self.base(chance, 1))
                };
                let implements = if self.is_typed() && chance.below(2) == 0 {
                    format!(
                        " implements {}<{}>",
                        self.thing(chance, &[Kind::Interface]).unwrap_or_default(),
                        generic.ty(chance, 1)
                    )
                } else {
                    String::new()
                };
                let here = Here {
                    this: true,
                    ..generic.inner(1)
                };
                let plain = Here {
                    this: true,
                    type_parameter: self.is_typed(),
                    ..*self
                };
                format!(
                    "{export}class {name}{angle}{base}{implements} {{ {}(p{}){} {{ {} }} {}{} = {}; static {}{} = {}; get {}() {{ return {} }} }}",
                    member(chance),
                    here.note(chance, 1),
                    here.note(chance, 2),
                    here.body(chance),
                    member(chance),
                    plain.note(chance, 2),
                    plain.value(chance, 2),
                    member(chance),
                    self.note(chance, 1),
                    self.value(chance, 1),
                    member(chance),
                    plain.value(chance, 1)
                )
            }
            Kind::Maker => {
                let here = Here {
                    this: true,
                    ..self.inner(1)
                };
                format!(
                    "{export}function {name}(p) {{ this.{} = {}; {} }}",
                    member(chance),
                    here.value(chance, 2),
                    here.statement(chance)
                )
            }
            Kind::Alias => format!("export type {name}<T> = {};", generic.ty(chance, 3)),
            Kind::Interface => format!(
                "export interface {name}<T> extends {}<{}> {{ {}: {}; {}(p: {}): {} }}",
                self.thing(chance, &[Kind::Class, Kind::Interface])
                    .unwrap_or_default(),
                generic.ty(chance, 1),
                member(chance),
                generic.ty(chance, 2),
                member(chance),
                generic.ty(chance, 1),
                generic.ty(chance, 2)
            ),
        }
    }
}
