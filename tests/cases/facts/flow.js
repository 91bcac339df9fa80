// @flow
import type { Id } from './id';
import typeof Store from './store';
export opaque type Token: string = string;
export type Order = {| +id: Id, -paid?: ?boolean, ...Base |};
type Base = { total: number, ... };
type Send = (Order, ?Id) => void;
export function load<T: Base>(id: Id, names: Array<string>, done: Order => void): void {
  const order = ((names: any): Order);
  done(order.id ? (order: any) : null);
}
for (var old = (first in second) in third) old();
