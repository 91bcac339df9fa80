//! Sources in which meanings need each other.

/// Path and source of each file. Stems are `f0`, `f1`, … so that they can be exchanged without moving anything.
pub type Circle = &'static [(&'static str, &'static str)];

/// An answer that was once another one when a second question had been asked before.
pub struct OnceWrong {
    pub circle: Circle,
    /// Places are given by the text around them; a bar stands before the name.
    pub asked: &'static str,
    pub right: &'static [&'static str],
    pub before: &'static str,
    pub wrong: &'static [&'static str],
}

pub const ONCE_WRONG: &[OnceWrong] = &[
    OnceWrong {
        circle: VARIABLES,
        asked: "\nb.|m();",
        right: &["class A { |m", "class B extends A { |m"],
        before: "\na.|m();",
        wrong: &["class B extends A { |m"],
    },
    OnceWrong {
        circle: WRITTEN_IN_A_CIRCLE,
        asked: "C0().|get",
        right: &["C2.prototype.|get", "C0.prototype.|get"],
        before: "C2().|get",
        wrong: &["C0.prototype.|get"],
    },
    OnceWrong {
        circle: HANDED_OVER,
        asked: "const |s1",
        right: &["{ |v2 }", "exports.|v2"],
        before: "|s1.M1",
        wrong: &["exports.|v2"],
    },
    OnceWrong {
        circle: REQUIRED_OF_EACH_OTHER,
        asked: "v3.|M0",
        right: &["exports.|M0"],
        before: "s1.|v2",
        wrong: &[],
    },
];

pub const CIRCLES: &[Circle] = &[
    VARIABLES,
    WRITTEN_IN_A_CIRCLE,
    HANDED_OVER,
    REQUIRED_OF_EACH_OTHER,
    MODULES,
    RE_EXPORTS,
    WHOLE_MODULES,
    CLASSES,
    TYPES,
    GROWING_TYPES,
    PROTOTYPES,
    FUNCTIONS,
    CALLBACKS,
    COMMENTS,
    OVERLOADS,
    LISTS,
];

/// A circle was cut with nothing, and what came of it was kept.
const VARIABLES: Circle = &[(
    "f0.js",
    "class A { m() {} }
class B extends A { m() {} }
var a = x ? b : new A();
var b = y ? a : new B();
a.m();
b.m();
var c = x ? d.p : new A(), d = { p: x ? c : new B() };
c.m();
d.p.m();
",
)];

/// Members that a class only writes are those of its base, which here is the class itself.
const WRITTEN_IN_A_CIRCLE: Circle = &[(
    "f0.ts",
    "C2.prototype.get = { ...f0, m() {} };
class C0<T> extends C2<C2> {}
class C2<T> extends C0<f0> {}
C0.prototype.get = { ...{ ...C0 } };
new C0().get;
new C2().get;
",
)];

/// The value of a `require` counts before the constant that holds it, and is empty while it grows.
const HANDED_OVER: Circle = &[
    (
        "f0.js",
        "const { v2 } = require('./f1');
module.exports = v2;
",
    ),
    (
        "f1.js",
        "const s1 = require('./f0');
/** @type {s1.M1} */
var v2;
module.exports = z ? v2 : exports.v2 = v2;
",
    ),
];

pub const REQUIRED_OF_EACH_OTHER: Circle = &[
    (
        "f0.js",
        "const s1 = require('./f1');
var v1 = s1;
function f2(p = { call() {} }) {
  (z ? s1.v2 : s1).call = {};
}
v1 = { call() {} };
module.exports = z ? C1 : v1.call;
exports.M0 = M0;
",
    ),
    (
        "f1.js",
        "const s0 = require('./f0');
var v2 = v3.M0;
/** @type {s0} */
var v3;
exports.v2 = v2;
",
    ),
];

const MODULES: Circle = &[
    (
        "f0.mjs",
        "import { b, make as makeB } from './f1';
import * as all from './f2';
export class A { m() { return b.m() } }
export var a = all.c || b;
export function make() { return x ? makeB() : new A() }
a.m();
make().m();
all.a.m();
",
    ),
    (
        "f1.mjs",
        "import { a, A, make as makeA } from './f0';
export class B extends A { m() { return a } }
export var b = x ? a : new B();
export function make() { return x ? makeA() : new B() }
b.m().m();
make().m();
",
    ),
    (
        "f2.mjs",
        "export * from './f0';
export { b as c, make as other } from './f1';
import * as self from './f2';
self.c.m();
self.self;
export { self };
export default self.other();
",
    ),
];

const RE_EXPORTS: Circle = &[
    (
        "f0.ts",
        "export * from './f1';
export { here as there } from './f2';
export { lost } from './f1';
import { A, B, there, lost, def } from './f0';
new A().m();
new B().n();
there();
lost();
def();
",
    ),
    (
        "f1.ts",
        "export * from './f2';
export * from './f0';
export { lost } from './f0';
export class A { m() {} }
",
    ),
    (
        "f2.ts",
        "export * from './f1';
export { default as def } from './f2';
export { there as here } from './f0';
export class B { n() {} }
export default function () {}
",
    ),
];

const WHOLE_MODULES: Circle = &[
    (
        "f0.js",
        "module.exports = require('./f1');
exports.m = function () { return require('./f2').n() };
require('./f1').m();
require('./f2').n();
",
    ),
    (
        "f1.js",
        "Object.assign(exports, require('./f2'));
Object.assign(exports, require('./f0'));
module.exports.k = require('./f0').m;
",
    ),
    (
        "f2.js",
        "module.exports = z ? require('./f0') : { n() { return this.m() } };
Object.defineProperty(module.exports, 'lazy', { get() { return require('./f1').lazy } });
const { m, n, k, lazy } = require('./f1');
m(); n(); k(); lazy();
",
    ),
];

const CLASSES: Circle = &[
    (
        "f0.ts",
        "import { C } from './f1';
export class A extends C { m() { return super.m() } own: A }
export class B extends A { m() { return this.own.m() } static s = new B() }
new A().k().m();
B.s.own.m();
",
    ),
    (
        "f1.ts",
        "import { A, B } from './f0';
export class C extends B { k() { return new A() } m() { return this.k() } }
interface I extends J { m(): J; n: I }
interface J extends I { m(): I }
class D implements I, J { m() { return this } n = this }
declare const i: I, j: J;
i.m().n.m();
j.n.m();
new D().n.m();
new C().m().m();
",
    ),
];

const TYPES: Circle = &[(
    "f0.ts",
    "class A { m(): A { return this } }
type Loop = Loop;
type One<T> = Two<T> | T;
type Two<T> = One<T[]> | { m(): One<T> };
type Wrap<T> = T extends 0 ? never : Wrap<[T]>;
type Pick1 = typeof v;
let v: Pick1 | A = null;
let l: Loop, o: One<A>, w: Wrap<A>, f: ReturnType<typeof g>, i: Ix['m'];
interface Ix { m: Iy['m']; n: A }
interface Iy { m: Ix['m'] | A }
function g(): ReturnType<typeof h> { return h() }
function h(): ReturnType<typeof g> | A { return g() }
v.m(); l.m(); o.m(); w.m(); f.m(); i.m();
",
)];

const GROWING_TYPES: Circle = &[(
    "f0.ts",
    "class A { m() {} }
class N<T> { next: N<N<T>>; value: T; both<U>(u: U): N<T | U> { return null } wrap() { return new N<N<T>>() } }
interface P<X, Y> { s: P<Y, P<X, Y>>; x: X; y: Y }
declare const n: N<A>, p: P<A, N<A>>;
n.value.m();
n.next.value.value.m();
n.next.next.next.next.value.m();
n.wrap().wrap().wrap().value.value.m();
n.both(n).both(n).value.m();
p.s.s.s.x.m();
p.s.s.y.y.value.m();
",
)];

const PROTOTYPES: Circle = &[(
    "f0.js",
    "const util = require('util');
function F() { this.own = new G() }
function G() { this.own = new F() }
F.prototype = Object.create(G.prototype);
G.prototype = new F();
util.inherits(F, G);
util.inherits(G, F);
F.prototype.m = function () { return this.own.m() };
G.prototype.n = function () { return this.m() };
for (const K of [F, G]) {
  K.prototype.k = function () { return this.n() };
  K.prototype.next = x ? K.prototype.m : F.prototype.next;
}
var o = Object.create(o2), o2 = { ...o, put() {} };
o.put();
o.late = o2.late;
o2.late = function () { return o };
o.late().put();
new F().m().n().k();
new G().own.own.n();
",
)];

const FUNCTIONS: Circle = &[(
    "f0.js",
    "class A { m() {} }
function f(x) { return x ? new A() : g(f(x)) }
function g(x = f()) { return x || h }
function h(y = g()) { y.m(); return f }
f().m();
g().m();
h()().m();
var k = (x) => x ? k : new A();
k().m();
k(k)().m();
const o = { a() { return o.b() }, b() { return o.a() || o }, get c() { return o.c || o.a() } };
o.a().b().c.a();
",
)];

const CALLBACKS: Circle = &[(
    "f0.ts",
    "class A { m() {} on(f: (a: A) => void): A { return this } }
interface Step { (s: Step): Step; new (s: Step): A; run: Step }
declare const step: Step;
step(s => s.run(t => t.run)).run;
new step(s => s).m();
var list = x ? [new A()] : other, other = x ? list : [];
list.map(a => { a.m(); list = other; });
other.forEach(a => a.m());
var seen = new A().on(a => { a.m(); seen.m() });
function each<T>(items: T[], f: (item: T) => T): T { return f(items[0]) }
var one = each([seen, one], item => { item.m(); return one });
one.m();
",
)];

const COMMENTS: Circle = &[(
    "f0.js",
    "/** @typedef {{ next: Node, m(): Other }} Node */
/** @typedef {Node | Other[]} Other */
/** @type {Node} */
var n = n.next;
n.next.m();
/** @param {Unknown|typeof n} p @returns {Other} */
function f(p) { p.m(); return f(p) }
f(n).m();
/** @type {Missing} */
var v = v || new A();
class A { m() { return v } }
v.m().m();
/** @type {A} */
var w = { m() { return w.m() }, ...w };
w.m();
",
)];

const OVERLOADS: Circle = &[(
    "f0.ts",
    "class A { m() {} }
class Hono<S> {
  get<P>(path: P, h: (c: Hono<P>) => A): Hono<S | P>;
  get<P, Q>(path: P, g: (c: Hono<Q>) => A, h: (c: Hono<P>) => A): Hono<S | P | Q>;
  get(...all: any[]): any { return this }
  base: S;
}
var app = new Hono<A>().get('/', c => c.base.m()).get('/', c => c.get('/', d => d.base.m()), c => app.base.m());
app.base.m();
function pipe<X>(x: X): X;
function pipe<X, Y>(x: X, y: Y): Y;
function pipe(...all: any[]): any { return pipe(all) }
pipe(new A(), pipe(new A())).m();
pipe(pipe, pipe)(new A()).m();
",
)];

/// A variable holds a list that is made of itself.
const LISTS: Circle = &[(
    "f0.js",
    "class A { m() {} }
let a = new Set([new A()]);
a = Array.from(a);
for (const x of a) x.m();
let b = { k: new A() };
b = Object.entries(b);
for (const [k, x] of b) x.m();
b = Object.values(b);
for (const x of b) x.m();
let c = [new A()];
c = c.flatMap(one => c).map(one => a);
for (const x of c) x.m();
c[0].m();
",
)];
