// Every token of sources with the statement or member around it, as TypeScript's parser reads them.
//
//     node statements.mjs PATH/TO/typescript.js
//
// A line of input is `{ path, text }` as JSON. A line of output is `{ errors, tokens }`: how many errors the parser found, and of each token
// start and end, whether it is a delimiter, and start and end of the innermost statement, class member or case around it. Offsets count
// bytes of UTF-8.

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const ts = createRequire(import.meta.url)(process.argv[2])
const { SyntaxKind, ScriptKind } = ts

const readings = { ts: ScriptKind.TS, mts: ScriptKind.TS, cts: ScriptKind.TS, tsx: ScriptKind.TSX }
const delimiters = new Set([
  SyntaxKind.OpenBraceToken,
  SyntaxKind.CloseBraceToken,
  SyntaxKind.OpenParenToken,
  SyntaxKind.CloseParenToken,
  SyntaxKind.OpenBracketToken,
  SyntaxKind.CloseBracketToken,
  SyntaxKind.SemicolonToken,
  SyntaxKind.CommaToken,
  SyntaxKind.TemplateHead,
  SyntaxKind.TemplateMiddle,
  SyntaxKind.TemplateTail,
])

const isPart = node => ts.isStatement(node) || ts.isClassElement(node)

/** Calls back with every token, and the statement around it. */
function eachToken(tree, found) {
  const walk = (node, part) => {
    if (node.kind >= SyntaxKind.FirstJSDocNode && node.kind <= SyntaxKind.LastJSDocNode) return
    const start = node.getStart(tree, false)
    if (isPart(node)) part = [start, node.end]
    const children = node.getChildren(tree)
    if (children.length) for (const child of children) walk(child, part)
    else if (node.end > start && node.kind !== SyntaxKind.JsxText && node.kind !== SyntaxKind.SyntaxList && part)
      found(start, node.end, delimiters.has(node.kind), ...part)
  }
  walk(tree, undefined)
}

/** From offsets in UTF-16 to offsets in UTF-8. */
function byteOffsets(text) {
  const offsets = new Uint32Array(text.length + 1)
  for (let at = 0, bytes = 0; at <= text.length; at++) {
    offsets[at] = bytes
    const unit = text.charCodeAt(at)
    const isHigh = unit >= 0xd800 && unit < 0xdc00
    const isLow = unit >= 0xdc00 && unit < 0xe000
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : isHigh ? 4 : isLow ? 0 : 3
  }
  return offsets
}

for await (const line of createInterface({ input: process.stdin })) {
  const { path, text } = JSON.parse(line)
  const kind = readings[path.split('.').pop()] ?? ScriptKind.JSX
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone }
  const tree = ts.createSourceFile(path, text, options, true, kind)
  const offsets = byteOffsets(text)
  const tokens = []
  eachToken(tree, (start, end, delimits, from, to) => tokens.push([offsets[start], offsets[end], delimits, offsets[from], offsets[to]]))
  console.log(JSON.stringify({ errors: tree.parseDiagnostics.length, tokens }))
}
