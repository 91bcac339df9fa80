export as namespace Globally
export default function named(this: void, a: string, ...b: [x: number]): a is 'b'
declare const one: unique symbol, two: { readonly [one]?: typeof two; [key: `x-${string}`]: any }
export declare abstract class Declared { private constructor(); static of(value: any): Declared; #brand; get [one](): string }
declare module '*.css' { const classes: { [key: string]: string }; export default classes }
declare namespace A.B { export { one as two }; export import C = A.B; function f(): void; type g = C }
declare global { namespace JSX { interface IntrinsicElements { 'my-element': any; div: { title?: string } } } }
