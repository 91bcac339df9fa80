//! Expressions and statements of chance.

use super::{Here, Kind, PARAMETERS, Thing, member};
use crate::chance::Chance;

impl Here<'_> {
    pub fn value(&self, chance: &mut Chance, depth: usize) -> String {
        if depth == 0 {
            return match chance.below(3) {
                0 => format!("new {}()", self.class(chance)),
                _ => self.name(chance),
            };
        }
        let d = depth - 1;
        match chance.below(17) {
            0 | 1 => self.name(chance),
            2 | 3 => format!(
                "(z ? {} : {})",
                self.value(chance, d),
                self.value(chance, d)
            ),
            4 => format!("({} || {})", self.value(chance, d), self.value(chance, d)),
            5 | 6 => format!("{}.{}", self.base(chance, d), member(chance)),
            7 => format!(
                "{}.{}({})",
                self.base(chance, d),
                member(chance),
                self.value(chance, d)
            ),
            8 => format!("{}({})", self.name(chance), self.value(chance, d)),
            9 => format!("[{}, {}]", self.value(chance, d), self.value(chance, d)),
            10 => format!(
                "({{ {}: {}, {}() {{ return {} }} }})",
                member(chance),
                self.value(chance, d),
                member(chance),
                self.value(chance, d)
            ),
            11 => format!(
                "(({}) => {})",
                PARAMETERS[self.parameters.min(2)],
                self.inner(1).value(chance, d)
            ),
            12 => format!(
                "{}.{}(({}) => {})",
                self.base(chance, d),
                member(chance),
                PARAMETERS[self.parameters.min(2)],
                self.inner(1).value(chance, d)
            ),
            13 => format!("{}[0]", self.base(chance, d)),
            14 => format!(
                "({{ ...{}, get {}() {{ return {} }} }})",
                self.value(chance, d),
                member(chance),
                self.value(chance, d)
            ),
            15 => format!("Object.create({})", self.value(chance, d)),
            _ => format!("new {}({})", self.class(chance), self.value(chance, d)),
        }
    }

    pub fn base(&self, chance: &mut Chance, depth: usize) -> String {
        format!("({})", self.value(chance, depth))
    }

    pub fn class(&self, chance: &mut Chance) -> String {
        if chance.below(8) == 0 {
            return format!("({})", self.name(chance));
        }
        self.thing(chance, &[Kind::Class, Kind::Maker])
            .unwrap_or_else(|| "Object".to_owned())
    }

    pub fn statement(&self, chance: &mut Chance) -> String {
        match chance.below(9) {
            0 | 1 => format!(
                "{} = {};",
                self.own(chance, Kind::Variable),
                self.value(chance, 2)
            ),
            2 | 3 => format!(
                "({}).{} = {};",
                self.value(chance, 1),
                member(chance),
                self.value(chance, 2)
            ),
            4 => format!(
                "{}.prototype.{} = {};",
                self.class(chance),
                member(chance),
                self.value(chance, 2)
            ),
            5 => format!(
                "{}.prototype = {};",
                self.class(chance),
                self.value(chance, 1)
            ),
            6 => format!(
                "for (const e of {}) e.{}();",
                self.value(chance, 1),
                member(chance)
            ),
            7 => format!(
                "util.inherits({}, {});",
                self.class(chance),
                self.class(chance)
            ),
            _ => format!(
                "{}.{}({});",
                self.base(chance, 1),
                member(chance),
                self.value(chance, 1)
            ),
        }
    }

    pub fn own(&self, chance: &mut Chance, kind: Kind) -> String {
        let all: Vec<&Thing> = self
            .world
            .things
            .iter()
            .filter(|thing| thing.kind == kind && thing.home == self.file)
            .collect();
        if all.is_empty() {
            "z".to_owned()
        } else {
            chance.choice(&all).name.clone()
        }
    }

    pub fn body(&self, chance: &mut Chance) -> String {
        let mut text = String::new();
        for _ in 0..chance.below(3) {
            text += &self.statement(chance);
            text += " ";
        }
        format!("{text}return {};", self.value(chance, 2))
    }
}
