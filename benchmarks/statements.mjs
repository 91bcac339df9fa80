// Every token of sources with the statement or member around it, as TypeScript's parser reads them.
//
//     node statements.mjs PATH/TO/typescript.js
//
// A line of input is `{ path, text }` as JSON. A line of output is `{ errors, tokens }`: how many errors the parser found, and of each token
// start and end, whether it is a delimiter, and start and end of the innermost statement, class member or case around it. Offsets count
// bytes of UTF-8.

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { byteOffsets } from './offsets.mjs'

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
