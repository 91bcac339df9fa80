//! Small trees of chance, full of circles: what is assigned, extended, exported, called or expected may come from anywhere.

mod declarations;
mod types;
mod values;

use crate::chance::Chance;

const MEMBERS: [&str; 6] = ["m", "n", "map", "then", "get", "call"];
const PARAMETERS: [&str; 3] = ["p", "q", "r"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Common,
    Modern,
    Typed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Variable,
    Function,
    Class,
    Maker,
    Alias,
    Interface,
}

struct Thing {
    name: String,
    kind: Kind,
    home: usize,
}

/// Things of every kind, each at home in one of a few files.
struct World {
    dialect: Dialect,
    files: usize,
    things: Vec<Thing>,
}

/// A place in a file: what is in scope, and what can be said.
struct Here<'a> {
    world: &'a World,
    file: usize,
    parameters: usize,
    this: bool,
    type_parameter: bool,
}

/// Path and source of each file; stems are `f0`, `f1`, …
pub fn files(chance: &mut Chance) -> Vec<(String, String)> {
    let world = world(chance);
    (0..world.files)
        .map(|file| {
            (
                format!("f{file}.{}", extension(world.dialect)),
                source(chance, &world, file),
            )
        })
        .collect()
}

fn extension(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Common => "js",
        Dialect::Modern => "mjs",
        Dialect::Typed => "ts",
    }
}

fn world(chance: &mut Chance) -> World {
    let dialect = *chance.choice(&[Dialect::Common, Dialect::Modern, Dialect::Typed]);
    let files = 1 + chance.below(3);
    let mut things = Vec::new();
    let mut add = |chance: &mut Chance, kind, prefix: &str, most| {
        for number in 0..1 + chance.below(most) {
            things.push(Thing {
                name: format!("{prefix}{number}"),
                kind,
                home: chance.below(files),
            });
        }
    };
    add(chance, Kind::Variable, "v", 5);
    add(chance, Kind::Function, "f", 3);
    add(chance, Kind::Class, "C", 3);
    if dialect != Dialect::Typed {
        add(chance, Kind::Maker, "M", 2);
    } else {
        add(chance, Kind::Alias, "T", 3);
        add(chance, Kind::Interface, "I", 2);
    }
    World {
        dialect,
        files,
        things,
    }
}

impl Here<'_> {
    fn inner(&self, more: usize) -> Here<'_> {
        Here {
            parameters: (self.parameters + more).min(PARAMETERS.len()),
            ..*self
        }
    }

    /// A thing of one of these kinds, as it is called here.
    fn thing(&self, chance: &mut Chance, kinds: &[Kind]) -> Option<String> {
        let all: Vec<&Thing> = self
            .world
            .things
            .iter()
            .filter(|thing| kinds.contains(&thing.kind))
            .collect();
        if all.is_empty() {
            return None;
        }
        let thing = chance.choice(&all);
        Some(self.called(thing))
    }

    fn called(&self, thing: &Thing) -> String {
        if thing.home == self.file || !self.is_spaced(thing.home) {
            thing.name.clone()
        } else {
            format!("s{}.{}", thing.home, thing.name)
        }
    }

    /// True when what is at home in a file is reached through its namespace here.
    fn is_spaced(&self, home: usize) -> bool {
        (home + self.file) % 2 == 1
    }

    fn name(&self, chance: &mut Chance) -> String {
        if self.parameters > 0 && chance.below(3) == 0 {
            return PARAMETERS[chance.below(self.parameters)].to_owned();
        }
        if self.this && chance.below(4) == 0 {
            return "this".to_owned();
        }
        let kinds: &[Kind] = match chance.below(6) {
            0 => &[Kind::Function],
            1 => &[Kind::Class, Kind::Maker],
            _ => &[Kind::Variable],
        };
        self.thing(chance, kinds).unwrap_or_else(|| "v0".to_owned())
    }
}

fn member(chance: &mut Chance) -> &'static str {
    MEMBERS[chance.below(MEMBERS.len())]
}

fn source(chance: &mut Chance, world: &World, file: usize) -> String {
    let here = Here {
        world,
        file,
        parameters: 0,
        this: false,
        type_parameter: false,
    };
    let mut lines: Vec<String> = here.imports(chance);
    for thing in world.things.iter().filter(|thing| thing.home == file) {
        lines.push(here.declaration(chance, thing));
        if chance.below(2) == 0 {
            lines.push(here.statement(chance));
        }
    }
    match world.dialect {
        Dialect::Common => here.hand_on(chance, &mut lines),
        Dialect::Modern | Dialect::Typed => here.export(chance, &mut lines),
    }
    lines.join("\n") + "\n"
}

/// Exports between files.
impl Here<'_> {
    /// An import of all that is at home elsewhere; some come by way of a file that may hand everything on.
    fn imports(&self, chance: &mut Chance) -> Vec<String> {
        let world = self.world;
        let others = (0..world.files).filter(|&other| other != self.file);
        let import = |other: usize| {
            let names = world.things.iter().filter(|thing| thing.home == other);
            let names: Vec<&str> = names.map(|thing| &*thing.name).collect();
            let names = names.join(", ");
            let from = if chance.below(3) == 0 {
                chance.below(world.files)
            } else {
                other
            };
            match (world.dialect, self.is_spaced(other)) {
                (Dialect::Common, true) => format!("const s{other} = require('./f{from}');"),
                (Dialect::Common, false) => format!("const {{ {names} }} = require('./f{from}');"),
                (_, true) => format!("import * as s{other} from './f{from}';"),
                (_, false) => format!("import {{ {names} }} from './f{from}';"),
            }
        };
        others.map(import).collect()
    }

    fn hand_on(&self, chance: &mut Chance, lines: &mut Vec<String>) {
        let other = chance.below(self.world.files);
        match chance.below(4) {
            0 => lines.push(format!("module.exports = {};", self.value(chance, 2))),
            1 => lines.push(format!("Object.assign(exports, require('./f{other}'));")),
            2 => lines.push(format!("module.exports = require('./f{other}');")),
            _ => {}
        }
        let own = self.world.things.iter();
        let own = own.filter(|thing| thing.home == self.file);
        lines.extend(own.map(|thing| format!("exports.{0} = {0};", thing.name)));
    }

    fn export(&self, chance: &mut Chance, lines: &mut Vec<String>) {
        for other in 0..self.world.files {
            if chance.below(2) == 0 {
                lines.push(format!("export * from './f{other}';"));
            }
        }
        if chance.below(2) == 0 {
            lines.push(format!("export default {};", self.value(chance, 2)));
        }
    }
}
