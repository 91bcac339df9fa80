import { readFile } from 'node:fs/promises';
import createShop = require('../index.js');
import { processData } from '../lib/process-data.js';

export interface Row {
  sku: string;
  quantity?: number;
  price: number;
}

/** Reads one JSON row per line and places them all as one order. */
export async function importOrders(file: string, customer: string): Promise<number> {
  const rows = parse(await readFile(file, 'utf8'));
  const receipt = await createShop({ currency: 'GBP' }).order(customer, rows);
  return receipt.gross;
}

/** How many different articles a file names. */
export async function countArticles(file: string): Promise<number> {
  return processData(parse(await readFile(file, 'utf8'))).length;
}

function parse(text: string): Row[] {
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row);
}
