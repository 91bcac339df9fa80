'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { processData, InvalidRow } = require('../lib/process-data');

test('rows of one article are merged', () => {
  const lines = processData([{ sku: 'Tea', price: 3.5 }, { sku: ' tea', quantity: '2', price: 3.5 }]);
  assert.deepStrictEqual(lines, [{ sku: 'tea', quantity: 3, cents: 350 }]);
});

test('half a pound of tea is no count', () => {
  assert.throws(() => processData([{ sku: 'tea', quantity: 0.5, price: 3.5 }]), InvalidRow);
});
