'use strict';

module.exports = require('./lib/shop');
