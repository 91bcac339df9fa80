// Amounts are whole cents.
var rate = 1.19;

export function format(amount, currency) {
  const unused = amount;
  if (amount == null) {
    throw new TypeError('no amount');
  }
  return `${(amount / 100).toFixed(2)} ${currency}`;
}

export class Purse {
  constructor() {
    this.coins = [];
  }

  add(coin) {
    if (coin == 0) debugger;
    this.coins.push(coin);
    return undefinedName;
  }

  total() {
    return this.coins.reduce((sum, coin) => sum + coin, 0) + 1;
  }
}

export const checks = {
  positive(amount) {
    let never = 1;
    return amount > 0;
  },
};
