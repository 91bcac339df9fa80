import test, { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { Purse, format } from '../src/money.js';

describe('purse', () => {
  it('adds up', () => {
    const purse = new Purse();
    purse.coins = [1, 2];
    assert.equal(purse.total(), 3);
  });

  it('formats', () => {
    assert.equal(format(100, 'EUR'), '1.00 EUR');
  });
});

test('refuses nothing', () => {
  format(undefined, 'EUR');
});

test('later', { skip: true }, () => {});
