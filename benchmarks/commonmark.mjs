// The headings, links and blocks of code of every example of the CommonMark specification, as commonmark.js sees them.
import { createRequire } from 'node:module';

const require = createRequire(process.argv[2]);
const { Parser } = require('commonmark');
const { tests } = require('commonmark-spec');

const seen = tests.map(({ number, markdown }) => {
  const source = markdown.replaceAll('→', '\t');
  const headings = [];
  const links = [];
  const code = [];
  const walker = new Parser().parse(source).walker();
  for (let step = walker.next(); step; step = walker.next()) {
    const { node, entering } = step;
    if (!entering) continue;
    if (node.type === 'heading') headings.push([node.level]);
    if (node.type === 'link' || node.type === 'image') links.push([node.type, node.destination, node.title || '']);
    if (node.type === 'code_block') code.push([node._isFenced, node.info || '', node.literal]);
  }
  return { number, source, headings, links, code };
});
console.log(JSON.stringify(seen));
