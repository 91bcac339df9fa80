'use strict';

const OrderBook = require('./order-book');
const report = require('./report');

exports = module.exports = createShop;
exports.OrderBook = OrderBook;

/** A shop that prices its orders in one currency. */
function createShop({ currency = 'EUR' } = {}) {
  const book = new OrderBook();
  return {
    async order(customer, rows) {
      const order = book.add(customer, rows);
      const { default: price } = await import('./prices.mjs');
      return { ...order, ...price(order.lines, currency) };
    },
    bestsellers: (count) => report.bestsellers(book.orders, count),
  };
}
