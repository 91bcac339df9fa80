//! One fixed point over all questions: demand-driven evaluation with tabling (Tamaki & Sato, ICLP 1986; Chen & Warren, JACM 1996).
//!
//! A [`Key`] is a question, its rule is the equation that answers it by reading other keys. Keys are answered depth first on a stack of
//! our own: a rule that meets a key without an answer is put off, the key is answered, and the rule runs again. Keys that need each
//! other are a strongly connected component (Tarjan, SIAM J. Comput. 1972), found on the way; its rules run until nothing grows.
//!
//! Answers do not depend on the order of questions: a key outside of circles is answered from finished answers, and in a circle every
//! rule is monotone, so that there is one least answer (Knaster–Tarski). A rule that asks whether another answer is empty may do so
//! of a finished one; within its own circle it keeps both alternatives ([`Linker::or_else`]).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use super::values::{Head, SetId};
use super::{Linker, NameId, Part, Slot};
use crate::facts::{Def, FileId, FunctionId, NodeId};

/// A question to the fixed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The values of an expression.
    Expression(FileId, NodeId),
    /// The values that a variable of this type holds.
    Type(FileId, NodeId),
    /// The values of a definition's name.
    Name(Def),
    /// Constraint of a type parameter.
    Constraint(Def),
    /// Result of a function by its annotations.
    Returned(FileId, FunctionId),
    /// Values of the `return` statements of a function.
    Body(FileId, FunctionId),
    /// The values of a property.
    Property(Head, NameId),
    /// The definitions of a member.
    Members(Head, NameId),
    /// Bases, in which members are looked for next.
    Parents(Head),
    /// Exports of a file.
    Exported(FileId, Slot),
    /// The values of a parameter without annotation.
    Parameter(FileId, FunctionId, u32),
    /// The type that is expected of an expression.
    Contextual(FileId, NodeId),
    /// What is inside of the list that a call makes of another: `Array.from(xs)`, which may be stored in `xs` again.
    Elements(FileId, NodeId),
}

impl Key {
    /// True when its answer is parts, and no set.
    fn asks_for_parts(self) -> bool {
        matches!(self, Self::Members(..) | Self::Exported(..))
    }
}

/// Which fixed point a rule belongs to. Rules of the flow read whole answers of what is declared, which never reads the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Values by declarations, annotations and initialisers.
    Declared = 0,
    /// The same, and what calls hand on.
    Flow = 1,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Set(SetId),
    Parts(Arc<[Part]>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not asked yet.
    New,
    /// On the stack, or waiting for its circle to be closed: at this place of `Table::open`.
    Open(u32),
    Finished,
}

/// There are more of these than of anything else.
struct Entry {
    key: Key,
    /// A set, or a place in `Table::parts` counted from 1; 0 is the least answer of both.
    answer: u32,
    /// A place in `Table::open`, or one of those below.
    state: u32,
}

const NEW: u32 = u32::MAX;
const FINISHED: u32 = u32::MAX - 1;

impl Entry {
    fn state(&self) -> State {
        match self.state {
            NEW => State::New,
            FINISHED => State::Finished,
            place => State::Open(place),
        }
    }
}

/// An open key.
struct Visit {
    id: u32,
    /// The place of the earliest open key that it reaches.
    low: u32,
    /// Open keys that have read it.
    readers: Vec<u32>,
    /// True when its rule is to be run again.
    queued: bool,
}

/// A key that is being answered.
struct Frame {
    id: u32,
    visited: bool,
    /// Once its circle is closed: whose rules are to be run again, and how many members were seen.
    again: Option<(VecDeque<u32>, usize)>,
}

/// All answers so far, and the stack of what is being answered.
#[derive(Default)]
pub struct Table {
    ids: HashTable<u32>,
    entries: Vec<Entry>,
    /// The answers that are parts.
    parts: Vec<Arc<[Part]>>,
    stack: Vec<Frame>,
    /// The open keys in the order of their visits: Tarjan's stack.
    open: Vec<Visit>,
    /// Whose rule is running.
    running: Option<u32>,
    /// Keys that the running rule has read.
    pending: Vec<u32>,
    low: u32,
    circular: bool,
    /// How often a rule ran, and how many answers rules read.
    pub runs: u64,
    pub reads: u64,
}

impl Table {
    fn id_of(&mut self, key: Key) -> u32 {
        let hash = |key: &Key| FxBuildHasher.hash_one(key);
        let entries = &self.entries;
        let found = self
            .ids
            .find(hash(&key), |&id| entries[id as usize].key == key);
        if let Some(&id) = found {
            return id;
        }
        let id = crate::facts::len32(self.entries.len());
        self.entries.push(Entry {
            key,
            answer: 0,
            state: NEW,
        });
        let entries = &self.entries;
        self.ids
            .insert_unique(hash(&key), id, |&id| hash(&entries[id as usize].key));
        id
    }

    fn entry(&mut self, id: u32) -> &mut Entry {
        &mut self.entries[id as usize]
    }

    fn answer(&self, id: u32) -> Answer {
        let entry = &self.entries[id as usize];
        if !entry.key.asks_for_parts() {
            return Answer::Set(SetId(entry.answer));
        }
        Answer::Parts(match (entry.answer as usize).checked_sub(1) {
            Some(at) => Arc::clone(&self.parts[at]),
            None => Arc::default(),
        })
    }

    fn set_answer(&mut self, id: u32, answer: Answer) {
        let entry = &mut self.entries[id as usize];
        match (answer, (entry.answer as usize).checked_sub(1)) {
            (Answer::Set(set), _) => entry.answer = set.0,
            (Answer::Parts(parts), Some(at)) => self.parts[at] = parts,
            (Answer::Parts(parts), None) => {
                self.parts.push(parts);
                entry.answer = crate::facts::len32(self.parts.len());
            }
        }
    }

    /// The place of an open key.
    fn place(&self, id: u32) -> Option<usize> {
        match self.entries[id as usize].state() {
            State::Open(place) => Some(place as usize),
            State::New | State::Finished => None,
        }
    }

    fn visit(&mut self, id: u32) {
        let place = crate::facts::len32(self.open.len());
        self.open.push(Visit {
            id,
            low: place,
            readers: Vec::new(),
            queued: false,
        });
        self.entry(id).state = place;
    }

    /// Notes how far back an open key reaches.
    fn lower(&mut self, place: usize, low: u32) {
        let visit = &mut self.open[place];
        visit.low = visit.low.min(low);
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The next member of a circle whose rule is to be run; members that came since the last look are taken in first.
    fn next_member(&mut self, root: u32) -> Option<u32> {
        let place = self.place(root)?;
        let (_, seen) = self.stack.last_mut()?.again.as_mut()?;
        let first = place + std::mem::replace(seen, self.open.len() - place);
        let fresh: Vec<u32> = self.open[first..].iter().map(|visit| visit.id).collect();
        if let Some(low) = self.open[first..].iter().map(|visit| visit.low).min() {
            self.lower(place, low);
        }
        self.queue(root, fresh);
        let next = self.stack.last_mut()?.again.as_mut()?.0.pop_front()?;
        if let Some(place) = self.place(next) {
            self.open[place].queued = false;
        }
        Some(next)
    }

    /// Has rules of a circle run again.
    fn queue(&mut self, root: u32, members: impl IntoIterator<Item = u32>) {
        let frame = self
            .stack
            .iter()
            .rposition(|frame| frame.id == root && frame.again.is_some());
        let Some((queue, _)) = frame.and_then(|at| self.stack[at].again.as_mut()) else {
            return;
        };
        for member in members {
            let State::Open(place) = self.entries[member as usize].state() else {
                continue;
            };
            if !std::mem::replace(&mut self.open[place as usize].queued, true) {
                queue.push_back(member);
            }
        }
    }

    /// Forgets everything unfinished.
    fn abandon(&mut self) {
        for Visit { id, .. } in std::mem::take(&mut self.open) {
            let entry = self.entry(id);
            entry.state = NEW;
            entry.answer = 0;
        }
        self.stack.clear();
        self.running = None;
    }
}

/// How settled the answers are that a part of a rule read; the least settled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Something has no answer yet: the rule will run again.
    Pending,
    /// Something belongs to the rule's own circle.
    Circular,
    Settled,
}

impl Linker {
    fn table(&self) -> &RefCell<Table> {
        &self.tables[self.layer.get() as usize]
    }

    /// Runs a part in a layer: outside of its rules where the layer is another one than before.
    pub(super) fn in_layer<T>(&self, layer: Layer, part: impl FnOnce() -> T) -> T {
        let before = self.layer.replace(layer);
        let result = part();
        self.layer.set(before);
        result
    }

    /// The answer to a key: whole outside of rules, as far as it is known inside of one.
    pub fn ask(&self, key: Key) -> Answer {
        let mut table = self.table().borrow_mut();
        let id = table.id_of(key);
        let Some(reader) = table.running else {
            if table.entry(id).state() != State::Finished {
                drop(table);
                self.solve(id);
                return self.table().borrow().answer(id);
            }
            return table.answer(id);
        };
        table.reads += 1;
        let answer = table.answer(id);
        match table.entry(id).state() {
            State::Finished => {}
            State::Open(place) => {
                let visit = &mut table.open[place as usize];
                if visit.readers.last() != Some(&reader) {
                    visit.readers.push(reader);
                }
                let low = visit.low;
                table.low = table.low.min(low);
                table.circular = true;
            }
            State::New => table.pending.push(id),
        }
        answer
    }

    pub fn values(&self, key: Key) -> SetId {
        match self.ask(key) {
            Answer::Set(set) => set,
            Answer::Parts(_) => SetId::BOTTOM,
        }
    }

    pub fn parts(&self, key: Key) -> Arc<[Part]> {
        match self.ask(key) {
            Answer::Parts(parts) => parts,
            Answer::Set(_) => Arc::default(),
        }
    }

    /// Runs a part of a rule and says what it rested on.
    pub fn watched<T>(&self, part: impl FnOnce() -> T) -> (T, Standing) {
        let (circular, pending) = {
            let mut table = self.table().borrow_mut();
            (std::mem::take(&mut table.circular), table.pending.len())
        };
        let result = part();
        let mut table = self.table().borrow_mut();
        let standing = if table.running.is_none() {
            Standing::Settled
        } else if table.pending.len() > pending {
            Standing::Pending
        } else if table.circular {
            Standing::Circular
        } else {
            Standing::Settled
        };
        table.circular |= circular;
        (result, standing)
    }

    /// A set that rests on something of this standing: while that grows, what holds of nothing has to go on holding.
    pub fn open_unless_settled(&self, set: SetId, standing: Standing) -> SetId {
        match standing {
            Standing::Settled => set,
            Standing::Circular | Standing::Pending => self.opened(set),
        }
    }

    /// The first alternative where it names something, else the second; both where the first is still growing.
    pub fn or_else(&self, first: impl FnOnce() -> SetId, second: impl FnOnce() -> SetId) -> SetId {
        let ((set, named), standing) = self.watched(|| {
            let set = first();
            (set, self.names_something(set))
        });
        match standing {
            Standing::Pending => SetId::BOTTOM,
            Standing::Circular => self.join(set, second()),
            Standing::Settled if named => set,
            Standing::Settled => {
                let other = second();
                match self.set(set).is_unknown() {
                    true => other,
                    // a type parameter names nothing here and may where it is bound
                    false if self.names_something(other) => self.join(set, other),
                    false => set,
                }
            }
        }
    }

    /// Answers a key and everything that it needs; afterwards it is finished, unless the linker was stopped.
    fn solve(&self, root: u32) {
        if self.is_stopped() {
            return;
        }
        self.table().borrow_mut().stack.push(Frame {
            id: root,
            visited: false,
            again: None,
        });
        while let Some(top) = self.next_frame() {
            if self.is_stopped() {
                self.table().borrow_mut().abandon();
                return;
            }
            match top {
                Step::Run(id) => self.first_run(id),
                Step::Again(id) => self.run_circle(id),
            }
        }
    }

    /// Next task of the topmost frame; frames that are done are dropped.
    fn next_frame(&self) -> Option<Step> {
        let mut table = self.table().borrow_mut();
        loop {
            let frame = table.stack.last_mut()?;
            if frame.again.is_some() {
                return Some(Step::Again(frame.id));
            }
            let (id, visited) = (frame.id, frame.visited);
            frame.visited = true;
            match table.entry(id).state() {
                State::Finished => {
                    table.stack.pop();
                }
                State::Open(_) if !visited => {
                    table.stack.pop();
                }
                State::Open(_) => return Some(Step::Run(id)),
                State::New => {
                    table.visit(id);
                    return Some(Step::Run(id));
                }
            }
        }
    }

    /// Runs the rule of a key; what it still needs is put on the stack. None unless it could run to its end.
    fn run(&self, id: u32) -> Option<Answer> {
        let key = {
            let mut table = self.table().borrow_mut();
            table.running = Some(id);
            table.pending.clear();
            table.low = u32::MAX;
            table.circular = false;
            table.runs += 1;
            if table.runs.is_multiple_of(super::PAUSE_EVERY) {
                drop(table);
                self.pause();
                table = self.table().borrow_mut();
            }
            table.entry(id).key
        };
        let answer = self.rule(key);
        if self.is_stopped() {
            return None; // it may have read what was cut
        }
        let mut table = self.table().borrow_mut();
        table.running = None;
        let low = table.low;
        if let Some(place) = table.place(id) {
            table.lower(place, low);
        }
        if table.pending.is_empty() {
            return Some(answer);
        }
        let pending = std::mem::take(&mut table.pending);
        for &id in pending.iter().rev() {
            table.stack.push(Frame {
                id,
                visited: false,
                again: None,
            });
        }
        table.pending = pending;
        None
    }

    fn first_run(&self, id: u32) {
        let Some(answer) = self.run(id) else { return };
        self.grow(id, answer);
        let mut table = self.table().borrow_mut();
        let Some(place) = table.place(id) else { return };
        if (table.open[place].low as usize) < place {
            table.stack.pop(); // part of the circle of an earlier key
        } else if table.open.len() > place + 1 || table.open[place].readers.contains(&id) {
            if let Some(frame) = table.stack.last_mut() {
                frame.again = Some((VecDeque::new(), 0));
            }
        } else {
            table.stack.pop();
            drop(table);
            self.close(place);
        }
    }

    /// Runs the rules of a circle again until nothing grows.
    fn run_circle(&self, root: u32) {
        loop {
            let Some(member) = self.table().borrow_mut().next_member(root) else {
                break;
            };
            let answer = self.run(member);
            let grown = answer.is_some_and(|answer| self.grow(member, answer));
            let mut table = self.table().borrow_mut();
            if let (Some(at), Some(place)) = (table.place(root), table.place(member)) {
                let low = table.open[place].low;
                table.lower(at, low);
                if grown {
                    let readers = table.open[place].readers.clone();
                    table.queue(root, readers);
                }
            }
            if !table.pending.is_empty() {
                // what it needs stands on the stack now, above the frame of the circle
                table.queue(root, [member]);
                return;
            }
            drop(table);
            if self.is_stopped() {
                return;
            }
        }
        let mut table = self.table().borrow_mut();
        table.stack.pop();
        let Some(place) = table.place(root) else {
            return;
        };
        if (table.open[place].low as usize) < place {
            return; // part of a larger circle after all
        }
        drop(table);
        self.close(place);
    }

    /// Joins a new answer with the one before; true when there is more now.
    fn grow(&self, id: u32, answer: Answer) -> bool {
        let before = self.table().borrow().answer(id);
        let joined = match (&before, answer) {
            (Answer::Set(before), Answer::Set(set)) => Answer::Set(self.join(*before, set)),
            (Answer::Parts(before), Answer::Parts(parts)) if before.is_empty() => {
                Answer::Parts(parts)
            }
            (Answer::Parts(before), Answer::Parts(parts)) => {
                let mut all = before.to_vec();
                all.extend(parts.iter().filter(|part| !before.contains(part)));
                Answer::Parts(all.into())
            }
            (_, answer) => answer,
        };
        let grown = joined != before;
        if grown {
            self.table().borrow_mut().set_answer(id, joined);
        }
        grown
    }

    /// Finishes a circle: from now on its answers are read as they are.
    fn close(&self, place: usize) {
        let mut table = self.table().borrow_mut();
        let members = table.open.split_off(place);
        let circular = members.len() > 1;
        for Visit { id, .. } in members {
            table.entry(id).state = FINISHED;
            match table.answer(id) {
                Answer::Set(set) => {
                    let bounded = self.lattice.borrow().bounded(set);
                    table.set_answer(id, Answer::Set(bounded));
                }
                Answer::Parts(parts) if circular && !parts.is_sorted() => {
                    let mut sorted = parts.to_vec();
                    sorted.sort_unstable();
                    table.set_answer(id, Answer::Parts(sorted.into()));
                }
                Answer::Parts(_) => {}
            }
        }
    }
}

enum Step {
    Run(u32),
    Again(u32),
}
