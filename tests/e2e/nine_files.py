"""Nine files that use one function in every way that CommonJS and ES modules have, and what they are after it is renamed.

`«name»` stands for a place that a rename changes; what is not marked stays.
"""

import re

FILES = {
    "package.json": '{"name": "nine", "type": "commonjs", "main": "main.js"}\n',
    "area.js": (
        "'use strict';\n\n"
        "// measure is spoken of here, and measured here\n"
        "function «measure»(shape) {\n"
        "  if (shape.parts) return shape.parts.map((part) => «measure»(part)).reduce((a, b) => a + b, 0);\n"
        "  return shape.width * shape.height;\n"
        "}\n\n"
        "module.exports = { «measure», unit: 'measure' };\n"
    ),
    "destructured.js": "const { «measure» } = require('./area');\n\nexports.one = () => «measure»({ width: 2, height: 3 });\n",
    "aliased.js": "const { «measure»: size } = require('./area');\n\nexports.two = () => size({ width: 1, height: 4 });\n",
    "namespaced.js": (
        "const area = require('./area');\n\n"
        "exports.three = () => area.«measure»({ width: 5, height: 1 }) + area['«measure»']({ width: 1, height: 1 });\n"
    ),
    "named.mjs": "import { «measure» } from './area.js';\n\nexport const four = «measure»({ width: 2, height: 2 });\n",
    "whole.mjs": "import area from './area.js';\n\nexport const five = area.«measure»({ width: 3, height: 3 });\n",
    "homonym.js": "function measure(text) {\n  return text.length;\n}\n\nexports.six = () => measure('measure');\n",
    "shadow.js": (
        "const { «measure» } = require('./area');\n\n"
        "function both(measure) {\n  return measure + 1;\n}\n\n"
        "exports.seven = () => both(«measure»({ width: 1, height: 6 }));\n"
        "exports.own = { measure(shape) { return shape; } };\n"
        "exports.eight = () => exports.own.measure(8);\n"
    ),
    "main.js": (
        "const parts = ['./destructured', './aliased', './namespaced', './homonym', './shadow'].map((name) => require(name));\n\n"
        "Promise.all([import('./named.mjs'), import('./whole.mjs')]).then((modules) => {\n"
        "  const all = Object.assign({}, ...parts, ...modules);\n"
        "  const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];\n"
        "  console.log(names.map((name) => (typeof all[name] === 'function' ? all[name]() : all[name])).join(' '));\n"
        "});\n"
    ),
}
PRINTS = "6 4 6 4 9 7 7 8\n"

_MARK = re.compile("«([^»]*)»")


def before() -> dict[str, str]:
    """The files as they are."""
    return {path: _MARK.sub(r"\1", text) for path, text in FILES.items()}


def after(name: str) -> dict[str, str]:
    """The files when every marked place has another name."""
    return {path: _MARK.sub(name, text) for path, text in FILES.items()}
