import type { A } from './a';
import fs = require('fs');
export = Store;
/** Keeps things. */
abstract class Store<T extends A = A> implements Iface, ns.Other<T> {
  private readonly items: T[] = [];
  constructor(private readonly root: string, public size?: number) {}
  find(name: string): T;
  find(name: number): T;
  find(name: any): T { return (this.items as T[])[0]!; }
  abstract close(): void;
  @logged method<U>(@inject() { a, b = 2 }: Options, ...rest: U[]): asserts a is U {}
}
interface Iface extends Base<string> { (x: number): Iface; new (x: string): Iface; optional?(): void; readonly r: A['x']; [k: string]: unknown }
type Fn = (a: A, ...r: string[]) => Promise<typeof fs.read>;
type Mapped<K extends keyof Iface> = { [P in K]: Iface[P] } & import('./other').Deep.Name<A>;
type Maybe = A extends infer U ? U : never;
const enum Level { Low = 1, High = 'x' }
namespace Outer.Inner { export const value = 1; const hidden = value; }
declare module './a' { interface A { extra: string } }
declare global { var known: A }
declare function ambient(this: Store<A>, x: A): x is A;
let cast = <A>fs, checked = cast satisfies A;
(state.held as Cast) = <Kept>state;
