'use strict';

const data = require('./process-data');

module.exports = {
  /** The articles sold most often, best first. */
  bestsellers(orders, count = 3) {
    const sold = this.merged(orders);
    return sold.sort((a, b) => b.quantity - a.quantity).slice(0, count);
  },

  merged(orders) {
    const rows = orders.flatMap((order) => order.lines.map(toRow));
    return data.processData(rows);
  },
};

function toRow({ sku, quantity, cents }) {
  return { sku, quantity, price: cents / 100 };
}
