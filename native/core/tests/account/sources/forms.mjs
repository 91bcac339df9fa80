import data, { default as other, 'odd name' as odd, as, as as of, type } from './data.json' with { type: 'json', 'mode': "x" }
import * as whole from './whole'
import {} from './nothing'
import './effect' with { kind: 'css' }
export { data, other as renamed, odd as 'odd name', as as default }
export { one, two as three, default as four, 'five' as six, default } from './more' with { type: 'text' }
export * from './all' with { type: 'a' }
export * as namespace from './all'
export * as 'a space' from './all'
export const { a, b: [c, ...d] } = import.meta.env, meta = import.meta
export async function from(target) { return new.target === target ? import.meta.url : await import('./x', { with: { type: 'json' } }) }
export class Exported { static meta = import.meta.dirname }
const result = await fetch(import.meta.resolve('./y'))
label: { break label }
export default (async, of = async) => ({ async, of, get })
import.defer('./x'), import.source(other)
