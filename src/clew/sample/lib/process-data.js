'use strict';

/** A row that cannot become an order line. */
class InvalidRow extends Error {
  constructor(row, reason) {
    super(`row ${JSON.stringify(row)}: ${reason}`);
    this.reason = reason;
  }
}

/**
 * Turns loose rows into order lines; rows of one article are merged.
 *
 * @param {Array<{sku: string, quantity?: string|number, price: string|number}>} rows
 * @returns {Array<{sku: string, quantity: number, cents: number}>}
 */
function processData(rows) {
  const lines = new Map();
  for (const row of rows) {
    const line = toLine(row);
    const known = lines.get(line.sku);
    if (known) known.quantity += line.quantity;
    else lines.set(line.sku, line);
  }
  return [...lines.values()];
}

function toLine(row) {
  if (!row.sku) throw new InvalidRow(row, 'no article');
  const quantity = Number(row.quantity ?? 1);
  if (!Number.isInteger(quantity) || quantity < 1) throw new InvalidRow(row, 'quantity is not a count');
  return { sku: row.sku.trim().toLowerCase(), quantity, cents: toCents(row.price) };
}

function toCents(price) {
  return Math.round(Number(price) * 100);
}

exports.processData = processData;
exports.InvalidRow = InvalidRow;
