// Records what instrumented sources say (`runtime_edges.mjs`), one line for each thing that is new: `e SITE FUNCTION` for a call that came
// to run a function of the sources, `s SITE` for one that ran another function, `r FUNCTION` for a function that ran.
//
// Preloaded into every process of the tests; `CLEW_EDGES` names the folder that each writes its own file in.

const { openSync, writeSync } = require('node:fs')
const { threadId } = require('node:worker_threads')

const file = openSync(`${process.env.CLEW_EDGES}/${process.pid}-${threadId}-${Date.now()}`, 'a')
const told = new Set()
const ids = new WeakMap()
const toString = Function.prototype.toString
const mark = /__clew_ran\((\d+)\)/

function tell(line) {
  if (told.has(line)) return
  told.add(line)
  writeSync(file, `${line}\n`)
}

/** The id of a function of the sources, or of one that is bound; 0 for another. */
function idOf(value) {
  let id = ids.get(value)
  if (id === undefined) {
    id = Number(mark.exec(toString.call(value))?.[1] ?? 0)
    ids.set(value, id)
  }
  return id
}

const { bind } = Function.prototype
Object.defineProperty(Function.prototype, 'bind', {
  writable: true,
  configurable: true,
  value: function (...given) {
    const bound = bind.apply(this, given)
    ids.set(bound, idOf(this))
    return bound
  },
})

function call(site, value) {
  if (typeof value === 'function') {
    const id = idOf(value)
    tell(id ? `e ${site} ${id}` : `s ${site}`)
  }
  return value
}

function member(site, object, key) {
  if (object !== null && object !== undefined) call(site, typeof key === 'function' ? key(object) : object[key])
  return object
}

const globals = {
  __clew_call: call,
  __clew_member: member,
  __clew_ran: id => tell(`r ${id}`),
  __clew_made: (value, id) => ids.set(value, id),
}
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true })
Object.defineProperty(globalThis, '__clew_key', { value: undefined, writable: true, configurable: true })
