#!/usr/bin/env node
'use strict';
var emitter = require('events').EventEmitter;
const { b: renamed, c = 1, ...others } = require('./parts');
exports = module.exports = create;
/** Makes an application. */
function create(options, { a, deep: [first] }) {
  var app = function (request) { app.handle(request); };
  app.settings = {};
  return app;
}
var proto = exports.proto = {};
proto.use = function use(fn) { this.stack = [fn]; return this; };
View.prototype.lookup = function (name) {};
View.prototype = { render() { return this.lookup(); } };
Object.defineProperty(exports, 'lazy', { enumerable: true, get: function () { return require('./lazy').lazy; } });
Object.assign(exports, others, { create });
exports.one = exports.two = renamed;
module.exports.three = class Three {};
var self = module.exports;
__exportStar(require('./star'), exports);
__createBinding(exports, emitter, 'once', 'onlyOnce');
const interop = __importDefault(require('./interop'));
let late;
late = new (require('./late'))(c, ...others);
function shadowed(require, module, exports) { require('./not'); module.exports = 1; exports.x = 2; }
if (late) require.resolve('./resolved');
Object.defineProperty(Legacy, 'copied', { ...described, enumerable: listed }, extra);
require('./called', { paths: [base.path] });
