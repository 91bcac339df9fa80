import Only, { type Named, type as as2, as } from './types'
import legacy = require('./legacy')
import alias = Outer.Inner.Deep
export import shown = alias.part
export type { Only } from './types'
export type * as everything from './types'
declare global { interface Window { own: Named; [key: string]: unknown } var added: number }
declare module 'module' { export function extra(this: Window, a?: typeof added): asserts a is number }
declare module Old.Style { let x: Old.Style }
namespace Outer.Inner { export const enum Deep { A, B = A << 1, 'C-D' = B, ['E'] = Deep.A } }
abstract class Base<in out T extends object = {}, const U = keyof T> implements Named, Outer.Face<T> {
  declare private readonly field: T; static accessor auto: U; override over!: [first: T, second?: U, ...rest: T[]]; readonly [index: number]: string
  constructor(private store: Store, @Inject(TOKEN) public readonly second?: typeof store.inner, ...rest: any[]) { super() }
  abstract get value(): this; abstract set value(next: this); method?(this: Base<T>, x: unknown): x is T; isThis(): this is Derived
  over<K extends keyof T>(key: K): Promise<T[K]>; @decorated @made.up({ key: val }) async over(...args: unknown[]) { return (args as any[])[0]!.x as const }
}
interface Shape<T> extends Base<T>, Outer.Face<T> { new (make: T): Shape<T>; (call: T): void; get got(): T; set got(v: T); readonly [Symbol.iterator]: T; 'quoted'?: T; 1: T; [computed.key]: T; type: T; get: T; set?: T; method<U>(u: U): asserts this is U }
type Mapped<T> = { readonly [Key in keyof T as `get${Capitalize<Key & string>}`]-?: T[Key] } & { -readonly [P in Union]+?: P }
type Picked<T> = T extends (infer Item extends string)[] ? Item : T extends { a: infer A; b: infer A } ? A : typeof import('./x') extends infer M ? M : import('./y', { with: { 'resolution-mode': 'import' } }).Deep.Name<T>
type Fn = abstract new <T>(a: T, { b }: { b: T }, [c]: T[], ...d: T[]) => a is string
let type: type, of: Fn['x'], is = asserts, abstract = declare, readonly = unique, keyof: unique symbol, infer: typeof this.type, never: (typeof of)[number]
type
= as
declare
const after = <Only>is, third = is satisfies Only as unknown, generic = call<Only>(is)<Named>, instance = new Map<string, Only>, tpl = tag<Only>`x${is}`
;(is.x as Only) = of, (<Named>is) = of, (is!) = of, (is satisfies Shape<0>).y = of, [is as Only] = of, ({ a: is as Only } = of)
for (const x of is as Only[]) for (is.z as Named in of) ;
function over(a: string): void; function over(this: Only, a?: number, { b = a }: { b?: typeof a } = {}): asserts a { assert: if (a!) break assert }
const arrow = async <T,>(x: T): Promise<T> => x, check = (x): x is string => !x, object = { method<T>(this: T) {}, get: <T,>(t: T) => t, async *gen() {} }
enum Plain { One = 'send', Two = Plain['One'].length, module = 3 }
let module = namespace, namespace = global, global: undefined, undefined_: string | 'send' | `a${number}` = undefined
@sealed export class Last { @observed #hidden?: string; @bound static declare readonly x; static { this.x } accessor; static async = 1; declare; abstract(abstract) {} }
export = Last
