import main, { a as b, type } from './a';
import * as everything from './everything';
import './effect';
export * from './star';
export * as named from './named';
export { x as y, z } from './xyz';
export { b as c, main as default };
/** The answer. */
export const answer = 42, { left, right: [up] } = everything;
export async function* stream() { yield* main(); }
export class Box extends everything.Base {
  static #count = 0;
  size = 1;
  grow = () => this.size;
  get area() { return this.size ** 2; }
  set area(value) { Box.#count = value; }
  static of(...sizes) { return new Box(...sizes); }
  constructor() { super(); this.made = Date.now(); }
}
const lazy = () => import('./lazy');
for (const item of answer?.list ?? []) item?.['call']?.(type`x`);
({ b: answer.b, left: up = left } = await lazy());
vi.mock('./mocked');
