"""Small trees with a move in each: what moves, where to, and the files that read otherwise afterwards."""

LIB = "export const one = 1\n"

CASES: dict[str, tuple[dict[str, str], str, str, dict[str, str]]] = {
    "CommonJS": (
        {
            "lib/util.js": "const dep = require('./dep'); exports.one = dep;\n",
            "lib/dep.js": "module.exports = 1;\n",
            "index.js": (
                "const { one } = require('./lib/util');\nrequire.resolve(\"./lib/util.js\");\nmodule.exports = require( `./lib/util` );\n"
            ),
        },
        "lib/util.js",
        "lib/deep/tool.js",
        {
            "lib/deep/tool.js": "const dep = require('../dep'); exports.one = dep;\n",
            "index.js": (
                "const { one } = require('./lib/deep/tool');\n"
                'require.resolve("./lib/deep/tool.js");\n'
                "module.exports = require( `./lib/util` );\n"
            ),
        },
    ),
    "every form of an import": (
        {
            "src/a.ts": LIB,
            "src/b.ts": (
                "import './a'\nimport { one } from \"./a.js\"\nexport * from './a'\nexport type { one as two } from './a'\n"
                "import old = require('./a')\nconst late = () => import('./a')\nlet x: import('./a').T\n"
                "new Worker(new URL('./a.ts', import.meta.url))\nnew URL('./a.ts', import.meta.url)\nimport raw from './a.ts?raw'\n"
                "declare module './a' { interface T {} }\n"
            ),
            "src/c.js": (
                "/** @type {import('./a').T} */\nlet x\n/// <reference path=\"a.ts\" />\njest.mock('./a'); vi.mock(\"./a\", () => 1)\n"
            ),
        },
        "src/a.ts",
        "lib/core/a.ts",
        {
            "src/b.ts": (
                "import '../lib/core/a'\nimport { one } from \"../lib/core/a.js\"\nexport * from '../lib/core/a'\n"
                "export type { one as two } from '../lib/core/a'\nimport old = require('../lib/core/a')\n"
                "const late = () => import('../lib/core/a')\nlet x: import('../lib/core/a').T\n"
                "new Worker(new URL('../lib/core/a.ts', import.meta.url))\nnew URL('../lib/core/a.ts', import.meta.url)\n"
                "import raw from '../lib/core/a.ts?raw'\ndeclare module '../lib/core/a' { interface T {} }\n"
            ),
            "src/c.js": (
                "/** @type {import('../lib/core/a').T} */\nlet x\n/// <reference path=\"../lib/core/a.ts\" />\n"
                "jest.mock('../lib/core/a'); vi.mock(\"../lib/core/a\", () => 1)\n"
            ),
        },
    ),
    "a folder with its index": (
        {
            "lib/index.js": "export * from './a.js'\nexport * from '../top.js'\n",
            "lib/a.js": "import './index.js'\nimport '.'\nimport '..'\n",
            "top.js": LIB,
            "index.js": "import './lib'\nimport './lib/'\nimport './lib/index'\nimport './lib/index.js'\nimport './lib/a.js'\n",
        },
        "lib",
        "src/core",
        {
            "src/core/index.js": "export * from './a.js'\nexport * from '../../top.js'\n",
            "src/core/a.js": "import './index.js'\nimport '.'\nimport '../..'\n",
            "index.js": (
                "import './src/core'\n"
                "import './src/core/'\n"
                "import './src/core/index'\n"
                "import './src/core/index.js'\n"
                "import './src/core/a.js'\n"
            ),
        },
    ),
    "an index that becomes a file, and a file that is there beside": (
        {"lib/index.js": LIB, "a.js": "import './lib'\nimport './lib/index.js'\n", "lib/b.js": "import '.'\nimport './'\n"},
        "lib/index.js",
        "lib.js",
        {"a.js": "import './lib'\nimport './lib.js'\n", "lib/b.js": "import '../lib'\nimport '../lib'\n"},
    ),
    "a file that becomes an index": (
        {"lib.js": LIB, "a.js": "import './lib'\nimport './lib.js'\n"},
        "lib.js",
        "lib/index.js",
        {"a.js": "import './lib'\nimport './lib/index.js'\n"},
    ),
    "aliases of a project": (
        {
            "tsconfig.json": (
                "{ // aliases\n"
                '  "compilerOptions": { "paths": { "@/*": ["./src/*"], "@util": ["./src/util.ts"], "~lib/*": ["./lib/*"] } },\n'
                '  "files": ["src/util.ts", "src/main.ts",],\n'
                "}\n"
            ),
            "src/util.ts": LIB,
            "src/main.ts": "import '@/util'\nimport '@util'\nimport './util'\n",
            "lib/x.ts": "import '@/util'\n",
        },
        "src/util.ts",
        "src/deep/tool.ts",
        {
            "tsconfig.json": (
                "{ // aliases\n"
                '  "compilerOptions": { "paths": { "@/*": ["./src/*"], "@util": ["./src/deep/tool.ts"], "~lib/*": ["./lib/*"] } },\n'
                '  "files": ["src/deep/tool.ts", "src/main.ts",],\n'
                "}\n"
            ),
            "src/main.ts": "import '@/deep/tool'\nimport '@util'\nimport './deep/tool'\n",
            "lib/x.ts": "import '@/deep/tool'\n",
        },
    ),
    "a place that another alias reaches, or none": (
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"], "~lib/*": ["./lib/*"]}}}',
            "src/util.ts": LIB,
            "src/other.ts": LIB,
            "src/main.ts": "import '@/util'\n",
        },
        "src/util.ts",
        "lib/util.ts",
        {"src/main.ts": "import '~lib/util'\n"},
    ),
    "a place that no alias reaches": (
        {
            "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
            "src/util.ts": LIB,
            "src/main.ts": "import '@/util'\n",
        },
        "src/util.ts",
        "other/util.ts",
        {"src/main.ts": "import '../other/util'\n"},
    ),
    "a folder that an alias names": (
        {
            "tsconfig.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["lib/*"]}}, "include": ["lib/**/*", "./lib"]}',
            "lib/util.ts": LIB,
            "main.ts": "import '@lib/util'\nimport 'lib/util'\n",
        },
        "lib",
        "src/lib",
        {
            "tsconfig.json": (
                '{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["src/lib/*"]}}, "include": ["src/lib/**/*", "./src/lib"]}'
            ),
            "main.ts": "import '@lib/util'\nimport 'src/lib/util'\n",
        },
    ),
    "packages of a workspace": (
        {
            "package.json": '{"workspaces": ["packages/*"]}',
            "packages/a/package.json": (
                '{"name": "a", "exports": {".": "./src/index.js", "./util": "./src/util.js", "./parts/*": "./src/parts/*.js"}}'
            ),
            "packages/a/src/index.js": "export * from './util.js'\nexport * from 'a/util'\n",
            "packages/a/src/util.js": LIB,
            "packages/b/package.json": '{"name": "b", "main": "lib"}',
            "packages/b/lib/index.js": "import 'a'\nimport 'a/util'\n",
        },
        "packages/a/src/util.js",
        "packages/a/src/inner/tool.js",
        {
            "packages/a/package.json": (
                '{"name": "a", "exports": {".": "./src/index.js", "./util": "./src/inner/tool.js", "./parts/*": "./src/parts/*.js"}}'
            ),
            "packages/a/src/index.js": "export * from './inner/tool.js'\nexport * from 'a/util'\n",
        },
    ),
    "a pattern of exports": (
        {
            "package.json": '{"workspaces": ["packages/*"]}',
            "packages/a/package.json": '{"name": "a", "exports": {"./parts/*": "./src/parts/*.js"}}',
            "packages/a/src/parts/one.js": LIB,
            "packages/b/package.json": '{"name": "b"}',
            "packages/b/index.js": "import 'a/parts/one'\n",
        },
        "packages/a/src/parts/one.js",
        "packages/a/src/parts/deep/two.js",
        {"packages/b/index.js": "import 'a/parts/deep/two'\n"},
    ),
    "a package as a whole": (
        {
            "package.json": '{"workspaces": ["packages/a", "packages/b"]}',
            "packages/a/package.json": '{"name": "a", "main": "./lib/main.js", "bin": "./dist/extra.js"}',
            "packages/a/src/extra.ts": LIB,
            "packages/a/lib/main.js": LIB,
            "packages/a/tsconfig.json": '{"extends": "../../tsconfig.json", "include": ["lib"]}',
            "tsconfig.json": "{}",
            "packages/b/package.json": '{"name": "b"}',
            "packages/b/index.js": "import 'a'\nimport '../a'\nimport 'a/lib/main'\n",
        },
        "packages/a",
        "libraries/core/a",
        {
            "package.json": '{"workspaces": ["libraries/core/a", "packages/b"]}',
            "libraries/core/a/tsconfig.json": '{"extends": "../../../tsconfig.json", "include": ["lib"]}',
            "packages/b/index.js": "import 'a'\nimport '../../libraries/core/a'\nimport 'a/lib/main'\n",
        },
    ),
    "fields of a package": (
        {
            "package.json": (
                "{\n"
                '  "main": "./lib/cli",\n'
                '  "bin": { "x": "lib/cli.js" },\n'
                '  "files": ["lib/cli.js", "lib"],\n'
                '  "browser": { "./lib/cli.js": false },\n'
                '  "imports": { "#cli": "./lib/cli.js" },\n'
                '  "sideEffects": ["./lib/cli.js"],\n'
                '  "scripts": { "go": "node lib/cli.js --lib && node ./lib/cli" }\n'
                "}\n"
            ),
            "lib/cli.js": LIB,
            "lib/a.js": "import '#cli'\n",
        },
        "lib/cli.js",
        "bin/run.js",
        {
            "package.json": (
                "{\n"
                '  "main": "./bin/run",\n'
                '  "bin": { "x": "bin/run.js" },\n'
                '  "files": ["bin/run.js", "lib"],\n'
                '  "browser": { "./bin/run.js": false },\n'
                '  "imports": { "#cli": "./bin/run.js" },\n'
                '  "sideEffects": ["./bin/run.js"],\n'
                '  "scripts": { "go": "node bin/run.js --lib && node ./bin/run" }\n'
                "}\n"
            ),
        },
    ),
    "what is built of it": (
        {
            "package.json": (
                '{"name": "x", "exports": {"./a": {"types": "./dist/types/part/a.d.ts", "import": "./dist/part/a.js"}, '
                '"./*": "./dist/part/*.js"}}'
            ),
            "src/part/a.ts": LIB,
            "test.ts": "import 'x/a'\n",
        },
        "src/part",
        "src/parts",
        {
            "package.json": (
                '{"name": "x", "exports": {"./a": {"types": "./dist/types/parts/a.d.ts", "import": "./dist/parts/a.js"}, '
                '"./*": "./dist/parts/*.js"}}'
            ),
        },
    ),
    "another extension": (
        {"a.js": LIB, "b.ts": "import './a'\nimport './a.js'\n"},
        "a.js",
        "core.ts",
        {"b.ts": "import './core'\nimport './core.js'\n"},
    ),
    "an extension that nobody looks for": (
        {"a.js": LIB, "b.js": "import './a'\nimport './a.js'\n"},
        "a.js",
        "a.mjs",
        {"b.js": "import './a.mjs'\nimport './a.mjs'\n"},
    ),
    "templates, pictures and line ends": (
        {
            "src/App.vue": (
                "<script setup>\r\n"
                "import logo from './logo.svg?url'\r\n"
                "import { one } from './a'\r\n"
                "</script>\r\n"
                "<template><p>{{ one }}</p></template>\r\n"
            ),
            "src/a.js": LIB,
            "src/logo.svg": "<svg/>",
        },
        "src/App.vue",
        "src/views/App.vue",
        {
            "src/views/App.vue": (
                "<script setup>\r\n"
                "import logo from '../logo.svg?url'\r\n"
                "import { one } from '../a'\r\n"
                "</script>\r\n"
                "<template><p>{{ one }}</p></template>\r\n"
            )
        },
    ),
}
