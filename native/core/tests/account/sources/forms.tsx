import { Box } from './box'
const make = <T,>(props: { of: T }) => <Box<T> of={props.of as T} title="send" data-x={(props satisfies {}) as any}>{props.of!}</Box>
const two = <T extends object>(t: T): t is T => <div {...(t as {})} on:click={() => { type: for (;;) break type }} /> as never
function View(this: { [key: string]: string }, { type, as: As = 'a' }: { type?: string; as?: keyof JSX.IntrinsicElements }) { return <As type={type}><Box.Item<string> /></As> }
