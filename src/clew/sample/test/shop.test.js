'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const createShop = require('..');

test('a receipt carries net, tax and gross', async () => {
  const receipt = await createShop({ currency: 'CHF' }).order('ada', [{ sku: 'tea', quantity: 2, price: '5' }]);
  assert.deepStrictEqual([receipt.net, receipt.tax, receipt.gross], [1000, 81, 1081]);
});

test('bestsellers come first', async () => {
  const shop = createShop();
  await shop.order('ada', [{ sku: 'tea', price: 3 }]);
  await shop.order('bob', [{ sku: 'jam', quantity: 4, price: 2 }]);
  assert.deepStrictEqual(shop.bestsellers(1), [{ sku: 'jam', quantity: 4, cents: 200 }]);
});
