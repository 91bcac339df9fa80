//! Every question that a tree can be asked, and its answer as text.

use std::fmt::Write as _;

use clew_core::facts::{Def, DefinitionId, FileId, OccurrenceId, Place};
use clew_core::link::{FlowReference, Linker, References, Spot};

use crate::trees::Tree;

/// A question about one thing, or about the whole tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    DefinitionsAt(Place),
    MeantAt(Place),
    Origins(Def),
    References(Def, bool),
    FlowAt(Place),
    FlowReferences(Def),
    BaseMembers(Def),
    OverridingMembers(Def),
    UsesIn(Def),
    Impact(Spot),
    Exports(FileId),
    ExportUses(FileId),
    Offered(FileId),
    Unused,
    Usages,
}

/// Every question about every file, definition and occurrence, in order of place.
pub fn questions(tree: &Tree) -> Vec<Question> {
    let linker = tree.linker();
    let mut all = vec![Question::Unused, Question::Usages];
    for file in tree.files() {
        all.extend([
            Question::Exports(file),
            Question::ExportUses(file),
            Question::Offered(file),
            Question::Impact(Spot {
                file,
                definition: None,
            }),
        ]);
        for place in occurrences(&linker, file) {
            all.extend([
                Question::DefinitionsAt(place),
                Question::MeantAt(place),
                Question::FlowAt(place),
            ]);
        }
        for def in definitions(&linker, file) {
            all.extend([
                Question::Origins(def),
                Question::References(def, false),
                Question::References(def, true),
                Question::FlowReferences(def),
                Question::BaseMembers(def),
                Question::OverridingMembers(def),
                Question::UsesIn(def),
                Question::Impact(Spot {
                    file,
                    definition: Some(def.id),
                }),
            ]);
        }
    }
    all
}

pub fn occurrences(linker: &Linker, file: FileId) -> impl Iterator<Item = Place> + use<> {
    let count = linker.unit(file).occurrence_count();
    (0..count).map(move |id| Place {
        file,
        id: OccurrenceId(id),
    })
}

pub fn definitions(linker: &Linker, file: FileId) -> impl Iterator<Item = Def> + use<> {
    let ids = linker.unit(file).definition_ids();
    ids.map(move |id| Def { file, id })
}

/// The answer, byte for byte what it is: nothing is put in order that the linker gives in order.
pub fn answer(tree: &Tree, linker: &Linker, question: Question) -> String {
    let shown = Shown { tree, linker };
    match question {
        Question::DefinitionsAt(place) => shown.definitions(&linker.definitions_at(place)),
        Question::MeantAt(place) => shown.definitions(&linker.meant_at(place)),
        Question::Origins(def) => shown.origins(&linker.origins(def)),
        Question::References(def, exported_value) => {
            shown.references(&linker.references(def, exported_value))
        }
        Question::FlowAt(place) => {
            let flow = linker.flow_at(place);
            shown.definitions(&flow.members) + &shown.definitions(&flow.called)
        }
        Question::FlowReferences(def) => {
            let found = linker.flow_references(def);
            let line =
                |one: &FlowReference| format!("{}, names {}\n", shown.place(one.place), one.names);
            found.iter().map(line).collect()
        }
        Question::BaseMembers(def) => shown.definitions(&linker.base_members(def)),
        Question::OverridingMembers(def) => shown.definitions(&linker.overriding_members(def)),
        Question::UsesIn(def) => shown.uses(def),
        Question::Impact(spot) => shown.impact(spot),
        Question::Exports(file) => shown.exports(file),
        Question::ExportUses(file) => shown.export_uses(file),
        Question::Offered(file) => {
            let mut offered: Vec<Def> = linker.offered(&[file]).iter().copied().collect();
            offered.sort_unstable();
            shown.definitions(&offered)
        }
        Question::Unused => shown.unused(),
        Question::Usages => shown.usages(),
    }
}

/// A question as people read it.
pub fn told(tree: &Tree, linker: &Linker, question: Question) -> String {
    let shown = Shown { tree, linker };
    match question {
        Question::DefinitionsAt(place) => format!("definitions at {}", shown.place(place)),
        Question::MeantAt(place) => format!("meant at {}", shown.place(place)),
        Question::Origins(def) => format!("origins of {}", shown.definition(def)),
        Question::References(def, exported_value) => {
            format!(
                "references of {}, exported value: {exported_value}",
                shown.definition(def)
            )
        }
        Question::FlowAt(place) => format!("flow at {}", shown.place(place)),
        Question::FlowReferences(def) => format!("flow references of {}", shown.definition(def)),
        Question::BaseMembers(def) => format!("base members of {}", shown.definition(def)),
        Question::OverridingMembers(def) => {
            format!("overriding members of {}", shown.definition(def))
        }
        Question::UsesIn(def) => format!("uses in {}", shown.definition(def)),
        Question::Impact(spot) => format!("impact of {}", shown.spot(spot)),
        Question::Exports(file) => format!("exports of {}", tree.path(file)),
        Question::ExportUses(file) => format!("export uses of {}", tree.path(file)),
        Question::Offered(file) => format!("offered by {}", tree.path(file)),
        Question::Unused => "unused".to_owned(),
        Question::Usages => "usages".to_owned(),
    }
}

/// Renders by path and offset, so that the numbers of files do not show.
pub struct Shown<'a> {
    pub tree: &'a Tree,
    pub linker: &'a Linker,
}

impl Shown<'_> {
    pub fn place(&self, place: Place) -> String {
        let unit = self.linker.unit(place.file);
        let (path, at) = (self.tree.path(place.file), unit.start(place.id));
        format!("{path}:{at} {}", unit.property(place.id))
    }

    pub fn definition(&self, def: Def) -> String {
        let unit = self.linker.unit(def.file);
        let (path, at) = (self.tree.path(def.file), unit.start_name(def.id));
        // a name may be declared twice at one place: a type and its value
        format!("{path}:{at} {} ({})", unit.name(def.id), unit.kind(def.id))
    }

    fn definitions(&self, defs: &[Def]) -> String {
        lines(defs.iter().map(|&def| self.definition(def)))
    }

    fn origins(&self, defs: &[Option<Def>]) -> String {
        lines(
            defs.iter()
                .map(|def| def.map_or("nothing".to_owned(), |def| self.definition(def))),
        )
    }

    fn local(&self, file: FileId, id: Option<DefinitionId>) -> String {
        match id {
            Some(id) => self.definition(Def { file, id }),
            None => format!("{} as a whole", self.tree.path(file)),
        }
    }

    fn spot(&self, spot: Spot) -> String {
        self.local(spot.file, spot.definition)
    }

    fn references(&self, found: &References) -> String {
        let mut text = String::new();
        for one in &found.certain {
            let (place, alias) = (self.place(one.place), one.alias);
            let passed_on = self.linker.is_passed_on(one, found);
            let _ = writeln!(
                text,
                "{place}: {:?}, alias {alias}, passed on {passed_on}",
                one.evidence
            );
        }
        for place in self.linker.possible_references(found) {
            let _ = writeln!(text, "{}: possible", self.place(place));
        }
        for one in self.linker.hidden_uses(found) {
            let (path, at) = (
                self.tree.path(one.file),
                self.linker.unit(one.file).node_start(one.node),
            );
            let _ = writeln!(text, "{path}:{at}: hidden, {:?}", one.by);
        }
        for &name in &found.names {
            let _ = writeln!(text, "by the name {}", self.linker.name(name));
        }
        for importer in &found.re_exporters {
            let (path, row) = (self.tree.path(importer.file), importer.import.0);
            let _ = writeln!(text, "re-exported by {path}, import {row}");
        }
        let mut aliases: Vec<Def> = found.aliases.iter().copied().collect();
        aliases.sort_unstable();
        for alias in aliases {
            let _ = writeln!(text, "alias {}", self.definition(alias));
        }
        text
    }

    fn uses(&self, def: Def) -> String {
        let uses = self.linker.uses_in(def, false).into_iter();
        lines(uses.flat_map(|one| {
            let place = Place {
                file: def.file,
                id: one.occurrence,
            };
            let used = format!("{} {:?}", self.place(place), one.via());
            let meant = one.definitions.iter().map(|&def| self.definition(def));
            meant
                .map(|meant| format!("{used}: {meant}"))
                .collect::<Vec<_>>()
        }))
    }

    fn impact(&self, spot: Spot) -> String {
        let found = self.linker.impact(&[spot], 0, None, true, |_| true);
        let rows = lines(found.rows.iter().map(|row| {
            format!(
                "{} at {}: {:?} from {}, {} hops, possible {}",
                self.spot(row.spot),
                row.at,
                row.via,
                row.from,
                row.distance,
                row.possible
            )
        }));
        let possible = lines(found.possible.iter().map(|&spot| self.spot(spot)));
        format!("{rows}{} circles\npossible:\n{possible}", found.circles)
    }

    fn exports(&self, file: FileId) -> String {
        let rows = self.linker.exports(file).into_iter();
        lines(rows.map(|(name, def)| format!("{name}: {}", self.definition(def))))
    }

    fn export_uses(&self, file: FileId) -> String {
        let rows = self.linker.export_uses(&[file]);
        lines(rows.iter().flat_map(|row| {
            let definition = row.def.map_or_else(String::new, |def| self.definition(def));
            let export = format!("{} {definition} {:?}", row.name, row.handed_on_at);
            let counts = format!("{export}: {} uses, {} possible", row.uses, row.possible);
            let files = row.files.iter().map(|&file| self.tree.path(file));
            let files = files.map(move |path| format!("{export}: in {path}"));
            [counts].into_iter().chain(files).collect::<Vec<_>>()
        }))
    }

    fn unused(&self) -> String {
        let files: Vec<FileId> = self.tree.files().collect();
        let offered = self.linker.offered(&[]);
        let rows = self
            .linker
            .unused(&files, &offered, |_, _| true, |_| false)
            .into_iter();
        lines(rows.map(|one| {
            let def = self.definition(one.def);
            let places = self.linker.own_places(one.def).len();
            format!("{def}: {:?} {}, {places} places", one.verdict, one.doubts)
        }))
    }

    fn usages(&self) -> String {
        let rows = self.linker.usages(|_| false).into_iter();
        lines(rows.map(|one| {
            let def = self.definition(one.def);
            format!(
                "{def}: {} calls, {} files, {} possible",
                one.calls, one.files, one.possible
            )
        }))
    }
}

fn lines(rows: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&row);
        text.push('\n');
    }
    text
}
