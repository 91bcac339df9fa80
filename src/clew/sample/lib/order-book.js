'use strict';

const { processData } = require('./process-data');

module.exports = OrderBook;

/** The orders of one shop, in the order in which they came. */
function OrderBook() {
  this.orders = [];
}

OrderBook.prototype.add = function add(customer, rows) {
  const order = { id: this.nextId(), customer, lines: processData(rows) };
  this.orders.push(order);
  return order;
};

OrderBook.prototype.nextId = function nextId() {
  return this.orders.length + 1;
};

OrderBook.prototype.of = function of(customer) {
  return this.orders.filter((order) => order.customer === customer);
};
