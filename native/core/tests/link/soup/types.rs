//! Types of chance, in TypeScript and in comments.

use super::{Dialect, Here, Kind, member};
use crate::chance::Chance;

impl Here<'_> {
    pub fn is_typed(&self) -> bool {
        self.world.dialect == Dialect::Typed
    }

    pub fn note(&self, chance: &mut Chance, depth: usize) -> String {
        if !self.is_typed() || chance.below(3) == 0 {
            return String::new();
        }
        format!(": {}", self.ty(chance, depth))
    }

    pub fn ty(&self, chance: &mut Chance, depth: usize) -> String {
        if depth == 0 {
            if self.type_parameter && chance.below(2) == 0 {
                return "T".to_owned();
            }
            return self
                .thing(chance, &[Kind::Class, Kind::Interface])
                .unwrap_or_else(|| "I0".to_owned());
        }
        let d = depth - 1;
        match chance.below(14) {
            0 => self.ty(chance, 0),
            1..=3 => format!(
                "{}<{}>",
                self.thing(chance, &[Kind::Class, Kind::Interface, Kind::Alias])
                    .unwrap_or_default(),
                self.ty(chance, d)
            ),
            4 => format!("({} | {})", self.ty(chance, d), self.ty(chance, d)),
            5 => format!(
                "{}<{}>",
                chance.choice(&["Array", "Promise", "Map", "Partial"]),
                self.ty(chance, d)
            ),
            6 => format!("((p: {}) => {})", self.ty(chance, d), self.ty(chance, d)),
            7 => format!(
                "{{ {}: {}; {}(p: {}): {} }}",
                member(chance),
                self.ty(chance, d),
                member(chance),
                self.ty(chance, d),
                self.ty(chance, d)
            ),
            8 => format!(
                "typeof {}",
                self.thing(chance, &[Kind::Variable, Kind::Function])
                    .unwrap_or_default()
            ),
            9 => format!("ReturnType<{}>", self.ty(chance, d)),
            10 => format!("{}['{}']", self.ty(chance, 0), member(chance)),
            11 => format!(
                "({} extends {} ? {} : {})",
                self.ty(chance, 0),
                self.ty(chance, d),
                self.ty(chance, d),
                self.ty(chance, d)
            ),
            12 => format!(
                "{{ (p: {}): {}; new (p: {}): {} }}",
                self.ty(chance, d),
                self.ty(chance, d),
                self.ty(chance, d),
                self.ty(chance, d)
            ),
            _ => format!("[{}, {}]", self.ty(chance, d), self.ty(chance, d)),
        }
    }

    pub fn comment(&self, chance: &mut Chance) -> String {
        if self.is_typed() || chance.below(2) == 0 {
            return String::new();
        }
        let one = self
            .thing(chance, &[Kind::Class, Kind::Maker])
            .unwrap_or_default();
        let other = self
            .thing(chance, &[Kind::Class, Kind::Maker, Kind::Variable])
            .unwrap_or_default();
        match chance.below(5) {
            0 => format!("/** @type {{{one}|{other}}} */ "),
            1 => format!("/** @type {{Array<{one}>}} */ "),
            2 => format!("/** @param {{{one}}} p @returns {{{other}}} */ "),
            3 => format!("/** @type {{typeof {other}}} */ "),
            _ => "/** @type {Unknown} */ ".to_owned(),
        }
    }
}
