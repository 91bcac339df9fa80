class Purse {
  constructor() {
    this.coins = [];
  }

  add(coin) {
    if (coin === null) {
      throw new TypeError('no coin');
    }
    this.coins.push(coin);
  }

  total() {
    return this.coins.reduce((sum, coin) => sum + coin, 1);
  }
}

module.exports = { Purse };
