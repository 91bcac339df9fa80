//! Abstract values: what an expression can be, as far as the sources tell (Cousot & Cousot, POPL 1977; allocation sites as in
//! Andersen's points-to analysis, 1994).
//!
//! A **head** is one thing an expression can be: a declaration as a value, an instance of a class, an object literal by its place.
//! A **value** is a head with what the type parameters in it stand for. A **value set** is one of
//!
//! | set | says |
//! | --- | --- |
//! | ⊥ | nothing is known to arrive here (yet) |
//! | up to [`MOST`] heads | one of these, and nothing else |
//! | up to [`MOST`] heads and *open* | one of these, or something that is not known |
//! | ⊤ | too many to tell |
//!
//! Sets are interned, so that two of them are equal when their ids are. Within a circle of expressions that need each other sets may
//! hold up to [`MOST_IN_CIRCLE`] heads, so that nobody reads a set before it is whole; what leaves the circle is cut to the bound.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::NameId;
use crate::facts::{ClassId, Def, FileId, FunctionId, NodeId};

/// With more heads than this a set is ⊤.
pub const MOST: usize = 32;

const MOST_IN_CIRCLE: usize = 64;

/// Type arguments nested deeper than this are dropped; the head stays.
const DEEPEST: u8 = 2;

/// One thing that an expression can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Head {
    Function(FileId, FunctionId),
    Class(FileId, ClassId),
    Enum(Def),
    Namespace(Def),
    /// An instance of a class or interface.
    Instance(FileId, ClassId),
    /// An instance of a constructor function, or its prototype.
    Constructed(FileId, FunctionId),
    /// An object literal, an object type or an `Object.create(…)`.
    Object(FileId, NodeId),
    /// An array literal, an array type or a tuple.
    Array(FileId, NodeId),
    /// A library container, by the type that names it.
    Generic(FileId, NodeId),
    /// Some members of another type, by the `Omit` or `Pick` that names them.
    Selected(FileId, NodeId),
    /// The exports of a file, as CommonJS or as a namespace object.
    Exports(FileId),
    /// A type parameter that nothing was given for: whatever its constraint is.
    Parameter(Def),
    /// Something of a package or of the platform.
    External,
    /// A string, a number, …
    Primitive,
    /// A string as a type, where it is given for a type parameter of keys.
    Text(NameId),
}

impl Head {
    /// The file that the head stands in.
    pub fn file(self) -> Option<FileId> {
        match self {
            Self::Function(file, _)
            | Self::Class(file, _)
            | Self::Instance(file, _)
            | Self::Constructed(file, _)
            | Self::Object(file, _)
            | Self::Array(file, _)
            | Self::Generic(file, _)
            | Self::Selected(file, _)
            | Self::Exports(file) => Some(file),
            Self::Enum(def) | Self::Namespace(def) | Self::Parameter(def) => Some(def.file),
            Self::External | Self::Primitive | Self::Text(_) => None,
        }
    }

    /// True when it says no more than that a value is of the platform or of a package.
    pub fn is_of_the_platform(self) -> bool {
        matches!(self, Self::External | Self::Primitive | Self::Text(_))
    }

    /// True when nothing of the tree can be a member of it.
    pub fn is_elsewhere(self) -> bool {
        matches!(
            self,
            Self::External | Self::Primitive | Self::Text(_) | Self::Array(..) | Self::Generic(..)
        )
    }
}

/// An interned value set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetId(pub(super) u32);

/// An interned environment: what type parameters stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnvId(u32);

impl SetId {
    pub const BOTTOM: Self = Self(0);
    /// Nothing known, and anything possible.
    pub const OPEN: Self = Self(1);
    pub const TOP: Self = Self(2);
}

impl EnvId {
    pub const EMPTY: Self = Self(0);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value {
    pub head: Head,
    pub env: EnvId,
}

impl Value {
    pub fn of(head: Head) -> Self {
        Self {
            head,
            env: EnvId::EMPTY,
        }
    }
}

/// A value set; `values` are sorted by head, one for each.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Set {
    pub values: Box<[Value]>,
    pub open: bool,
    pub top: bool,
}

impl Set {
    /// True when it names nothing.
    pub fn is_unknown(&self) -> bool {
        self.values.is_empty()
    }

    pub fn heads(&self) -> impl Iterator<Item = Head> + '_ {
        self.values.iter().map(|value| value.head)
    }

    pub fn holds(&self, head: Head) -> bool {
        self.values
            .binary_search_by_key(&head, |value| value.head)
            .is_ok()
    }
}

type Env = Box<[(Def, SetId)]>;

/// Interns sets and environments; every operation on them is memoised.
pub struct Lattice {
    sets: Vec<Arc<Set>>,
    set_ids: FxHashMap<Arc<Set>, SetId>,
    /// How deep the environments inside a set are nested.
    depths: Vec<u8>,
    envs: Vec<Arc<Env>>,
    env_ids: FxHashMap<Arc<Env>, EnvId>,
    joins: FxHashMap<(SetId, SetId), SetId>,
    substitutions: FxHashMap<(SetId, EnvId), SetId>,
}

impl Default for Lattice {
    fn default() -> Self {
        let mut lattice = Self {
            sets: Vec::new(),
            set_ids: FxHashMap::default(),
            depths: Vec::new(),
            envs: Vec::new(),
            env_ids: FxHashMap::default(),
            joins: FxHashMap::default(),
            substitutions: FxHashMap::default(),
        };
        for (open, top) in [(false, false), (true, false), (false, true)] {
            lattice.intern(Set {
                values: Box::default(),
                open,
                top,
            });
        }
        lattice.intern_env(Box::default());
        lattice
    }
}

impl Lattice {
    fn intern(&mut self, set: Set) -> SetId {
        if let Some(&id) = self.set_ids.get(&set) {
            return id;
        }
        let depth = set
            .values
            .iter()
            .map(|value| self.env_depth(value.env))
            .max()
            .unwrap_or(0);
        let set = Arc::new(set);
        let id = SetId(crate::facts::len32(self.sets.len()));
        self.sets.push(Arc::clone(&set));
        self.depths.push(depth);
        self.set_ids.insert(set, id);
        id
    }

    fn intern_env(&mut self, env: Env) -> EnvId {
        if let Some(&id) = self.env_ids.get(&env) {
            return id;
        }
        let env = Arc::new(env);
        let id = EnvId(crate::facts::len32(self.envs.len()));
        self.envs.push(Arc::clone(&env));
        self.env_ids.insert(env, id);
        id
    }

    /// Zero without arguments, else one more than the deepest of them.
    fn env_depth(&self, env: EnvId) -> u8 {
        let arguments = self
            .envs
            .get(env.0 as usize)
            .map_or(&[][..], |env| &env[..]);
        arguments
            .iter()
            .map(|(_, set)| 1 + self.depths[set.0 as usize])
            .max()
            .unwrap_or(0)
    }

    pub fn set(&self, id: SetId) -> Arc<Set> {
        Arc::clone(&self.sets[id.0 as usize])
    }

    pub fn argument(&self, env: EnvId, parameter: Def) -> Option<SetId> {
        let env = &self.envs[env.0 as usize];
        env.binary_search_by_key(&parameter, |&(bound, _)| bound)
            .ok()
            .map(|at| env[at].1)
    }

    pub fn bindings(&self, env: EnvId) -> impl Iterator<Item = (Def, SetId)> + '_ {
        self.envs[env.0 as usize].iter().copied()
    }

    pub fn arguments(&self, env: EnvId) -> impl Iterator<Item = SetId> + '_ {
        self.envs[env.0 as usize].iter().map(|&(_, set)| set)
    }

    /// The set of these values; what stands twice is joined.
    pub fn of(&mut self, values: impl IntoIterator<Item = Value>, open: bool) -> SetId {
        let mut sorted: Vec<Value> = values.into_iter().collect();
        sorted.sort_by_key(|value| value.head);
        let mut whole: Vec<Value> = Vec::with_capacity(sorted.len());
        for value in sorted {
            match whole.last_mut() {
                Some(last) if last.head == value.head => {
                    last.env = self.join_envs(last.env, value.env);
                }
                _ => whole.push(value),
            }
        }
        self.finish(whole, open, MOST_IN_CIRCLE)
    }

    fn finish(&mut self, values: Vec<Value>, open: bool, most: usize) -> SetId {
        if values.len() > most {
            return SetId::TOP;
        }
        self.intern(Set {
            values: values.into_boxed_slice(),
            open,
            top: false,
        })
    }

    pub fn one(&mut self, head: Head) -> SetId {
        self.intern(Set {
            values: Box::new([Value::of(head)]),
            open: false,
            top: false,
        })
    }

    pub fn opened(&mut self, set: SetId) -> SetId {
        self.join(set, SetId::OPEN)
    }

    /// Cuts a set to the bound.
    pub fn bounded(&self, set: SetId) -> SetId {
        if self.sets[set.0 as usize].values.len() > MOST {
            SetId::TOP
        } else {
            set
        }
    }

    /// The least upper bound of two sets; values of one head are joined argument by argument.
    pub fn join(&mut self, one: SetId, other: SetId) -> SetId {
        if one == other || other == SetId::BOTTOM {
            return one;
        }
        if one == SetId::BOTTOM {
            return other;
        }
        if one == SetId::TOP || other == SetId::TOP {
            return SetId::TOP;
        }
        let key = (one.min(other), one.max(other));
        if let Some(&known) = self.joins.get(&key) {
            return known;
        }
        let (left, right) = (self.set(one), self.set(other));
        let open = left.open || right.open;
        let joined = self.of(left.values.iter().chain(right.values.iter()).copied(), open);
        self.joins.insert(key, joined);
        joined
    }

    /// A parameter that only one side binds stands for itself on the other.
    fn join_envs(&mut self, one: EnvId, other: EnvId) -> EnvId {
        if one == other {
            return one;
        }
        let (left, right) = (
            Arc::clone(&self.envs[one.0 as usize]),
            Arc::clone(&self.envs[other.0 as usize]),
        );
        let mut bound: Vec<Def> = left
            .iter()
            .chain(right.iter())
            .map(|&(parameter, _)| parameter)
            .collect();
        bound.sort_unstable();
        bound.dedup();
        let arguments: Vec<(Def, SetId)> = bound
            .into_iter()
            .map(|parameter| {
                let unbound = self.one(Head::Parameter(parameter));
                let (a, b) = (
                    self.argument(one, parameter),
                    self.argument(other, parameter),
                );
                (
                    parameter,
                    self.join(a.unwrap_or(unbound), b.unwrap_or(unbound)),
                )
            })
            .collect();
        self.env(arguments)
    }

    /// An environment; what nests too deep, or binds a parameter to itself, is left out.
    pub fn env(&mut self, arguments: impl IntoIterator<Item = (Def, SetId)>) -> EnvId {
        let mut kept: Vec<(Def, SetId)> = Vec::new();
        for (parameter, set) in arguments {
            let set = self.shallow(set, DEEPEST - 1);
            if set != self.one(Head::Parameter(parameter)) {
                kept.push((parameter, set));
            }
        }
        kept.sort_unstable_by_key(|&(parameter, _)| parameter);
        kept.dedup_by_key(|&mut (parameter, _)| parameter);
        self.intern_env(kept.into_boxed_slice())
    }

    /// The set without arguments that nest deeper than `depth`.
    fn shallow(&mut self, set: SetId, depth: u8) -> SetId {
        if self.depths[set.0 as usize] <= depth {
            return set;
        }
        let whole = self.set(set);
        let values: Vec<Value> = whole
            .values
            .iter()
            .map(|&value| {
                if self.env_depth(value.env) <= depth {
                    return value;
                }
                if depth == 0 {
                    return Value::of(value.head);
                }
                let env = Arc::clone(&self.envs[value.env.0 as usize]);
                let arguments: Vec<_> = env
                    .iter()
                    .map(|&(p, set)| (p, self.shallow(set, depth - 1)))
                    .collect();
                Value {
                    head: value.head,
                    env: self.env(arguments),
                }
            })
            .collect();
        self.of(values, whole.open)
    }

    /// Result of binding a parameter to an argument: where the argument is not known, the parameter's constraint still holds.
    pub fn bound(&mut self, parameter: Def, argument: SetId) -> SetId {
        let set = self.set(argument);
        if !set.open {
            return argument;
        }
        let known = self.of(set.values.iter().copied(), false);
        let rest = self.one(Head::Parameter(parameter));
        self.join(known, rest)
    }

    /// Puts arguments in place of type parameters, in the values and in their own arguments. `captures` says whether a head, which
    /// stands somewhere inside a generic declaration, can name a parameter.
    pub fn substitute(
        &mut self,
        set: SetId,
        env: EnvId,
        captures: &impl Fn(Head, Def) -> bool,
    ) -> SetId {
        if env == EnvId::EMPTY || set == SetId::TOP {
            return set;
        }
        let whole = self.set(set);
        if whole.values.is_empty() {
            return set;
        }
        if let Some(&known) = self.substitutions.get(&(set, env)) {
            return known;
        }
        let mut result = self.of([], whole.open);
        for &value in &whole.values {
            let replaced = match value.head {
                Head::Parameter(parameter) => self.argument(env, parameter),
                _ => None,
            };
            let part = match replaced {
                Some(argument) => argument,
                None => {
                    let env = self.compose(value, env, captures);
                    self.of(
                        [Value {
                            head: value.head,
                            env,
                        }],
                        false,
                    )
                }
            };
            result = self.join(result, part);
        }
        self.substitutions.insert((set, env), result);
        result
    }

    fn compose(
        &mut self,
        value: Value,
        outer: EnvId,
        captures: &impl Fn(Head, Def) -> bool,
    ) -> EnvId {
        let (own, outer_env) = (
            Arc::clone(&self.envs[value.env.0 as usize]),
            Arc::clone(&self.envs[outer.0 as usize]),
        );
        let mut arguments: Vec<(Def, SetId)> = Vec::with_capacity(own.len());
        for &(parameter, set) in own.iter() {
            arguments.push((parameter, self.substitute(set, outer, captures)));
        }
        for &(parameter, set) in outer_env.iter() {
            if own
                .binary_search_by_key(&parameter, |&(bound, _)| bound)
                .is_err()
                && captures(value.head, parameter)
            {
                arguments.push((parameter, set));
            }
        }
        self.env(arguments)
    }

    /// How many sets there are: what a question cost in memory.
    pub fn len(&self) -> usize {
        self.sets.len()
    }
}
