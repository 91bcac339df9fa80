// @flow
import type { Id } from './id';
export function load(id: Id, names: Array<string>): void {}
for (var old = (first in second) in third) old();
