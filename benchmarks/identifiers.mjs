// Every identifier of sources, as TypeScript's parser reads them.
//
//     node identifiers.mjs PATH/TO/typescript.js
//
// A line of input is `{ path, text }` as JSON. A line of output is `{ errors, tokens }`: how many errors the parser found, and start, end (in
// UTF-8 bytes), kind and text of each identifier. A kind is the syntax around it and its part there: `PropertyAssignment.name`.

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { byteOffsets } from './offsets.mjs'

const ts = createRequire(import.meta.url)(process.argv[2])
const { SyntaxKind, ScriptKind } = ts

/** Names of kinds; markers such as `FirstNode` share the number of a kind, and come later. */
const kindNames = new Map()
for (const [name, kind] of Object.entries(SyntaxKind)) {
  if (typeof kind === 'number' && (!kindNames.has(kind) || /^(First|Last)/.test(kindNames.get(kind)))) kindNames.set(kind, name)
}

/** The ways to read a file, likeliest first. */
const readings = {
  ts: [ScriptKind.TS, ScriptKind.TSX],
  mts: [ScriptKind.TS],
  cts: [ScriptKind.TS],
  tsx: [ScriptKind.TSX, ScriptKind.TS],
}
const javascript = [ScriptKind.JSX, ScriptKind.TSX, ScriptKind.TS]
const inBlocks = new Set(['vue', 'svelte', 'html', 'htm', 'astro'])

const blank = text => text.replace(/[^\n\r]/g, ' ')

/** The script blocks of a page, all else blanked; and whether they are TypeScript. */
function scripts(text, extension) {
  const page = text.replace(/<!--[^]*?-->/g, blank)
  const kept = []
  let typescript = extension === 'astro'
  let from = 0
  const fence = typescript && /^\s*---[^]*?\n---/.exec(text)
  if (fence) {
    from = fence[0].length
    kept.push([fence[0].indexOf('---') + 3, from - 4])
  }
  const script = /<script\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([^]*?)<\/script/gi
  script.lastIndex = from
  for (let found; (found = script.exec(page)); ) {
    const [, attributes, code] = found
    const type = /\btype\s*=\s*["']?([^"'\s>]*)/i.exec(attributes)?.[1]
    if (type && type !== 'module' && !/javascript|typescript|babel/.test(type)) continue
    typescript ||= /\blang\s*=\s*["']?(ts|tsx|typescript)\b/.test(attributes)
    const start = found.index + '<script'.length + attributes.length + 1
    kept.push([start, start + code.length])
  }
  let at = 0
  let code = ''
  for (const [start, end] of kept) {
    code += blank(text.slice(at, start)) + text.slice(start, end) + ';'
    at = end + 1
  }
  return [(code + blank(text.slice(at))).slice(0, text.length), typescript]
}

/** The reading with the fewest errors. */
function parse(path, text) {
  const extension = path.split('.').pop()
  let kinds = readings[extension] ?? javascript
  if (inBlocks.has(extension)) {
    let typescript
    ;[text, typescript] = scripts(text, extension)
    kinds = typescript ? [ScriptKind.TS, ScriptKind.TSX] : [ScriptKind.JSX, ScriptKind.TS]
  }
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone }
  let best
  for (const kind of kinds) {
    const tree = ts.createSourceFile(path, text, options, false, kind)
    if (!best || tree.parseDiagnostics.length < best.parseDiagnostics.length) best = tree
    if (!best.parseDiagnostics.length) break
  }
  return best
}

/** Words that the parser calls identifiers and the language does not. */
function isKeyword(node, parent) {
  const { Parameter, TypeQuery, QualifiedName, CallExpression } = SyntaxKind
  return (
    (node.text === 'this' && [Parameter, TypeQuery, QualifiedName].includes(parent.kind)) ||
    (node.text === 'await' && parent.kind === CallExpression) ||
    (node.text === 'const' && parent.kind === SyntaxKind.TypeReference) ||
    (parent.kind === SyntaxKind.ModuleDeclaration && Boolean(parent.flags & ts.NodeFlags.GlobalAugmentation))
  )
}

/** Calls back with start, end, kind and text of every identifier of a tree. */
function eachIdentifier(tree, found) {
  const stack = [[tree, undefined]]
  while (stack.length) {
    const [node, parent] = stack.pop()
    if (node.kind === SyntaxKind.Identifier || node.kind === SyntaxKind.PrivateIdentifier) {
      const start = ts.skipTrivia(tree.text, node.pos)
      if (node.end > start && !isKeyword(node, parent)) {
        const part = Object.keys(parent).find(key => parent[key] === node) ?? ''
        found(start, node.end, `${kindNames.get(parent.kind)}.${part}`, node.text)
      }
      continue
    }
    if (node.kind === SyntaxKind.Constructor) {
      const start = ts.skipTrivia(tree.text, node.modifiers?.end ?? node.pos)
      if (tree.text.startsWith('constructor', start)) found(start, start + 'constructor'.length, 'Constructor.name', 'constructor')
    }
    const children = []
    ts.forEachChild(node, child => void children.push(child))
    for (const child of children.reverse()) stack.push([child, node])
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { path, text } = JSON.parse(line)
  const tree = parse(path, text)
  const offsets = byteOffsets(text)
  const tokens = []
  eachIdentifier(tree, (start, end, kind, name) => tokens.push([offsets[start], offsets[end], kind, name]))
  console.log(JSON.stringify({ errors: tree.parseDiagnostics.length, tokens }))
}
