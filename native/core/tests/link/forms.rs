//! Small trees with every form in which a name can lead to its meaning.

use crate::circles::Circle;

pub const FORMS: &[Circle] = &[
    COMMON, MODERN, TYPED, COMMENTED, CLASSES, LITERALS, SCRIPTS, EXPECTED,
];

const COMMON: Circle = &[
    (
        "f0.js",
        "'use strict';
function make(options) { return { options } }
function helper() { return make() }
exports.make = make;
exports.renamed = helper;
exports.late = function late() { return exports.make() };
",
    ),
    (
        "f1.js",
        "const { make, renamed: local } = require('./f0');
const all = require('./f0');
const late = require('./f0').late;
make(local());
all.renamed(late);
module.exports = { make, local, own() { return all.make() } };
",
    ),
    ("f2.js", "module.exports = require('./f1');\n"),
    (
        "f3.js",
        "const lib = require('./f2');\nlib.make(lib.own(), lib.local);\n",
    ),
    (
        "f4.js",
        "module.exports = class Store { get(key) { return this.get(key) } };\n",
    ),
    (
        "f5.js",
        "const Store = require('./f4');\nnew Store().get('a');\n",
    ),
];

const MODERN: Circle = &[
    (
        "f0.mjs",
        "export function make() { return limit }
export const limit = 3;
export default class Store { static of() { return new Store() } }
const inner = 1;
export { inner as outer };
",
    ),
    (
        "f1.mjs",
        "export * from './f0';
export { make as build, default as Shop } from './f0';
export * as space from './f0';
",
    ),
    (
        "f2.mjs",
        "import Store, { make, outer as theirs } from './f0';
import { build, Shop, space, limit } from './f1';
import * as all from './f1';
make(build(theirs), limit);
all.make(all.build, all.outer);
space.make(new Store(), Shop.of(), space.limit);
",
    ),
];

const TYPED: Circle = &[
    (
        "f0.ts",
        "export interface Shape { area(): number; readonly kind: Kind }
export enum Kind { Circle, Square = 'square' }
export type Pair<T> = { first: T; second: T };
export namespace Units { export const metre = 1; export type Length = number }
export function over(a: string): Shape;
export function over(a: number): Shape;
export function over(a: any): Shape { return a }
export abstract class Base implements Shape { kind = Kind.Circle; abstract area(): number }
",
    ),
    (
        "f1.ts",
        "import { Base, Kind, over, Units, type Pair, type Shape as Form } from './f0';
class Square extends Base { side: Units.Length = Units.metre; area() { return this.side } }
const pair: Pair<Form> = { first: new Square(), second: over(1) };
pair.first.area();
new Square().area();
if (pair.second.kind === Kind.Circle) over('a').kind;
function apply<F extends Form>(form: F) { return form.area() }
apply(new Square());
",
    ),
];

const COMMENTED: Circle = &[
    (
        "f0.js",
        "/** @typedef {{ name: string, next: Node }} Node */
/** @param {Node} node @returns {Node} */
function step(node) { return node.next }
/** @type {import('./f1').Walker} */
let walker;
walker.walk(step(walker.root).name);
module.exports = { step };
",
    ),
    (
        "f1.js",
        "class Walker {
  /** @type {import('./f0').Node} */
  root;
  /** @see Walker#root */
  walk(name) { return this.root.next }
}
module.exports = { Walker };
",
    ),
];

const CLASSES: Circle = &[
    (
        "f0.js",
        "export class Animal { speak() { return this.sound() } sound() {} static make() { return new this() } get age() { return 1 } }
export class Dog extends Animal { sound() { return super.sound() } }
export class Puppy extends Dog { sound() {} speak() { return super.speak() } }
export class Cat extends Animal { sound() {} }
",
    ),
    (
        "f1.js",
        "import { Animal, Dog, Puppy, Cat } from './f0';
const all = [new Dog(), new Cat()];
all[0].sound();
new Puppy().sound(new Puppy().speak());
new Animal().speak();
new Cat().sound(new Cat().age);
Dog.make();
function Old() { this.size = 1 }
Old.prototype.grow = function () { return this.size };
new Old().grow();
",
    ),
];

const LITERALS: Circle = &[(
    "f0.ts",
    "interface Options { depth: number; on?(event: string): void }
function run({ depth, on }: Options, rest = depth) { on('a'); return { depth, rest } }
const options: Options = { depth: 1, on(event) { return event } };
const { depth, on: listen } = options;
const result = run({ depth, on: listen });
result.depth + result.rest + options.depth;
const table = { a: { b() {} }, 'quoted': 1, ...options };
table.a.b();
table.quoted;
const { a: { b } } = table;
b();
let later; ({ depth: later } = options);
const list = [table].map(one => one.a);
list[0].b();
",
)];

/// Small trees in which values flow through calls.
pub const FLOWS: &[Circle] = &[FIELDS, CALLBACKS, RETURNED, OUTSIDE];

const FIELDS: Circle = &[
    (
        "f0.js",
        "class Vault { open() {} }
class View {
  constructor(options, inner) { this.vault = options.vault; this.lock = inner.lock }
  show() { this.vault.open(); this.lock.open() }
}
class Wide extends View { constructor(vault) { super({ vault }, { lock: vault }) } }
module.exports = { Vault, View, Wide };
",
    ),
    (
        "f1.js",
        "const { Vault, View, Wide } = require('./f0');
const same = (it) => it;
new View({ vault: new Vault() }, {}).show();
same(new Wide(new Vault())).show();
",
    ),
];

const SCRIPTS: Circle = &[
    (
        "f0.ts",
        "interface Shape { area: number }
namespace Units { export const metre = 1; export interface Length { unit: Shape } }
function measure(shape: Shape) { return shape.area * Units.metre }
class Base { constructor(private size: number, other = size) { this.size = other } grow() { return this.size } }
import Long = Units.Length;
var last: Long = { unit: { area: 1, name: 'a' } };
",
    ),
    (
        "f1.ts",
        "interface Shape { name: string }
namespace Units { export const foot = 3; export interface Length { of: Shape } }
class Heir extends Base {}
new Heir(Units.foot).grow();
last.unit.name + last.of.area;
",
    ),
    (
        "f2.ts",
        "declare global { interface Shape { colour: string } var version: Shape }
export const one: Shape = version;
measure(one) + new Base(1).grow() + Units.metre;
version.colour + one.name;
",
    ),
];

const CALLBACKS: Circle = &[
    (
        "f0.js",
        "exports.each = function each(list, handler) { handler(list); exports.twice(handler) };
exports.twice = (again) => { again(); again.bind(null)() };
",
    ),
    (
        "f1.js",
        "const { each } = require('./f0');
class Row { draw() {} }
function show(row) { row.draw() }
each(new Row(), show);
each(new Row(), (row) => row.draw());
",
    ),
];

const RETURNED: Circle = &[
    (
        "f0.js",
        "exports.make = (work) => { function runner() { return work() } return runner };
exports.store = (reducer) => {
  function dispatch(action) { return reducer(action) }
  return { dispatch };
};
",
    ),
    (
        "f1.js",
        "const { make, store } = require('./f0');
function task() {}
const run = make(task);
run();
const { dispatch } = store(task);
dispatch();
store(task).dispatch();
",
    ),
];

const OUTSIDE: Circle = &[
    (
        "f0.js",
        "const target = require('shelljs/make').target;
target.lint = function () {};
target.all = () => { target.lint(); globalThis.helper() };
globalThis.helper = () => {};
",
    ),
    ("f1.js", "require('shelljs/make').target.lint();\n"),
];

const EXPECTED: Circle = &[(
    "f0.ts",
    "interface Options { depth: number; inner?: Options[] }
function run(options: Options) { return options.depth }
function start(depth: number) { return run({ depth, inner: [{ depth: 1 }, { depth }] }) }
const cast = <Options>{ depth: 2 };
const make = (): Options => ({ depth: 3, inner: [cast] });
const { depth, ...rest } = make();
rest.inner[0].depth + depth;
",
)];
