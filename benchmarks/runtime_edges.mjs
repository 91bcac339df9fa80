// Sources with every call and every function of theirs made to tell that it ran.
//
//     node runtime_edges.mjs PATH/TO/typescript.js
//
// A line of input is `{ path, text, first }` as JSON; ids of calls and functions count on from `first`. A line of output is
// `{ text, sites, functions }`: the rewritten source; of each call its id, the offset of the name that it calls (-1 where there is none:
// `run()()`, `table[key]()`) and the offset of the call; of each function or class its id, its offset and those of the names that it is
// declared by or stored as. Offsets count bytes of UTF-8.
//
// A call hands what it calls to `__clew_call` or `__clew_member` before it runs it; a function says its own id in its first statement, by
// which the recorder also knows functions that it is handed. `super(…)`, decorators and elements of JSX are left as they are.

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { byteOffsets } from './offsets.mjs'

const ts = createRequire(import.meta.url)(process.argv[2])
const { SyntaxKind, ScriptKind } = ts

const readings = { ts: ScriptKind.TS, mts: ScriptKind.TS, cts: ScriptKind.TS, tsx: ScriptKind.TSX }
const wrappers = new Set([
  SyntaxKind.ParenthesizedExpression,
  SyntaxKind.AsExpression,
  SyntaxKind.NonNullExpression,
  SyntaxKind.SatisfiesExpression,
  SyntaxKind.TypeAssertionExpression,
])
const ofTheLoader = new Set(['require', 'eval', 'define'])

function instrumented(tree, text, offsets, first) {
  const sites = []
  const functions = []
  let id = first

  const start = node => node.getStart(tree)

  /** The text of a node, from where the one before it ends, with other text in the place of some of what it holds. */
  function pieces(node, changes) {
    changes.sort((a, b) => a[0] - b[0])
    let out = ''
    let at = node.pos
    for (const [from, to, other] of changes) {
      out += text.slice(at, from) + other
      at = to
    }
    return out + text.slice(at, node.end)
  }

  const changed = (node, other) => [node.pos, node.end, other]

  function children(node) {
    const found = []
    ts.forEachChild(node, child => {
      if (!isLeftAlone(child)) found.push(changed(child, emit(child)))
    })
    return found
  }

  const isLeftAlone = node =>
    ts.isTypeNode(node) ||
    ts.isDecorator(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isIdentifier(node) ||
    (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(one => one.kind === SyntaxKind.DeclareKeyword))

  const lead = node => text.slice(node.pos, start(node))

  function site(call, name) {
    sites.push([id, name ? offsets[start(name)] : -1, offsets[start(call)]])
    return id++
  }

  /** The names that a function is stored as where it stands. */
  function names(node) {
    const found = node.name && !ts.isComputedPropertyName(node.name) ? [offsets[start(node.name)]] : []
    let inner = node
    for (let outer = node.parent; outer; inner = outer, outer = outer.parent) {
      if (wrappers.has(outer.kind)) continue
      if (ts.isVariableDeclaration(outer) || ts.isPropertyAssignment(outer) || ts.isPropertyDeclaration(outer)) {
        if (outer.initializer === inner) found.push(offsets[start(outer.name)])
        break
      }
      if (!ts.isBinaryExpression(outer) || outer.operatorToken.kind !== SyntaxKind.EqualsToken || outer.right !== inner) break
      const left = outer.left
      const name = ts.isPropertyAccessExpression(left) ? left.name : ts.isElementAccessExpression(left) ? left.argumentExpression : left
      found.push(offsets[start(name)])
    }
    return found
  }

  function told(node) {
    functions.push([id, offsets[start(node)], names(node)])
    return id++
  }

  function emitFunction(node) {
    const number = told(node)
    const changes = []
    ts.forEachChild(node, child => {
      if (child !== node.body && !isLeftAlone(child)) changes.push(changed(child, emit(child)))
    })
    if (ts.isBlock(node.body)) {
      const statements = node.body.statements
      let at = statements.pos
      for (const one of statements) {
        if (!ts.isExpressionStatement(one) || !ts.isStringLiteral(one.expression)) break
        at = one.end
      }
      const inside = [[at, at, `;__clew_ran(${number});`], ...children(node.body)]
      changes.push(changed(node.body, pieces(node.body, inside)))
    } else {
      changes.push(changed(node.body, `${lead(node.body)}{ __clew_ran(${number}); return (${emit(node.body).slice(lead(node.body).length)}\n) }`))
    }
    return pieces(node, changes)
  }

  function emitClass(node) {
    const number = told(node)
    const changes = [[node.members.pos, node.members.pos, `static { __clew_made(this, ${number}) }`], ...children(node)]
    return pieces(node, changes)
  }

  /** The expression that a call evaluates to what it runs, made to tell that. */
  function emitCallee(call, node) {
    if (wrappers.has(node.kind) && isMember(bare(node))) {
      return pieces(node, [changed(node.expression, emitCallee(call, node.expression))])
    }
    if (!isMember(node)) {
      const isNamed = ts.isIdentifier(bare(node))
      return `${lead(node)}__clew_call(${site(call, isNamed ? bare(node) : undefined)}, ${emit(node).slice(lead(node).length)})`
    }
    const object = node.expression
    const given = emit(object).slice(lead(object).length)
    const chain = ts.isOptionalChain(node) && ts.isOptionalChain(object)
    if (ts.isPropertyAccessExpression(node)) {
      const key = ts.isPrivateIdentifier(node.name) ? `__clew => __clew.${node.name.text}` : JSON.stringify(node.name.text)
      const dot = chain || node.questionDotToken ? '?.' : '.'
      return `${lead(node)}__clew_member(${site(call, node.name)}, ${given}, ${key})${dot}${node.name.text}`
    }
    const key = node.argumentExpression
    const isNamed = ts.isStringLiteralLike(key)
    const dot = chain || node.questionDotToken ? '?.' : ''
    return `${lead(node)}__clew_member(${site(call, isNamed ? key : undefined)}, ${given}, globalThis.__clew_key = (${emit(key)}))${dot}[globalThis.__clew_key]`
  }

  const bare = node => (wrappers.has(node.kind) ? bare(node.expression) : node)

  const isMember = node =>
    (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) &&
    node.expression.kind !== SyntaxKind.SuperKeyword &&
    !ts.isMetaProperty(node.expression)

  const isFollowed = node => {
    const callee = bare(node)
    if (ts.isIdentifier(callee)) return !ofTheLoader.has(callee.text)
    if (ts.isPropertyAccessExpression(callee) || ts.isElementAccessExpression(callee)) return isMember(callee)
    return callee.kind !== SyntaxKind.SuperKeyword && callee.kind !== SyntaxKind.ImportKeyword && !ts.isMetaProperty(callee)
  }

  function emitCall(node) {
    const callee = ts.isTaggedTemplateExpression(node) ? node.tag : node.expression
    if (callee.kind !== SyntaxKind.SuperKeyword && ts.isPropertyAccessExpression(callee) && callee.expression.kind === SyntaxKind.SuperKeyword && ts.isCallExpression(node)) {
      const other = `(__clew_call(${site(node, callee.name)}, super.${callee.name.text}), ${pieces(node, children(node)).slice(lead(node).length)})`
      return lead(node) + other
    }
    if (!isFollowed(callee)) return pieces(node, children(node))
    const changes = []
    ts.forEachChild(node, child => {
      if (child !== callee && !isLeftAlone(child)) changes.push(changed(child, emit(child)))
    })
    const other = ts.isNewExpression(node)
      ? `${lead(callee)}(__clew_call(${site(node, nameOf(callee))}, ${emit(callee).slice(lead(callee).length)}))`
      : emitCallee(node, callee)
    changes.push(changed(callee, other))
    return pieces(node, changes)
  }

  function nameOf(node) {
    const callee = bare(node)
    if (ts.isIdentifier(callee)) return callee
    return ts.isPropertyAccessExpression(callee) ? callee.name : undefined
  }

  function emit(node) {
    if (isLeftAlone(node)) return text.slice(node.pos, node.end)
    if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node)) return emitCall(node)
    if (ts.isClassLike(node)) return emitClass(node)
    if (ts.isFunctionLike(node) && node.body) return emitFunction(node)
    return pieces(node, children(node))
  }

  return { text: pieces(tree, children(tree)), sites, functions }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { path, text, first } = JSON.parse(line)
  const kind = readings[path.split('.').pop()] ?? ScriptKind.JSX
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone }
  const tree = ts.createSourceFile(path, text, options, true, kind)
  const isRead = tree.parseDiagnostics.length === 0
  console.log(JSON.stringify(isRead ? instrumented(tree, text, byteOffsets(text), first) : { text, sites: [], functions: [] }))
}
