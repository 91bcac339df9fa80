export class Broken<T> { constructor(private readonly store: Store) {} #own = this.store.read(`a ${template.part}`) }
module.exports = { kept: value.return }
label: for (const item of items) { continue label }
function gone( { oh no
const after = <div title="x">{text}</div>, re = /unread/.test(behind)
