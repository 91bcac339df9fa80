const { Purse } = require('./purse.cjs');

describe('purse', () => {
  test('adds up', () => {
    const purse = new Purse();
    purse.coins = [1, 2];
    expect(purse.total()).toBe(3);
  });

  test('refuses nothing', () => {
    new Purse().add(null);
  });

  test('has coins', () => {
    expect(new Purse().coins).toEqual([]);
  });
});
