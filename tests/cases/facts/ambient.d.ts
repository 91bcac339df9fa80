/// <reference path="./other.d.ts" />
export function declared(x: number): string;
export as namespace Lib;
declare namespace Inside { function seen(): void }
