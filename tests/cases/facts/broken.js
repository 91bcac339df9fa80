import helper from './helper';
const other = require("./other");
export function whole(a) { return helper(a. ; }
class Half { method( }
exports.late = async (x) => new Half(x);
