#!/usr/bin/env node
// Every form of name in a script: `code` in comments is none.
var { a, b: { c = a, ...d }, ['e']: e, [a.f]: f, "g-h": g, 1: i, [c]: j } = require('./names')
outer: for (var async of [1]) { inner: while (a) { if (b) continue outer; break inner } }
for (var k = (a in b) in c) alone: { break alone }
for (k.l of [a]) for ([k.m = n] of [{ o }]) ;
with (a) { let as = of, get = set, from = static, type = 010 }
class Names extends mixin(Base) {
  #own = 1
  static #shared() { return this.#own ?? Names.#shared }
  get #read() { return super.read?.(new.target) }
  static async *[Symbol.iterator]() { yield* other }
  'quoted'() {} 12() {} "constructor"() {}
  get = 1; set; static; async() {} static static = 3; get get() {} set set(set) {} static get [key]() {}
  static { var inside = this.inside }
  has(value) { return #own in value && !(#read in this) }
  constructor() { super(...arguments) }
}
Object.defineProperty(a, 'b', { ...rest, value: c, get() { return d }, set: function setter(v) {}, get enumerable() { return e }, [key]: f, writable, 'configurable': true })
Object.defineProperties(a, { b: { get: c, ...rest }, [key]: { value: d }, ...others, e })
Reflect.defineProperty(a, b, { get: c })
var object = {
  get, set, async, static: 1, get a() { return 1 }, set a(v) {}, async b() {}, *c() {}, async *d() {}, [e]: f, 'g': h,
  get: 1, set() {}, async: 2, new: 3, if: 4, __proto__: null, await: let, ...spread, get 'i'() {}, set 2(v) {}, async [j]() {},
}
var text = `one ${a`two ${b + `${c.d}`}`} three` + /re[/}]g/.test(d) / e / f
var arrow = async => async, later = async async => await async, deeper = async (a, { b }, [c] = d, ...e) => { await e }
function* generator(yield_ = function inner() {}, { g: { h: i = j } = k } = {}) { const l = yield m; yield }
async function waits() { for await (const n of o) await (n) }
try { throw p } catch ({ message, ...q }) { } finally { q }
switch (r) { case s: default: t() }
x.class.new.delete?.b?.[c]?.(d)['e'].if.await, delete f.g, typeof h, void i, (j, k)
;[a, b.c, ...d] = [e] = f, { g, h: i.j, k = l, ...m.n } = o, p ||= q, r.s **= t, u?.v
;({ get: a, [b]: c.d, 'e': f = g, ...h } = i), ({}).j = ({ k }), (l).m = n, ((o)) = p
\u0061bc.\u{64}ef; ünï.𠮷 = ゼ; $._ = _$
let = yield + await; if (a) function declared() {} else of: b
import('./later').then(({ named }) => named), require.resolve('./x'), module.exports = { a, b: c }, exports.d = e, exports['f'] = g
Names.prototype = { method() {} }, Names.prototype.field = this.other, a.__defineGetter__('h', () => i)
'send' in a && a.emit('send', "receive", `drain`)
require('./called', { paths: [a.b] }, ...rest), require.resolve('./y', { paths: c })
