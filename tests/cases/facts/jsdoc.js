'use strict';
const Base = require('./base');
const plain = {};
/** @typedef {import("./m")} Module */
/** @typedef {typeof import('./m').Opt} Opt */
/**
 * @template {object} T
 * @typedef {Object} Shape
 * @property {Module[]} list all of them
 * @property {Array.<T>} [one] and one
 */
/** @callback Ready
 * @param {Module} m
 * @returns {boolean}
 */
/** @extends {Base<Module>} */
class A extends Base {
  /** @type {Module | null} */
  field = null;
  /**
   * @template K
   * @param {K} m of any kind
   * @param {{ a: Opt,
   *   b: (one: K) => Opt }} [o=1]
   * @param {...Shape<A>} rest
   * @returns {Promise<Module>} later
   * @throws {Error} never
   */
  go(m, o, ...rest) {
    /** @type {Map<string, Module>} */
    this.map = new Map();
    const x = /** @type {Module} */ (o.thing);
    return x;
  }
  /** @type {Module} */
  get first() { return this.field; }
}
/** @type {Ready} */
const f = (m) => m.foo();
/** @param {Object} o @param {Module} o.m */
module.exports = function ({ m }) { m.z(); };
/** @param {plain} a @param {function(: broken} b @param {Unknown=} c */
function loose(a, b, c) {}
